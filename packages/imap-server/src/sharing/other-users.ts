import { type AccountId, accountId, type MailboxInfo, type MailboxPath } from '@posthorn/core';

/**
 * Where the mailboxes of others stand: `Other Users/bob/INBOX` is bob's INBOX. What is under this name in a user's own
 * account is not seen where mailboxes are shared.
 * @see RFC 2342 section 3
 */
export const OTHER_USERS = 'Other Users';

/** A mailbox as its owner knows it. */
export interface PlaceOfOther {
  readonly owner: AccountId;
  readonly path: MailboxPath;
}

/** Whether a name is in the namespace of other users, or is that of the namespace. */
export function isOfOthers([top]: MailboxPath): boolean {
  return top === OTHER_USERS;
}

/** Whose mailbox a name of that namespace stands for; undefined for the names above all of them. */
export function placeOf([, owner, ...rest]: MailboxPath): PlaceOfOther | undefined {
  const [first, ...more] = rest;
  if (owner === undefined || first === undefined) return undefined;
  return { owner: accountId(owner), path: [first, ...more] };
}

/** A mailbox, or a name, in the namespace of other users. */
export interface InfoOfOther extends MailboxInfo {
  readonly isOfOther: true;
}

/** Whether a mailbox was listed as one of somebody else. */
export function isSharedByOther(info: MailboxInfo): info is InfoOfOther {
  return 'isOfOther' in info;
}

/** What a mailbox is called by those who are not its owner. */
export function pathOfOther(owner: AccountId, path: MailboxPath): MailboxPath {
  return [OTHER_USERS, owner, ...path];
}
