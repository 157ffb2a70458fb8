import type { OnReadOpts, Socket } from 'node:net';
import { concatBytes } from '@posthorn/core';

/** Memory grows with what comes at once: a connection that hears little needs little. */
const FIRST_BYTES = 4 * 1024;
const MOST_BYTES = 256 * 1024;
/** What is read in one turn of the event loop at the most: a fast peer must not keep others from theirs. */
const TURN_BYTES = 256 * 1024;
/** What a record of TLS holds at the most (RFC 8446 section 5.1): behind one that is full more is to come. */
const FULL_RECORD_BYTES = 16 * 1024;
/** Room for two records: when reading stops, what was decrypted already still comes. */
const ROOM_BYTES = 2 * FULL_RECORD_BYTES;

/**
 * Reads a socket into memory that is used again. A chunk is lent until the next one is taken: programs that look at each
 * octet once leave the collector nothing to collect. Reading stops while a chunk waits, but for what comes with it.
 */
export class LentInput {
  /** For `net.connect` and `tls.connect`: it goes past the stream, which makes new memory for each chunk. */
  readonly onread: OnReadOpts;
  /** One array may be lent, one may wait to be taken, and one is where the system writes next. */
  readonly #arrays: Uint8Array[] = [];
  #size = FIRST_BYTES;
  /** What the chunk taken last lies in. */
  #lent: ArrayBufferLike | undefined;
  #waiting: Uint8Array | undefined;
  #socket: Socket | undefined;
  #wake: () => boolean = () => false;
  #isPassing = false;
  #turnBytes = 0;
  /** Reading goes on in the next turn. */
  #isResting = false;
  /** The reader is woken at the end of this turn. */
  #isWaking = false;

  constructor() {
    this.onread = {
      buffer: () => this.#nextRoom(),
      callback: (length, room) => this.#received(length, room),
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
    this.#lent = waiting.buffer;
    if (!this.#isResting) this.#socket?.resume();
    return waiting;
  }

  /** Gives away the memory of the chunk taken last: it is not written to again. */
  keep(): void {
    const index = this.#arrays.findIndex(({ buffer }) => buffer === this.#lent);
    if (index !== -1) this.#arrays.splice(index, 1);
  }

  /** Lends no more: what comes from here on, and what waits, goes to the socket's own stream. */
  stop(): void {
    this.#isPassing = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const socket = this.#socket?.pause();
    if (waiting !== undefined) socket?.push(Buffer.from(waiting));
  }

  /** Where the system writes next: behind records that are given out together, or else where nobody looks. */
  #nextRoom(): Uint8Array {
    const waiting = this.#waiting;
    const begun = this.#isWaking ? this.#arrays.find(({ buffer }) => buffer === waiting?.buffer) : undefined;
    const rest = begun?.subarray(waiting!.byteOffset + waiting!.length);
    if (rest !== undefined && rest.length > 0) return rest;
    const index = this.#arrays.findIndex(({ buffer }) => buffer !== this.#lent && buffer !== waiting?.buffer);
    const free = this.#arrays[index];
    if (free !== undefined && free.length >= this.#size) return free;
    // The system writes before anybody reads, and only what it wrote is shown.
    const fresh = Buffer.allocUnsafeSlow(this.#size);
    if (free === undefined) this.#arrays.push(fresh);
    else this.#arrays[index] = fresh;
    return fresh;
  }

  /** @returns whether to go on reading */
  #received(length: number, room: Uint8Array): boolean {
    if (this.#isPassing) return this.#socket?.push(Buffer.from(room.subarray(0, length))) ?? false;
    const isFullRecord = length === FULL_RECORD_BYTES;
    const isFilled = room.length - length < (isFullRecord ? ROOM_BYTES : 1);
    this.#count(isFilled || isFullRecord, length);
    if (isFilled) this.#size = Math.min(MOST_BYTES, 4 * this.#size);
    this.#add(new Uint8Array(room.buffer, room.byteOffset, length));
    if (isFullRecord && !isFilled) return this.#wakeLater();
    return this.#wake() && !this.#isResting;
  }

  /** A chunk waits, behind another that nobody took. */
  #add(chunk: Uint8Array): void {
    const before = this.#waiting;
    const isBehind = before?.buffer === chunk.buffer && before.byteOffset + before.length === chunk.byteOffset;
    if (before === undefined) this.#waiting = chunk;
    else if (isBehind) this.#waiting = new Uint8Array(chunk.buffer, before.byteOffset, before.length + chunk.length);
    else this.#waiting = concatBytes([before, chunk]);
  }

  /** Chunks that are larger cost less: the reader gets all records of this turn together. @returns whether to go on reading */
  #wakeLater(): boolean {
    if (!this.#isWaking) {
      this.#isWaking = true;
      setImmediate(() => {
        this.#isWaking = false;
        if (this.#waiting !== undefined && !this.#isPassing) this.#wake();
      });
    }
    return !this.#isResting;
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
