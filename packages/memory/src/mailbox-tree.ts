import { type CreateMailboxOptions, type MailboxInfo, type MailboxPath, StoreError } from '@posthorn/core';
import type { AccountState } from './account-state.ts';
import { checkedPath, comparePaths, isBelow, isInboxPath, pathKey } from './mailbox-names.ts';
import type { MailboxState } from './mailbox-state.ts';

/** Every mailbox and every name above one, parents before children. */
export function listMailboxes(account: AccountState): readonly MailboxInfo[] {
  const paths = new Map<string, MailboxPath>();
  for (const { path } of account.mailboxes.values()) {
    for (let length = path.length; length > 0; length--) {
      const ancestor = path.slice(0, length) as unknown as MailboxPath;
      const key = pathKey(ancestor);
      if (paths.has(key)) break;
      paths.set(key, ancestor);
    }
  }
  return [...paths.values()].sort(comparePaths).map((path) => infoOf(account, path));
}

/** One step of `Account.create`. */
export function createMailbox(
  account: AccountState,
  path: MailboxPath,
  { uidValidity, specialUse = [] }: Omit<CreateMailboxOptions, 'signal'>,
): MailboxInfo {
  const name = checkedPath(path);
  const existing = account.mailboxes.get(pathKey(name));
  if (existing !== undefined) {
    const isFreshInbox = isInboxPath(name) && uidValidity !== undefined && existing.uidNext === 1;
    if (!isFreshInbox) throw alreadyExists();
  } else if (uidValidity !== undefined && uidValidity <= account.highestValidity(name)) {
    throw new StoreError('STORE_CANNOT', 'this name had that UIDVALIDITY, or a higher one, before');
  }
  account.addMailbox(name, specialUse, uidValidity);
  if (existing !== undefined) existing.isDeleted = true;
  account.hub.notify(name);
  return infoOf(account, name);
}

/** One step of `Account.delete`. */
export function deleteMailbox(account: AccountState, path: MailboxPath): void {
  if (isInboxPath(path)) throw new StoreError('STORE_CANNOT', 'INBOX cannot be deleted');
  const state = account.mailboxes.get(pathKey(path));
  if (state === undefined && below(account, path).length > 0) {
    throw new StoreError('STORE_HAS_CHILDREN', 'the name holds only children');
  }
  const mailbox = account.mailboxAt(path);
  mailbox.isDeleted = true;
  account.mailboxes.delete(pathKey(mailbox.path));
  account.hub.notify(mailbox.path);
}

/** One step of `Account.rename`. */
export function renameMailbox(account: AccountState, from: MailboxPath, to: MailboxPath): void {
  const target = checkedPath(to);
  const source = account.mailboxes.get(pathKey(from));
  const isInbox = isInboxPath(from);
  const moved = isInbox ? [] : [...(source ? [source] : []), ...below(account, from)];
  if (source === undefined && moved.length === 0) throw new StoreError('STORE_NONEXISTENT', 'there is no such mailbox');
  if (account.mailboxes.has(pathKey(target)) || below(account, target).length > 0) throw alreadyExists();
  if (!isInbox && isBelow(target, checkedPath(from))) {
    throw new StoreError('STORE_CANNOT', 'a mailbox cannot be moved below itself');
  }
  if (isInbox) moveInbox(account, account.mailboxAt(from), target);
  else moveMailboxes(account, moved, from, target);
}

/** One step of `Account.subscribe`. */
export function subscribe(account: AccountState, path: MailboxPath, on: boolean): void {
  const key = pathKey(checkedPath(path));
  if (on) account.subscriptions.add(key);
  else account.subscriptions.delete(key);
  account.hub.notify(checkedPath(path));
}

function moveInbox(account: AccountState, inbox: MailboxState, target: MailboxPath): void {
  const created = account.addMailbox(target, []);
  for (const [name, value] of inbox.annotations) created.annotations.set(name, value);
  const records = [...inbox.records];
  created.add(
    records.map((record, index) => ({
      ...record,
      uid: (index + 1) as typeof record.uid,
      flags: created.flagsOf(record.flags),
    })),
  );
  inbox.remove(records);
  account.hub.notify(inbox.path);
  account.hub.notify(target);
}

function moveMailboxes(
  account: AccountState,
  moved: readonly MailboxState[],
  from: MailboxPath,
  to: MailboxPath,
): void {
  const moves = moved.map((state) => {
    const target: MailboxPath = [...to, ...state.path.slice(from.length)];
    return { state, source: state.path, target, validity: account.validityUnder(target, state) };
  });
  for (const { state, source, target, validity } of moves) {
    account.mailboxes.delete(pathKey(source));
    account.place(state, target, validity);
    account.hub.notify(source);
    account.hub.notify(target);
  }
}

function below(account: AccountState, ancestor: MailboxPath): MailboxState[] {
  const prefix = `${pathKey(ancestor)}\0`;
  return [...account.mailboxes].filter(([key]) => key.startsWith(prefix)).map(([, state]) => state);
}

function infoOf(account: AccountState, path: MailboxPath): MailboxInfo {
  const key = pathKey(path);
  const state = account.mailboxes.get(key);
  return {
    path,
    id: state?.id,
    isSelectable: state !== undefined,
    allowsChildren: true,
    isSubscribed: account.subscriptions.has(key),
    specialUse: state?.specialUse ?? [],
  };
}

function alreadyExists(): StoreError {
  return new StoreError('STORE_ALREADY_EXISTS', 'the name is taken');
}
