import { type MailboxName, mailboxNameFromWire } from '@posthorn/mailbox-name';
import { DQUOTE, LBRACE, LPAREN, SP } from './octets.ts';
import type { Reader } from './reader.ts';
import { anyText, isAscii, validText } from './text.ts';
import { stringOfOctets } from './wire-octets.ts';

/** A mailbox name. Its wire spelling is kept; faults in modified UTF-7 are noted. */
export function readMailbox(reader: Reader): MailboxName {
  const start = reader.offset;
  const wire = reader.astring();
  const { bytes, offset } = reader;
  if (isAscii(bytes, start, offset) || validText(bytes, start, offset) !== undefined)
    return mailboxFromWire(reader, wire);
  // Octets that are no text at all: people see them as they can be read, the peer gets them back as they were.
  reader.offset = start;
  const octets = reader.astringOctets();
  reader.offset = offset;
  return { text: wire, wire: stringOfOctets(octets, 0, octets.length) };
}

/**
 * The mailbox name of a LIST answer. Lenient: a name that is not quoted although it holds spaces or special
 * characters, up to the end of the line.
 */
export function readListedMailbox(reader: Reader): MailboxName {
  const start = reader.offset;
  const first = reader.peek();
  const mailbox = readMailbox(reader);
  if (first === DQUOTE || first === LBRACE || endsHere(reader)) return mailbox;
  const { bytes } = reader;
  let { end } = reader;
  while (bytes[end - 1] === SP) end--;
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
