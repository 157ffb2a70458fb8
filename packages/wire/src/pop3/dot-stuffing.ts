/**
 * Bodies of POP3 answers: a line that is a lone dot ends them, and a line that begins with a dot has one more before it.
 * Only CRLF begins a line here: a dot behind a bare LF means nothing.
 * @see RFC 1939 section 3
 * @module
 */
import { CR, DOT, LF } from '../octets/octets.ts';

const CRLF: Uint8Array = Uint8Array.of(CR, LF);
const ONE_CR: Uint8Array = Uint8Array.of(CR);
const ONE_DOT: Uint8Array = Uint8Array.of(DOT);

/** Finds CR LF and a dot. @returns where the CR stands, at `from` or behind it; -1 when there is none */
export type LineDotSearch = (bytes: Uint8Array, from: number) => number;

/** Looks at every third octet: whatever stands there says how far it is to the next one that may end the sequence. */
function findLineDot(bytes: Uint8Array, from: number): number {
  for (let at = from + 2; at < bytes.length; ) {
    const octet = bytes[at]!;
    if (octet === DOT && bytes[at - 1] === LF && bytes[at - 2] === CR) return at - 2;
    at += octet === LF ? 1 : octet === CR ? 2 : 3;
  }
  return -1;
}

/** Takes the dots out of a body, chunk by chunk. It hands out few arrays for a chunk, however many dots there are. */
export class DotUnstuffer {
  readonly #find: LineDotSearch;
  /** The last two octets that came; a body begins as if a line had ended before it. */
  #last = CR;
  #latest = LF;
  /** What of `.` CR LF came, when the chunk before ended in the middle of it. */
  #held: 'nothing' | 'dot' | 'dotCr' = 'nothing';
  /** How many octets of the last chunk belonged to the body and its end. */
  consumed = 0;
  isAtEnd = false;

  /** @param find - A faster search, where the runtime has one, such as `indexOf` of Node's `Buffer`. */
  constructor(find: LineDotSearch = findLineDot) {
    this.#find = find;
  }

  /**
   * The octets of the body in a chunk: as views where these are long, else as one copy. Reads no further than the end
   * of the body.
   */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.consumed = 0;
    if (this.isAtEnd || chunk.length === 0) return [];
    const [start, before] = this.#resolveHeld(chunk);
    const dots: number[] = [];
    const end = this.isAtEnd ? 0 : this.#findEnd(chunk, start, dots);
    if (!this.isAtEnd) this.consumed = chunk.length;
    const octets = withoutDots(chunk, start, end, dots);
    if (!this.isAtEnd) this.#remember(chunk);
    return before.length === 0 ? octets : [...before, ...octets];
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
    const { length } = chunk;
    for (let at = start; at < 2 && at < length; at++) {
      if (chunk[at] !== DOT || !this.#beginsLine(chunk, at)) continue;
      const end = this.#meet(chunk, at, dots);
      if (end !== undefined) return end;
    }
    for (let at = this.#find(chunk, 0); at >= 0; at = this.#find(chunk, at + 3)) {
      const end = this.#meet(chunk, at + 2, dots);
      if (end !== undefined) return end;
    }
    return length;
  }

  /** A dot at the start of a line. @returns where the octets of the body end, when it is not just one too many */
  #meet(chunk: Uint8Array, dot: number, dots: number[]): number | undefined {
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
    return undefined;
  }

  #hold(held: 'dot' | 'dotCr', end: number): number {
    this.#held = held;
    return end;
  }

  /** Whether one of the first two octets of a chunk stands behind CR LF. */
  #beginsLine(chunk: Uint8Array, at: number): boolean {
    return at === 1 ? chunk[0] === LF && this.#latest === CR : this.#latest === LF && this.#last === CR;
  }

  #remember(chunk: Uint8Array): void {
    this.#last = chunk.length > 1 ? chunk[chunk.length - 2]! : this.#latest;
    this.#latest = chunk[chunk.length - 1]!;
  }
}

/** Views are handed out when they are at least so long on average. */
const LONG_PIECE = 4096;
/** Pieces up to this long are copied octet by octet. */
const SHORT_PIECE = 32;

/** The octets from `start` to `end` without those at `dots`. */
function withoutDots(chunk: Uint8Array, start: number, end: number, dots: readonly number[]): readonly Uint8Array[] {
  if (end <= start) return [];
  if (dots.length === 0) return [chunk.subarray(start, end)];
  if (dots.length * LONG_PIECE > end - start) return copied(chunk, start, end, dots);
  const views: Uint8Array[] = [];
  let from = start;
  for (const dot of dots) {
    if (dot > from) views.push(chunk.subarray(from, dot));
    from = dot + 1;
  }
  if (end > from) views.push(chunk.subarray(from, end));
  return views;
}

function copied(chunk: Uint8Array, start: number, end: number, dots: readonly number[]): readonly Uint8Array[] {
  const octets = new Uint8Array(end - start - dots.length);
  let written = 0;
  let from = start;
  for (let index = 0; index <= dots.length; index++) {
    const to = dots[index] ?? end;
    if (to - from > SHORT_PIECE) {
      octets.set(chunk.subarray(from, to), written);
      written += to - from;
    } else for (let at = from; at < to; at++) octets[written++] = chunk[at]!;
    from = to + 1;
  }
  return octets.length === 0 ? [] : [octets];
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
