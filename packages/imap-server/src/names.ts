import type { MailboxPath } from '@posthorn/core';
import { canonicalPath, decodeModifiedUtf7, encodeModifiedUtf7, type MailboxName } from '@posthorn/mailbox-name';

/** Between the levels of every account's hierarchy, as clients see it. */
export const DELIMITER = '/';
/** How a part of a name spells a delimiter of its own, so that it does not become two parts. */
const ENCODED_DELIMITER = '&AC8-';

/**
 * The path a client's name stands for: cut where the wire has a delimiter, then decoded part by part. Undefined for
 * a name with an empty part, which is nobody's.
 */
export function pathOf({ wire }: MailboxName): MailboxPath | undefined {
  const parts = wire.split(DELIMITER).map((part) => decodeModifiedUtf7(part).text);
  return parts.includes('') ? undefined : canonicalPath(parts as [string, ...string[]]);
}

/** The path of a mailbox that a client wants to make; undefined for a name that is spelled wrong. */
export function newPathOf({ wire }: MailboxName): MailboxPath | undefined {
  // A delimiter at the end says that the name is to hold others, which every name here may. RFC 9051 section 6.3.4.
  const name = wire.endsWith(DELIMITER) ? wire.slice(0, -DELIMITER.length) : wire;
  const parts: string[] = [];
  for (const part of name.split(DELIMITER)) {
    const { text, faults } = decodeModifiedUtf7(part.replaceAll(ENCODED_DELIMITER, ''));
    if (faults.length > 0) return undefined;
    parts.push(part.includes(ENCODED_DELIMITER) ? decodeModifiedUtf7(part).text : text);
  }
  return parts.includes('') ? undefined : canonicalPath(parts as [string, ...string[]]);
}

/** How a path is spelled for clients. {@link pathOf} gives the path back. */
export function nameOf(path: MailboxPath): MailboxName {
  const parts = path.map((part) => encodeModifiedUtf7(part).replaceAll(DELIMITER, ENCODED_DELIMITER));
  return { text: path.join(DELIMITER), wire: parts.join(DELIMITER) };
}

/** A path as patterns are compared with it: a part that holds the delimiter stays one part. */
export function matchableName(path: MailboxPath): string {
  return path.map((part) => part.replaceAll(DELIMITER, '\u0000')).join(DELIMITER);
}
