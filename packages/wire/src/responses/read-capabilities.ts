import { ATOM, BACKSLASH, CLASSES, RBRACKET, SP } from '../octets/octets.ts';
import { asciiText } from '../octets/text.ts';
import type { Reader } from '../tokens/reader.ts';

/** What follows the word CAPABILITY or ENABLED, up to the end or a `]`. */
export function readCapabilities(reader: Reader): readonly string[] {
  const names: string[] = [];
  while (reader.peek() === SP) {
    if (isSpaceThenEnd(reader)) break;
    reader.space();
    const name = readName(reader);
    const last = names.at(-1);
    if (last !== undefined && isContinuation(last, name)) {
      reader.quirk('QUIRK_SPLIT_CAPABILITY', 'a capability is split by a space');
      names[names.length - 1] = last + name;
    } else names.push(name);
  }
  return names;
}

function readName(reader: Reader): string {
  const { bytes, end } = reader;
  const start = reader.offset;
  let offset = start;
  while (offset < end && (CLASSES[bytes[offset]!]! & ATOM) !== 0) offset++;
  if (offset < end && bytes[offset] !== SP && bytes[offset] !== RBRACKET) {
    reader.offset = offset;
    reader.quirk('QUIRK_CAPABILITY_CHARACTER', 'a capability holds a character that none may hold');
    while (
      offset < end &&
      bytes[offset] !== SP &&
      bytes[offset] !== RBRACKET &&
      bytes[offset]! > SP &&
      bytes[offset] !== BACKSLASH
    )
      offset++;
  }
  if (offset === start) reader.fail('expected a capability');
  reader.offset = offset;
  return asciiText(bytes, start, offset);
}

function isSpaceThenEnd(reader: Reader): boolean {
  let offset = reader.offset;
  while (offset < reader.end && reader.bytes[offset] === SP) offset++;
  return offset === reader.end || reader.bytes[offset] === RBRACKET;
}

/** `LITERAL +` and `AUTH= PLAIN` are one capability each. */
function isContinuation(last: string, name: string): boolean {
  return name === '+' || name === '-' || name.startsWith('=') || (last.endsWith('=') && !name.includes('='));
}
