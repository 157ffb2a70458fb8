import type { BodyStreamOptions, Transport } from '@posthorn/core';
import { BrokenResponseError, SendBuffer, type Timers } from '@posthorn/transport/serving';
import { encodeResponse, type Response, type ResponsePiece } from '@posthorn/wire';
import { BodyMemory } from './body-memory.ts';

/** Longest that one session keeps the others waiting while its client takes all it is given. */
const TURN_MS = 10;

/** What is sent to a client: responses, and the octets they announce. */
export class Output extends SendBuffer {
  /** Whether the client takes UTF-8 in quotes. */
  utf8 = false;
  /** Whether messages are named by UID alone. @see RFC 9586 */
  namesUids = false;
  /** Made when the first body is sent. */
  #memory: BodyMemory | undefined;

  constructor(transport: Transport, timers: Timers, writeTimeoutMs: number) {
    super(transport, { timers, writeTimeoutMs, turnMs: TURN_MS });
  }

  /** Takes a response without streamed sections. */
  send(response: Response): void {
    for (const piece of this.#encode(response)) {
      if (piece.type === 'section') throw new TypeError('a streamed section needs sendStreaming');
      this.push(piece.bytes);
    }
  }

  /** Takes a response and reads the octets of its streamed sections as the client takes them. */
  async sendStreaming(
    response: Response,
    open: (index: number, options: BodyStreamOptions) => AsyncIterable<Uint8Array>,
  ): Promise<void> {
    this.#memory ??= new BodyMemory();
    for (const piece of this.#encode(response)) {
      if (piece.type === 'bytes') this.push(piece.bytes);
      else await this.#stream(open(piece.index, this.#memory), piece.size);
    }
    if (this.isFull) await this.flush();
  }

  override async flush(): Promise<void> {
    await super.flush();
    this.#memory?.recycle();
  }

  #encode(response: Response): readonly ResponsePiece[] {
    return encodeResponse(this.namesUids ? byUid(response) : response, { utf8: this.utf8 });
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
}

/** A FETCH as it is told where messages have UIDs alone. @see RFC 9586 section 3.3 */
function byUid(response: Response): Response {
  if (response.type !== 'fetch' || response.items.uid === undefined) return response;
  const { uid, ...items } = response.items;
  return { type: 'uidFetch', uid, items };
}
