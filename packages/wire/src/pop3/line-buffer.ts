import { concatBytes, LimitExceededError } from '@posthorn/core';
import { CR, LF } from '../octets/octets.ts';
import { plainOctets } from '../octets/plain-octets.ts';

/** Chunks of which lines, or views of what is there, are taken. Linear however the chunks are cut. */
export class LineBuffer {
  maxLineBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #head = 0;
  /** Chunks, from the head on, that hold no line end; and their octets. */
  #searched = 0;
  #searchedBytes = 0;
  #bytes = 0;

  constructor(maxLineBytes: number) {
    this.maxLineBytes = maxLineBytes;
  }

  get bufferedBytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(plainOctets(chunk));
    this.#bytes += chunk.length;
  }

  /** The next line without its end, and whether that was LF alone. */
  line(): { readonly bytes: Uint8Array; readonly isBare: boolean } | undefined {
    for (; this.#head + this.#searched < this.#chunks.length; this.#searched++) {
      const chunk = this.#chunks[this.#head + this.#searched]!;
      const lineFeed = chunk.indexOf(LF);
      const length = this.#searchedBytes + (lineFeed < 0 ? chunk.length : lineFeed);
      if (length > this.maxLineBytes) throw new LimitExceededError('line', this.maxLineBytes);
      if (lineFeed >= 0) return this.#take(lineFeed);
      this.#searchedBytes += chunk.length;
    }
    return undefined;
  }

  /** What is there of the next chunk, which stays until {@link skip}. */
  peek(): Uint8Array | undefined {
    return this.#chunks[this.#head];
  }

  /** Gives up the first octets of the next chunk. */
  skip(count: number): void {
    const chunk = this.#chunks[this.#head]!;
    this.#bytes -= count;
    this.#searched = 0;
    this.#searchedBytes = 0;
    if (count < chunk.length) this.#chunks[this.#head] = chunk.subarray(count);
    else this.#shift(1);
  }

  #take(lineFeed: number): { readonly bytes: Uint8Array; readonly isBare: boolean } {
    const last = this.#head + this.#searched;
    const chunk = this.#chunks[last]!;
    const joined = concatBytes([...this.#chunks.slice(this.#head, last), chunk.subarray(0, lineFeed)]);
    this.#bytes -= joined.length + 1;
    this.#shift(this.#searched);
    this.#searched = 0;
    this.#searchedBytes = 0;
    if (lineFeed + 1 < chunk.length) this.#chunks[this.#head] = chunk.subarray(lineFeed + 1);
    else this.#shift(1);
    const isBare = joined.at(-1) !== CR;
    return { bytes: isBare ? joined : joined.subarray(0, -1), isBare };
  }

  #shift(count: number): void {
    this.#head += count;
    if (this.#head < this.#chunks.length && this.#head < 1024) return;
    this.#chunks.splice(0, this.#head);
    this.#head = 0;
  }
}
