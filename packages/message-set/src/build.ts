import { type IdSet, MAX_ID } from '@posthorn/core';
import { checkId, type IdRange, type MessageId } from './id-range.ts';

const NO_BOUNDS = new Uint32Array(0);
/** Where the high word of a 64-bit number lies, so that sorting those numbers sorts pairs by it. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;
const FIRST_CAPACITY = 16;

/** The set without members. */
export function emptySet<Id extends MessageId>(): IdSet<Id> {
  return { bounds: NO_BOUNDS };
}

/**
 * The set of the given ids, in any order; duplicates are fine.
 * @throws RangeError for what is not an id.
 */
export function setOf<Id extends MessageId>(ids: Iterable<Id>): IdSet<Id> {
  const builder = new IdSetBuilder<Id>();
  for (const id of ids) builder.add(id);
  return builder.build();
}

/**
 * All ids between two, both inclusive, in either order: `rangeSet(7, 3)` is 3 to 7, as on the wire.
 * @throws RangeError for what is not an id.
 */
export function rangeSet<Id extends MessageId>(first: Id, last: NoInfer<Id>): IdSet<Id> {
  checkId(first);
  checkId(last);
  return { bounds: first <= last ? Uint32Array.of(first, last) : Uint32Array.of(last, first) };
}

/**
 * The set of all ids in the given ranges, which may come in any order, overlap, and be written backwards.
 * @throws RangeError for what is not an id.
 */
export function setFromRanges<Id extends MessageId>(ranges: Iterable<IdRange<Id>>): IdSet<Id> {
  const builder = new IdSetBuilder<Id>();
  for (const { first, last } of ranges) builder.addRange(first, last);
  return builder.build();
}

/**
 * Collects ids into a set. Ascending input costs constant time an id; other input is sorted when it fills
 * the memory at hand, so memory follows the number of distinct ranges and not the number of calls.
 */
export class IdSetBuilder<Id extends MessageId> {
  /** Pairs of a range's first and last id, the first in the high word. */
  #pairs: Uint32Array<ArrayBuffer> = NO_BOUNDS;
  #length = 0;
  #isSorted = true;

  /** @throws RangeError for what is not an id. */
  add(id: Id): this {
    checkId(id);
    this.#append(id, id);
    return this;
  }

  /** Adds all ids between two, in either order. @throws RangeError for what is not an id. */
  addRange(first: Id, last: Id): this {
    checkId(first);
    checkId(last);
    if (first <= last) this.#append(first, last);
    else this.#append(last, first);
    return this;
  }

  /** Adds every member of a set. */
  addSet(set: IdSet<Id>): this {
    const { bounds } = set;
    for (let index = 0; index < bounds.length; index += 2) this.#append(bounds[index]!, bounds[index + 1]!);
    return this;
  }

  /** The set of everything added so far. The builder can go on. */
  build(): IdSet<Id> {
    this.#compact();
    const bounds = new Uint32Array(this.#length);
    for (let index = 0; index < this.#length; index += 2) {
      bounds[index] = this.#pairs[index + HIGH]!;
      bounds[index + 1] = this.#pairs[index + LOW]!;
    }
    return { bounds };
  }

  #append(first: number, last: number): void {
    const end = this.#length;
    if (end > 0 && this.#isSorted) {
      const lastFirst = this.#pairs[end - 2 + HIGH]!;
      const lastLast = this.#pairs[end - 2 + LOW]!;
      if (first >= lastFirst && first <= lastLast + 1) {
        if (last > lastLast) this.#pairs[end - 2 + LOW] = last;
        return;
      }
      if (first < lastFirst) this.#isSorted = false;
    }
    if (end === this.#pairs.length) this.#makeRoom();
    this.#pairs[this.#length + HIGH] = first;
    this.#pairs[this.#length + LOW] = last;
    this.#length += 2;
  }

  /** Merges what can be merged, and doubles the memory when that frees less than half of it. */
  #makeRoom(): void {
    const wasSorted = this.#isSorted;
    this.#compact();
    this.#isSorted = wasSorted;
    const capacity = this.#pairs.length;
    if (capacity > 0 && this.#length <= capacity / 2) return;
    const grown = new Uint32Array(Math.max(FIRST_CAPACITY, capacity * 2));
    grown.set(this.#pairs.subarray(0, this.#length));
    this.#pairs = grown;
  }

  /** Sorts the pairs and merges those that overlap or touch, in place. */
  #compact(): void {
    if (this.#isSorted) return;
    const pairs = this.#pairs;
    new BigUint64Array(pairs.buffer, 0, this.#length / 2).sort();
    let kept = 0;
    for (let index = 2; index < this.#length; index += 2) {
      const first = pairs[index + HIGH]!;
      const last = pairs[index + LOW]!;
      if (first <= pairs[kept + LOW]! + 1) {
        if (last > pairs[kept + LOW]!) pairs[kept + LOW] = last;
      } else {
        kept += 2;
        pairs[kept + HIGH] = first;
        pairs[kept + LOW] = last;
      }
    }
    this.#length = kept + 2;
    this.#isSorted = true;
  }
}

/** The largest set there is. */
export const EVERYTHING: Uint32Array = Uint32Array.of(1, MAX_ID);
