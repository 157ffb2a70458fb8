/**
 * Bodies of POP3 answers: a line that is a lone dot ends them, and a line that begins with a dot has one more before it.
 * Only CRLF begins a line here: a dot behind a bare LF means nothing.
 * @see RFC 1939 section 3
 * @module
 */
import { CR, DOT, LF } from '../octets.ts';

/** Where the reader stands in a line. */
type Place = 'line' | 'cr' | 'start' | 'dot' | 'dotCr';

const CRLF: Uint8Array = Uint8Array.of(CR, LF);
const ONE_CR: Uint8Array = Uint8Array.of(CR);
const ONE_DOT: Uint8Array = Uint8Array.of(DOT);

/** Takes the dots out of a body, chunk by chunk. */
export class DotUnstuffer {
  #place: Place = 'start';
  /** How many octets of the last chunk belonged to the body and its end. */
  consumed = 0;
  isAtEnd = false;

  /** The octets of the body in a chunk, as views. Reads no further than the end of the body. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const views: Uint8Array[] = [];
    let from = 0;
    let index = 0;
    while (index < chunk.length && !this.isAtEnd) {
      const octet = chunk[index]!;
      switch (this.#place) {
        case 'line': {
          const carriage = chunk.indexOf(CR, index);
          index = carriage < 0 ? chunk.length : carriage + 1;
          if (carriage >= 0) this.#place = 'cr';
          break;
        }
        case 'cr':
          this.#place = octet === LF ? 'start' : octet === CR ? 'cr' : 'line';
          index++;
          break;
        case 'start':
          if (octet === DOT) {
            if (index > from) views.push(chunk.subarray(from, index));
            index++;
            from = index;
            this.#place = 'dot';
          } else this.#place = octet === CR ? 'cr' : 'line';
          if (octet !== DOT) index++;
          break;
        case 'dot':
          // The dot before it was one too many, unless the line ends here.
          if (octet === CR) {
            index++;
            this.#place = 'dotCr';
          } else this.#place = 'line';
          break;
        default:
          if (octet === LF) {
            index++;
            this.isAtEnd = true;
          } else {
            // The CR was of the body; when it lies in this chunk, the view still begins with it.
            if (from === index) views.push(ONE_CR);
            this.#place = 'cr';
          }
      }
    }
    this.consumed = index;
    const isHeldBack = this.#place === 'dotCr' || this.isAtEnd;
    if (!isHeldBack && index > from) views.push(chunk.subarray(from, index));
    return views;
  }
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
