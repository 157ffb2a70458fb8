import type { Uid } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import { setOf } from '@posthorn/message-set';
import { type Appended, appendMessages, appendOnce, type OutgoingMessage, prepare } from './append-message.ts';
import { expungeMessages } from './expunge-messages.ts';
import { selectMessages } from './message-selection.ts';
import { type CommandOptions, offers, type Selection } from './selection.ts';
import { storeFlags } from './store-flags.ts';

/** What became of a message that another took the place of. */
export interface ReplaceResult {
  /** Where the new message is, when the server tells (UIDPLUS). */
  readonly appended: Appended | undefined;
  /** False when the old message is only flagged `\Deleted`, because the server cannot expunge it alone. */
  readonly isExpunged: boolean;
}

/**
 * Puts a message in the place of another: in one step where the server can, else by adding, flagging and expunging, so
 * that at any moment at least one of them is there.
 * @see RFC 8508
 */
export async function replaceMessage(
  selection: Selection,
  uid: Uid,
  mailbox: MailboxName,
  message: OutgoingMessage,
  options: CommandOptions,
): Promise<ReplaceResult> {
  const { connection } = selection;
  if (offers(selection, 'REPLACE')) {
    const prepared = prepare(connection, message);
    const command = { name: 'REPLACE', replaces: { type: 'uid', uid }, mailbox, message: prepared } as const;
    const [appended] = await appendOnce(connection, command, [message], options.signal);
    return { appended, isExpunged: true };
  }
  const [appended] = await appendMessages(connection, mailbox, [message], options.signal);
  const old = selectMessages(setOf([uid]));
  await storeFlags(selection, old, { operation: 'add', flags: ['\\Deleted'] }, { ...options, silent: true });
  if (!offers(selection, 'UIDPLUS')) return { appended, isExpunged: false };
  await expungeMessages(selection, old, options);
  return { appended, isExpunged: true };
}
