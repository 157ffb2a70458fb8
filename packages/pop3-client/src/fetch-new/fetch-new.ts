import { InvalidStateError } from '@posthorn/core';
import type { Pop3Client } from '../client.ts';
import type { RetrievedMessage } from '../incoming-message.ts';
import { FetchPlan, type FetchPlanOptions } from './fetch-plan.ts';
import type { ListedMessage } from './maildrop.ts';
import type { SeenMessages } from './seen-messages.ts';

/** How to download what is new. */
export interface FetchNewOptions extends FetchPlanOptions {
  /** Most messages asked for ahead, where the server offers PIPELINING. @defaultValue 16 */
  readonly window?: number | undefined;
}

/** A message that was not downloaded before. */
export interface NewMessage extends RetrievedMessage {
  /** The server's unique id, when it has one that is unique. */
  readonly uniqueId: string | undefined;
  /** Names the message across sessions, also where it has no unique id. */
  readonly key: string;
  /** Octets, as the server claims. */
  readonly size: number;
  /**
   * Says that the message is stored durably, before the loop moves on or is left. When it settles, that is remembered.
   * @throws InvalidStateError when the message was not read to its end.
   */
  stored(): Promise<void>;
}

/**
 * Downloads the messages that were not downloaded before, each once, then deletes those that the policy says and ends
 * the session.
 *
 * Store each message durably before the loop asks for the next: asking for it says that the one before is stored (and
 * {@link NewMessage.stored} says so earlier). A message that was not read to its end does not count, nor does one at
 * which the loop was left; they come again the next time. It is safe to stop at any moment, by leaving the loop, by the
 * signal, or by killing the process. Nothing is deleted before it was stored and remembered as such.
 *
 * Deletions happen only when the server confirms QUIT, which comes after the last message; a session that is left
 * earlier deletes nothing, and the next one makes up for it.
 *
 * @param seen - What was downloaded before, of this maildrop.
 * @throws {@link CommitFailedError} at the end, when the server did not confirm the deletions; they are tried again the
 *   next time.
 */
export async function* fetchNew(
  client: Pop3Client,
  seen: SeenMessages,
  { window, ...options }: FetchNewOptions = {},
): AsyncGenerator<NewMessage, void> {
  const plan = await FetchPlan.read(client, seen, options);
  const missing = new Map(plan.missing.map((message) => [message.number, message]));
  const onRefused = (number: number): void => plan.warn('refused', number);
  for await (const retrieved of client.retrieveMany(missing.keys(), { signal: options.signal, window, onRefused })) {
    const { number } = retrieved;
    const stored = once(() => plan.stored([{ number, octets: retrieved.received }]));
    yield newMessage(retrieved, missing.get(number)!, stored);
    if (retrieved.isRead) await stored();
    else plan.warn('notRead', number);
  }
  await plan.finish();
}

function newMessage(retrieved: RetrievedMessage, listed: ListedMessage, stored: () => Promise<void>): NewMessage {
  return {
    number: retrieved.number,
    uniqueId: listed.uniqueId,
    key: listed.key,
    size: listed.octets,
    get received() {
      return retrieved.received;
    },
    get isRead() {
      return retrieved.isRead;
    },
    stream: () => retrieved.stream(),
    lines: (options) => retrieved.lines(options),
    bytes: (options) => retrieved.bytes(options),
    discard: () => retrieved.discard(),
    async stored() {
      if (!retrieved.isRead) throw new InvalidStateError('a message counts as stored only when it was read to its end');
      await stored();
    },
  };
}

/** Does the work the first time only. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
