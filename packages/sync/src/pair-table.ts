import type { Uid, UidSet } from '@posthorn/core';
import { contains, count, emptySet, ids, setOf, union } from '@posthorn/message-set';

export type UidPair = readonly [source: Uid, target: Uid];

/**
 * Which message of the source is which in the target. Most are the same number on both sides, so those are kept as a
 * set of ranges, and only the others one by one.
 */
export class PairTable {
  #same: UidSet = emptySet<Uid>();
  readonly #other = new Map<Uid, Uid>();

  add(pairs: readonly UidPair[]): void {
    const same: Uid[] = [];
    for (const [source, target] of pairs) {
      if (source === target) same.push(source);
      else this.#other.set(source, target);
    }
    if (same.length > 0) this.#same = union(this.#same, setOf(same));
  }

  /** The target UID of a source UID, or undefined when it has none. */
  targetOf(source: Uid): Uid | undefined {
    return this.#other.get(source) ?? (contains(this.#same, source) ? source : undefined);
  }

  /** All target UIDs that are paired. */
  targets(): UidSet {
    return this.#other.size === 0 ? this.#same : union(this.#same, setOf(this.#other.values()));
  }

  get size(): number {
    return count(this.#same) + this.#other.size;
  }

  /** Every pair, in no particular order. */
  *[Symbol.iterator](): Generator<UidPair> {
    for (const uid of ids(this.#same)) yield [uid, uid];
    yield* this.#other;
  }
}
