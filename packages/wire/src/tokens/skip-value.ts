import { BACKSLASH, CLASSES, CR, DIGIT, DQUOTE, LBRACE, LF, LPAREN, NUL, RPAREN, SP, TILDE } from '../octets/octets.ts';
import type { Reader } from './reader.ts';

/** Steps over one value of any kind, however it nests. */
export function skipValue(reader: Reader): void {
  let depth = 0;
  for (;;) {
    const octet = reader.peek();
    if (octet === LPAREN) {
      depth++;
      reader.offset++;
    } else if (octet === RPAREN) {
      if (depth === 0) return;
      depth--;
      reader.offset++;
      if (depth === 0) return;
    } else if (octet === SP) {
      if (depth === 0) return;
      reader.offset++;
    } else if (octet === DQUOTE) {
      skipQuoted(reader);
      if (depth === 0) return;
    } else if ((octet === LBRACE || octet === TILDE) && isLiteralHere(reader)) {
      reader.literal();
      if (depth === 0) return;
    } else if (octet === -1) {
      if (depth > 0) reader.fail('a list is not closed');
      return;
    } else {
      reader.offset++;
      while (reader.offset < reader.end) {
        const next = reader.bytes[reader.offset]!;
        if (next === SP || next === LPAREN || next === RPAREN || next === DQUOTE) break;
        reader.offset++;
      }
      if (depth === 0 && reader.peek() !== LPAREN && reader.peek() !== DQUOTE) return;
    }
  }
}

function isLiteralHere(reader: Reader): boolean {
  const brace = reader.bytes[reader.offset] === TILDE ? reader.offset + 1 : reader.offset;
  return reader.bytes[brace] === LBRACE && (CLASSES[reader.bytes[brace + 1]!]! & DIGIT) !== 0;
}

/** Steps over a quoted string. */
export function skipQuoted(reader: Reader): void {
  reader.offset++;
  while (reader.offset < reader.end) {
    const octet = reader.bytes[reader.offset]!;
    reader.offset++;
    if (octet === DQUOTE) return;
    if (octet === BACKSLASH && (reader.peek() === DQUOTE || reader.peek() === BACKSLASH)) reader.offset++;
    if (octet === CR || octet === LF) reader.fail('a quoted string holds a line end');
    if (octet === NUL) reader.quirk('QUIRK_NUL', 'a quoted string holds NUL');
  }
  reader.fail('a quoted string is not closed');
}
