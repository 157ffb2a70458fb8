import type { BodyHandle } from '@posthorn/core';
import { decodeStream, transferDecoder } from '@posthorn/mime';
import type { PartialSection } from '@posthorn/wire';
import { CommandRefused, no } from '../replies/replies.ts';

/**
 * A part with its transfer encoding undone. Its size is only known once it was decoded, so it is read twice: to count,
 * and to send.
 * @throws {@link CommandRefused} UNKNOWN-CTE for an encoding that is not known
 * @see RFC 3516 section 4.3
 */
export class DecodedPart {
  readonly #handle: BodyHandle;
  readonly #encoding: string;

  constructor(handle: BodyHandle, encoding: string) {
    if (transferDecoder(encoding) === undefined) {
      throw new CommandRefused(no('The encoding of a part is not known', 'UNKNOWN-CTE'));
    }
    this.#handle = handle;
    this.#encoding = encoding;
  }

  /** Octets of the whole part. */
  async size(): Promise<number> {
    let size = 0;
    for await (const chunk of this.#all()) size += chunk.length;
    return size;
  }

  /** The octets of a window, or all. */
  async *stream({ offset, length }: PartialSection): AsyncIterable<Uint8Array> {
    let position = 0;
    for await (const chunk of this.#all()) {
      const part = chunk.subarray(Math.max(0, offset - position), Math.max(0, offset + length - position));
      if (part.length > 0) yield part;
      position += chunk.length;
      if (position >= offset + length) return;
    }
  }

  #all(): AsyncIterable<Uint8Array> {
    return decodeStream(this.#handle.stream(), transferDecoder(this.#encoding)!);
  }
}
