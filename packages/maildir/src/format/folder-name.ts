/**
 * Names of mailboxes, whatever the layout of the directories that hold them.
 * @module
 */
import { type MailboxPath, StoreError } from '@posthorn/core';
import { canonicalPath, decodeModifiedUtf7, encodeModifiedUtf7 } from '@posthorn/mailbox-name';

/** How names are spelled on the disk. Names in raw UTF-8 are read in either case. */
export type NameEncoding = 'utf-7' | 'utf-8';

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

export function encodePart(part: string, encoding: NameEncoding): string {
  return encoding === 'utf-8' ? part : encodeModifiedUtf7(part);
}

export function decodePart(part: string, encoding: NameEncoding): string {
  return encoding === 'utf-8' ? part : decodeModifiedUtf7(part).text;
}

/** Whether a part of a name holds nothing that no layout can hold. */
export function isPart(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  return part !== '' && !/[/\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u.test(part);
}

/** The refusal of a name that a layout cannot hold without its being taken for another. */
export function cannotHold(rule: string): StoreError {
  return new StoreError('STORE_CANNOT', rule);
}
