import { type Uid, type UidSet, uid } from '@posthorn/core';
import { emptySet, setFromRanges, setOf } from '@posthorn/message-set';

interface Entry {
  readonly modSeq: number;
  readonly uids: UidSet;
  /** The highest mod-sequence at which one of them became visible, and who that was when it matters. */
  readonly firstModSeq: number;
  readonly added: readonly Vanished[];
}

/** A message that is gone, and the mod-sequence from which on some reader may have known it. */
export interface Vanished {
  readonly uid: Uid;
  readonly firstModSeq: number;
}

/** Which messages vanished, and when: a ring that forgets its oldest entries. */
export class ChangeLog {
  readonly #maxRanges: number;
  #entries: Entry[] = [];
  #oldest = 0;
  #ranges = 0;
  #floor = 0;

  /** What vanished up to `floor` is not known. */
  constructor(maxRanges: number, floor = 0) {
    this.#maxRanges = maxRanges;
    this.#floor = floor;
  }

  /** Returns the UIDs as a set. */
  add(modSeq: number, gone: readonly Vanished[]): UidSet {
    const uids = setOf(gone.map((each) => each.uid));
    const firstModSeq = gone.reduce((highest, each) => Math.max(highest, each.firstModSeq), 0);
    const added = gone.map(({ uid: id, firstModSeq: at }) => ({ uid: id, firstModSeq: at }));
    this.#entries.push({ modSeq, uids, firstModSeq, added });
    this.#ranges += uids.bounds.length / 2;
    while (this.#ranges > this.#maxRanges) this.#forget();
    if (this.#oldest > 64 && this.#oldest * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#oldest);
      this.#oldest = 0;
    }
    return uids;
  }

  /** The UIDs that were visible at `modSeq` and vanished after it, or undefined when that was forgotten. */
  since(modSeq: number): UidSet | undefined {
    if (modSeq < this.#floor) return undefined;
    const sets: UidSet[] = [];
    for (let index = this.#entries.length - 1; index >= this.#oldest; index--) {
      const entry = this.#entries[index]!;
      if (entry.modSeq <= modSeq) break;
      // Who came and went after `modSeq` was never there.
      const isOlder = ({ firstModSeq }: Vanished): boolean => firstModSeq <= modSeq;
      sets.push(entry.firstModSeq <= modSeq ? entry.uids : setOf(entry.added.filter(isOlder).map((each) => each.uid)));
    }
    if (sets.length === 0) return emptySet();
    return setFromRanges(rangesOf(sets));
  }

  /** The UIDs that vanished after `modSeq`, whenever they came, or undefined when that was forgotten. */
  allSince(modSeq: number): UidSet | undefined {
    if (modSeq < this.#floor) return undefined;
    const later = this.#entries.slice(this.#oldest).filter((entry) => entry.modSeq > modSeq);
    return setFromRanges(rangesOf(later.map(({ uids }) => uids)));
  }

  #forget(): void {
    const entry = this.#entries[this.#oldest++]!;
    this.#ranges -= entry.uids.bounds.length / 2;
    this.#floor = entry.modSeq;
  }
}

function* rangesOf(sets: readonly UidSet[]): Iterable<{ first: Uid; last: Uid }> {
  for (const { bounds } of sets) {
    for (let index = 0; index < bounds.length; index += 2)
      yield { first: uid(bounds[index]!), last: uid(bounds[index + 1]!) };
  }
}
