/**
 * Names for octets, and text out of octets.
 * @module
 */
import { decodeText } from '@posthorn/core';

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const OPEN_PARENTHESIS = 0x28;
export const CLOSE_PARENTHESIS = 0x29;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const OPEN_ANGLE = 0x3c;
export const EQUALS = 0x3d;
export const CLOSE_ANGLE = 0x3e;
export const AT = 0x40;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;

/** Space or tab. */
export function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB;
}

/** CR or LF. */
export function isLineEnd(octet: number | undefined): boolean {
  return octet === LF || octet === CR;
}

/** Text of a header's octets: UTF-8 or else windows-1252, with U+FFFD for NUL, which IMAP strings cannot hold. */
export function headerText(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  const text = decodeText(bytes);
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

/** Whether two runs of octets are the same ASCII text without regard to case. `lower` is in lower case. */
export function isAsciiText(bytes: Uint8Array, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let index = 0; index < lower.length; index++) {
    const octet = bytes[start + index]!;
    const folded = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
    if (folded !== lower.charCodeAt(index)) return false;
  }
  return true;
}

const KEPT_ROOM = 4096;
const NO_ROOM = new Uint8Array();

/** Octets collected piece by piece, then read as text. */
export class OctetBuffer {
  #bytes: Uint8Array = NO_ROOM;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Empties it, and gives back the room a long value took. */
  clear(): this {
    this.#length = 0;
    if (this.#bytes.length > KEPT_ROOM) this.#bytes = NO_ROOM;
    return this;
  }

  add(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    if (end - start > 64) this.#bytes.set(source.subarray(start, end), this.#length);
    else for (let index = start; index < end; index++) this.#bytes[this.#length + index - start] = source[index]!;
    this.#length += end - start;
  }

  addOctet(octet: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = octet;
  }

  /** A view that is good until the next change. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  text(): string {
    return this.#length === 0 ? '' : headerText(this.view());
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(64, this.#bytes.length * 2, this.#length + more));
    larger.set(this.view());
    this.#bytes = larger;
  }
}
