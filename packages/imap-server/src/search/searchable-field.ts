import { type Address, addressSpec, decodeText } from '@posthorn/core';
import { decodeWords, type HeaderField, parseAddressList, parseHeader } from '@posthorn/mime';
import { folded } from './searchable-text.ts';

/** The text of a field as searches compare it: unfolded, its encoded words undone. @see RFC 9051 section 6.4.4 */
export function fieldText({ body }: HeaderField): string {
  return folded(decodeWords(decodeText(unfolded(body))));
}

/** All fields of a header, a line each. */
export function headerText(fields: readonly HeaderField[]): string {
  return fields.map((field) => `${folded(field.name)}:${fieldText(field)}\r\n`).join('');
}

/** The same for the octets of a header. */
export function headerOctetsText(header: Uint8Array): string {
  return headerText(parseHeader(header));
}

const ADDRESS_FIELDS: ReadonlySet<string> = new Set(['from', 'to', 'cc', 'bcc', 'sender', 'reply-to']);

/**
 * The addresses of a field as an envelope holds them, where the field spells them in another way: with comments, or
 * with quotes that are not needed. Undefined for other fields.
 */
export function addressText({ name, body }: HeaderField): string | undefined {
  if (!ADDRESS_FIELDS.has(name.toLowerCase()) || !body.some(isSpelling)) return undefined;
  return folded(parseAddressList(body).map(addressLine).join(', '));
}

const OPEN_PARENTHESIS = 0x28;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function isSpelling(octet: number): boolean {
  return octet === OPEN_PARENTHESIS || octet === QUOTE || octet === BACKSLASH;
}

function addressLine(address: Address): string {
  const spec = addressSpec(address) ?? address.mailbox ?? '';
  return address.name === null ? spec : `${decodeWords(address.name)} <${spec}>`;
}

const LF = 0x0a;
const CR = 0x0d;

/** The octets of a field without the line ends within. @see RFC 5322 section 2.2.3 */
function unfolded(body: Uint8Array): Uint8Array {
  return body.includes(LF) ? body.filter((octet) => octet !== LF && octet !== CR) : body;
}
