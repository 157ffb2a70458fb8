import type { MailboxPath } from '@posthorn/core';

/** The character between the levels of a hierarchy, or null where there are no levels. */
export type Delimiter = string | null;

/**
 * Whether a name is INBOX, which is so in any case of its ASCII letters.
 * @see RFC 9051 section 5.1
 */
export function isInbox(text: string): boolean {
  return /^inbox$/i.test(text);
}

/**
 * Cuts a name at its delimiters. Empty parts are kept, so that {@link joinPath} gives the name back; without a
 * delimiter the name is one part.
 * @throws RangeError for a delimiter that is not one character.
 */
export function splitName(text: string, delimiter: Delimiter): MailboxPath {
  checkDelimiter(delimiter);
  return delimiter === null ? [text] : (text.split(delimiter) as [string, ...string[]]);
}

/**
 * Joins the parts of a path into a name.
 * @throws RangeError for a part that holds the delimiter, or several parts and no delimiter: the name would be another's.
 */
export function joinPath(path: MailboxPath, delimiter: Delimiter): string {
  checkDelimiter(delimiter);
  if (delimiter === null) {
    if (path.length > 1) throw new RangeError('without a delimiter a name has one part');
    return path[0];
  }
  if (path.some((part) => part.includes(delimiter)))
    throw new RangeError(`a part of a name holds the delimiter ${delimiter}`);
  return path.join(delimiter);
}

/** The path with INBOX at its top spelled in capitals; any other path as it is. */
export function canonicalPath(path: MailboxPath): MailboxPath {
  const [top, ...rest] = path;
  return top !== 'INBOX' && isInbox(top) ? ['INBOX', ...rest] : path;
}

/** @throws RangeError unless it is one UTF-16 unit or null. */
export function checkDelimiter(delimiter: Delimiter): void {
  if (delimiter !== null && delimiter.length !== 1) throw new RangeError('a delimiter is one character');
}
