/**
 * A snapshot is a row of frames: a line of JSON, and behind it as many octets as its `octets` says.
 * @module
 */
import { StoreError, utf8Bytes } from '@posthorn/core';
import { ContentWriter, type MessageContent } from '../message-content.ts';

/** Octets as they come, in chunks of any size. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const LF = 0x0a;
/** Lines hold the change log of a mailbox at the most. */
const MAX_LINE = 268_435_456;

/** The line of a frame. */
export function frameLine(frame: object): Uint8Array {
  return utf8Bytes(`${JSON.stringify(frame)}\n`);
}

/** Reads frames, one after the other. @throws {@link StoreError} `STORE_CORRUPT` for octets that are none. */
export class FrameReader {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();
  #offset = 0;

  constructor(chunks: Chunks) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** The next line. */
  async line(): Promise<unknown> {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const end = this.#chunk.indexOf(LF, this.#offset);
      const piece = this.#chunk.subarray(this.#offset, end < 0 ? this.#chunk.length : end);
      pieces.push(piece.slice());
      length += piece.length;
      if (length > MAX_LINE) throw corrupt('a line is too long');
      if (end >= 0) {
        this.#offset = end + 1;
        break;
      }
      await this.#more();
    }
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(joined(pieces, length)));
    } catch (error) {
      throw corrupt('a line makes no sense', error);
    }
  }

  /** The octets behind a line. */
  async content(octets: number, id: MessageContent['emailId']): Promise<MessageContent> {
    const writer = new ContentWriter();
    for (let rest = octets; rest > 0; ) {
      if (this.#offset === this.#chunk.length) await this.#more();
      const piece = this.#chunk.subarray(this.#offset, this.#offset + rest);
      writer.write(piece);
      rest -= piece.length;
      this.#offset += piece.length;
    }
    return writer.finish(id);
  }

  /** Ends the reading, before the end too. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<void> {
    const step = await this.#chunks.next();
    if (step.done === true) throw corrupt('it ends too early');
    this.#chunk = step.value;
    this.#offset = 0;
  }
}

export function corrupt(reason: string, cause?: unknown): StoreError {
  return new StoreError('STORE_CORRUPT', `the snapshot is damaged: ${reason}`, { cause });
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
