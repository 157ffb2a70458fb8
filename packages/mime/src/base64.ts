import { CR, LF } from './octets.ts';
import type { TransferDecoder } from './transfer-decoder.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SPACE_VALUE = 64;
const PADDING = 65;
const STRAY = 66;

const VALUES: Uint8Array = new Uint8Array(256).fill(STRAY);
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value;
for (const space of '\t\n\r ') VALUES[space.charCodeAt(0)] = SPACE_VALUE;
VALUES[0x3d] = PADDING;

/** Values of the four letters of a group where they stand in its 24 bits; this bit for what is no letter. */
const NO_LETTER = 0x100_0000;
const [FIRST, SECOND, THIRD, FOURTH] = [18, 12, 6, 0].map((shift) =>
  Int32Array.from(VALUES, (value) => (value < 64 ? value << shift : NO_LETTER)),
) as [Int32Array, Int32Array, Int32Array, Int32Array];

/**
 * Decodes base64. Octets outside the alphabet are passed over, as RFC 2045 section 6.8 asks, and counted as faults.
 * Padding ends a group and not the data, since mailers join encoded pieces. Missing padding is a fault without loss; a
 * single letter at the end is dropped.
 */
export class Base64Decoder implements TransferDecoder {
  faults = 0;
  /** Bits of the letters of a group that is not complete, and how many letters. */
  #group = 0;
  #letters = 0;
  /** Padding that may still come. */
  #owed = 0;

  push(chunk: Uint8Array): Uint8Array {
    const decoded = new Uint8Array(Math.ceil((chunk.length * 3) / 4) + 3);
    let length = 0;
    let index = 0;
    while (index < chunk.length) {
      if (this.#letters === 0) {
        const before = length;
        while (index + 3 < chunk.length) {
          const group =
            FIRST[chunk[index]!]! | SECOND[chunk[index + 1]!]! | THIRD[chunk[index + 2]!]! | FOURTH[chunk[index + 3]!]!;
          if (group < NO_LETTER) {
            decoded[length] = group >> 16;
            decoded[length + 1] = group >> 8;
            decoded[length + 2] = group;
            length += 3;
            index += 4;
          } else if (chunk[index] === CR && chunk[index + 1] === LF) index += 2;
          else if (chunk[index] === LF) index++;
          else break;
        }
        if (length > before) this.#owed = 0;
        if (index >= chunk.length) break;
      }
      const value = VALUES[chunk[index++]!]!;
      if (value === SPACE_VALUE) continue;
      if (value === STRAY) this.faults++;
      else if (value === PADDING) length = this.#endGroup(decoded, length);
      else {
        this.#owed = 0;
        this.#group = (this.#group << 6) | value;
        if (++this.#letters === 4) {
          decoded[length++] = this.#group >> 16;
          decoded[length++] = this.#group >> 8;
          decoded[length++] = this.#group;
          this.#group = 0;
          this.#letters = 0;
        }
      }
    }
    return decoded.subarray(0, length);
  }

  finish(): Uint8Array {
    if (this.#letters === 0) return new Uint8Array();
    this.faults++;
    const decoded = new Uint8Array(2);
    return decoded.subarray(0, this.#writeRest(decoded, 0));
  }

  #endGroup(decoded: Uint8Array, length: number): number {
    if (this.#letters === 0) {
      if (this.#owed > 0) this.#owed--;
      else this.faults++;
      return length;
    }
    if (this.#letters === 1) this.faults++;
    this.#owed = this.#letters === 2 ? 1 : 0;
    return this.#writeRest(decoded, length);
  }

  /** Writes the whole octets of a group that is not complete: two letters hold one, three hold two. */
  #writeRest(decoded: Uint8Array, length: number): number {
    let written = length;
    if (this.#letters === 2) decoded[written++] = this.#group >> 4;
    if (this.#letters === 3) {
      decoded[written++] = this.#group >> 10;
      decoded[written++] = this.#group >> 2;
    }
    this.#group = 0;
    this.#letters = 0;
    return written;
  }
}
