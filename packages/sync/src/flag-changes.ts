import { type Flag, sameFlags, type Uid, type UidSet } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';

/** Messages of the target that are to have the same flags. */
export interface FlagGroup {
  readonly uids: UidSet;
  readonly flags: readonly Flag[];
}

/** Collects which target messages need other flags, grouped by the flags they are to have. */
export class FlagChanges {
  readonly #groups = new Map<string, { readonly uids: Uid[]; readonly flags: readonly Flag[] }>();

  /** Compares one message: `wanted` as the source has it, `present` as the target has it. */
  compare(target: Uid, wanted: readonly Flag[], present: readonly Flag[]): void {
    const flags = wanted.filter((flag) => flag !== '\\Recent');
    if (sameFlags(flags, present)) return;
    const key = flags
      .map((flag) => flag.toLowerCase())
      .sort()
      .join(' ');
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { uids: [target], flags });
    else group.uids.push(target);
  }

  *groups(): Generator<FlagGroup> {
    for (const { uids, flags } of this.#groups.values()) yield { uids: setOf(uids), flags };
  }
}
