import { BACKSLASH, CR, DQUOTE, LF, NUL, RPAREN, SP } from '../octets/octets.ts';
import { anyText, asciiText, isAscii, validText } from '../octets/text.ts';
import type { Reader } from './reader.ts';

/** A quoted string with escapes or octets that are not plain ASCII. */
export function readQuotedSlowly(reader: Reader, start: number, plainEnd: number): string {
  const { bytes, end } = reader;
  let offset = plainEnd;
  let hasEscapes = false;
  for (; offset < end; offset++) {
    const octet = bytes[offset]!;
    if (octet === DQUOTE) break;
    if (octet === BACKSLASH) {
      const next = offset + 1 < end ? bytes[offset + 1]! : -1;
      reader.offset = offset;
      if (next === DQUOTE || next === BACKSLASH) {
        hasEscapes = true;
        offset++;
      } else reader.quirk('QUIRK_LONE_BACKSLASH', 'a backslash that escapes nothing');
    } else if (octet === CR || octet === LF || octet === NUL) {
      reader.offset = offset;
      if (octet !== CR) reader.fail('a quoted string holds NUL or a line end');
      reader.quirk('QUIRK_LONE_CR', 'a quoted string holds a CR');
    }
  }
  if (offset >= end) reader.fail('a quoted string is not closed');
  reader.offset = offset + 1;
  const ascii = isAscii(bytes, start, offset);
  return hasEscapes ? unescaped(reader, start, offset, ascii) : textOf(reader, bytes, start, offset, ascii);
}

function unescaped(reader: Reader, start: number, end: number, ascii: boolean): string {
  const plain = withoutEscapes(reader.bytes.subarray(start, end));
  return textOf(reader, plain, 0, plain.length, ascii);
}

function textOf(reader: Reader, bytes: Uint8Array, start: number, end: number, ascii: boolean): string {
  if (ascii) return asciiText(bytes, start, end);
  const text = validText(bytes, start, end);
  if (text !== undefined) return text;
  reader.quirk('QUIRK_INVALID_UTF8', 'a quoted string holds 8-bit octets that are not UTF-8');
  return anyText(bytes, start, end);
}

/** A literal as text. */
export function readLiteralText(reader: Reader): string {
  const start = reader.literal();
  const end = trueEnd(reader, start);
  reader.offset = end;
  const { bytes } = reader;
  let seen = 0;
  let hasNul = false;
  for (let index = start; index < end; index++) {
    seen |= bytes[index]!;
    if (bytes[index] === NUL) hasNul = true;
  }
  if (hasNul) reader.quirk('QUIRK_NUL', 'a string holds NUL');
  return seen < 0x80 ? asciiText(bytes, start, end) : anyText(bytes, start, end);
}

/** The end of a literal, which some servers announce in characters and not in octets. */
function trueEnd(reader: Reader, start: number): number {
  const announced = reader.offset;
  const next = reader.peek();
  if (next === SP || next === RPAREN || next === -1 || isAscii(reader.bytes, start, announced)) return announced;
  let characters = announced - start;
  let end = start;
  for (; end < reader.end; end++) {
    if ((reader.bytes[end]! & 0xc0) !== 0x80 && characters-- === 0) break;
  }
  if (characters > 0 || (end < reader.end && reader.bytes[end] !== SP && reader.bytes[end] !== RPAREN))
    return announced;
  reader.quirk('QUIRK_LITERAL_CHARACTERS', 'a literal is announced in characters, not octets');
  return end;
}

/** Octets with each `\\"` and `\\\\` made one; a backslash before anything else stays. */
export function withoutEscapes(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  let written = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === BACKSLASH && (bytes[index + 1] === BACKSLASH || bytes[index + 1] === DQUOTE)) index++;
    plain[written++] = bytes[index]!;
  }
  return plain.subarray(0, written);
}
