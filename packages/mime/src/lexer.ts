/**
 * The tokens that structured header fields are made of, read leniently from octets. 8-bit octets count as letters.
 *
 * Each reader starts at its token, adds the token's value to `output`, and skips the white space and comments
 * behind it. It tells whether octets are left ({@link MORE}), none are ({@link END}), or the token is
 * {@link BROKEN}; then the cursor is somewhere behind the start.
 * @see RFC 5322 section 3.2, RFC 2045 section 5.1
 * @module
 */
import {
  AT,
  BACKSLASH,
  CLOSE_BRACKET,
  CLOSE_PARENTHESIS,
  CR,
  DOT,
  isBlank,
  isLineEnd,
  LF,
  type OctetBuffer,
  OPEN_BRACKET,
  OPEN_PARENTHESIS,
  QUOTE,
} from './octets.ts';

export type Outcome = -1 | 0 | 1;
export const BROKEN: -1 = -1;
export const END: 0 = 0;
export const MORE: 1 = 1;

/** Where a reader is. */
export interface Cursor {
  readonly bytes: Uint8Array;
  offset: number;
  /** Takes the text of the comment skipped last. */
  readonly comment?: OctetBuffer;
}

const ATEXT = octetTable("!#$%&'*+-/=?^_`{|}~", true);
/** Characters of a MIME token, and those that are tokens of their own. @see RFC 2045 section 5.1 */
const TOKEN = octetTable("!#$%&'*+-.^_`{|}~", true);

function octetTable(specials: string, withWide: boolean): Uint8Array {
  const table = new Uint8Array(256);
  if (withWide) table.fill(1, 0x80);
  table.fill(1, 0x30, 0x3a).fill(1, 0x41, 0x5b).fill(1, 0x61, 0x7b);
  for (const special of specials) table[special.charCodeAt(0)] = 1;
  return table;
}

export function peek({ bytes, offset }: Cursor): number | undefined {
  return bytes[offset];
}

export function isAtEnd({ bytes, offset }: Cursor): boolean {
  return offset >= bytes.length;
}

function left(cursor: Cursor): Outcome {
  return isAtEnd(cursor) ? END : MORE;
}

/** Skips white space, line ends and comments. Broken when a comment is not closed. */
export function skipSpace(cursor: Cursor): Outcome {
  for (;;) {
    const octet = peek(cursor);
    if (isBlank(octet) || isLineEnd(octet)) cursor.offset++;
    else if (octet !== OPEN_PARENTHESIS) return left(cursor);
    else if (skipComment(cursor) === BROKEN) return BROKEN;
  }
}

function skipComment(cursor: Cursor): Outcome {
  const { bytes, comment } = cursor;
  comment?.clear();
  let start = ++cursor.offset;
  for (let depth = 1; cursor.offset < bytes.length; cursor.offset++) {
    const octet = bytes[cursor.offset];
    const isLast = octet === CLOSE_PARENTHESIS && --depth === 0;
    if (octet === OPEN_PARENTHESIS) depth++;
    if (!isLast && octet !== LF && (octet !== BACKSLASH || cursor.offset + 1 === bytes.length)) continue;
    comment?.add(bytes, start, cursor.offset);
    start = cursor.offset + 1;
    if (octet === BACKSLASH) cursor.offset++;
    if (!isLast) continue;
    cursor.offset++;
    return left(cursor);
  }
  return BROKEN;
}

function readWhile(cursor: Cursor, table: Uint8Array, output: OctetBuffer): void {
  const { bytes } = cursor;
  const start = cursor.offset;
  while (cursor.offset < bytes.length && table[bytes[cursor.offset]!] === 1) cursor.offset++;
  output.add(bytes, start, cursor.offset);
}

export function isAtext(octet: number | undefined): boolean {
  return octet !== undefined && ATEXT[octet] === 1;
}

export function readAtom(cursor: Cursor, output: OctetBuffer): Outcome {
  if (!isAtext(peek(cursor))) return BROKEN;
  readWhile(cursor, ATEXT, output);
  return skipSpace(cursor);
}

/** A MIME token; it may be empty. */
export function readToken(cursor: Cursor, output: OctetBuffer): Outcome {
  readWhile(cursor, TOKEN, output);
  return skipSpace(cursor);
}

/** `1*atext *("." 1*atext)` with white space allowed around the dots. */
export function readDotAtom(cursor: Cursor, output: OctetBuffer): Outcome {
  for (;;) {
    const outcome = readAtom(cursor, output);
    if (outcome !== MORE || peek(cursor) !== DOT) return outcome;
    cursor.offset++;
    output.addOctet(DOT);
    if (skipSpace(cursor) !== MORE) return BROKEN;
  }
}

/** A local part that is not quoted; dots may stand anywhere. */
export function readLooseDotAtom(cursor: Cursor, output: OctetBuffer): Outcome {
  let outcome: Outcome = BROKEN;
  do {
    for (; peek(cursor) === DOT; cursor.offset++) {
      output.addOctet(DOT);
      outcome = MORE;
    }
    if (isAtEnd(cursor)) return outcome === MORE ? END : outcome;
    if (peek(cursor) === AT) return outcome;
    outcome = readAtom(cursor, output);
  } while (outcome === MORE && peek(cursor) === DOT);
  return outcome;
}

/** The text between quotes, unescaped, without the line ends that fold it. */
export function readQuotedString(cursor: Cursor, output: OctetBuffer): Outcome {
  const { bytes } = cursor;
  let start = ++cursor.offset;
  for (; cursor.offset < bytes.length; cursor.offset++) {
    const octet = bytes[cursor.offset];
    if (octet === QUOTE) {
      output.add(bytes, start, cursor.offset++);
      return skipSpace(cursor);
    }
    if (octet === LF || (octet === CR && bytes[cursor.offset + 1] === LF)) {
      output.add(bytes, start, cursor.offset);
      start = cursor.offset + 1;
    } else if (octet === BACKSLASH && !isLineEnd(bytes[cursor.offset + 1])) {
      output.add(bytes, start, cursor.offset++);
      start = cursor.offset;
    }
  }
  return BROKEN;
}

/** Words and dots, joined by single spaces. May be empty. */
export function readPhrase(cursor: Cursor, output: OctetBuffer): Outcome {
  if (isAtEnd(cursor)) return END;
  if (peek(cursor) === DOT) return BROKEN;
  for (;;) {
    const outcome = peek(cursor) === QUOTE ? readQuotedString(cursor, output) : readWord(cursor, output);
    if (outcome !== MORE) return outcome;
    const octet = peek(cursor);
    if (!isAtext(octet) && octet !== QUOTE && octet !== DOT) return MORE;
    output.addOctet(0x20);
  }
}

function readWord(cursor: Cursor, output: OctetBuffer): Outcome {
  const { bytes } = cursor;
  const start = cursor.offset;
  while (isAtext(bytes[cursor.offset]) || bytes[cursor.offset] === DOT) cursor.offset++;
  output.add(bytes, start, cursor.offset);
  return skipSpace(cursor);
}

/** What follows an at sign: a name or a literal in brackets. */
export function readDomain(cursor: Cursor, output: OctetBuffer): Outcome {
  cursor.offset++;
  if (skipSpace(cursor) !== MORE) return BROKEN;
  return peek(cursor) === OPEN_BRACKET ? readDomainLiteral(cursor, output) : readDotAtom(cursor, output);
}

function readDomainLiteral(cursor: Cursor, output: OctetBuffer): Outcome {
  const { bytes } = cursor;
  let start = cursor.offset++;
  for (; cursor.offset < bytes.length; cursor.offset++) {
    const octet = bytes[cursor.offset];
    if (octet === OPEN_BRACKET) return BROKEN;
    if (octet === CLOSE_BRACKET) {
      output.add(bytes, start, ++cursor.offset);
      return skipSpace(cursor);
    }
    if (isLineEnd(octet)) {
      output.add(bytes, start, cursor.offset);
      start = cursor.offset + 1;
    } else if (octet === BACKSLASH && !isLineEnd(bytes[cursor.offset + 1])) cursor.offset++;
  }
  return BROKEN;
}
