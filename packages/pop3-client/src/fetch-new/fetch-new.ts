import { InvalidStateError } from '@posthorn/core';
import type { Pop3Client } from '../client.ts';
import type { RetrievedMessage } from '../retrieve.ts';
import { type ListedMessage, type Maildrop, readMaildrop } from './maildrop.ts';
import type { SeenMessage, SeenMessages } from './seen-messages.ts';

/**
 * What becomes of messages at the server: they stay, they are deleted once they are stored, or when they were stored so
 * many days ago.
 */
export type DeletePolicy = 'keep' | 'deleteStored' | { readonly deleteAfterDays: number };

export interface FetchNewOptions {
  /** @defaultValue 'keep' */
  readonly policy?: DeletePolicy | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Most messages asked for ahead, where the server offers PIPELINING. @defaultValue 16 */
  readonly window?: number | undefined;
  /** Told of what was left for another time, and why. */
  readonly onWarning?: ((warning: FetchWarning) => void) | undefined;
  /** The time, in milliseconds since 1970. @defaultValue the system's clock */
  readonly now?: (() => number) | undefined;
}

/** A message that was left for another time. */
export interface FetchWarning {
  /**
   * `refused` the server does not send it; `notRead` the loop moved on before it was read; `notDeleted` the server does
   * not delete it.
   */
  readonly type: 'refused' | 'notRead' | 'notDeleted';
  readonly number: number;
  readonly uniqueId: string | undefined;
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

const DAY_MS = 24 * 60 * 60 * 1000;
/** So long a message stays remembered that the maildrop no longer has. A listing may err once. */
const FORGET_AFTER_MS = 30 * DAY_MS;

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
  { policy = 'keep', signal, window, onWarning = () => {}, now = Date.now }: FetchNewOptions,
): AsyncGenerator<NewMessage, void> {
  const keepMs = keepTime(policy);
  const maildrop = await readMaildrop(client, signal);
  const known = new Map<string, SeenMessage>();
  for (const message of seen.entries()) known.set(message.key, message);
  const missing = new Map<number, ListedMessage>();
  for (const message of maildrop.messages) if (isNew(message, known)) missing.set(message.number, message);

  const uniqueIds = new Map(maildrop.messages.map(({ number, uniqueId }) => [number, uniqueId]));
  const warn = (type: FetchWarning['type'], number: number): void =>
    onWarning({ type, number, uniqueId: uniqueIds.get(number) });
  const onRefused = (number: number): void => warn('refused', number);
  for await (const retrieved of client.retrieveMany(missing.keys(), { signal, window, onRefused })) {
    const listed = missing.get(retrieved.number)!;
    const stored = once(async () => {
      const entry = { key: listed.key, storedAt: now(), octets: retrieved.received };
      await seen.put([entry]);
      known.set(listed.key, entry);
      missing.delete(listed.number);
    });
    yield newMessage(retrieved, listed, stored);
    if (retrieved.isRead) await stored();
    else warn('notRead', listed.number);
  }

  const due = maildrop.messages.filter(
    (message) => !missing.has(message.number) && isDue(known, message, keepMs, now()),
  );
  for (const number of await client.deleteMany(
    due.map(({ number }) => number),
    { signal },
  ))
    warn('notDeleted', number);
  const deleted = new Set(client.deleted);
  await client.quit({ signal });
  const forgotten = due.filter(({ number }) => deleted.has(number)).map(({ key }) => key);
  for (const key of forgotten) known.delete(key);
  if (forgotten.length > 0) await seen.delete(forgotten);
  await noteMissing(seen, known, maildrop, now());
}

function keepTime(policy: DeletePolicy): number {
  if (policy === 'keep') return Number.POSITIVE_INFINITY;
  if (policy === 'deleteStored') return 0;
  if (!(policy.deleteAfterDays >= 0)) throw new RangeError('the days after which to delete are a number from 0');
  return policy.deleteAfterDays * DAY_MS;
}

/**
 * Whether a message was not stored yet. A server may give the unique id of a deleted message to another one: when it was
 * gone in between, its size has to be the same too.
 */
function isNew({ key, octets }: ListedMessage, known: ReadonlyMap<string, SeenMessage>): boolean {
  const entry = known.get(key);
  return entry === undefined || (entry.missingSince !== undefined && entry.octets !== octets);
}

function isDue(known: ReadonlyMap<string, SeenMessage>, { key }: ListedMessage, keepMs: number, now: number): boolean {
  const entry = known.get(key);
  return entry !== undefined && now - entry.storedAt >= keepMs;
}

/** Remembers what the maildrop no longer has as missing, and forgets what it has not had for long. */
async function noteMissing(
  seen: SeenMessages,
  known: ReadonlyMap<string, SeenMessage>,
  { messages, isWhole }: Maildrop,
  now: number,
): Promise<void> {
  const listed = new Set(messages.map(({ key }) => key));
  const changed: SeenMessage[] = [];
  const gone: string[] = [];
  for (const entry of known.values()) {
    const { missingSince, ...present } = entry;
    if (listed.has(entry.key)) {
      if (missingSince !== undefined) changed.push(present);
    } else if (!isWhole) continue;
    else if (missingSince === undefined) changed.push({ ...present, missingSince: now });
    else if (now - missingSince >= FORGET_AFTER_MS) gone.push(entry.key);
  }
  if (changed.length > 0) await seen.put(changed);
  if (gone.length > 0) await seen.delete(gone);
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
