import type { AbortOptions, Account, Flag, MailboxPath } from '@posthorn/core';

/** All rights there are. @see RFC 4314 section 2.1 */
export const ALL_RIGHTS = 'lrswipkxtea';

/** What the user of an account may do with a mailbox: everything, where nothing is shared. */
export async function rightsOn({ acl }: Account, path: MailboxPath, options?: AbortOptions): Promise<string> {
  return acl === undefined ? ALL_RIGHTS : acl.myRights(path, options);
}

/** Whether somebody with these rights may set and remove a flag. @see RFC 4314 section 4 */
export function mayChange(rights: string, flag: Flag): boolean {
  const name = flag.toLowerCase();
  return rights.includes(name === '\\seen' ? 's' : name === '\\deleted' ? 't' : 'w');
}

/** Whether somebody with these rights may take messages away without a word of EXPUNGE. @see RFC 6851 section 4.2 */
export function mayRemove(rights: string): boolean {
  return rights.includes('t') && rights.includes('e');
}

/** The flags that somebody with these rights may set and remove. */
export function permitted(rights: string, flags: readonly Flag[]): readonly Flag[] {
  return flags.filter((flag) => mayChange(rights, flag));
}
