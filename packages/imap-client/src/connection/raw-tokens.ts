/**
 * Words of commands and answers that have no type of their own.
 * @module
 */
import { concatBytes, decodeText, utf8Bytes } from '@posthorn/core';

/** An atom or a string, NIL, or a list of tokens. */
export type Token = string | null | readonly Token[];

const MOST_LEVELS = 16;
const [SP, DQUOTE, LPAREN, RPAREN, BACKSLASH, LBRACE, TILDE] = [0x20, 0x22, 0x28, 0x29, 0x5c, 0x7b, 0x7e];

/** Words with a space between them. */
export function spaced(words: readonly Uint8Array[]): Uint8Array {
  return concatBytes(words.flatMap((word, index) => (index === 0 ? [word] : [utf8Bytes(' '), word])));
}

/** A string for a raw command: in quotes where it may be, else as a literal. */
export function argument(text: string): Uint8Array {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that may not be quoted
  if (/^[\u0001-\u0009\u000b\u000c\u000e-\u007f]*$/.test(text))
    return utf8Bytes(`"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`);
  const octets = utf8Bytes(text);
  return concatBytes([utf8Bytes(`{${octets.length}}\r\n`), octets]);
}

/** Cuts the octets of an answer into tokens. @returns undefined when that cannot be done */
export function readTokens(raw: Uint8Array): readonly Token[] | undefined {
  return readOctetTokens(raw)?.map(decoded);
}

/** A {@link Token} whose octets are not read as text. */
export type OctetToken = Uint8Array | null | readonly OctetToken[];

/** As {@link readTokens}, for strings that are not text. */
export function readOctetTokens(raw: Uint8Array): readonly OctetToken[] | undefined {
  const reader = { raw, at: 0 };
  const tokens = readList(reader, 0);
  return reader.at === raw.length ? tokens : undefined;
}

function decoded(token: OctetToken): Token {
  if (token === null) return null;
  return token instanceof Uint8Array ? decodeText(token) : token.map(decoded);
}

interface Cursor {
  readonly raw: Uint8Array;
  at: number;
}

/** Tokens up to the end, or up to the parenthesis that closes them. */
function readList(cursor: Cursor, level: number): readonly OctetToken[] | undefined {
  const tokens: OctetToken[] = [];
  while (cursor.at < cursor.raw.length && cursor.raw[cursor.at] !== RPAREN) {
    if (cursor.raw[cursor.at] === SP) cursor.at++;
    else {
      const token = readToken(cursor, level);
      if (token === undefined) return undefined;
      tokens.push(token);
    }
  }
  return tokens;
}

function readToken(cursor: Cursor, level: number): OctetToken | undefined {
  switch (cursor.raw[cursor.at]) {
    case LPAREN: {
      if (level >= MOST_LEVELS) return undefined;
      cursor.at++;
      const tokens = readList(cursor, level + 1);
      return cursor.raw[cursor.at++] === RPAREN ? tokens : undefined;
    }
    case DQUOTE:
      return readQuoted(cursor);
    case LBRACE:
      return readLiteral(cursor);
    case TILDE:
      if (cursor.raw[cursor.at + 1] === LBRACE) return readLiteral(cursor);
      return readAtom(cursor);
    default:
      return readAtom(cursor);
  }
}

function readAtom(cursor: Cursor): Uint8Array | null {
  const start = cursor.at;
  while (cursor.at < cursor.raw.length && ![SP, LPAREN, RPAREN].includes(cursor.raw[cursor.at]!)) cursor.at++;
  const word = cursor.raw.subarray(start, cursor.at);
  return word.length === 3 && decodeText(word).toUpperCase() === 'NIL' ? null : word;
}

function readQuoted(cursor: Cursor): Uint8Array | undefined {
  const octets: number[] = [];
  for (cursor.at++; cursor.at < cursor.raw.length; cursor.at++) {
    const octet = cursor.raw[cursor.at]!;
    if (octet === DQUOTE) {
      cursor.at++;
      return Uint8Array.from(octets);
    }
    octets.push(octet === BACKSLASH ? (cursor.raw[++cursor.at] ?? BACKSLASH) : octet);
  }
  return undefined;
}

function readLiteral(cursor: Cursor): Uint8Array | undefined {
  const head = decodeText(cursor.raw.subarray(cursor.at, cursor.at + 20));
  const match = /^~?\{(\d{1,15})\+?\}\r?\n/.exec(head);
  if (match === null) return undefined;
  const start = cursor.at + match[0].length;
  const end = start + Number(match[1]);
  if (end > cursor.raw.length) return undefined;
  cursor.at = end;
  return cursor.raw.subarray(start, end);
}
