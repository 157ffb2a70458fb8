import type { AccountId, AclEntry } from '@posthorn/core';
import { ALL_RIGHTS } from './rights.ts';

/** Who asks for the mailboxes of others. */
export interface SharingUser {
  readonly account: AccountId;
  /** Whether they did not say who they are (RFC 4505): then only what anybody may do is theirs to do. */
  readonly isAnonymous: boolean;
}

/**
 * What a user may do with a mailbox of somebody else. Of several entries for them the most specific one counts, as with
 * Dovecot, and negative rights are taken away from it. Nobody is known to be in a group.
 * @see RFC 4314 section 2
 */
export function rightsOfUser(entries: readonly AclEntry[], user: SharingUser): string {
  const given = new Map(entries.map(({ identifier, rights }) => [identifier, rights]));
  let held = '';
  for (const identifier of identifiersOf(user)) {
    held = given.get(identifier) ?? held;
    const denied = given.get(`-${identifier}`) ?? '';
    held = [...held].filter((right) => !denied.includes(right)).join('');
  }
  return [...ALL_RIGHTS].filter((right) => held.includes(right)).join('');
}

/** Identifiers that mean a user, from the least specific on. */
function identifiersOf({ account, isAnonymous }: SharingUser): readonly string[] {
  if (isAnonymous) return ['anyone'];
  // So begin negative rights and groups: nobody becomes one by what they are called.
  const isName = !/^(?:-|\$|!\$)/.test(account);
  return ['anyone', 'authenticated', ...(isName ? [account] : [])];
}
