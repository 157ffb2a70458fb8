/**
 * Strings out of octets, fast. Positions are always found on octets.
 * @module
 */
import { decodeText } from '@posthorn/core';

const INTERN_BITS = 11;
const INTERN_SIZE: number = 1 << INTERN_BITS;
/** Longest string worth looking up. */
const INTERN_MAX_LENGTH = 16;

const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Strings that come again and again, such as flags, hosts and media types, found by a hash of their octets. A cache
 * of fixed size: a newer string takes the place of an older one with the same hash.
 */
const interned: (string | undefined)[] = new Array<string | undefined>(INTERN_SIZE).fill(undefined);

/**
 * Words that are compared again and again. An engine compares the very strings of the source with one look at
 * their address, so these are given out in the place of equal ones.
 */
const WORDS: ReadonlyMap<string, string> = new Map(
  [
    ...[
      'UID',
      'FLAGS',
      'INTERNALDATE',
      'RFC822.SIZE',
      'ENVELOPE',
      'BODYSTRUCTURE',
      'BODY',
      'BODY.PEEK',
      'BINARY',
      'MODSEQ',
      'RFC822',
    ],
    ...[
      'OK',
      'NO',
      'BAD',
      'BYE',
      'FETCH',
      'EXISTS',
      'EXPUNGE',
      'RECENT',
      'LIST',
      'LSUB',
      'STATUS',
      'SEARCH',
      'CAPABILITY',
      'VANISHED',
    ],
    ...[
      'NOOP',
      'STORE',
      'COPY',
      'MOVE',
      'SELECT',
      'APPEND',
      'IDLE',
      'LOGOUT',
      'FLAGS.SILENT',
      'MESSAGES',
      'UIDNEXT',
      'UIDVALIDITY',
    ],
    ...['UNSEEN', 'HIGHESTMODSEQ', 'SIZE', 'HEADER', 'TEXT', 'MIME', 'HEADER.FIELDS'],
  ].map((word) => [word, word]),
);

/** A string of ASCII octets. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > INTERN_MAX_LENGTH) return decoder.decode(bytes.subarray(start, end));
  let hash = length;
  for (let index = start; index < end; index++) hash = (Math.imul(hash, 31) + bytes[index]!) | 0;
  const slot = slotOf(hash);
  const known = interned[slot];
  if (known !== undefined && isSpelled(known, bytes, start, length)) return known;
  const text = spelled(bytes, start, end);
  interned[slot] = text;
  return text;
}

/** A string of ASCII octets that hardly comes again, such as a tag: it is not kept for the next time. */
export function freshText(bytes: Uint8Array, start: number, end: number): string {
  return end - start > INTERN_MAX_LENGTH ? decoder.decode(bytes.subarray(start, end)) : spelled(bytes, start, end);
}

/** A short string of ASCII octets, made of as few pieces as may be. */
function spelled(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let index = start;
  for (; index + 4 <= end; index += 4)
    text += String.fromCharCode(bytes[index]!, bytes[index + 1]!, bytes[index + 2]!, bytes[index + 3]!);
  if (end - index === 1) return text + String.fromCharCode(bytes[index]!);
  if (end - index === 2) return text + String.fromCharCode(bytes[index]!, bytes[index + 1]!);
  if (end - index === 3) return text + String.fromCharCode(bytes[index]!, bytes[index + 1]!, bytes[index + 2]!);
  return text;
}

/** What {@link upperHash} begins with. */
export const HASH_START = 0;

/** Goes on with a hash that is the same in upper and in lower case. */
export function upperHash(hash: number, octet: number): number {
  return (Math.imul(hash, 31) + (octet & 0xdf)) | 0;
}

/** A string of ASCII octets in upper case. */
export function upperText(bytes: Uint8Array, start: number, end: number): string {
  let hash = HASH_START;
  if (end - start <= INTERN_MAX_LENGTH)
    for (let index = start; index < end; index++) hash = upperHash(hash, bytes[index]!);
  return hashedUpperText(bytes, start, end, hash);
}

/** {@link upperText} of octets whose hash was taken while their end was looked for. */
export function hashedUpperText(bytes: Uint8Array, start: number, end: number, hash: number): string {
  const length = end - start;
  if (length > INTERN_MAX_LENGTH) return decoder.decode(bytes.subarray(start, end)).toUpperCase();
  const slot = slotOf(hash);
  const known = interned[slot];
  if (known !== undefined && known.length === length) {
    let index = 0;
    while (index < length && known.charCodeAt(index) === upper(bytes[start + index]!)) index++;
    if (index === length) return known;
  }
  const word = spelled(bytes, start, end).toUpperCase();
  const text = WORDS.get(word) ?? word;
  interned[slot] = text;
  return text;
}

function upper(octet: number): number {
  return octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet;
}

function isSpelled(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (INTERN_SIZE - 1);
}

/** A string of octets that may be anything: UTF-8 where valid. */
export function anyText(bytes: Uint8Array, start: number, end: number): string {
  return decodeText(bytes.subarray(start, end));
}

/** A string of UTF-8; undefined for octets that are none. */
export function validText(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return strict.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** Whether every octet is ASCII. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  for (let index = start; index < end; index++) seen |= bytes[index]!;
  return seen < 0x80;
}
