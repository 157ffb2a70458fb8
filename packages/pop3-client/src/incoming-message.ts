import { collectBytes, InvalidStateError, LimitExceededError } from '@posthorn/core';
import { type LinesOptions, linesOf } from './lines.ts';

/** How much of a message may be held in memory. */
export interface BytesOptions {
  /** Most octets to hold in memory. @defaultValue 67_108_864 (64 MiB) */
  readonly maxBytes?: number;
}

/** The body of an answer on its way: octets as the server has them, without the dots that POP3 puts in. To be read once. */
export interface StreamedBody {
  /** Octets that came so far. */
  readonly received: number;
  /** Whether a reader got all of it. */
  readonly isRead: boolean;
  /** The octets as they arrive. Reading slowly slows the server. @throws InvalidStateError when read before, or too late */
  stream(): AsyncIterable<Uint8Array>;
  /** The lines as they arrive, without their ends. */
  lines(options?: LinesOptions): AsyncIterable<Uint8Array>;
  /** All octets. @throws LimitExceededError when there are more than `maxBytes` */
  bytes(options?: BytesOptions): Promise<Uint8Array>;
  /** Gives it up: what is still to come is received and dropped. Idempotent. */
  discard(): void;
}

/**
 * A message on its way. What is not read is dropped when the loop it came from moves on; up to 32 MiB are kept, of all
 * messages together, when other answers are waited for first.
 */
export interface RetrievedMessage extends StreamedBody {
  /** Its number in this session. */
  readonly number: number;
}

/** What a message tells the connection it comes over. */
export interface MessageOwner {
  /** So many octets more, or less, wait for a reader. @returns how many do now, of all messages together */
  held(octets: number): number;
  /** Somebody wants octets, or there is room for more. */
  wake(): void;
  /** Nobody wants the rest. */
  abandon(): void;
}

interface Reader {
  readonly resolve: (result: IteratorResult<Uint8Array, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

const END: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };
const EMPTY = new Uint8Array(0);
const MAX_BYTES = 64 * 1024 * 1024;
/** Octets that wait for a reader, before the server is slowed down. */
const HIGH_WATER_BYTES = 256 * 1024;
/** Octets that are kept, of all messages, when answers behind them had to be read before they were. */
const MOST_HELD_BYTES = 32 * 1024 * 1024;

/** A {@link RetrievedMessage} that fills while it is read. */
export class IncomingMessage implements RetrievedMessage {
  readonly number: number;
  readonly #owner: MessageOwner;
  #chunks: Uint8Array[] = [];
  #position = 0;
  #held = 0;
  #received = 0;
  #isEnded = false;
  #isOpened = false;
  #isRead = false;
  /** Why there are no more octets; made when somebody asks. */
  #failure: (() => unknown) | undefined;
  #reader: Reader | undefined;

  constructor(number: number, owner: MessageOwner) {
    this.number = number;
    this.#owner = owner;
  }

  /** Whether somebody waits for octets. */
  get isWanted(): boolean {
    return this.#reader !== undefined;
  }

  get isFull(): boolean {
    return this.#failure === undefined && this.#held >= HIGH_WATER_BYTES;
  }

  get received(): number {
    return this.#received;
  }

  get isRead(): boolean {
    return this.#isRead;
  }

  push(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#failure !== undefined) return;
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
    } else {
      this.#chunks.push(chunk);
      if (this.#hold(chunk.length) > MOST_HELD_BYTES) this.#stop(overtaken);
    }
  }

  /** The last octet was pushed. */
  end(): void {
    this.#isEnded = true;
    if (this.#reader === undefined) return;
    this.#isRead = true;
    this.#reader.resolve(END);
    this.#reader = undefined;
  }

  /** No more octets will come. Those that are there stay readable when they are all there are. */
  fail(reason: unknown): void {
    if (!this.#isEnded) this.#stop(() => reason);
  }

  /** The loop has moved on, or nobody wants the message any more. */
  expire(failure: () => unknown = expired): void {
    this.#stop(failure);
    if (!this.#isEnded) this.#owner.abandon();
  }

  stream(): AsyncIterableIterator<Uint8Array, undefined> {
    if (this.#isOpened) throw new InvalidStateError('a message can be read once');
    if (this.#failure !== undefined) throw this.#failure();
    this.#isOpened = true;
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

  lines(options?: LinesOptions): AsyncIterable<Uint8Array> {
    return linesOf(this.stream(), options);
  }

  discard(): void {
    this.expire();
  }

  async bytes({ maxBytes = MAX_BYTES }: BytesOptions = {}): Promise<Uint8Array> {
    try {
      return await collectBytes(this.stream(), { maxBytes });
    } catch (error) {
      if (error instanceof RangeError) throw new LimitExceededError('response', maxBytes, { cause: error });
      throw error;
    }
  }

  #stop(failure: () => unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#reader?.reject(failure());
    this.#reader = undefined;
    this.#chunks = [];
    this.#position = 0;
    this.#hold(-this.#held);
    this.#owner.wake();
  }

  #hold(octets: number): number {
    this.#held += octets;
    return this.#owner.held(octets);
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure());
    const chunk = this.#chunks[this.#position];
    if (chunk !== undefined) return Promise.resolve({ done: false, value: this.#take(chunk) });
    if (this.#isEnded) {
      this.#isRead = true;
      return Promise.resolve(END);
    }
    if (this.#reader !== undefined) return Promise.reject(new InvalidStateError('the message is being read already'));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#owner.wake();
    });
  }

  #take(chunk: Uint8Array): Uint8Array {
    this.#chunks[this.#position++] = EMPTY;
    if (this.#position === this.#chunks.length) {
      this.#chunks = [];
      this.#position = 0;
    }
    this.#hold(-chunk.length);
    this.#owner.wake();
    return chunk;
  }
}

function expired(): InvalidStateError {
  return new InvalidStateError('a message must be read before the loop moves on');
}

function overtaken(): InvalidStateError {
  return new InvalidStateError(
    `more than ${MOST_HELD_BYTES} octets came before they were read, because an answer behind them was waited for: read first`,
  );
}
