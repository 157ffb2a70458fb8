import { randomHex, type Settings } from '../settings.ts';
import type { IndexDatabases } from './account-index.ts';
import {
  type Ledger,
  type LedgerAnswer,
  type LedgerEntry,
  type LedgerState,
  type LedgerStep,
  now,
  spelled,
  type VanishedEntry,
  volatileLedger,
} from './ledger.ts';
import { decodeBlock, laterEntries } from './ledger-block.ts';
import { OpenBlocks } from './open-blocks.ts';

/** What a message that vanished takes up at the most. */
const VANISHED_OCTETS = 16;

/** What the index holds of a mailbox as a whole. */
export interface FolderHeader {
  /** Its number in the keys of its messages. */
  readonly id: number;
  readonly epoch: string;
  readonly highestModSeq: number;
  readonly vanishedFloor: number;
  readonly vanishedCount: number;
}

interface VanishedRange {
  readonly start: [id: number, modSeq: number];
  readonly end: [id: number, modSeq: number];
}

/**
 * The ledger of one mailbox in the index. Each step is a transaction, so processes do not get in each other's way. When
 * the index can no longer be written, the steps since then are forgotten with the process, and found anew by the next.
 */
export class FolderLedger implements Ledger {
  readonly number: number;
  readonly #epoch: string;
  readonly #settings: Settings;
  readonly #databases: IndexDatabases;
  readonly #key: string;
  /** Takes over when the index fails: under another epoch, since other processes may go on with this one. */
  #substitute: Ledger | undefined;

  private constructor(settings: Settings, databases: IndexDatabases, key: string, header: FolderHeader) {
    this.#settings = settings;
    this.#databases = databases;
    this.#key = key;
    this.number = header.id;
    this.#epoch = header.epoch;
  }

  get epoch(): string {
    return this.#substitute?.epoch ?? this.#epoch;
  }

  static open(settings: Settings, databases: IndexDatabases, key: string): FolderLedger {
    const { room, figures, folders } = databases;
    const header = room.transaction(() => {
      const known = folders.get(key);
      if (known !== undefined) return known;
      const start = now(settings);
      const id = (figures.get('folders') ?? 0) + 1;
      const made = {
        id,
        epoch: randomHex(settings, 6),
        highestModSeq: start,
        vanishedFloor: start,
        vanishedCount: 0,
      };
      figures.putSync('folders', id);
      folders.putSync(key, made);
      return made;
    });
    return new FolderLedger(settings, databases, key, header);
  }

  read(visit: (entry: LedgerEntry) => void, known?: number): LedgerState {
    const { root, messages } = this.#databases;
    return root.transactionSync(() => {
      const { highestModSeq, vanishedFloor } = this.#header();
      const range = { start: [this.number, 0], end: [this.number + 1, 0] } satisfies VanishedRange;
      if (highestModSeq !== known)
        for (const { key, value } of messages.getRange(range))
          for (const entry of decodeBlock(key[1], value)) visit(entry);
      return { highestModSeq, vanishedFloor, vanished: this.#vanishedAfter(0) };
    });
  }

  note(step: LedgerStep): LedgerAnswer {
    if (this.#substitute !== undefined) return this.#substitute.note(step);
    try {
      return this.#note(step);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#settings.logger.warn('the index cannot be written; new mod-sequences last as long as the process', {
        reason,
      });
      this.#substitute = volatileLedger(this.#settings);
      return this.#substitute.note({ ...step, known: Math.max(step.known, now(this.#settings)) });
    }
  }

  #note({ known, added, touched, gone }: LedgerStep): LedgerAnswer {
    const { room, folders, messages, vanished } = this.#databases;
    return room.transaction(() => {
      const header = this.#header();
      // Above what was given while the index could not be written, too.
      const modSeq = Math.max(header.highestModSeq + 1, known + 1, now(this.#settings));
      const elsewhere = header.highestModSeq > known ? this.#notedAfter(known) : [];
      const vanishedElsewhere = this.#vanishedAfter(known);
      const adopted = new Map<number, number>();
      const first = new Map<number, number>();
      const blocks = new OpenBlocks(room, messages, this.number);
      const put = (uid: number, flags: string, addedModSeq: number): void => {
        const block = blocks.holding(uid);
        const stored = block.get(uid);
        const firstModSeq = stored?.firstModSeq ?? modSeq;
        if (firstModSeq < modSeq) first.set(uid, firstModSeq);
        if (stored !== undefined && stored.flags === flags && stored.modSeq > known) adopted.set(uid, stored.modSeq);
        else block.set({ uid, flags, modSeq, addedModSeq, firstModSeq });
      };
      for (const { uid, flags } of added) put(uid, spelled(flags), modSeq);
      for (const { uid, flags, addedModSeq } of touched) put(uid, spelled(flags), addedModSeq);
      const vanishedCount = header.vanishedCount + gone.length;
      const removed = gone.map(({ uid, firstModSeq }) => {
        const block = blocks.holding(uid);
        const stored = block.get(uid)?.firstModSeq ?? firstModSeq;
        block.delete(uid);
        return [uid, Math.min(firstModSeq, stored)] as const;
      });
      blocks.close();
      room.expect(removed.length * VANISHED_OCTETS);
      if (removed.length > 0) vanished.putSync([this.number, modSeq], removed);
      const after = { ...header, highestModSeq: modSeq, vanishedCount };
      folders.putSync(this.#key, vanishedCount > 2 * this.#settings.maxChangeLog ? this.#pruned(after) : after);
      return { modSeq, elsewhere, vanished: vanishedElsewhere, adopted, first };
    });
  }

  #notedAfter(modSeq: number): readonly LedgerEntry[] {
    const range = { start: [this.number, 0], end: [this.number + 1, 0] } satisfies VanishedRange;
    const noted: LedgerEntry[] = [];
    for (const { key, value } of this.#databases.messages.getRange(range))
      noted.push(...laterEntries(key[1], value, modSeq));
    return noted;
  }

  #vanishedAfter(modSeq: number): readonly VanishedEntry[] {
    const found: VanishedEntry[] = [];
    const range: VanishedRange = { start: [this.number, modSeq + 1], end: [this.number + 1, 0] };
    for (const { key, value } of this.#databases.vanished.getRange(range))
      for (const [uid, firstModSeq] of value) found.push({ uid, modSeq: key[1], firstModSeq });
    return found;
  }

  /** Forgets the older half of what vanished. */
  #pruned(header: FolderHeader): FolderHeader {
    const { room, vanished } = this.#databases;
    let { vanishedFloor, vanishedCount } = header;
    for (const key of [...vanished.getKeys({ start: [this.number, 0], end: [this.number + 1, 0] })]) {
      if (vanishedCount <= this.#settings.maxChangeLog) break;
      vanishedCount -= vanished.get(key)?.length ?? 0;
      vanishedFloor = key[1];
      room.expect(0);
      vanished.removeSync(key);
    }
    return { ...header, vanishedFloor, vanishedCount };
  }

  #header(): FolderHeader {
    const header = this.#databases.folders.get(this.#key);
    if (header !== undefined) return header;
    // The index was cleared while it was open.
    const highestModSeq = now(this.#settings);
    return { id: this.number, epoch: this.#epoch, highestModSeq, vanishedFloor: highestModSeq, vanishedCount: 0 };
  }
}
