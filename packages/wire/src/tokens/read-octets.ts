/**
 * Strings as the octets they hold, not as text.
 * @see RFC 9051 section 4.3
 * @module
 */
import { ASTRING, BACKSLASH, DQUOTE, LBRACE, TILDE } from '../octets/octets.ts';
import { withoutEscapes } from './read-text.ts';
import type { Reader } from './reader.ts';
import { skipQuoted } from './skip-value.ts';

/** Reads the octets of a quoted string, a literal or a literal8, or NIL. Lenient: those of an atom. */
export function readOctets(reader: Reader): Uint8Array | null {
  const octet = reader.peek();
  if (octet === LBRACE || octet === TILDE) return reader.since(reader.literal());
  if (octet !== DQUOTE && reader.nil()) return null;
  return readQuotedOctets(reader);
}

/** Reads again the octets of an atom, a quoted string or a literal that was read as text before. */
export function readAstringOctets(reader: Reader): Uint8Array {
  const start = reader.offset;
  const octet = reader.peek();
  if (octet === DQUOTE) return readQuotedOctets(reader);
  if (octet === LBRACE || (octet === TILDE && reader.isFollowedBy(LBRACE))) return reader.since(reader.literal());
  reader.word(ASTRING);
  return reader.since(start);
}

/** The octets of a quoted string, escapes removed, as a fresh array. Lenient: those of an atom. */
function readQuotedOctets(reader: Reader): Uint8Array {
  const start = reader.offset;
  if (reader.peek() !== DQUOTE) {
    reader.string();
    return reader.since(start);
  }
  skipQuoted(reader);
  const raw = reader.bytes.slice(start + 1, reader.offset - 1);
  return raw.includes(BACKSLASH) ? withoutEscapes(raw) : raw;
}
