import { concatBytes } from '@posthorn/core';

const LF = 0x0a;
const CR = 0x0d;
const LBRACE = 0x7b;
const RBRACE = 0x7d;
const PLUS = 0x2b;

/** A piece of one direction of a connection, in order: nothing is left out. */
export type Piece =
  | { readonly type: 'line'; readonly bytes: Uint8Array; readonly endsInLiteral: boolean }
  /** `isLast` when the literal ends with these octets. */
  | { readonly type: 'literal'; readonly bytes: Uint8Array; readonly isLast: boolean };

/** Finds lines and literals. A line is given out once it is whole, its end included. */
export class LineSplitter {
  readonly #hasLiterals: boolean;
  #pending: Uint8Array[] = [];
  #literalLeft = 0;

  constructor(hasLiterals: boolean) {
    this.#hasLiterals = hasLiterals;
  }

  /** Octets of a line that has no end yet. */
  get rest(): Uint8Array {
    return concatBytes(this.#pending);
  }

  push(chunk: Uint8Array): readonly Piece[] {
    const pieces: Piece[] = [];
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#literalLeft > 0) {
        const bytes = chunk.slice(offset, offset + this.#literalLeft);
        this.#literalLeft -= bytes.length;
        offset += bytes.length;
        pieces.push({ type: 'literal', bytes, isLast: this.#literalLeft === 0 });
        continue;
      }
      const lineFeed = chunk.indexOf(LF, offset);
      const end = lineFeed < 0 ? chunk.length : lineFeed + 1;
      this.#pending.push(chunk.slice(offset, end));
      offset = end;
      if (lineFeed < 0) break;
      const bytes = this.rest;
      this.#pending = [];
      this.#literalLeft = this.#hasLiterals ? announcedBy(bytes) : 0;
      pieces.push({ type: 'line', bytes, endsInLiteral: this.#literalLeft > 0 });
    }
    return pieces;
  }
}

/** Octets of the literal that a line announces; 0 for none. */
function announcedBy(line: Uint8Array): number {
  let close = line.length - 2;
  if (line[close] === CR) close--;
  if (line[close] !== RBRACE) return 0;
  let index = line[close - 1] === PLUS ? close - 2 : close - 1;
  let size = 0;
  for (let power = 1; index >= 0 && line[index] !== LBRACE; index--, power *= 10) {
    const digit = line[index]! - 0x30;
    if (digit < 0 || digit > 9) return 0;
    size += digit * power;
  }
  return index < 0 ? 0 : size;
}
