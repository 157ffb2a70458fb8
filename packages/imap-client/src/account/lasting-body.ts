import { InvalidStateError } from '@posthorn/core';
import type { BytesOptions, FetchedBody, StreamOptions } from '../fetch/fetched-body.ts';
import { pipeBody, wholeBody } from '../fetch/whole-body.ts';

/** How the rest of a body is had when the connection breaks. */
export interface BodySource {
  /** The octets from `offset` on, over another connection, until the signal is aborted. */
  rest(offset: number, signal: AbortSignal, options: StreamOptions): AsyncIterable<Uint8Array>;
  /** Octets came. */
  progressed(): void;
  /** Waits before the next attempt. @throws the error itself when another makes no sense */
  failed(error: unknown, signal: AbortSignal): Promise<void>;
}

/** A body that goes on from the octet it had come to when the connection breaks: each octet comes once. */
export class LastingBody implements FetchedBody {
  readonly size: number;
  readonly #first: FetchedBody;
  readonly #source: BodySource;
  readonly #over = new AbortController();

  constructor(first: FetchedBody, source: BodySource) {
    this.size = first.size;
    this.#first = first;
    this.#source = source;
  }

  /** The loop has moved on. */
  expire(): void {
    this.#over.abort(new InvalidStateError('the body of a message must be read before the loop moves on'));
  }

  stream(options: StreamOptions = {}): AsyncIterable<Uint8Array> {
    try {
      return this.#octets(this.#first.stream(options), options);
    } catch (error) {
      if (error instanceof InvalidStateError) throw error;
      // The connection broke before anybody read.
      return this.#octets(broken(error), options);
    }
  }

  bytes(options?: BytesOptions): Promise<Uint8Array> {
    return wholeBody(this, options);
  }

  pipeTo(sink: WritableStream<Uint8Array>, options?: StreamOptions): Promise<void> {
    return pipeBody(this, sink, options);
  }

  async *#octets(first: AsyncIterable<Uint8Array>, options: StreamOptions): AsyncGenerator<Uint8Array, undefined> {
    const { signal } = this.#over;
    let octets = first;
    for (let offset = 0; ; ) {
      try {
        for await (const chunk of octets) {
          offset += chunk.length;
          this.#source.progressed();
          yield chunk;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        await this.#source.failed(error, signal);
      }
      if (offset === this.size) return;
      octets = this.#source.rest(offset, signal, options);
    }
  }
}

// biome-ignore lint/correctness/useYield: it fails before there is anything to yield.
async function* broken(error: unknown): AsyncGenerator<Uint8Array, undefined> {
  throw error;
}
