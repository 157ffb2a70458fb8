import type { Flag, ModSeq, Uid, UidSet } from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import { ChangeLog, type Vanished } from '../history/change-log.ts';
import { TouchedLog } from '../history/touched-log.ts';
import { type Ledger, spelled } from '../sidecar-index/ledger.ts';
import { BaseIndex } from './base-index.ts';
import type { MessageRecord } from './message-record.ts';

/** What happened to a mailbox, all at once. Each list is in ascending order of UID. */
export interface TableStep {
  readonly added?: readonly MessageRecord[];
  /** Records whose flags are others now. */
  readonly touched?: readonly MessageRecord[];
  readonly gone?: readonly MessageRecord[];
}

const NONE: readonly MessageRecord[] = [];
const FEW = 8;

/** What the ledger is to be told with the next step. */
interface Owed {
  readonly touched: readonly MessageRecord[];
  readonly gone: readonly Vanished[];
}

const NOTHING_OWED: Owed = { touched: NONE, gone: NONE };

/** What was given mod-sequences. */
interface Noted {
  /** Of messages that are gone. */
  readonly uids: UidSet;
  /** In ascending order of mod-sequence, then of UID. */
  readonly changed: readonly MessageRecord[];
}

/** The messages of one mailbox, and what happened to them since it was opened. Every method is one step. */
export class MessageTable {
  /** In ascending order of UID. Replaced, not written to, when messages go. */
  records: MessageRecord[] = [];
  readonly byBase: BaseIndex<MessageRecord> = new BaseIndex();
  highestModSeq = 1;
  vanishedLog: ChangeLog;
  touchedLog: TouchedLog;
  /** UIDs that were told to be gone, by base name: they never come back. */
  readonly vanished: Map<string, number> = new Map();
  readonly #maxChangeLog: number;
  #ledger: Ledger | undefined;
  /** Messages of the ledger that no listing showed so far. */
  #unseen: readonly Vanished[] = [];
  /** What happened when the ledger could not be written. */
  #owed: Owed = NOTHING_OWED;

  constructor(maxChangeLog: number) {
    this.#maxChangeLog = maxChangeLog;
    this.vanishedLog = new ChangeLog(maxChangeLog);
    this.touchedLog = new TouchedLog(0);
  }

  get modSeq(): ModSeq {
    return BigInt(this.highestModSeq) as ModSeq;
  }

  /**
   * Begins with what the first listing showed and a ledger remembers.
   * @param isStable - Whether what the listing did not show is gone for sure.
   * @param known - The highest mod-sequence when the records were given theirs, if they were.
   */
  begin(ledger: Ledger, records: readonly MessageRecord[], isStable: boolean, known?: number): void {
    const added: MessageRecord[] = [];
    const touched: MessageRecord[] = [];
    const unseen: Vanished[] = [];
    let next = 0;
    const { highestModSeq, vanishedFloor, vanished } = ledger.read((entry) => {
      for (; next < records.length && records[next]!.uid < entry.uid; next++) added.push(records[next]!);
      const record = records[next];
      if (record?.uid !== entry.uid) {
        unseen.push(vanishedOf(entry));
        return;
      }
      next++;
      record.modSeq = entry.modSeq;
      record.addedModSeq = entry.addedModSeq;
      record.firstModSeq = entry.firstModSeq;
      if (entry.flags !== spelled(record.flags)) touched.push(record);
    }, known);
    if (highestModSeq === known) next = records.length;
    for (; next < records.length; next++) added.push(records[next]!);
    this.#ledger = ledger;
    this.#put(records);
    this.highestModSeq = highestModSeq;
    this.vanishedLog = new ChangeLog(this.#maxChangeLog, vanishedFloor);
    for (const group of byModSeq(vanished)) this.vanishedLog.add(group[0]!.modSeq, group.map(vanishedOf));
    this.#note({ added, touched }, isStable ? unseen : []);
    this.#unseen = isStable ? [] : unseen;
    this.#owed = NOTHING_OWED;
    // What is there at the start comes from the records themselves.
    this.touchedLog = new TouchedLog(this.highestModSeq);
  }

  /** Begins anew under another UIDVALIDITY: nothing is known of before. */
  restart(ledger: Ledger): void {
    for (const record of this.records) this.vanished.set(record.base, record.uid);
    this.records = [];
    this.byBase.clear();
    this.vanished.clear();
    this.begin(ledger, [], true);
  }

  /**
   * Takes in what happened. When the ledger cannot be written it is told with the next step; what was added is taken in
   * by the listing that shows it again.
   * @returns The UIDs that are gone.
   */
  apply({ added = NONE, touched = NONE, gone = NONE }: TableStep, isStable = false): UidSet {
    const unseen = isStable ? this.#unseenBeside(added) : [];
    if (isStable) this.#unseen = [];
    if (gone.length > 0) {
      this.records = this.#without(gone);
      for (const record of gone) {
        if (this.byBase.get(record.base) === record) this.byBase.delete(record.base);
        this.vanished.set(record.base, record.uid);
      }
    }
    const owed = this.#owed;
    this.#owed = {
      touched: owed.touched.length === 0 ? touched : this.#stillThere([...owed.touched, ...touched]),
      gone: owed.gone.length + unseen.length === 0 ? gone : [...owed.gone, ...gone, ...unseen],
    };
    const { uids, changed } = this.#note({ added, touched: this.#owed.touched }, this.#owed.gone);
    this.#owed = NOTHING_OWED;
    this.#put(added);
    for (const record of changed) this.touchedLog.add(record.modSeq, record);
    return uids;
  }

  /** Whether the ledger was told everything. */
  get isNoted(): boolean {
    return this.#owed === NOTHING_OWED;
  }

  /** Gives a mod-sequence to something that happened to no message. */
  raise(): void {
    for (const record of this.#give({}, []).changed) this.touchedLog.add(record.modSeq, record);
  }

  /** Gives mod-sequences to what happened, if anything did. */
  #note(step: TableStep, gone: readonly Vanished[]): Noted {
    const count = (step.added?.length ?? 0) + (step.touched?.length ?? 0) + gone.length;
    return count === 0 ? { uids: emptySet(), changed: NONE } : this.#give(step, gone);
  }

  #give({ added = NONE, touched = NONE }: TableStep, gone: readonly Vanished[]): Noted {
    const known = this.highestModSeq;
    const { modSeq, elsewhere, vanished, adopted, first } = this.#ledger!.note({ known, added, touched, gone });
    for (const group of byModSeq(vanished)) this.vanishedLog.add(group[0]!.modSeq, group.map(vanishedOf));
    this.highestModSeq = modSeq;
    const changed = new Set([...added, ...touched]);
    for (const record of changed) record.modSeq = adopted.get(record.uid) ?? modSeq;
    // Who knows all up to our mod-sequence is never told of theirs again. The next listing will show the same.
    for (const { uid, modSeq: given, flags } of elsewhere) {
      const record = this.find(uid as Uid);
      if (record === undefined || changed.has(record)) continue;
      record.modSeq = given;
      if (flags !== spelled(record.flags)) record.flags = flags === '' ? [] : (flags.split(' ') as Flag[]);
      changed.add(record);
    }
    for (const record of added) {
      record.addedModSeq = record.modSeq;
      record.firstModSeq = first.get(record.uid) ?? record.modSeq;
    }
    const inOrder = [...changed].sort((left, right) => left.modSeq - right.modSeq || left.uid - right.uid);
    return { uids: gone.length === 0 ? emptySet() : this.vanishedLog.add(modSeq, gone), changed: inOrder };
  }

  /** A copy without some records. Few are cut out, which is faster than looking at all. */
  #without(gone: readonly MessageRecord[]): MessageRecord[] {
    if (gone.length > FEW) {
      const removed = new Set(gone);
      return this.records.filter((record) => !removed.has(record));
    }
    const records = this.records.slice();
    for (const record of gone) {
      const index = indexOf(records, record.uid);
      if (records[index] === record) records.splice(index, 1);
    }
    return records;
  }

  /** What the ledger knew and no listing showed is gone. */
  #unseenBeside(added: readonly MessageRecord[]): readonly Vanished[] {
    if (this.#unseen.length === 0) return this.#unseen;
    const seenNow = new Set(added.map(({ uid }) => uid));
    return this.#unseen.filter(({ uid }) => !seenNow.has(uid) && this.find(uid) === undefined);
  }

  #stillThere(records: readonly MessageRecord[]): readonly MessageRecord[] {
    return [...new Set(records)].filter((record) => this.has(record)).sort((left, right) => left.uid - right.uid);
  }

  #put(records: readonly MessageRecord[]): void {
    this.byBase.add(records);
    if (this.records.length === 0) {
      this.records = records.slice();
      return;
    }
    const last = this.records.at(-1)!.uid;
    for (const record of records) this.records.push(record);
    if (records.length > 0 && records[0]!.uid < last) this.records.sort((left, right) => left.uid - right.uid);
  }

  /** Forgets all records without a word. */
  clear(): void {
    this.records = [];
    this.byBase.clear();
  }

  /** Whether a record is still there. */
  has(record: MessageRecord): boolean {
    return this.find(record.uid) === record;
  }

  find(uid: Uid): MessageRecord | undefined {
    const record = this.records[indexOf(this.records, uid)];
    return record?.uid === uid ? record : undefined;
  }

  /** The messages of a set that exist, in ascending order. */
  select({ bounds }: UidSet): MessageRecord[] {
    const selected: MessageRecord[] = [];
    for (let range = 0; range < bounds.length; range += 2) {
      const last = bounds[range + 1]!;
      for (let index = indexOf(this.records, bounds[range]!); index < this.records.length; index++) {
        const record = this.records[index]!;
        if (record.uid > last) break;
        selected.push(record);
      }
    }
    return selected;
  }
}

/** Position of the first message whose UID is not below `uid`. */
function indexOf(records: readonly MessageRecord[], uid: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.uid < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

function vanishedOf({ uid, firstModSeq }: { readonly uid: number; readonly firstModSeq: number }): Vanished {
  return { uid: uid as Uid, firstModSeq };
}

/** Runs of entries of one mod-sequence. */
function* byModSeq<Entry extends { readonly modSeq: number }>(entries: readonly Entry[]): Iterable<readonly Entry[]> {
  let group: Entry[] = [];
  for (const entry of entries) {
    if (group.length > 0 && group[0]!.modSeq !== entry.modSeq) {
      yield group;
      group = [];
    }
    group.push(entry);
  }
  if (group.length > 0) yield group;
}
