/**
 * Bodies of POP3 answers: a line that is a lone dot ends them, and a line that begins with a dot has one more before it.
 * Only CRLF begins a line here: a dot behind a bare LF means nothing.
 * @see RFC 1939 section 3
 * @module
 */
import { CR, DOT, LF } from '../octets.ts';

const CRLF: Uint8Array = Uint8Array.of(CR, LF);
const ONE_CR: Uint8Array = Uint8Array.of(CR);
const ONE_DOT: Uint8Array = Uint8Array.of(DOT);

/**
 * Takes the dots out of a body, chunk by chunk. It looks at dots alone, which are rarer than line ends, and hands out
 * at most two arrays for a chunk, however many dots there are.
 */
export class DotUnstuffer {
  /** The last two octets that came; a body begins as if a line had ended before it. */
  #last = CR;
  #latest = LF;
  /** What of `.` CR LF came, when the chunk before ended in the middle of it. */
  #held: 'nothing' | 'dot' | 'dotCr' = 'nothing';
  /** How many octets of the last chunk belonged to the body and its end. */
  consumed = 0;
  isAtEnd = false;

  /**
   * The octets of the body in a chunk: a view, or a copy when dots had to go. Reads no further than the end of the
   * body.
   */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.consumed = 0;
    if (this.isAtEnd || chunk.length === 0) return [];
    const [start, before] = this.#resolveHeld(chunk);
    const dots: number[] = [];
    const end = this.isAtEnd ? 0 : this.#findEnd(chunk, start, dots);
    if (!this.isAtEnd) this.consumed = chunk.length;
    const octets = withoutDots(chunk.subarray(start, end), start, dots);
    if (!this.isAtEnd) this.#remember(chunk);
    return octets.length === 0 ? before : [...before, octets];
  }

  /** Decides what the end of the chunk before meant. @returns where to go on, and what belonged to the body after all */
  #resolveHeld(chunk: Uint8Array): readonly [start: number, before: readonly Uint8Array[]] {
    let start = 0;
    if (this.#held === 'dot') {
      this.#held = chunk[0] === CR ? 'dotCr' : 'nothing';
      if (this.#held === 'nothing') return [0, []];
      if (chunk.length === 1) return [1, []];
      start = 1;
    }
    if (this.#held === 'nothing') return [0, []];
    this.#held = 'nothing';
    if (chunk[start] !== LF) return start === 0 ? [0, [ONE_CR]] : [0, []];
    this.isAtEnd = true;
    this.consumed = start + 1;
    return [0, []];
  }

  /** Finds the dots that were put in. @returns where the octets of the body end */
  #findEnd(chunk: Uint8Array, start: number, dots: number[]): number {
    for (let dot = chunk.indexOf(DOT, start); dot >= 0; dot = chunk.indexOf(DOT, dot + 1)) {
      if (!this.#beginsLine(chunk, dot)) continue;
      if (dot + 1 === chunk.length) return this.#hold('dot', dot);
      if (chunk[dot + 1] === CR) {
        if (dot + 2 === chunk.length) return this.#hold('dotCr', dot);
        if (chunk[dot + 2] === LF) {
          this.isAtEnd = true;
          this.consumed = dot + 3;
          return dot;
        }
      }
      dots.push(dot);
    }
    return chunk.length;
  }

  #hold(held: 'dot' | 'dotCr', end: number): number {
    this.#held = held;
    return end;
  }

  #beginsLine(chunk: Uint8Array, at: number): boolean {
    if (at >= 2) return chunk[at - 1] === LF && chunk[at - 2] === CR;
    return at === 1 ? chunk[0] === LF && this.#latest === CR : this.#latest === LF && this.#last === CR;
  }

  #remember(chunk: Uint8Array): void {
    this.#last = chunk.length > 1 ? chunk[chunk.length - 2]! : this.#latest;
    this.#latest = chunk[chunk.length - 1]!;
  }
}

/** Pieces up to this long are copied octet by octet. */
const SHORT_PIECE = 32;

/** The octets of `body`, which begins at `offset`, without those at `dots`. */
function withoutDots(body: Uint8Array, offset: number, dots: readonly number[]): Uint8Array {
  if (dots.length === 0) return body;
  const octets = new Uint8Array(body.length - dots.length);
  let written = 0;
  let from = 0;
  for (let index = 0; index <= dots.length; index++) {
    const to = index === dots.length ? body.length : dots[index]! - offset;
    if (to - from > SHORT_PIECE) {
      octets.set(body.subarray(from, to), written);
      written += to - from;
    } else for (let at = from; at < to; at++) octets[written++] = body[at]!;
    from = to + 1;
  }
  return octets;
}

/** Puts the dots into a body, chunk by chunk. */
export class DotStuffer {
  #place: 'line' | 'cr' | 'start' = 'start';

  /** The octets to send for a chunk, as views. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const views: Uint8Array[] = [];
    let from = 0;
    let index = 0;
    while (index < chunk.length) {
      const octet = chunk[index]!;
      if (this.#place === 'line') {
        const carriage = chunk.indexOf(CR, index);
        index = carriage < 0 ? chunk.length : carriage + 1;
        if (carriage >= 0) this.#place = 'cr';
        continue;
      }
      if (this.#place === 'start' && octet === DOT) {
        if (index > from) views.push(chunk.subarray(from, index));
        views.push(ONE_DOT);
        from = index;
      }
      this.#place = this.#place === 'cr' && octet === LF ? 'start' : octet === CR ? 'cr' : 'line';
      index++;
    }
    if (index > from) views.push(chunk.subarray(from, index));
    return views;
  }

  /** What ends the body. A last line without CRLF gets one. */
  end(): Uint8Array {
    const isLineOpen = this.#place !== 'start';
    return Uint8Array.of(...(isLineOpen ? CRLF : []), DOT, CR, LF);
  }
}
