/**
 * Strings out of octets, fast. Positions are always found on octets.
 * @module
 */
import { decodeText } from '@posthorn/core';

const INTERN_BITS = 11;
const INTERN_SIZE: number = 1 << INTERN_BITS;
/** Longest string worth looking up. */
const INTERN_MAX_LENGTH = 24;

const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Strings that come again and again, such as flags, hosts and media types, found by their octets. A cache of
 * fixed size: a newer string takes the place of an older one with the same hash.
 */
class Interner {
  readonly #strings: (string | undefined)[] = new Array<string | undefined>(INTERN_SIZE).fill(undefined);

  get(bytes: Uint8Array, start: number, end: number, hash: number): string | undefined {
    const found = this.#strings[slot(hash)];
    if (found === undefined || found.length !== end - start) return undefined;
    for (let index = 0; index < found.length; index++)
      if (found.charCodeAt(index) !== bytes[start + index]) return undefined;
    return found;
  }

  set(hash: number, text: string): void {
    this.#strings[slot(hash)] = text;
  }
}

function slot(hash: number): number {
  return (hash ^ (hash >>> 15)) & (INTERN_SIZE - 1);
}

const interned = new Interner();

/** A string of ASCII octets. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > INTERN_MAX_LENGTH) return decoder.decode(bytes.subarray(start, end));
  let hash = length;
  for (let index = start; index < end; index++) hash = (Math.imul(hash, 31) + bytes[index]!) | 0;
  const known = interned.get(bytes, start, end, hash);
  if (known !== undefined) return known;
  const text = shortText(bytes, start, end);
  interned.set(hash, text);
  return text;
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

function shortText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let index = start; index < end; index++) text += String.fromCharCode(bytes[index]!);
  return text;
}
