import type { Flag } from '@posthorn/core';
import { randomHex, type Settings } from '../settings.ts';

/** What is remembered of a message. */
export interface LedgerEntry {
  readonly uid: number;
  /** Spelled in a row. */
  readonly flags: string;
  readonly modSeq: number;
  /** From which mod-sequence on every reader knows it. */
  readonly addedModSeq: number;
  /** From which mod-sequence on some reader may know it. Another process may have seen it come before. */
  readonly firstModSeq: number;
}

/** A message that is gone, and the mod-sequences of its going and its first coming. One may be noted more than once. */
export interface VanishedEntry {
  readonly uid: number;
  readonly modSeq: number;
  readonly firstModSeq: number;
}

/** What is remembered of a mailbox as a whole. */
export interface LedgerState {
  readonly highestModSeq: number;
  /** What vanished up to this mod-sequence was forgotten. */
  readonly vanishedFloor: number;
  /** In ascending order of mod-sequence. */
  readonly vanished: readonly VanishedEntry[];
}

/** What a reader found, in one step. Each list is in ascending order of UID, or costs more. */
export interface LedgerStep {
  /** The highest mod-sequence that the reader told anybody. */
  readonly known: number;
  readonly added: readonly { readonly uid: number; readonly flags: readonly Flag[] }[];
  readonly touched: readonly { readonly uid: number; readonly flags: readonly Flag[]; readonly addedModSeq: number }[];
  readonly gone: readonly { readonly uid: number; readonly firstModSeq: number }[];
}

/** The mod-sequences of a step. */
export interface LedgerAnswer {
  /** That of everything in the step but what is in `adopted`. */
  readonly modSeq: number;
  /** The mod-sequences of what another process found first, and noted after all that this reader knows. */
  readonly adopted: ReadonlyMap<number, number>;
  /** What other processes noted, after all that this reader knows; of some of it the step may be news. */
  readonly elsewhere: readonly LedgerEntry[];
  /** What vanished, as other processes noted, after all that this reader knows. In ascending order of mod-sequence. */
  readonly vanished: readonly VanishedEntry[];
  /** The first mod-sequences of messages that another process saw come before. */
  readonly first: ReadonlyMap<number, number>;
}

/** Gives out the mod-sequences of a mailbox. */
export interface Ledger {
  /** Tells cursors of this history from those of others. */
  readonly epoch: string;
  /** The number of the mailbox in the keys of the index; undefined where there is none. */
  readonly number: number | undefined;
  /**
   * @param visit - Called for each message, in ascending order of UID.
   * @param known - Not called when this is the highest mod-sequence: nothing was noted since.
   */
  read(visit: (entry: LedgerEntry) => void, known?: number): LedgerState;
  /** Gives mod-sequences to what happened: none is ever given twice, and later ones are higher. */
  note(step: LedgerStep): LedgerAnswer;
}

const NOTHING: ReadonlyMap<number, never> = new Map<number, never>();

/** A ledger that is forgotten with the process. */
export function volatileLedger(settings: Settings): Ledger {
  const highestModSeq = now(settings);
  return {
    epoch: randomHex(settings, 6),
    number: undefined,
    read: () => ({ highestModSeq, vanishedFloor: highestModSeq, vanished: [] }),
    note: ({ known }) => ({ modSeq: known + 1, elsewhere: [], vanished: [], adopted: NOTHING, first: NOTHING }),
  };
}

/** A mod-sequence above all that were given before now, also by an index that was lost: microseconds since 1970. */
export function now({ clock }: Settings): number {
  return Math.max(1, Math.floor(clock() * 1_000));
}

const spellings = new WeakMap<readonly Flag[], string>();

/** Flags in a row. Equal arrays are one array most of the time. */
export function spelled(flags: readonly Flag[]): string {
  if (flags.length === 0) return '';
  let spelling = spellings.get(flags);
  if (spelling === undefined) {
    spelling = flags.join(' ');
    spellings.set(flags, spelling);
  }
  return spelling;
}
