import { canonicalFlag, type Flag } from '@posthorn/core';
import { ASTERISK, ATOM, BACKSLASH, CLASSES, DQUOTE, LPAREN, RPAREN, SP } from '../octets/octets.ts';
import { anyText, asciiText, isAscii } from '../octets/text.ts';
import type { Reader } from '../tokens/reader.ts';

/** A parenthesised list of flags. Lenient: quoted flags, and flags with characters that none may hold. */
export function readFlags(reader: Reader): readonly Flag[] {
  const flags: Flag[] = [];
  for (let isFirst = true, goesOn = reader.openListOrNil(); goesOn && reader.hasNext(isFirst); isFirst = false) {
    const flag = readFlag(reader);
    if (flag !== undefined) flags.push(flag);
  }
  return flags;
}

/**
 * One flag, in its canonical spelling; undefined for a lone backslash. `\*` is one where `allowsWildcard`, which is
 * in PERMANENTFLAGS alone.
 */
export function readFlag(reader: Reader, allowsWildcard = false): Flag | undefined {
  const { bytes, end } = reader;
  const start = reader.offset;
  if (reader.peek() === DQUOTE) {
    reader.quirk('QUIRK_QUOTED_FLAG', 'a flag is quoted');
    return canonicalFlag(reader.quoted());
  }
  let offset = bytes[start] === BACKSLASH ? start + 1 : start;
  const nameStart = offset;
  while (offset < end && (CLASSES[bytes[offset]!]! & ATOM) !== 0) offset++;
  if (offset < end && !isFlagEnd(bytes[offset]!)) {
    const isWildcard =
      bytes[offset] === ASTERISK &&
      offset === start + 1 &&
      bytes[start] === BACKSLASH &&
      (offset + 1 >= end || isFlagEnd(bytes[offset + 1]!));
    if (!allowsWildcard || !isWildcard)
      reader.quirk('QUIRK_FLAG_CHARACTER', 'a flag holds a character that none may hold');
    while (offset < end && !isFlagEnd(bytes[offset]!)) offset++;
  }
  reader.offset = offset;
  if (offset === start) reader.fail('expected a flag');
  if (offset === nameStart) {
    reader.quirk('QUIRK_EMPTY_FLAG', 'a flag without a name');
    return undefined;
  }
  return canonicalFlag(isAscii(bytes, start, offset) ? asciiText(bytes, start, offset) : anyText(bytes, start, offset));
}

function isFlagEnd(octet: number): boolean {
  return octet === SP || octet === RPAREN || octet === LPAREN || octet < SP || octet === DQUOTE;
}
