/**
 * Strings that may be any octets, such as the values of METADATA. Where a literal8 holds octets that are not UTF-8,
 * these stand in the string as the lone surrogates U+DC80 to U+DCFF, and go back as they came.
 * @see RFC 5464 section 5, `value`
 * @module
 */
import { LBRACE, TILDE } from '../octets/octets.ts';
import { hasEscapedOctets, octetsOfString, stringOfOctets } from '../octets/wire-octets.ts';
import type { Reader } from '../tokens/reader.ts';

/** Reads a string, a literal8 or NIL. */
export function readOctetString(reader: Reader): string | null {
  if (reader.peek() !== TILDE || !reader.isFollowedBy(LBRACE)) return reader.nstring();
  const literal = reader.literal();
  return stringOfOctets(reader.bytes, literal, reader.offset);
}

/** What writes commands and what writes responses, as far as these strings need it. */
interface OctetWriter {
  nstring(text: string | null, what: string): unknown;
  literal(bytes: Uint8Array, isBinary?: boolean): unknown;
}

/** Writes a string as it can be: as a literal8 where it holds NUL, or octets that are no text. */
export function writeOctetString(writer: OctetWriter, text: string | null, what: string): void {
  if (text !== null && (text.includes('\0') || hasEscapedOctets(text))) writer.literal(octetsOfString(text), true);
  else writer.nstring(text, what);
}
