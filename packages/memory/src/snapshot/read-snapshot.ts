import type { AccountId, Uid } from '@posthorn/core';
import { AccountState, type Settings } from '../account-state.ts';
import { pathKey } from '../mailbox-names.ts';
import { MailboxState } from '../mailbox-state.ts';
import { contentChunks, type MessageContent } from '../message-content.ts';
import { type Frame, HEAD, type SavedMessage } from './format.ts';
import { type Chunks, corrupt, FrameReader } from './frames.ts';

interface Reading {
  readonly accounts: Map<AccountId, AccountState>;
  account: AccountState | undefined;
  contents: MessageContent[];
  mailbox: MailboxState | undefined;
  /** Messages that the mailbox still lacks. */
  missing: number;
}

/** Makes the accounts that a snapshot holds. @throws {@link StoreError} `STORE_CORRUPT` when it is none, or is cut. */
export async function readSnapshot(
  chunks: Chunks,
  settings: Settings,
  signal: AbortSignal | undefined,
): Promise<Map<AccountId, AccountState>> {
  const frames = new FrameReader(chunks);
  try {
    const head = (await frames.line()) as Partial<typeof HEAD> | null;
    if (head?.type !== HEAD.type || head.version !== HEAD.version) throw corrupt('it begins with something else');
    const reading: Reading = { accounts: new Map(), account: undefined, contents: [], mailbox: undefined, missing: 0 };
    for (;;) {
      signal?.throwIfAborted();
      const frame = (await frames.line()) as Frame;
      if (frame.type !== 'message' && reading.missing > 0) throw corrupt('messages are missing');
      if (frame.type === 'end') return reading.accounts;
      await take(reading, frame, frames, settings);
    }
  } catch (error) {
    // What is no snapshot may lack anything.
    throw error instanceof TypeError ? corrupt('a line makes no sense', error) : error;
  } finally {
    await frames.close();
  }
}

async function take(reading: Reading, frame: Frame, frames: FrameReader, settings: Settings): Promise<void> {
  switch (frame.type) {
    case 'account':
      if (typeof frame.account !== 'object') throw corrupt('an account is empty');
      reading.account = new AccountState(settings, frame.account);
      reading.accounts.set(frame.id, reading.account);
      reading.contents = [];
      reading.mailbox = undefined;
      return;
    case 'script': {
      const script = await frames.content(frame.octets, '' as MessageContent['emailId']);
      accountOf(reading).filters.scripts.set(frame.name, wholeOf(script));
      return;
    }
    case 'content':
      reading.contents.push(await frames.content(frame.octets, frame.emailId));
      return;
    case 'mailbox':
      reading.mailbox = MailboxState.restored(frame.mailbox, settings.maxChangeLog);
      reading.missing = frame.messages;
      accountOf(reading).mailboxes.set(pathKey(frame.mailbox.path), reading.mailbox);
      return;
    case 'message':
      putMessage(reading, frame.message);
      return;
    default:
      throw corrupt('a line is of an unknown kind');
  }
}

function putMessage(reading: Reading, message: SavedMessage): void {
  const [uid, modSeq, flags, epochSeconds, offsetMinutes, savedSeconds, number] = message;
  const content = reading.contents[number];
  if (reading.mailbox === undefined || content === undefined || reading.missing-- === 0) {
    throw corrupt('a message has no mailbox or no content');
  }
  reading.mailbox.put({ uid: uid as Uid, modSeq, flags, epochSeconds, offsetMinutes, savedSeconds, content });
}

function accountOf({ account }: Reading): AccountState {
  if (account === undefined) throw corrupt('something belongs to no account');
  return account;
}

function wholeOf(content: MessageContent): Uint8Array {
  const whole = new Uint8Array(content.size);
  let offset = 0;
  for (const chunk of contentChunks(content, 0, content.size)) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
