import { type MailboxName, mailboxNameFromWire } from '@posthorn/mailbox-name';
import { DQUOTE, LBRACE, LPAREN, RPAREN, SP } from '../octets/octets.ts';
import { anyText, isAscii, validText } from '../octets/text.ts';
import { stringOfOctets } from '../octets/wire-octets.ts';
import { readAstringOctets } from '../tokens/read-octets.ts';
import type { Reader } from '../tokens/reader.ts';

/** A mailbox name. Its wire spelling is kept; faults in modified UTF-7 are noted. */
export function readMailbox(reader: Reader): MailboxName {
  const start = reader.offset;
  const wire = reader.astring();
  const { bytes, offset } = reader;
  if (isAscii(bytes, start, offset) || validText(bytes, start, offset) !== undefined)
    return mailboxFromWire(reader, wire);
  // Octets that are no text at all: people see them as they can be read, the peer gets them back as they were.
  reader.offset = start;
  const octets = readAstringOctets(reader);
  reader.offset = offset;
  return { text: wire, wire: stringOfOctets(octets, 0, octets.length) };
}

/**
 * The mailbox name of a LIST answer. Lenient: a name that is not quoted although it holds spaces or special
 * characters, up to the end of the line.
 */
export function readListedMailbox(reader: Reader): MailboxName {
  const start = reader.offset;
  const isDelimited = reader.peek() === DQUOTE || reader.peek() === LBRACE;
  const mailbox = readMailbox(reader);
  if (isDelimited || endsHere(reader)) return mailbox;
  let { end } = reader;
  while (reader.bytes[end - 1] === SP) end--;
  return readUnquoted(reader, start, end);
}

/**
 * The mailbox name of a STATUS answer. Lenient: a name that is not quoted although it holds spaces or special
 * characters, up to the list that ends the line.
 */
export function readStatusMailbox(reader: Reader): MailboxName {
  const start = reader.offset;
  const isDelimited = reader.peek() === DQUOTE || reader.peek() === LBRACE;
  const mailbox = readMailbox(reader);
  if (isDelimited || reader.isAtEnd || (reader.peek() === SP && reader.isFollowedBy(LPAREN))) return mailbox;
  const end = lastList(reader);
  return end === undefined ? mailbox : readUnquoted(reader, start, end);
}

/** Where the space stands before the list with which the line ends. */
function lastList({ bytes, offset, end: lineEnd }: Reader): number | undefined {
  let end = lineEnd;
  while (bytes[end - 1] === SP) end--;
  for (let index = offset; index < end; index++) {
    if (bytes[index] !== SP || bytes[index + 1] !== LPAREN) continue;
    const start = index;
    let depth = 0;
    do {
      index++;
      if (bytes[index] === LPAREN) depth++;
      else if (bytes[index] === RPAREN) depth--;
    } while (depth > 0 && index < end);
    if (index === end - 1) return start;
  }
  return undefined;
}

/** A name that stands there as it is, from octet to octet. */
function readUnquoted(reader: Reader, start: number, end: number): MailboxName {
  const { bytes } = reader;
  for (let index = reader.offset; index < end; index++)
    if (bytes[index]! < SP) reader.fail('something follows the name of a mailbox');
  reader.quirk('QUIRK_UNQUOTED_NAME', 'a name with spaces or special characters is not quoted');
  reader.offset = end;
  const text = validText(bytes, start, end);
  if (text !== undefined) return mailboxFromWire(reader, text);
  return { text: anyText(bytes, start, end), wire: stringOfOctets(bytes, start, end) };
}

/** Whether nothing follows a listed name but spaces, or a space and a list. */
function endsHere(reader: Reader): boolean {
  if (reader.peek() === SP && reader.isFollowedBy(LPAREN)) return true;
  for (let index = reader.offset; index < reader.end; index++) if (reader.bytes[index] !== SP) return false;
  return true;
}

/** The name that is spelled like this. */
export function mailboxFromWire(reader: Reader, wire: string): MailboxName {
  // Plain names, which are most of them, need no decoding.
  if (!wire.includes('&') && isPrintable(wire)) return { text: wire, wire };
  return mailboxNameFromWire(wire, {
    onFault: () => reader.quirk('QUIRK_MAILBOX_NAME', 'a mailbox name that is not modified UTF-7'),
  });
}

function isPrintable(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e) return false;
  }
  return true;
}
