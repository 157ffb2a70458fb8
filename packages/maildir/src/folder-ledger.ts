import type { IndexDatabases } from './account-index.ts';
import {
  type Ledger,
  type LedgerAnswer,
  type LedgerEntry,
  type LedgerState,
  type LedgerStep,
  now,
  type VanishedEntry,
} from './ledger.ts';
import { randomHex, type Settings } from './settings.ts';

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
  readonly start: [id: number, modSeq: number, uid: number];
  readonly end: [id: number, modSeq: number, uid: number];
}

/** The ledger of one mailbox in the index. Each step is a transaction, so processes do not get in each other's way. */
export class FolderLedger implements Ledger {
  readonly epoch: string;
  readonly #settings: Settings;
  readonly #databases: IndexDatabases;
  readonly #key: string;
  readonly #id: number;

  private constructor(settings: Settings, databases: IndexDatabases, key: string, header: FolderHeader) {
    this.#settings = settings;
    this.#databases = databases;
    this.#key = key;
    this.#id = header.id;
    this.epoch = header.epoch;
  }

  static open(settings: Settings, databases: IndexDatabases, key: string): FolderLedger {
    const { root, figures, folders } = databases;
    const header = root.transactionSync(() => {
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

  read(): LedgerState {
    const { root, messages } = this.#databases;
    return root.transactionSync(() => {
      const { highestModSeq, vanishedFloor } = this.#header();
      const entries = new Map<number, LedgerEntry>();
      for (const { key, value } of messages.getRange({ start: [this.#id, 0], end: [this.#id + 1, 0] })) {
        const [flags, modSeq, addedModSeq, firstModSeq] = value;
        entries.set(key[1], { flags, modSeq, addedModSeq, firstModSeq });
      }
      return { highestModSeq, vanishedFloor, entries, vanished: this.#vanishedAfter(0) };
    });
  }

  note({ known, added, touched, gone }: LedgerStep): LedgerAnswer {
    const { root, folders, messages, vanished } = this.#databases;
    const id = this.#id;
    return root.transactionSync(() => {
      const header = this.#header();
      const modSeq = Math.max(header.highestModSeq + 1, known + 1);
      const adopted = new Map<number, number>();
      const first = new Map<number, number>();
      const put = (uid: number, flags: string, addedModSeq: number): void => {
        const [storedFlags, storedModSeq = 0, , firstModSeq = modSeq] = messages.get([id, uid]) ?? [];
        if (firstModSeq < modSeq) first.set(uid, firstModSeq);
        if (storedFlags === flags && storedModSeq > known) adopted.set(uid, storedModSeq);
        else messages.putSync([id, uid], [flags, modSeq, addedModSeq, firstModSeq]);
      };
      for (const { uid, flags } of added) put(uid, flags, modSeq);
      for (const { uid, flags, addedModSeq } of touched) put(uid, flags, addedModSeq);
      const elsewhere = this.#vanishedAfter(known);
      const vanishedCount = header.vanishedCount + gone.length;
      for (const { uid, firstModSeq } of gone) {
        const [, , , storedFirst = firstModSeq] = messages.get([id, uid]) ?? [];
        messages.removeSync([id, uid]);
        vanished.putSync([id, modSeq, uid], Math.min(firstModSeq, storedFirst));
      }
      const after = { ...header, highestModSeq: modSeq, vanishedCount };
      folders.putSync(this.#key, vanishedCount > 2 * this.#settings.maxChangeLog ? this.#pruned(after) : after);
      return { modSeq, vanished: elsewhere, adopted, first };
    });
  }

  #vanishedAfter(modSeq: number): readonly VanishedEntry[] {
    const range = { start: [this.#id, modSeq + 1, 0], end: [this.#id + 1, 0, 0] } satisfies VanishedRange;
    return [...this.#databases.vanished.getRange(range)].map(({ key, value }) => ({
      uid: key[2],
      modSeq: key[1],
      firstModSeq: value,
    }));
  }

  /** Forgets the older half of what vanished. */
  #pruned(header: FolderHeader): FolderHeader {
    const { vanished } = this.#databases;
    const range = { start: [this.#id, 0, 0], end: [this.#id + 1, 0, 0] } satisfies VanishedRange;
    const all = [...vanished.getKeys(range)];
    const forgotten = all.slice(0, Math.max(0, all.length - this.#settings.maxChangeLog));
    for (const key of forgotten) vanished.removeSync(key);
    const vanishedFloor = forgotten.at(-1)?.[1] ?? header.vanishedFloor;
    return { ...header, vanishedFloor, vanishedCount: all.length - forgotten.length };
  }

  #header(): FolderHeader {
    const header = this.#databases.folders.get(this.#key);
    if (header !== undefined) return header;
    // The index was cleared while it was open.
    const highestModSeq = now(this.#settings);
    return { id: this.#id, epoch: this.epoch, highestModSeq, vanishedFloor: highestModSeq, vanishedCount: 0 };
  }
}
