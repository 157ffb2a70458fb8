import type { MailboxPath } from '@posthorn/core';
import { canonicalPath, decodeModifiedUtf7, encodeModifiedUtf7, type MailboxName } from '@posthorn/mailbox-name';

/** Between the levels of every account's hierarchy, as clients see it. */
export const DELIMITER = '/';
/** How a part of a name spells a delimiter of its own, so that it does not become two parts. */
const ENCODED_DELIMITER = '&AC8-';

/** How a client spells names. */
export interface Spelling {
  /** As they are, rather than in modified UTF-7. @see RFC 9051 section 5.1, RFC 6855 section 3 */
  readonly utf8: boolean;
}

/**
 * The path a client's name stands for: cut where the wire has a delimiter, then decoded part by part. Undefined for
 * a name with an empty part, which is nobody's.
 */
export function pathOf({ wire }: MailboxName, { utf8 }: Spelling): MailboxPath | undefined {
  const parts = wire.split(DELIMITER).map((part) => (utf8 ? withDelimiter(part) : decodeModifiedUtf7(part).text));
  return parts.includes('') ? undefined : canonicalPath(parts as [string, ...string[]]);
}

/** The path of a mailbox that a client wants to make; undefined for a name that is spelled wrong. */
export function newPathOf(name: MailboxName, { utf8 }: Spelling): MailboxPath | undefined {
  // A delimiter at the end says that the name is to hold others, which every name here may. RFC 9051 section 6.3.4.
  const wire = name.wire.endsWith(DELIMITER) ? name.wire.slice(0, -DELIMITER.length) : name.wire;
  if (utf8) return pathOf({ text: wire, wire }, { utf8 });
  const parts: string[] = [];
  for (const part of wire.split(DELIMITER)) {
    const { text, faults } = decodeModifiedUtf7(part.replaceAll(ENCODED_DELIMITER, ''));
    if (faults.length > 0) return undefined;
    parts.push(part.includes(ENCODED_DELIMITER) ? decodeModifiedUtf7(part).text : text);
  }
  return parts.includes('') ? undefined : canonicalPath(parts as [string, ...string[]]);
}

/** The path of a name as people write it, with the delimiter between its parts; undefined for one with an empty part. */
export function pathOfText(text: string): MailboxPath | undefined {
  return pathOf({ text, wire: text }, { utf8: true });
}

/** How a path is spelled for clients. {@link pathOf} gives the path back. */
export function nameOf(path: MailboxPath, { utf8 }: Spelling): MailboxName {
  const parts = path.map((part) => (utf8 ? part : encodeModifiedUtf7(part)).replaceAll(DELIMITER, ENCODED_DELIMITER));
  return { text: path.join(DELIMITER), wire: parts.join(DELIMITER) };
}

/** A path as patterns are compared with it: a part that holds the delimiter stays one part. */
export function matchableName(path: MailboxPath): string {
  return path.map((part) => part.replaceAll(DELIMITER, '\u0000')).join(DELIMITER);
}

function withDelimiter(part: string): string {
  return part.replaceAll(ENCODED_DELIMITER, DELIMITER);
}
