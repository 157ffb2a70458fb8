/**
 * Two transports joined in memory, for tests and for a client and a server in one process. Runs in any JavaScript
 * runtime.
 * @module
 */
import { concatBytes, InvalidStateError, type Transport, TransportError, type WaitOptions } from '@posthorn/core';
import { Patience, waitFor } from './patience.ts';

export interface MemoryPairOptions {
  /** Octets each direction holds before `write` waits for the other side to read. @defaultValue 65_536 */
  readonly highWaterMark?: number;
}

/**
 * Two ends of one connection: what one writes the other reads. They behave as a TCP connection does: a write settles
 * when the other side has room for it, `close` ends the stream after what was written, and `destroy` resets it.
 */
export function memoryPair({ highWaterMark = 65_536 }: MemoryPairOptions = {}): readonly [Transport, Transport] {
  if (!Number.isSafeInteger(highWaterMark) || highWaterMark < 1) throw new RangeError('highWaterMark is not positive');
  const there = new Pipe(highWaterMark);
  const back = new Pipe(highWaterMark);
  return [new MemoryTransport(back, there), new MemoryTransport(there, back)];
}

interface Failure {
  readonly reason: unknown;
}

/** Octets of a write that do not fit into the pipe yet. */
interface WaitingWrite {
  rest: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface WaitingRead {
  readonly resolve: (chunk: Uint8Array | null) => void;
  readonly reject: (reason: unknown) => void;
}

/** One direction: a bounded queue of chunks. */
class Pipe {
  readonly #highWaterMark: number;
  #chunks: Uint8Array[] = [];
  #firstChunk = 0;
  #size = 0;
  #writes: WaitingWrite[] = [];
  #read: WaitingRead | undefined;
  #ended = false;
  #readFailure: Failure | undefined;
  #writeFailure: Failure | undefined;

  constructor(highWaterMark: number) {
    this.#highWaterMark = highWaterMark;
  }

  get isBeingRead(): boolean {
    return this.#read !== undefined;
  }

  read(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      this.#read = { resolve, reject };
      this.#serve();
    });
  }

  /** Rejects the read under way, which took nothing. */
  giveUpRead(reason: unknown): void {
    const read = this.#read;
    this.#read = undefined;
    read?.reject(reason);
  }

  write(pieces: readonly Uint8Array[]): Promise<void> {
    if (this.#writeFailure !== undefined) return Promise.reject(this.#writeFailure.reason);
    return new Promise((resolve, reject) => {
      const joined = concatBytes(pieces);
      if (joined.length === 0) return resolve();
      this.#writes.push({ rest: joined, resolve, reject });
      this.#admit();
      this.#serve();
    });
  }

  /** Takes what waits, whatever the bound, and ends the stream. */
  end(failure: Failure): void {
    this.#admit(Number.POSITIVE_INFINITY);
    this.#ended = true;
    this.#writeFailure ??= failure;
    this.#serve();
  }

  /** Makes reading end, now, and everything still to be read vanish. */
  abandon(failure: Failure | undefined): void {
    this.#chunks = [];
    this.#firstChunk = 0;
    this.#size = 0;
    this.#ended = true;
    this.#readFailure = failure;
    this.#serve();
  }

  /** Makes writing fail, now. */
  failWrites(failure: Failure): void {
    this.#writeFailure ??= failure;
    for (const { reject } of this.#writes.splice(0)) reject(failure.reason);
  }

  /** Makes reading fail after what was already taken. */
  cut(failure: Failure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#readFailure = failure;
    this.#serve();
  }

  #admit(highWaterMark: number = this.#highWaterMark): void {
    let done = 0;
    for (const write of this.#writes) {
      const room = highWaterMark - this.#size;
      if (room <= 0) break;
      // A copy: the writer may change its array as soon as the write settles.
      const taken = new Uint8Array(write.rest.subarray(0, room));
      this.#chunks.push(taken);
      this.#size += taken.length;
      write.rest = write.rest.subarray(taken.length);
      if (write.rest.length > 0) break;
      write.resolve();
      done++;
    }
    this.#writes.splice(0, done);
  }

  #serve(): void {
    const read = this.#read;
    if (read === undefined) return;
    const chunk = this.#chunks[this.#firstChunk];
    if (chunk === undefined && !this.#ended) return;
    this.#read = undefined;
    if (chunk !== undefined) {
      this.#forgetFirst();
      this.#size -= chunk.length;
      this.#admit();
      read.resolve(chunk);
    } else if (this.#readFailure !== undefined) read.reject(this.#readFailure.reason);
    else read.resolve(null);
  }

  /** Moves the rest of the queue down now and then, so that taking from its front is cheap on average. */
  #forgetFirst(): void {
    this.#firstChunk++;
    if (this.#firstChunk < 32 || this.#firstChunk * 2 < this.#chunks.length) return;
    this.#chunks = this.#chunks.slice(this.#firstChunk);
    this.#firstChunk = 0;
  }
}

class MemoryTransport implements Transport {
  readonly security = 'none';
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  #bytesRead = 0;
  #bytesWritten = 0;
  #closed = false;
  #destroyed = false;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  async read(options?: WaitOptions): Promise<Uint8Array | null> {
    if (this.#incoming.isBeingRead) throw new InvalidStateError('a read is already under way');
    const patience = options && new Patience(options, 'reading', (reason) => this.#incoming.giveUpRead(reason));
    patience?.check();
    try {
      const chunk = await this.#incoming.read();
      this.#bytesRead += chunk?.length ?? 0;
      return chunk;
    } finally {
      patience?.stop();
    }
  }

  async write(data: Uint8Array | readonly Uint8Array[], options?: WaitOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    const pieces = data instanceof Uint8Array ? [data] : data;
    const written = this.#outgoing.write(pieces);
    for (const piece of pieces) this.#bytesWritten += piece.length;
    await waitFor(written, options, 'writing');
  }

  async startTls(): Promise<void> {
    throw unsupported('a connection in memory has no TLS');
  }

  async startDeflate(): Promise<void> {
    throw unsupported('a connection in memory has no compression');
  }

  async close(): Promise<void> {
    if (this.#closed || this.#destroyed) return;
    this.#closed = true;
    this.#outgoing.end(broken('the connection is closed'));
    this.#incoming.abandon(undefined);
    this.#incoming.failWrites(broken('the peer closed the connection'));
  }

  destroy(reason?: unknown): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    const failure = reason === undefined ? broken('the connection was destroyed') : { reason };
    this.#outgoing.failWrites(failure);
    this.#outgoing.cut(broken('the peer reset the connection'));
    this.#incoming.abandon(failure);
    this.#incoming.failWrites(broken('the peer reset the connection'));
  }
}

function broken(message: string): Failure {
  return { reason: new TransportError('TRANSPORT_BROKEN', message) };
}

function unsupported(message: string): TransportError {
  return new TransportError('TRANSPORT_UNSUPPORTED', message);
}
