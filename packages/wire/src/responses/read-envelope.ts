/**
 * ENVELOPE, straight from octets.
 * @see RFC 9051 section 7.5.2
 * @module
 */
import type { Address, Envelope } from '@posthorn/core';
import { LPAREN, RPAREN, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';

const NO_ADDRESSES: readonly Address[] = [];

export function readEnvelope(reader: Reader): Envelope {
  reader.openList();
  const date = reader.nstring();
  reader.space();
  const subject = reader.nstring();
  reader.space();
  const start = reader.offset;
  const from = readAddresses(reader);
  const end = reader.offset;
  reader.space();
  // Mostly these two repeat the first, octet by octet.
  const sender = reader.acceptRepeated(start, end) ? from : readAddresses(reader);
  reader.space();
  const replyTo = reader.acceptRepeated(start, end) ? from : readAddresses(reader);
  reader.space();
  const to = readAddresses(reader);
  reader.space();
  const cc = readAddresses(reader);
  reader.space();
  const bcc = readAddresses(reader);
  reader.space();
  const inReplyTo = reader.nstring();
  reader.space();
  const messageId = reader.nstring();
  reader.closeList();
  return { date, subject, from, sender, replyTo, to, cc, bcc, inReplyTo, messageId };
}

function readAddresses(reader: Reader): readonly Address[] {
  if (reader.peek() !== LPAREN) {
    if (reader.nil()) return NO_ADDRESSES;
    if (reader.nstring() !== '') reader.fail('expected addresses');
    reader.quirk('QUIRK_EMPTY_ADDRESSES', 'an empty string where addresses belong');
    return NO_ADDRESSES;
  }
  reader.openList();
  const addresses: Address[] = [];
  for (;;) {
    const octet = reader.peek();
    if (octet === LPAREN && reader.isFollowedBy(RPAREN)) {
      reader.quirk('QUIRK_NIL_ADDRESS', 'an empty list in a list of addresses');
      reader.offset += 2;
    } else if (octet === LPAREN) addresses.push(readAddress(reader));
    else if (octet === RPAREN) break;
    else if (octet === SP) reader.skipSpacesBetween();
    else if (reader.nil()) {
      reader.quirk('QUIRK_NIL_ADDRESS', 'NIL in a list of addresses');
      reader.accept(SP);
    } else reader.fail('expected an address');
  }
  if (addresses.length === 0) reader.quirk('QUIRK_EMPTY_ADDRESSES', 'an empty list where NIL belongs');
  reader.closeList();
  return addresses;
}

function readAddress(reader: Reader): Address {
  reader.openList();
  const name = reader.nstring();
  reader.space();
  const route = reader.nstring();
  reader.space();
  const mailbox = reader.nstring();
  reader.space();
  const host = reader.nstring();
  reader.closeList();
  if (name !== null && mailbox !== null && host !== null && isSwapped(name, mailbox, host)) {
    reader.quirk('QUIRK_SWAPPED_NAME', 'the name and the local part of an address are swapped');
    return { name: mailbox, route, mailbox: name.slice(0, -host.length - 1), host };
  }
  return { name, route, mailbox, host };
}

/** `("ann@example.org" NIL "Ann Example" "example.org")`: the address where the name belongs, and the other way round. */
function isSwapped(name: string, mailbox: string, host: string): boolean {
  if (host === '' || !mailbox.includes(' ') || name.includes(' ')) return false;
  return name.length > host.length + 1 && name.endsWith(`@${host}`);
}
