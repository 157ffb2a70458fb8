/**
 * Octets that are kept as they came, and what may not stand among them.
 * @see RFC 9051 section 9, `TEXT-CHAR`
 * @module
 */
import { CLASSES, CR, DIGIT, LBRACE, LF, NUL, RBRACE } from '../octets/octets.ts';
import type { Reader } from './reader.ts';

/** Octets from `start` to the current offset, as a fresh array. Lenient: CR and NUL outside literals. */
export function rawOctets(reader: Reader, start: number): Uint8Array {
  const { bytes, offset: end } = reader;
  for (let index = start; index < end; index++) {
    const octet = bytes[index]!;
    if (octet > CR || (octet !== CR && octet !== LF && octet !== NUL)) continue;
    if (octet === LF) index += announcedBefore(bytes, index);
    else if (octet === NUL || bytes[index + 1] !== LF || index + 1 === end) noteControl(reader, index);
  }
  reader.offset = end;
  return reader.since(start);
}

/** Notes a CR or NUL where none may stand. */
function noteControl(reader: Reader, offset: number): void {
  reader.offset = offset;
  if (reader.bytes[offset] === NUL) reader.quirk('QUIRK_NUL', 'a value holds NUL');
  else reader.quirk('QUIRK_LONE_CR', 'a value holds a CR');
}

/** The size of the literal that the line before a line feed announces. */
function announcedBefore(bytes: Uint8Array, lineFeed: number): number {
  let close = lineFeed - 1;
  if (bytes[close] === CR) close--;
  if (bytes[close] !== RBRACE) return 0;
  let open = close;
  while (open > 0 && bytes[open] !== LBRACE) open--;
  let size = 0;
  for (let index = open + 1; index < close && (CLASSES[bytes[index]!]! & DIGIT) !== 0; index++)
    size = size * 10 + bytes[index]! - 0x30;
  return size;
}

/** Goes over a text to its end. Lenient: CR in it. @throws Fault for NUL, which makes it void. */
export function skipText(reader: Reader, end: number): void {
  const { bytes } = reader;
  for (let index = reader.offset; index < end; index++) {
    const octet = bytes[index];
    if (octet !== NUL && octet !== CR) continue;
    reader.offset = index;
    if (octet === NUL) reader.fail('a text holds NUL');
    reader.quirk('QUIRK_LONE_CR', 'a text holds a CR');
  }
  reader.offset = end;
}
