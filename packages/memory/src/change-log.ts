import { type Uid, type UidSet, uid } from '@posthorn/core';
import { emptySet, intersection, rangeSet, setFromRanges } from '@posthorn/message-set';

interface Entry {
  readonly modSeq: number;
  readonly uids: UidSet;
}

/** A log as a snapshot holds it: what was forgotten, and for each mod-sequence the bounds of a set of UIDs. */
export interface SavedLog {
  readonly floor: number;
  readonly entries: readonly (readonly [modSeq: number, bounds: readonly number[]])[];
}

/** Which messages something happened to, and when: a ring that forgets its oldest entries. */
export class ChangeLog {
  readonly #maxRanges: number;
  #entries: Entry[] = [];
  #oldest = 0;
  #ranges = 0;
  #floor = 0;

  constructor(maxRanges: number, { floor, entries }: SavedLog = { floor: 0, entries: [] }) {
    this.#maxRanges = maxRanges;
    this.#floor = floor;
    for (const [modSeq, bounds] of entries) this.add(modSeq, { bounds: Uint32Array.from(bounds) });
  }

  /** What a snapshot is to hold. */
  saved(): SavedLog {
    const kept = this.#entries.slice(this.#oldest);
    return { floor: this.#floor, entries: kept.map(({ modSeq, uids }) => [modSeq, [...uids.bounds]]) };
  }

  add(modSeq: number, uids: UidSet): void {
    this.#entries.push({ modSeq, uids });
    this.#ranges += uids.bounds.length / 2;
    while (this.#ranges > this.#maxRanges) this.#forget();
    if (this.#oldest > 64 && this.#oldest * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#oldest);
      this.#oldest = 0;
    }
  }

  /** The UIDs below `below` that something happened to after `modSeq`, or undefined when that was forgotten. */
  since(modSeq: number, below: number): UidSet | undefined {
    if (modSeq < this.#floor) return undefined;
    const sets: UidSet[] = [];
    for (let index = this.#entries.length - 1; index >= this.#oldest; index--) {
      const entry = this.#entries[index]!;
      if (entry.modSeq <= modSeq) break;
      sets.push(entry.uids);
    }
    if (sets.length === 0 || below <= 1) return emptySet();
    return intersection(setFromRanges(rangesOf(sets)), rangeSet(uid(1), uid(below - 1)));
  }

  #forget(): void {
    const entry = this.#entries[this.#oldest++]!;
    this.#ranges -= entry.uids.bounds.length / 2;
    this.#floor = entry.modSeq;
  }
}

function* rangesOf(sets: readonly UidSet[]): Iterable<{ first: Uid; last: Uid }> {
  for (const { bounds } of sets) {
    for (let index = 0; index < bounds.length; index += 2) {
      yield { first: bounds[index]! as Uid, last: bounds[index + 1]! as Uid };
    }
  }
}
