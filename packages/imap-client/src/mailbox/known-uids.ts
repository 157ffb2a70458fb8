import type { Uid, UidSet } from '@posthorn/core';
import { first } from '@posthorn/message-set';

/** Sequence numbers of one chunk, without gaps. A number whose UID is not known holds 0. */
interface Chunk {
  readonly uids: Uint32Array;
  length: number;
}

const CHUNK = 1024;
/** More would cost more memory than knowing them is worth: 4 MiB. */
const MOST = 1024 * 1024;

/**
 * The UIDs that belong to sequence numbers, as far as answers have told. Kept in chunks, so that one expunged message
 * costs no walk over all that follow it.
 */
export class KnownUids {
  #chunks: Chunk[] = [];
  #length = 0;
  /** Where the last look-up ended: the next is near, as a rule. */
  #index = 0;
  #start = 0;

  at(sequenceNumber: number): Uid | undefined {
    if (sequenceNumber < 1 || sequenceNumber > this.#length) return undefined;
    const chunk = this.#seek(sequenceNumber - 1);
    const uid = chunk.uids[sequenceNumber - 1 - this.#start]!;
    return uid === 0 ? undefined : (uid as Uid);
  }

  set(sequenceNumber: number, uid: Uid): void {
    if (sequenceNumber > MOST) return;
    if (sequenceNumber > this.#length) this.#extend(sequenceNumber);
    const chunk = this.#seek(sequenceNumber - 1);
    chunk.uids[sequenceNumber - 1 - this.#start] = uid;
  }

  /** A message is gone: those behind it move up. @returns its UID */
  expunge(sequenceNumber: number): Uid | undefined {
    const uid = this.at(sequenceNumber);
    if (sequenceNumber > this.#length) return undefined;
    const chunk = this.#seek(sequenceNumber - 1);
    const position = sequenceNumber - 1 - this.#start;
    chunk.uids.copyWithin(position, position + 1, chunk.length);
    chunk.length--;
    this.#length--;
    if (chunk.length === 0) this.#chunks.splice(this.#index, 1);
    this.#rewind();
    return uid;
  }

  /** Messages are gone, told by UID: from the first of them on, numbers are not known any more. */
  vanish(uids: UidSet): void {
    const least = first(uids);
    if (least === undefined) return;
    let length = 0;
    let index = 0;
    for (; index < this.#chunks.length; index++) {
      const { uids: known, length: size } = this.#chunks[index]!;
      const cut = known.subarray(0, size).findIndex((uid) => uid >= least);
      if (cut >= 0) {
        this.#chunks[index]!.length = cut;
        length += cut;
        index += cut === 0 ? 0 : 1;
        break;
      }
      length += size;
    }
    this.#chunks.length = index;
    this.#length = length;
    this.#rewind();
  }

  #rewind(): void {
    this.#index = 0;
    this.#start = 0;
  }

  #extend(length: number): void {
    while (this.#length < length) {
      let last = this.#chunks.at(-1);
      if (last === undefined || last.length === CHUNK) {
        last = { uids: new Uint32Array(CHUNK), length: 0 };
        this.#chunks.push(last);
      }
      const added = Math.min(CHUNK - last.length, length - this.#length);
      last.uids.fill(0, last.length, last.length + added);
      last.length += added;
      this.#length += added;
    }
  }

  #seek(position: number): Chunk {
    if (position < this.#start) this.#rewind();
    let chunk = this.#chunks[this.#index]!;
    while (position >= this.#start + chunk.length) {
      this.#start += chunk.length;
      chunk = this.#chunks[++this.#index]!;
    }
    return chunk;
  }
}
