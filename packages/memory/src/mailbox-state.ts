import {
  type Flag,
  type FlagOperation,
  hasFlag,
  type MailboxId,
  type MailboxPath,
  type MailboxStatus,
  type MessageSummary,
  type ModSeq,
  type SpecialUse,
  sameFlags,
  type Uid,
  type UidSet,
  type UidValidity,
} from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { ChangeLog, type SavedLog } from './change-log.ts';
import { KeywordTable } from './keyword-table.ts';
import type { MessageContent } from './message-content.ts';

/** One message of a mailbox. Small numbers rather than objects: there may be a hundred thousand. */
export interface MessageRecord {
  readonly uid: Uid;
  modSeq: number;
  flags: readonly Flag[];
  readonly epochSeconds: number;
  readonly offsetMinutes: number;
  readonly savedSeconds: number;
  readonly content: MessageContent;
}

/** A message that is about to be added. */
export type NewRecord = Omit<MessageRecord, 'modSeq'>;

/** A mailbox as a snapshot holds it, without its messages. */
export interface SavedMailbox {
  readonly id: MailboxId;
  readonly path: MailboxPath;
  readonly uidValidity: UidValidity;
  readonly specialUse: readonly SpecialUse[];
  readonly annotations: readonly (readonly [name: string, value: string])[];
  readonly rights: readonly (readonly [identifier: string, rights: string])[];
  readonly uidNext: number;
  readonly highestModSeq: number;
  readonly recentFrom: number;
  readonly keywords: readonly Flag[];
  readonly vanished: SavedLog;
  readonly changed: SavedLog;
}

/** What one mailbox holds. Every method is one step: nobody sees half of it. */
export class MailboxState {
  readonly id: MailboxId;
  readonly specialUse: readonly SpecialUse[];
  path: MailboxPath;
  uidValidity: UidValidity;
  isDeleted = false;
  readonly annotations: Map<string, string> = new Map();
  /** What others than the owner may do. */
  readonly rights: Map<string, string> = new Map();
  /** In ascending order of UID. */
  records: MessageRecord[] = [];
  uidNext = 1;
  highestModSeq = 1;
  vanishedLog: ChangeLog;
  flagLog: ChangeLog;
  readonly #keywords = new KeywordTable();
  #recentFrom = 1;
  #unseen = 0;
  #deleted = 0;
  #size = 0;

  constructor(
    id: MailboxId,
    path: MailboxPath,
    uidValidity: UidValidity,
    specialUse: readonly SpecialUse[],
    maxChangeLog: number,
  ) {
    this.id = id;
    this.path = path;
    this.uidValidity = uidValidity;
    this.specialUse = specialUse;
    this.vanishedLog = new ChangeLog(maxChangeLog);
    this.flagLog = new ChangeLog(maxChangeLog);
  }

  /** A mailbox as a snapshot holds it. Its messages follow, by {@link put}. */
  static restored(saved: SavedMailbox, maxChangeLog: number): MailboxState {
    const { id, path, uidValidity, specialUse } = saved;
    const state = new MailboxState(id, path, uidValidity, Object.freeze([...specialUse]), maxChangeLog);
    state.uidNext = saved.uidNext;
    state.highestModSeq = saved.highestModSeq;
    state.vanishedLog = new ChangeLog(maxChangeLog, saved.vanished);
    state.flagLog = new ChangeLog(maxChangeLog, saved.changed);
    state.#recentFrom = saved.recentFrom;
    state.flagsOf(saved.keywords);
    for (const [name, value] of saved.annotations) state.annotations.set(name, value);
    for (const [identifier, rights] of saved.rights) state.rights.set(identifier, rights);
    return state;
  }

  /** What a snapshot is to hold beside the messages. */
  saved(): SavedMailbox {
    const { id, path, uidValidity, specialUse, uidNext, highestModSeq } = this;
    return {
      id,
      path,
      uidValidity,
      specialUse,
      annotations: [...this.annotations],
      rights: [...this.rights],
      uidNext,
      highestModSeq,
      recentFrom: this.#recentFrom,
      keywords: this.keywords,
      vanished: this.vanishedLog.saved(),
      changed: this.flagLog.saved(),
    };
  }

  /** Puts back a message of a snapshot; they come in ascending order of UID. */
  put(record: MessageRecord): void {
    record.flags = this.flagsOf(record.flags);
    this.records.push(record);
    this.#count(record, 1);
  }

  status(): MailboxStatus {
    return {
      id: this.id,
      uidValidity: this.uidValidity,
      uidNext: this.uidNext,
      highestModSeq: this.modSeq,
      messages: this.records.length,
      recent: this.records.length - this.indexOf(this.#recentFrom),
      unseen: this.#unseen,
      deleted: this.#deleted,
      size: this.#size,
    };
  }

  /** Octets of all messages. */
  get size(): number {
    return this.#size;
  }

  get modSeq(): ModSeq {
    return BigInt(this.highestModSeq) as ModSeq;
  }

  get keywords(): readonly Flag[] {
    return this.#keywords.keywords();
  }

  /** The flags that a message with these would have in this mailbox. */
  flagsOf(flags: readonly Flag[]): readonly Flag[] {
    return this.#keywords.apply([], 'replace', flags);
  }

  /** Position of the first message whose UID is not below `uid`. */
  indexOf(uid: number): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.records[middle]!.uid < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(uid: Uid): MessageRecord | undefined {
    const record = this.records[this.indexOf(uid)];
    return record?.uid === uid ? record : undefined;
  }

  /** The messages of a set that exist, in ascending order. */
  select({ bounds }: UidSet): MessageRecord[] {
    const selected: MessageRecord[] = [];
    for (let range = 0; range < bounds.length; range += 2) {
      const last = bounds[range + 1]!;
      for (let index = this.indexOf(bounds[range]!); index < this.records.length; index++) {
        const record = this.records[index]!;
        if (record.uid > last) break;
        selected.push(record);
      }
    }
    return selected;
  }

  /** Adds messages in ascending order of UID, all at or above uidNext. */
  add(fresh: readonly NewRecord[]): void {
    if (fresh.length === 0) return;
    const modSeq = ++this.highestModSeq;
    for (const { uid, flags, epochSeconds, offsetMinutes, savedSeconds, content } of fresh) {
      const record = { uid, modSeq, flags, epochSeconds, offsetMinutes, savedSeconds, content };
      this.records.push(record);
      this.uidNext = uid + 1;
      this.#count(record, 1);
    }
  }

  /** Applies a change of flags. Messages that it leaves as they are keep their mod-sequence. */
  changeFlags(records: readonly MessageRecord[], operation: FlagOperation, flags: readonly Flag[]): boolean {
    const changed: Uid[] = [];
    const modSeq = this.highestModSeq + 1;
    for (const record of records) {
      const changedFlags = this.#keywords.apply(record.flags, operation, flags);
      if (sameFlags(changedFlags, record.flags)) continue;
      this.#count(record, -1);
      record.flags = changedFlags;
      record.modSeq = modSeq;
      this.#count(record, 1);
      changed.push(record.uid);
    }
    if (changed.length === 0) return false;
    this.highestModSeq = modSeq;
    this.flagLog.add(modSeq, setOf(changed));
    return true;
  }

  /** Removes messages, given in ascending order of UID. */
  remove(gone: readonly MessageRecord[]): UidSet {
    const uids = setOf(gone.map((record) => record.uid));
    if (gone.length === 0) return uids;
    for (const record of gone) this.#count(record, -1);
    if (gone.length < 8) for (const record of gone) this.records.splice(this.indexOf(record.uid), 1);
    else {
      const removed = new Set(gone);
      this.records = this.records.filter((record) => !removed.has(record));
    }
    this.vanishedLog.add(++this.highestModSeq, uids);
    return uids;
  }

  /** Messages that were not claimed before. */
  claimRecent(): UidSet {
    const claimed = this.recent();
    this.#recentFrom = this.uidNext;
    return claimed;
  }

  /** Messages that nobody claimed yet. */
  recent(): UidSet {
    return setOf(this.records.slice(this.indexOf(this.#recentFrom)).map((record) => record.uid));
  }

  #count(record: MessageRecord, step: 1 | -1): void {
    this.#size += step * record.content.size;
    if (!hasFlag(record.flags, '\\Seen')) this.#unseen += step;
    if (hasFlag(record.flags, '\\Deleted')) this.#deleted += step;
  }
}

export function summaryOf({ uid, modSeq, flags }: MessageRecord): MessageSummary {
  return { uid, modSeq: BigInt(modSeq) as ModSeq, flags };
}
