import type { MessageRecord } from '../mailbox/message-record.ts';

const MAX_ENTRIES = 65_536;

interface Entry {
  readonly modSeq: number;
  readonly record: MessageRecord;
}

/** Which messages came or changed lately, so that a reader who knows the rest need not look at all of them. */
export class TouchedLog {
  #entries: Entry[] = [];
  #floor: number;

  /** What happened up to `floor` is not known. */
  constructor(floor: number) {
    this.#floor = floor;
  }

  add(modSeq: number, record: MessageRecord): void {
    this.#entries.push({ modSeq, record });
    if (this.#entries.length <= 2 * MAX_ENTRIES) return;
    const kept = this.#entries.slice(-MAX_ENTRIES);
    this.#floor = this.#entries[this.#entries.length - MAX_ENTRIES - 1]!.modSeq;
    this.#entries = kept;
  }

  /** The messages touched after `modSeq`, each once, or undefined when that was forgotten. */
  since(modSeq: number): ReadonlySet<MessageRecord> | undefined {
    if (modSeq < this.#floor) return undefined;
    const touched = new Set<MessageRecord>();
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index]!;
      if (entry.modSeq <= modSeq) break;
      touched.add(entry.record);
    }
    return touched;
  }
}
