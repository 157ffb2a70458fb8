import { type Flag, type ModSeq, modSeq, type Uid, type UidSet, type UidValidity, uidValidity } from '@posthorn/core';
import { emptySet, formatSet, IdSetBuilder, parseIdSet } from '@posthorn/message-set';

/** What was known of a mailbox at some moment. */
export interface MailboxState {
  readonly uidValidity: UidValidity;
  /** Everything up to it is known. Undefined where the server keeps no mod-sequences. */
  readonly modSeq: ModSeq | undefined;
  readonly uids: UidSet;
  /** The messages by their flags, where nothing else tells whether these changed. */
  readonly flags: ReadonlyMap<string, UidSet> | undefined;
}

interface Written {
  readonly version: 1;
  readonly uidValidity: number;
  readonly modSeq?: string;
  readonly uids: string;
  readonly flags?: readonly (readonly [string, string])[];
}

const MOST_RANGES = 4_000_000;

/** Writes a state down as printable text. */
export function formatCursor({ uidValidity, modSeq, uids, flags }: MailboxState): string {
  const written: Written = {
    version: 1,
    uidValidity,
    ...(modSeq !== undefined && { modSeq: `${modSeq}` }),
    uids: formatSet(uids),
    ...(flags && { flags: [...flags].map(([key, set]) => [key, formatSet(set)] as const) }),
  };
  return JSON.stringify(written);
}

/** Reads a state. @throws RangeError for text that is no cursor */
export function parseCursor(text: string): MailboxState {
  try {
    const written = JSON.parse(text) as Written;
    if (written.version !== 1) throw new RangeError('made by another version');
    return {
      uidValidity: uidValidity(written.uidValidity),
      modSeq: written.modSeq === undefined ? undefined : modSeq(BigInt(written.modSeq)),
      uids: setFrom(written.uids),
      flags: written.flags && new Map(written.flags.map(([key, set]) => [String(key), setFrom(set)])),
    };
  } catch (cause) {
    throw new RangeError('this is no cursor of a mailbox', { cause });
  }
}

function setFrom(text: string): UidSet {
  return text === '' ? emptySet() : parseIdSet<Uid>(text, { maxRanges: MOST_RANGES });
}

/** Flags as one string, the same for the same flags in any order and case. */
export function flagsKey(flags: readonly Flag[]): string {
  return flags
    .map((flag) => flag.toLowerCase())
    .filter((flag) => flag !== '\\recent')
    .sort()
    .join(' ');
}

/** Gathers messages by their flags. */
export class FlagGroups {
  readonly #groups = new Map<string, IdSetBuilder<Uid>>();

  add(uid: Uid, key: string): void {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new IdSetBuilder();
      this.#groups.set(key, group);
    }
    group.add(uid);
  }

  build(): ReadonlyMap<string, UidSet> {
    return new Map([...this.#groups].map(([key, group]) => [key, group.build()]));
  }
}
