import type { OnReadOpts, Socket } from 'node:net';
import { concatBytes } from '@posthorn/core';

/** Memory grows with what comes at once: a connection that hears little needs little. */
const FIRST_BYTES = 4 * 1024;
const MOST_BYTES = 256 * 1024;
/** What is read in one turn of the event loop at the most: a fast peer must not keep others from theirs. */
const TURN_BYTES = 256 * 1024;
/** One array may be lent, one may wait to be read, and one is where the system writes next. */
const ARRAYS = 3;

/**
 * Reads a socket into memory that is used again. A chunk is lent until the next one is taken: programs that look at each
 * octet once leave the collector nothing to collect. Reading stops while a chunk waits.
 */
export class LentInput {
  /** For `net.connect`: it goes past the stream, which makes new memory for each chunk. */
  readonly onread: OnReadOpts;
  readonly #ring: (Uint8Array | undefined)[] = [];
  #size = FIRST_BYTES;
  /** The array where the system writes, of those in the ring. */
  #writing = 0;
  /** The array that the chunk taken last lies in. */
  #lent: number | undefined;
  #waiting: { readonly chunk: Uint8Array; readonly index: number | undefined } | undefined;
  #socket: Socket | undefined;
  #wake: () => boolean = () => false;
  #isPassing = false;
  #turnBytes = 0;
  /** Reading goes on in the next turn. */
  #isResting = false;

  constructor() {
    this.onread = {
      buffer: () => this.#nextArray(),
      callback: (length, array) => this.#received(length, array),
    };
  }

  /** Starts reading. `wake` hears that a chunk waits, and tells whether somebody is there to take it at once. */
  start(socket: Socket, wake: () => boolean): void {
    this.#socket = socket;
    this.#wake = wake;
    socket.resume();
  }

  /** The chunk that waits, lent until the next one is taken; null when none does. */
  take(): Uint8Array | null {
    const waiting = this.#waiting;
    if (waiting === undefined) return null;
    this.#waiting = undefined;
    this.#lent = waiting.index;
    if (!this.#isResting) this.#socket?.resume();
    return waiting.chunk;
  }

  /** Gives away the memory of the chunk taken last: it is not written to again. */
  keep(): void {
    if (this.#lent !== undefined) this.#ring[this.#lent] = undefined;
    this.#lent = undefined;
  }

  /** Lends no more: what comes from here on, and what waits, goes to the socket's own stream. */
  stop(): void {
    this.#isPassing = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const socket = this.#socket?.pause();
    if (waiting !== undefined) socket?.push(Buffer.from(waiting.chunk));
  }

  #nextArray(): Uint8Array {
    this.#writing = (this.#writing + 1) % ARRAYS;
    const array = this.#ring[this.#writing];
    if (array !== undefined && array.length >= this.#size) return array;
    // The system writes before anybody reads, and only what it wrote is shown.
    const fresh = Buffer.allocUnsafeSlow(this.#size);
    this.#ring[this.#writing] = fresh;
    return fresh;
  }

  /** @returns whether to go on reading */
  #received(length: number, array: Uint8Array): boolean {
    if (this.#isPassing) return this.#socket?.push(Buffer.from(array.subarray(0, length))) ?? false;
    const isFilled = length === array.length;
    this.#count(isFilled, length);
    if (isFilled) this.#size = Math.min(MOST_BYTES, 4 * this.#size);
    const chunk = new Uint8Array(array.buffer, array.byteOffset, length);
    if (this.#waiting !== undefined) {
      // The reader that was there for the chunk before has given up.
      this.#waiting = { chunk: concatBytes([this.#waiting.chunk, chunk]), index: undefined };
      return false;
    }
    this.#waiting = { chunk, index: this.#writing };
    return this.#wake() && !this.#isResting;
  }

  /** The system goes on in the same turn for as long as it fills the array. */
  #count(isFilled: boolean, length: number): void {
    this.#turnBytes = isFilled ? this.#turnBytes + length : 0;
    if (this.#turnBytes < TURN_BYTES) return;
    this.#turnBytes = 0;
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
      if (this.#waiting === undefined && !this.#isPassing) this.#socket?.resume();
    });
  }
}
