import { type MailboxName, mailboxNameFromWire } from '@posthorn/mailbox-name';
import type { Reader } from './reader.ts';
import { isAscii, validText } from './text.ts';
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
