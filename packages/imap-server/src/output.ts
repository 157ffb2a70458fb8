import { ConnectionClosedError, type Transport } from '@posthorn/core';
import type { Timers } from '@posthorn/transport/serving';
import { encodeResponse, type Response, type ResponsePiece } from '@posthorn/wire';

/** Octets gathered before they are sent. */
const FULL_BYTES = 64 * 1024;
/** Longest that one session keeps the others waiting while its client takes all it is given. */
const TURN_MS = 10;

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
  /** Whether the client takes UTF-8 in quotes. */
  utf8 = false;
  /** Whether messages are named by UID alone. @see RFC 9586 */
  namesUids = false;
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

  /** Takes a response without streamed sections. */
  send(response: Response): void {
    for (const piece of this.#encode(response)) {
      if (piece.type === 'section') throw new TypeError('a streamed section needs sendStreaming');
      this.push(piece.bytes);
    }
  }

  /** Takes a response and reads the octets of its streamed sections as the client takes them. */
  async sendStreaming(response: Response, open: (index: number) => AsyncIterable<Uint8Array>): Promise<void> {
    for (const piece of this.#encode(response)) {
      if (piece.type === 'bytes') this.push(piece.bytes);
      else await this.#stream(open(piece.index), piece.size);
    }
    if (this.isFull) await this.flush();
  }

  #encode(response: Response): readonly ResponsePiece[] {
    return encodeResponse(this.namesUids ? byUid(response) : response, { utf8: this.utf8 });
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

  /** Sends just `size` octets: they were announced, so there is no way back. */
  async #stream(body: AsyncIterable<Uint8Array>, size: number): Promise<void> {
    let left = size;
    try {
      for await (const chunk of body) {
        left -= chunk.length;
        if (left < 0) break;
        this.push(chunk);
        if (this.isFull) await this.flush();
      }
    } catch (error) {
      if (error === this.failure) throw error;
      throw new BrokenResponseError('the body of a message could not be read to its end', { cause: error });
    }
    if (left !== 0) throw new BrokenResponseError('the body of a message is not as long as it was said to be');
  }

  /** Lets others have a turn: writing to a client that keeps up never waits for the event loop. */
  async #yield(): Promise<void> {
    if (this.#timers.now() - this.#turnStarted < TURN_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnStarted = this.#timers.now();
  }
}

/** A FETCH as it is told where messages have UIDs alone. @see RFC 9586 section 3.3 */
function byUid(response: Response): Response {
  if (response.type !== 'fetch' || response.items.uid === undefined) return response;
  const { uid, ...items } = response.items;
  return { type: 'uidFetch', uid, items };
}

/** A response that cannot be finished: the connection is lost. */
export class BrokenResponseError extends Error {}
