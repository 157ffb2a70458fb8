import { ConnectionClosedError, type Transport } from '@posthorn/core';
import type { Timers } from '../timers.ts';

/** Octets gathered before they are sent. */
const FULL_BYTES = 128 * 1024;

export interface SendBufferOptions {
  readonly timers: Timers;
  /** Time for the client to take what one write sends. */
  readonly writeTimeoutMs: number;
  /** Longest that one session keeps the others waiting while its client takes all it is given. */
  readonly turnMs: number;
}

/**
 * Gathers what is to be sent. A client that does not read is waited for, up to a time: nothing piles up but what one
 * buffer holds.
 */
export class SendBuffer {
  readonly #transport: Transport;
  readonly #timers: Timers;
  readonly #writeTimeoutMs: number;
  readonly #turnMs: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #turnStarted: number;
  /** Why nothing more can be sent. */
  failure: unknown;

  constructor(transport: Transport, { timers, writeTimeoutMs, turnMs }: SendBufferOptions) {
    this.#transport = transport;
    this.#timers = timers;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#turnMs = turnMs;
    this.#turnStarted = timers.now();
  }

  /** Whether it is time to call `flush`. */
  get isFull(): boolean {
    return this.#size >= FULL_BYTES;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  /** Sends everything gathered. @throws what the transport throws */
  async flush(): Promise<void> {
    if (this.#size === 0) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#size = 0;
    const timer = this.#timers.start(() => {
      this.#transport.destroy(new ConnectionClosedError('CONNECTION_TIMEOUT', 'the client does not read'));
    }, this.#writeTimeoutMs);
    try {
      await this.#transport.write(chunks);
    } catch (error) {
      this.failure = error;
      throw error;
    } finally {
      this.#timers.stop(timer);
    }
    await this.#yield();
  }

  /** Lets others have a turn: writing to a client that keeps up never waits for the event loop. */
  async #yield(): Promise<void> {
    if (this.#timers.now() - this.#turnStarted < this.#turnMs) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnStarted = this.#timers.now();
  }
}

/** A response that cannot be finished: the connection is lost. */
export class BrokenResponseError extends Error {}
