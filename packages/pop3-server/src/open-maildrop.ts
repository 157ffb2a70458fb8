import {
  type Account,
  type AccountId,
  MAX_ID,
  type Mailbox,
  type MailboxPath,
  type MailStore,
  type MessageMeta,
  uid,
} from '@posthorn/core';
import { rangeSet, setOf } from '@posthorn/message-set';
import { Maildrop } from './maildrop.ts';
import { CommandRefused, err } from './replies.ts';
import { sharedStateOf } from './shared-state.ts';
import { uniqueIds } from './unique-ids.ts';

export interface OpenMaildropOptions {
  readonly store: MailStore;
  readonly account: AccountId;
  readonly path: MailboxPath;
  /** Whether no other session may have it at the same time. */
  readonly isExclusive: boolean;
  readonly signal: AbortSignal;
}

/** A mailbox that one session serves as a maildrop. */
export interface OpenMaildrop {
  readonly mailbox: Mailbox;
  /** Its messages when the session began. */
  readonly drop: Maildrop;
  /** Removes the marked messages: all or none. Those that others removed are no error. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the maildrop of a user who logged in.
 * @throws {@link CommandRefused} `[IN-USE]`; what the store throws.
 */
export async function openMaildrop(options: OpenMaildropOptions): Promise<OpenMaildrop> {
  const { store, account: id, path, isExclusive, signal } = options;
  const account = await store.open(id, { signal });
  let unlock: (() => void) | undefined;
  try {
    const mailbox = await account.mailbox(path, { signal });
    if (isExclusive) {
      unlock = sharedStateOf(store).lock(id, mailbox);
      if (unlock === undefined) throw new CommandRefused(err('Another session has that maildrop', 'IN-USE'));
    }
    const drop = await snapshot(options, mailbox);
    return {
      mailbox,
      drop,
      commit: () => removeMarked(mailbox, drop, signal),
      close: () => release(account, unlock),
    };
  } catch (error) {
    await release(account, unlock);
    throw error;
  }
}

async function snapshot({ store, account, signal }: OpenMaildropOptions, mailbox: Mailbox): Promise<Maildrop> {
  const messages: MessageMeta<'size' | 'pop3UniqueId'>[] = [];
  const everything = rangeSet(uid(1), uid(MAX_ID));
  for await (const message of mailbox.scan(everything, ['size', 'pop3UniqueId'], { signal })) messages.push(message);
  const ends = sharedStateOf(store).endsOf(account, mailbox);
  await ends.look(mailbox, messages, signal);
  const ids = uniqueIds(mailbox.uidValidity, messages);
  return new Maildrop(
    messages.map((message, index) => ({ uid: message.uid, size: ends.sizeOf(message), uniqueId: ids[index]! })),
  );
}

async function removeMarked(mailbox: Mailbox, drop: Maildrop, signal: AbortSignal): Promise<void> {
  const marked = drop.marked();
  if (marked.length > 0) await mailbox.expunge(setOf(marked), { signal });
}

async function release(account: Account, unlock: (() => void) | undefined): Promise<void> {
  try {
    await account.close();
  } finally {
    unlock?.();
  }
}
