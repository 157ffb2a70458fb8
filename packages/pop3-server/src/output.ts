import { ConnectionClosedError, type Transport, utf8Bytes } from '@posthorn/core';
import { encodePop3Status } from '@posthorn/wire/pop3';
import type { Reply } from './replies.ts';
import type { Timers } from './timers.ts';

/** Octets gathered before they are sent. */
const FULL_BYTES = 64 * 1024;
/** Longest that one session keeps the others waiting while its client takes all it is given. */
const TURN_MS = 2;
const END: Uint8Array = utf8Bytes('.\r\n');

/**
 * Gathers what is to be sent. A client that does not read is waited for, up to a time: nothing piles up but what one
 * buffer holds.
 */
export class Output {
  readonly #transport: Transport;
  readonly #timers: Timers;
  readonly #writeTimeoutMs: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #turnStarted: number;
  /** Why nothing more can be sent. */
  failure: unknown;

  constructor(transport: Transport, timers: Timers, writeTimeoutMs: number) {
    this.#transport = transport;
    this.#timers = timers;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#turnStarted = timers.now();
  }

  /** Whether it is time to call `flush`. */
  get isFull(): boolean {
    return this.#size >= FULL_BYTES;
  }

  send(reply: Reply): void {
    this.push(encodePop3Status(reply));
  }

  /** Sends an answer whose body is lines of ours, which never begin with a dot. Waits only when there is too much. */
  async sendLines(reply: Reply, lines: Iterable<string>): Promise<void> {
    this.send(reply);
    let text = '';
    for (const line of lines) {
      text += `${line}\r\n`;
      if (text.length < FULL_BYTES) continue;
      this.push(utf8Bytes(text));
      text = '';
      await this.flush();
    }
    this.push(utf8Bytes(text));
    this.push(END);
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
    if (this.#timers.now() - this.#turnStarted < TURN_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnStarted = this.#timers.now();
  }
}

/** A response that cannot be finished: the connection is lost. */
export class BrokenResponseError extends Error {}
