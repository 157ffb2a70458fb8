import { CR, EQUALS, isBlank, isLineEnd, LF, SPACE, TAB } from './octets.ts';
import type { TransferDecoder } from './transfer-decoder.ts';

/** White space of one line that is held back until it is known whether the line ends behind it. */
const MOST_HELD = 1024;
/** White space that is looked through at once; more is rare. */
const MOST_AT_ONCE = 64;

/** What the octets held back are: nothing; white space; `=`; `=` and a digit; `=` and white space; the same and CR. */
type State = 'text' | 'space' | 'escape' | 'digit' | 'break' | 'breakCr';

/**
 * Decodes quoted-printable. White space at the end of a line is dropped, also behind the `=` of a soft line break; a
 * `=` that neither two digits nor a line end follow stands for itself and is a fault. Line ends stay as they are. Of
 * more than 1024 octets of white space before a line end the first are kept.
 * @see RFC 2045 section 6.7
 */
export class QuotedPrintableDecoder implements TransferDecoder {
  faults = 0;
  #state: State = 'text';
  readonly #held = new Uint8Array(MOST_HELD);
  #heldLength = 0;

  push(chunk: Uint8Array): Uint8Array {
    const decoded = new Uint8Array(chunk.length + this.#heldLength);
    let length = 0;
    for (let index = 0; index < chunk.length; index++) {
      if (this.#state === 'text') {
        // What is decided within the chunk, which is nearly all, needs no state.
        const last = chunk.length - 2;
        while (index < last) {
          const octet = chunk[index]!;
          if (octet === EQUALS) {
            const next = chunk[index + 1]!;
            const value = (HEX_VALUES[next]! << 4) | HEX_VALUES[chunk[index + 2]!]!;
            if (value >= 0) decoded[length++] = value;
            else if (next !== CR || chunk[index + 2] !== LF) break;
            index += 3;
          } else if (octet !== SPACE && octet !== TAB) {
            decoded[length++] = octet;
            index++;
          } else {
            let end = index + 1;
            while (isBlank(chunk[end]) && end < index + MOST_AT_ONCE) end++;
            if (end >= last || isBlank(chunk[end])) break;
            if (isLineEnd(chunk[end])) index = end;
            else while (index < end) decoded[length++] = chunk[index++]!;
          }
        }
      }
      if (index < chunk.length) length = this.#take(chunk[index]!, decoded, length);
    }
    return decoded.subarray(0, length);
  }

  finish(): Uint8Array {
    // White space at the end of the data is at the end of a line, and a soft line break needs no line behind it.
    if (this.#state !== 'digit') this.#drop();
    const rest = new Uint8Array(this.#heldLength);
    this.#release(rest, 0);
    return rest;
  }

  /** @returns How much of `decoded` is written now. */
  #take(octet: number, decoded: Uint8Array, length: number): number {
    const isFull = this.#heldLength === MOST_HELD;
    switch (this.#state) {
      case 'space':
        if (isBlank(octet) && !isFull) return this.#hold(octet, 'space', length);
        if (isLineEnd(octet)) this.#drop();
        break;
      case 'escape':
        if (hexValue(octet) !== -1) return this.#hold(octet, 'digit', length);
        if (isBlank(octet)) return this.#hold(octet, 'break', length);
        if (octet === CR) return this.#hold(octet, 'breakCr', length);
        if (octet === LF) return this.#drop(length);
        break;
      case 'digit':
        if (hexValue(octet) === -1) break;
        decoded[length] = (hexValue(this.#held[1]!) << 4) | hexValue(octet);
        return this.#drop(length + 1);
      case 'break':
        if (isBlank(octet) && !isFull) return this.#hold(octet, 'break', length);
        if (octet === CR && !isFull) return this.#hold(octet, 'breakCr', length);
        if (octet === LF) return this.#drop(length);
        break;
      case 'breakCr':
        if (octet === LF) return this.#drop(length);
        break;
    }
    const after = this.#release(decoded, length);
    if (octet === EQUALS) return this.#hold(octet, 'escape', after);
    if (isBlank(octet)) return this.#hold(octet, 'space', after);
    decoded[after] = octet;
    return after + 1;
  }

  #hold(octet: number, state: State, length: number): number {
    this.#held[this.#heldLength++] = octet;
    this.#state = state;
    return length;
  }

  #drop(length = 0): number {
    this.#heldLength = 0;
    this.#state = 'text';
    return length;
  }

  /** Gives what is held as it is. */
  #release(decoded: Uint8Array, length: number): number {
    if (this.#state !== 'text' && this.#state !== 'space') this.faults++;
    if (this.#heldLength > 0) decoded.set(this.#held.subarray(0, this.#heldLength), length);
    return this.#drop(length + this.#heldLength);
  }
}

const HEX_VALUES: Int8Array = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  HEX_VALUES[digit.charCodeAt(0)] = value;
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/** The value of a hexadecimal digit in either case, or -1. */
export function hexValue(octet: number): number {
  return HEX_VALUES[octet]!;
}
