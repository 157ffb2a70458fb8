import type { EmailId } from '@posthorn/core';

const FIRST_BLOCK = 4_096;
const LARGEST_BLOCK = 262_144;

/** The octets of a message. Shared by its copies and kept alive by whoever holds it. */
export interface MessageContent {
  readonly size: number;
  readonly blocks: readonly Uint8Array[];
  readonly emailId: EmailId;
}

/** Gathers chunks of any size into few blocks of its own. */
export class ContentWriter {
  readonly #blocks: Uint8Array[] = [];
  #block = new Uint8Array(FIRST_BLOCK);
  #filled = 0;
  #size = 0;

  write(chunk: Uint8Array): void {
    this.#size += chunk.length;
    let rest = chunk;
    while (rest.length > this.#block.length - this.#filled) {
      const room = this.#block.length - this.#filled;
      this.#block.set(rest.subarray(0, room), this.#filled);
      this.#blocks.push(this.#block);
      rest = rest.subarray(room);
      this.#block = new Uint8Array(Math.min(LARGEST_BLOCK, this.#block.length * 4));
      this.#filled = 0;
    }
    this.#block.set(rest, this.#filled);
    this.#filled += rest.length;
  }

  finish(emailId: EmailId): MessageContent {
    const last = this.#filled > 0 ? [this.#block.slice(0, this.#filled)] : [];
    // An array that grew by push has room for many more blocks than most messages have.
    return { size: this.#size, blocks: this.#blocks.length === 0 ? last : this.#blocks.concat(last), emailId };
  }
}

/** The octets from `start` to `end` (exclusive), as fresh arrays of at most 64 KiB. */
export function* contentChunks(content: MessageContent, start: number, end: number): Iterable<Uint8Array> {
  let blockStart = 0;
  for (const block of content.blocks) {
    const last = Math.min(block.length, end - blockStart);
    for (let from = Math.max(0, start - blockStart); from < last; from += 65_536) {
      yield block.slice(from, Math.min(last, from + 65_536));
    }
    blockStart += block.length;
    if (blockStart >= end) return;
  }
}
