import type { AccountId } from '@posthorn/core';
import type { AccountState, SavedAccount } from '../account-state.ts';
import type { MailboxState, SavedMailbox } from '../mailbox-state.ts';
import type { MessageContent } from '../message-content.ts';
import { type Frame, HEAD, type SavedMessage } from './format.ts';
import { frameLine } from './frames.ts';

/** What an account held at one moment. Contents never change, so they are only pointed to. */
interface Capture {
  readonly id: AccountId;
  readonly account: SavedAccount;
  readonly scripts: readonly (readonly [name: string, script: Uint8Array])[];
  readonly contents: readonly MessageContent[];
  readonly mailboxes: readonly { readonly mailbox: SavedMailbox; readonly messages: readonly SavedMessage[] }[];
}

const GATHERED = 65_536;

/** Takes in what accounts hold, at once, and gives it as octets while they go on changing. */
export function writeSnapshot(
  accounts: ReadonlyMap<AccountId, AccountState>,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  const captures = [...accounts].map(([id, state]) => capture(id, state));
  return gathered(framesOf(captures), signal);
}

function capture(id: AccountId, state: AccountState): Capture {
  const numbers = new Map<MessageContent, number>();
  const mailboxes = [...state.mailboxes.values()].map((mailbox) => ({
    mailbox: mailbox.saved(),
    messages: messagesOf(mailbox, numbers),
  }));
  const scripts = [...state.filters.scripts];
  return { id, account: state.saved(), scripts, contents: [...numbers.keys()], mailboxes };
}

function messagesOf({ records }: MailboxState, numbers: Map<MessageContent, number>): readonly SavedMessage[] {
  return records.map(({ uid, modSeq, flags, epochSeconds, offsetMinutes, savedSeconds, content }) => {
    const number = numbers.get(content) ?? numbers.size;
    numbers.set(content, number);
    return [uid, modSeq, flags, epochSeconds, offsetMinutes, savedSeconds, number];
  });
}

function* framesOf(captures: readonly Capture[]): Iterable<Uint8Array> {
  const line = (frame: Frame): Uint8Array => frameLine(frame);
  yield frameLine(HEAD);
  for (const { id, account, scripts, contents, mailboxes } of captures) {
    yield line({ type: 'account', id, account });
    for (const [name, script] of scripts) {
      yield line({ type: 'script', name, octets: script.length });
      yield script;
    }
    for (const { emailId, size, blocks } of contents) {
      yield line({ type: 'content', emailId, octets: size });
      yield* blocks;
    }
    for (const { mailbox, messages } of mailboxes) {
      yield line({ type: 'mailbox', mailbox, messages: messages.length });
      for (const message of messages) yield line({ type: 'message', message });
    }
  }
  yield line({ type: 'end' });
}

/** Fewer and larger chunks, each an array of its own. */
async function* gathered(pieces: Iterable<Uint8Array>, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  let chunk = new Uint8Array(GATHERED);
  let length = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; ) {
      const part = piece.subarray(from, from + GATHERED - length);
      chunk.set(part, length);
      length += part.length;
      from += part.length;
      if (length < GATHERED) break;
      signal?.throwIfAborted();
      yield chunk;
      chunk = new Uint8Array(GATHERED);
      length = 0;
    }
  }
  signal?.throwIfAborted();
  yield chunk.slice(0, length);
}
