import { type Flag, hasFlag, SYSTEM_FLAGS, sameFlags, type Uid, type UidSet } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';

/** The flags of a message that mean the same elsewhere: no `\\Recent`, and no other flag that only its server knows. */
export function pulledFlags(flags: readonly Flag[]): readonly Flag[] {
  return flags.filter((flag) => !flag.startsWith('\\') || hasFlag(SYSTEM_FLAGS, flag));
}

/** Those of the flags that every store can hold. */
export function systemFlags(flags: readonly Flag[]): readonly Flag[] {
  return flags.filter((flag) => hasFlag(SYSTEM_FLAGS, flag));
}

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
    const flags = pulledFlags(wanted);
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
