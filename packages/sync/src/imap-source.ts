import { MailError, type Uid, type UidSet } from '@posthorn/core';
import {
  type ImapAccount,
  type ImapClient,
  type IncompleteMessage,
  type ListedMailbox,
  type SelectedMailbox,
  ServerRefusedError,
} from '@posthorn/imap-client';
import { at, count, difference, first, intersection, isEmpty, rangeSet, setOf } from '@posthorn/message-set';
import { resumedMessages } from './resumed-messages.ts';
import type { SourceMailbox, SourceMailboxInfo, SourceMessage, SourceOptions, SyncSource } from './source.ts';

/** What is read of a mailbox, whatever connection it is open on. */
type OpenMailbox = Pick<SelectedMailbox, 'uidValidity' | 'uidNext' | 'exists' | 'highestModSeq' | 'fetch'>;

/**
 * An IMAP account as the source of a sync. Mailboxes are only ever examined: nothing changes at the source, not even
 * `\Seen` or `\Recent`.
 *
 * @param from - One connection, which is used for nothing else meanwhile and stays open; or an account, with which the
 *   sync goes on over another connection when one breaks.
 * @param name - Names the account, such as `alice@mail.example.org`.
 */
export function imapSource(from: ImapClient | ImapAccount, name: string): SyncSource {
  const listed = new Map<string, ListedMailbox>();
  return {
    name,
    async list({ signal }: SourceOptions) {
      listed.clear();
      const infos: SourceMailboxInfo[] = [];
      for (const mailbox of await from.list({ signal })) {
        if (!mailbox.isSelectable) continue;
        const key = mailbox.name.wire;
        listed.set(key, mailbox);
        infos.push({
          path: mailbox.path,
          key,
          isSubscribed: mailbox.isSubscribed ?? true,
          specialUse: mailbox.specialUse,
        });
      }
      return infos;
    },
    async open(info: SourceMailboxInfo, { signal }: SourceOptions) {
      const mailbox = listed.get(info.key);
      if (mailbox === undefined) throw new RangeError(`the source did not list ${info.path.join('/')}`);
      const isAccount = 'mailbox' in from;
      const opened = isAccount
        ? await openInAccount(from, mailbox, signal)
        : await from.select(mailbox, { readOnly: true, signal });
      // An EXISTS that never came looks like an empty mailbox, and that like a reason to delete.
      const least = opened.exists === 0 ? await countMessages(from, mailbox, signal) : 0;
      const read = reader(opened, least);
      if (!isAccount) return read;
      return {
        ...read,
        messagesOf: (uids, options) => resumedMessages(uids, (rest) => read.messagesOf(rest, options)),
      };
    },
  };
}

/** Opens a mailbox on whatever connection there is. Its figures are those of that connection, and up to date. */
async function openInAccount(
  account: ImapAccount,
  mailbox: ListedMailbox,
  signal: AbortSignal | undefined,
): Promise<OpenMailbox> {
  const handle = await account.mailbox(mailbox, { readOnly: true, signal });
  const selected = await handle.use(
    async (opened, client) => {
      // It may have been open for long.
      await client.noop({ signal });
      return opened;
    },
    { signal },
  );
  return {
    uidValidity: handle.uidValidity,
    uidNext: selected.uidNext,
    highestModSeq: selected.highestModSeq,
    get exists() {
      return selected.exists;
    },
    fetch: handle.fetch.bind(handle) as SelectedMailbox['fetch'],
  };
}

async function countMessages(
  client: Pick<ImapClient, 'status'>,
  mailbox: ListedMailbox,
  signal: AbortSignal | undefined,
): Promise<number> {
  try {
    return (await client.status(mailbox, ['MESSAGES'], { signal })).messages ?? 0;
  } catch (error) {
    // QUIRK: servers refuse STATUS of the selected mailbox, or answer without figures (RFC 3501 section 6.3.10 only says
    // that it should not be asked for).
    if (MailError.is(error) && (error.code === 'IMAP_NO' || error.code === 'IMAP_PROTOCOL')) return 0;
    throw error;
  }
}

function reader(mailbox: OpenMailbox, least: number): SourceMailbox {
  return {
    uidValidity: mailbox.uidValidity,
    uidNext: mailbox.uidNext,
    messages: Math.max(mailbox.exists, least),
    get currentMessages() {
      return Math.max(mailbox.exists, least);
    },
    highestModSeq: mailbox.highestModSeq,
    // A message whose flags cannot be read is left out: a listing shorter than `messages` proves no deletion.
    flags: ({ signal }) =>
      mailbox.exists === 0 ? nothing() : mailbox.fetch('1:*', { flags: true }, { signal, onIncomplete: () => {} }),
    // One whose size or date is unknown has no twin, and is fetched.
    metadata: (uids, { signal }) =>
      mailbox.fetch(uids, { size: true, internalDate: true }, { signal, onIncomplete: () => {} }),
    messagesOf: (uids, options) => messagesOf(mailbox, uids, options),
  };
}

/** Messages that a server refuses one by one, before it is taken to refuse them all. */
const MOST_REFUSED = 20;

/**
 * The messages, and those the server did not send whole, without a body. A server that refuses to fetch many at once,
 * because it cannot read one of them, is asked for fewer, until it is known which.
 */
async function* messagesOf(mailbox: OpenMailbox, uids: UidSet, options: SourceOptions): AsyncGenerator<SourceMessage> {
  const waiting = [uids];
  for (let refused = 0; waiting.length > 0; ) {
    const asked = waiting.pop()!;
    const came: Uid[] = [];
    try {
      for await (const message of fetchWhole(mailbox, asked, options)) {
        came.push(message.uid);
        yield message;
      }
    } catch (error) {
      if (!(error instanceof ServerRefusedError) || error.status !== 'NO') throw error;
      const rest = difference(asked, setOf(came));
      if (isEmpty(rest)) continue;
      const middle = at(rest, (count(rest) - 1) >> 1)!;
      if (count(rest) > 1) waiting.push(...halves(rest, middle));
      else if (++refused > MOST_REFUSED) throw error;
      else yield withoutBody(middle);
    }
  }
}

/** The upper half, then the lower one: the last is asked for first. */
function halves(uids: UidSet, middle: Uid): readonly UidSet[] {
  const lower = rangeSet(first(uids)!, middle);
  return [difference(uids, lower), intersection(uids, lower)];
}

/** Asks once more for those that lack something, without their date: one that makes no sense must not cost the message. */
async function* fetchWhole(
  mailbox: OpenMailbox,
  uids: UidSet,
  { signal }: SourceOptions,
): AsyncGenerator<SourceMessage> {
  const lacking = new Set<Uid>();
  const onIncomplete = ({ uid }: IncompleteMessage): void => {
    if (uid !== undefined) lacking.add(uid);
  };
  yield* mailbox.fetch(uids, { flags: true, internalDate: true, body: true }, { signal, onIncomplete });
  if (lacking.size === 0) return;
  const again = mailbox.fetch(setOf(lacking), { flags: true, body: true }, { signal, onIncomplete: () => {} });
  for await (const { uid, flags, body } of again) {
    lacking.delete(uid);
    yield { uid, flags, internalDate: undefined, body };
  }
  for (const uid of lacking) yield withoutBody(uid);
}

function withoutBody(uid: Uid): SourceMessage {
  return { uid, flags: [], internalDate: undefined, body: undefined };
}

async function* nothing(): AsyncGenerator<never> {}
