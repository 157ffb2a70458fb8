import { type MailboxPath, StoreError } from '@posthorn/core';
import { canonicalPath } from '@posthorn/mailbox-name';

/** One string for each path: no part can hold the character between them. */
export function pathKey(path: MailboxPath): string {
  return canonicalPath(path).join('\0');
}

/** The path a key was made of. */
export function pathOfKey(key: string): MailboxPath {
  return key.split('\0') as unknown as MailboxPath;
}

/** The canonical form of a path. @throws {@link StoreError} `STORE_CANNOT` for parts that no store can keep. */
export function checkedPath(path: MailboxPath): MailboxPath {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  if (path.length > 0 && path.every((part) => part !== '' && !/[\u0000\r\n]|\p{Surrogate}/u.test(part))) {
    return canonicalPath(path);
  }
  throw new StoreError(
    'STORE_CANNOT',
    'a mailbox name has parts that are empty or hold characters that no name can hold',
  );
}

export function isInboxPath(path: MailboxPath): boolean {
  return path.length === 1 && canonicalPath(path)[0] === 'INBOX';
}

/** Whether `path` lies below `ancestor`. */
export function isBelow(path: MailboxPath, ancestor: MailboxPath): boolean {
  return path.length > ancestor.length && ancestor.every((part, index) => part === path[index]);
}

/** INBOX first, then part by part, so that parents come before their children. */
export function comparePaths(left: MailboxPath, right: MailboxPath): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [one, other] = [left[index]!, right[index]!];
    if (one === other) continue;
    if (index === 0 && (one === 'INBOX' || other === 'INBOX')) return one === 'INBOX' ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
