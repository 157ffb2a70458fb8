/**
 * Names of mailboxes and of the directories that hold them in a Maildir++: `['A', 'B']` is `.A.B`, in modified UTF-7,
 * and INBOX is the root.
 * @module
 */
import { type MailboxPath, StoreError } from '@posthorn/core';
import { canonicalPath, decodeModifiedUtf7, encodeModifiedUtf7 } from '@posthorn/mailbox-name';

/** File systems hold names of 255 octets. */
const MAX_DIRECTORY_NAME = 255;

/** One string for each path: no part can hold the character between them. */
export function pathKey(path: MailboxPath): string {
  return canonicalPath(path).join('\0');
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

/**
 * The directory of a mailbox, relative to the root; empty for INBOX.
 * @throws {@link StoreError} `STORE_CANNOT` for a name that Maildir++ cannot hold without being taken for another.
 */
export function directoryOf(path: MailboxPath): string {
  if (isInboxPath(path)) return '';
  const name = tryDirectoryOf(path);
  if (name === undefined) {
    throw new StoreError(
      'STORE_CANNOT',
      'a Maildir++ folder has no part that is empty, holds ".", "/" or control characters, or begins with "~", and at most 255 octets',
    );
  }
  return name;
}

/** As {@link directoryOf}, but undefined for a name that cannot be. */
export function tryDirectoryOf(path: MailboxPath): string | undefined {
  if (path.length === 0 || !path.every(isPart) || path[0].startsWith('~')) return undefined;
  const name = `.${canonicalPath(path).map(encodeModifiedUtf7).join('.')}`;
  return name.length <= MAX_DIRECTORY_NAME ? name : undefined;
}

/**
 * The path that a directory of the root holds, or undefined for one that holds no mailbox. A name in raw UTF-8, which
 * other programs write, is read as it stands.
 */
export function pathOf(directory: string): MailboxPath | undefined {
  if (!directory.startsWith('.') || directory.includes('\ufffd')) return undefined;
  const parts = directory.slice(1).split('.');
  const path = parts.map((part) => decodeModifiedUtf7(part).text) as unknown as MailboxPath;
  if (!path.every(isPart) || path[0].startsWith('~') || isInboxPath(path)) return undefined;
  return canonicalPath(path);
}

function isPart(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  return part !== '' && !/[./\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u.test(part);
}
