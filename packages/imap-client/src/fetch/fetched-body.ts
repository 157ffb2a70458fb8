import { InvalidStateError } from '@posthorn/core';
import type { Loan } from '../connection/loan.ts';
import { pipeBody, wholeBody } from './whole-body.ts';

export interface BytesOptions {
  /** Most octets to hold in memory. @defaultValue 67_108_864 (64 MiB) */
  readonly maxBytes?: number;
}

export interface StreamOptions {
  /**
   * Whether a chunk is good only until the next one is asked for, and may be written over then: for who looks at each
   * octet once, or waits until it is written elsewhere. Takes much less memory and time.
   * @defaultValue false
   */
  readonly lendsChunks?: boolean | undefined;
}

/**
 * The octets of a fetched message or section. They can be read once, until the loop moves on to the next message;
 * what was not read by then is discarded.
 */
export interface FetchedBody {
  /** Octets in all. */
  readonly size: number;
  /** The octets as they arrive. Reading slowly slows the server. @throws InvalidStateError when read before, or too late */
  stream(options?: StreamOptions): AsyncIterable<Uint8Array>;
  /** All octets. @throws LimitExceededError when there are more than `maxBytes` */
  bytes(options?: BytesOptions): Promise<Uint8Array>;
  /**
   * Writes the octets as they arrive, waits until the sink has taken them, and closes it. A sink that is done with a chunk
   * when its `write` settles can be lent them.
   * @throws what the sink throws
   */
  pipeTo(sink: WritableStream<Uint8Array>, options?: StreamOptions): Promise<void>;
}

/** What a body tells the fetch it belongs to. */
export interface BodyOwner {
  /** So many octets are no longer held. */
  released(octets: number): void;
  /** The octets from `offset` on, which were let go because other answers had to be read. */
  resume(offset: number, size: number): AsyncIterable<Uint8Array>;
}

interface Reader {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

const END: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };

/** A {@link FetchedBody} that fills while it is read. */
export class IncomingBody implements FetchedBody {
  readonly size: number;
  readonly #owner: BodyOwner;
  #chunks: Uint8Array[] = [];
  #position = 0;
  #received = 0;
  #isEnded = false;
  #isCut = false;
  #isRead = false;
  /** Whether the reader gives chunks back. */
  #borrows = false;
  #loan: Loan | undefined;
  #rest: AsyncIterator<Uint8Array> | undefined;
  /** Why there are no more octets; made when somebody asks. */
  #failure: (() => unknown) | undefined;
  #reader: Reader | undefined;

  constructor(size: number, owner: BodyOwner) {
    this.size = size;
    this.#owner = owner;
  }

  /** Whether somebody waits for octets. */
  get isWanted(): boolean {
    return this.#reader !== undefined;
  }

  /** Whether octets that come now would have to be kept until somebody wants them. */
  get wouldHold(): boolean {
    return !this.#isEnded && !this.#isCut && this.#failure === undefined && this.#reader === undefined;
  }

  /**
   * @param loan - What the chunk lies in, when it is lent.
   * @returns how many octets are held because of this chunk
   */
  push(chunk: Uint8Array, loan?: Loan): number {
    if (this.#failure !== undefined || this.#isCut) return 0;
    this.#received += chunk.length;
    const reader = this.#reader;
    if (reader === undefined) {
      this.#chunks.push(loan?.owned(chunk) ?? chunk);
      return chunk.length;
    }
    this.#reader = undefined;
    if (this.#borrows && loan !== undefined) {
      loan.borrow();
      this.#loan = loan;
      reader.resolve({ done: false, value: chunk });
    } else reader.resolve({ done: false, value: loan?.owned(chunk) ?? chunk });
    return 0;
  }

  /** The last octet was pushed. */
  end(): void {
    this.#isEnded = true;
    if (this.#isCut || this.#reader === undefined) return;
    this.#reader.resolve(END);
    this.#reader = undefined;
  }

  /** Lets go what comes from here on: it is fetched again when somebody reads so far. */
  cut(): void {
    this.#isCut = true;
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) this.#nextOfRest().then(reader.resolve, reader.reject);
  }

  /** Octets that came and were not read. */
  get held(): number {
    let held = 0;
    for (let index = this.#position; index < this.#chunks.length; index++) held += this.#chunks[index]!.length;
    return held;
  }

  /** No more octets will come. Those that are there stay readable when they are all there are. */
  failUnlessEnded(reason: unknown): void {
    if (!this.#isEnded || this.#isCut) this.fail(reason);
  }

  /** The body is over, whether it was read or not. */
  fail(reason: unknown): void {
    this.#stop(() => reason);
  }

  /** The loop has moved on. */
  expire(): void {
    this.#stop(expired);
  }

  #stop(failure: () => unknown): void {
    // The reader may still look at its last chunk.
    this.#loan?.keep();
    this.#giveBack();
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#reader?.reject(failure());
    this.#reader = undefined;
    const { held } = this;
    this.#chunks = [];
    if (held > 0) this.#owner.released(held);
    void this.#rest?.return?.().catch(() => {});
  }

  #giveBack(): void {
    const loan = this.#loan;
    this.#loan = undefined;
    loan?.giveBack();
  }

  stream({ lendsChunks = false }: StreamOptions = {}): AsyncIterable<Uint8Array> {
    if (this.#isRead) throw new InvalidStateError('the body of a message can be read once');
    if (this.#failure !== undefined) throw this.#failure();
    this.#isRead = true;
    this.#borrows = lendsChunks;
    const iterator: AsyncIterableIterator<Uint8Array, undefined> = {
      next: () => this.#next(),
      return: () => {
        this.expire();
        return Promise.resolve(END);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  bytes(options?: BytesOptions): Promise<Uint8Array> {
    return wholeBody(this, options);
  }

  pipeTo(sink: WritableStream<Uint8Array>, options?: StreamOptions): Promise<void> {
    return pipeBody(this, sink, options);
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#giveBack();
    if (this.#failure !== undefined) return Promise.reject(this.#failure());
    const chunk = this.#chunks[this.#position];
    if (chunk !== undefined) {
      this.#chunks[this.#position++] = EMPTY;
      if (this.#position === this.#chunks.length) {
        this.#chunks = [];
        this.#position = 0;
      }
      this.#owner.released(chunk.length);
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#isCut) return this.#nextOfRest();
    if (this.#isEnded) return Promise.resolve(END);
    if (this.#reader !== undefined) return Promise.reject(new InvalidStateError('the body is being read already'));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#owner.released(0);
    });
  }

  #nextOfRest(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#rest ??= this.#owner.resume(this.#received, this.size)[Symbol.asyncIterator]();
    return this.#rest.next();
  }
}

const EMPTY = new Uint8Array(0);

function expired(): InvalidStateError {
  return new InvalidStateError('the body of a message must be read before the loop moves on');
}
