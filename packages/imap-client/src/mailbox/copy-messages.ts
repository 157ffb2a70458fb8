import type { Uid, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { type SequenceSet, setOf } from '@posthorn/message-set';
import type { ResponseCode } from '@posthorn/wire';
import { expungeMessages } from './expunge-messages.ts';
import { isBySequence, type MessageSelection, selectMessages } from './message-selection.ts';
import { type CommandOptions, offers, runAll, type Selection } from './selection.ts';
import { storeFlags } from './store-flags.ts';

/** Where copies are. `pairIds(from, to)` of `@posthorn/message-set` walks them pair by pair. */
export interface CopyResult {
  readonly uidValidity: UidValidity;
  readonly from: SequenceSet<Uid>;
  readonly to: SequenceSet<Uid>;
}

/** What became of moved messages. */
export interface MoveResult {
  /** Undefined when the server does not tell. */
  readonly copied: CopyResult | undefined;
  /**
   * False when the server can neither move nor expunge by UID: the messages were copied and are flagged `\Deleted` here,
   * because expunging would also remove what others flagged.
   */
  readonly isExpunged: boolean;
}

/** Copies messages. */
export async function copyMessages(
  selection: Selection,
  messages: MessageSelection,
  mailbox: MailboxName,
  { signal }: CommandOptions,
): Promise<CopyResult | undefined> {
  const responses = await runAll(selection, messages, (selector) => ({ name: 'COPY', messages: selector, mailbox }), {
    signal,
  });
  return responses.length === 1 ? copiedOf(responses[0]!.code) : undefined;
}

/** Moves messages with MOVE. */
export async function moveMessages(
  selection: Selection,
  messages: MessageSelection,
  mailbox: MailboxName,
  { signal }: CommandOptions,
): Promise<MoveResult> {
  let copied: CopyResult | undefined;
  const responses = await runAll(selection, messages, (selector) => ({ name: 'MOVE', messages: selector, mailbox }), {
    signal,
    accept: (event) => {
      if (event.type !== 'status' || event.code?.type !== 'copyUid') return false;
      copied = copiedOf(event.code);
      return true;
    },
  });
  if (responses.length !== 1) return { copied: undefined, isExpunged: true };
  return { copied: copied ?? copiedOf(responses[0]!.code), isExpunged: true };
}

/** Moves messages without MOVE: copies, flags and expunges them. @see RFC 6851 section 3.3 */
export async function moveByCopy(
  selection: Selection,
  messages: MessageSelection,
  mailbox: MailboxName,
  options: CommandOptions,
): Promise<MoveResult> {
  // Numbers move when messages go; UIDs stay, also those of messages that a later command is about.
  const uids = isBySequence(messages) ? await uidsOf(selection, messages, options) : messages;
  if (uids.selectors.length === 0) return { copied: undefined, isExpunged: true };
  const copied = await copyMessages(selection, uids, mailbox, options);
  await storeFlags(selection, uids, { operation: 'add', flags: ['\\Deleted'] }, { ...options, silent: true });
  if (!offers(selection, 'UIDPLUS')) return { copied, isExpunged: false };
  await expungeMessages(selection, uids, options);
  return { copied, isExpunged: true };
}

async function uidsOf(
  selection: Selection,
  messages: MessageSelection,
  { signal }: CommandOptions,
): Promise<MessageSelection> {
  const found: Uid[] = [];
  await runAll(selection, messages, (selector) => ({ name: 'FETCH', messages: selector, items: [{ type: 'uid' }] }), {
    signal,
    accept: (event) => {
      if (event.type !== 'fetch' || event.items.uid === undefined) return false;
      if (!messages.matches(event.items.uid, event.sequenceNumber)) return false;
      found.push(event.items.uid);
      return true;
    },
  });
  return selectMessages(setOf(found));
}

function copiedOf(code: ResponseCode | undefined): CopyResult | undefined {
  if (code?.type !== 'copyUid') return undefined;
  const { uidValidity, from, to } = code;
  return { uidValidity, from, to };
}
