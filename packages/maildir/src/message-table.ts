import type { ModSeq, Uid, UidSet } from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import { ChangeLog } from './change-log.ts';
import type { MessageRecord } from './message-record.ts';
import { TouchedLog } from './touched-log.ts';

/** The messages of one mailbox, and what happened to them since it was opened. Every method is one step. */
export class MessageTable {
  /** In ascending order of UID. Replaced, not written to, when messages go. */
  records: MessageRecord[] = [];
  readonly byBase: Map<string, MessageRecord> = new Map();
  highestModSeq: number;
  readonly vanishedLog: ChangeLog;
  readonly touchedLog: TouchedLog;
  /** UIDs that were told to be gone, by base name: they never come back. */
  readonly vanished: Map<string, number> = new Map();

  constructor(startModSeq: number, maxChangeLog: number) {
    this.highestModSeq = startModSeq;
    this.vanishedLog = new ChangeLog(maxChangeLog);
    // The messages there are at the start come with the next mod-sequence, and are not logged.
    this.touchedLog = new TouchedLog(startModSeq + 1);
  }

  get modSeq(): ModSeq {
    return BigInt(this.highestModSeq) as ModSeq;
  }

  /** Adds records, given in ascending order; usually they are above all others. */
  add(records: readonly MessageRecord[], { isLogged = true }: { readonly isLogged?: boolean } = {}): void {
    const last = this.records.at(-1)?.uid ?? 0;
    for (const record of records) {
      this.records.push(record);
      this.byBase.set(record.base, record);
      if (isLogged) this.touchedLog.add(record.modSeq, record);
    }
    if (records.length > 0 && records[0]!.uid < last) this.records.sort((left, right) => left.uid - right.uid);
  }

  /** Takes records out; they are given in ascending order of UID. */
  remove(gone: readonly MessageRecord[]): UidSet {
    if (gone.length === 0) return emptySet();
    const removed = new Set(gone);
    this.records = this.records.filter((record) => !removed.has(record));
    for (const record of gone) {
      if (this.byBase.get(record.base) === record) this.byBase.delete(record.base);
      this.vanished.set(record.base, record.uid);
    }
    return this.vanishedLog.add(++this.highestModSeq, gone);
  }

  /** Forgets all records without a word. */
  clear(): void {
    this.records = [];
    this.byBase.clear();
  }

  /** Notes that the flags of a message changed. */
  touch(record: MessageRecord, modSeq: number): void {
    record.modSeq = modSeq;
    this.touchedLog.add(modSeq, record);
  }

  /** Whether a record is still there. */
  has(record: MessageRecord): boolean {
    return this.byBase.get(record.base) === record;
  }

  find(uid: Uid): MessageRecord | undefined {
    const record = this.records[this.#indexOf(uid)];
    return record?.uid === uid ? record : undefined;
  }

  /** The messages of a set that exist, in ascending order. */
  select({ bounds }: UidSet): MessageRecord[] {
    const selected: MessageRecord[] = [];
    for (let range = 0; range < bounds.length; range += 2) {
      const last = bounds[range + 1]!;
      for (let index = this.#indexOf(bounds[range]!); index < this.records.length; index++) {
        const record = this.records[index]!;
        if (record.uid > last) break;
        selected.push(record);
      }
    }
    return selected;
  }

  /** Position of the first message whose UID is not below `uid`. */
  #indexOf(uid: number): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.records[middle]!.uid < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
