import type { MessageRecord } from './message-record.ts';
import type { Structure } from './stored-structure.ts';

/** Envelopes and body structures that were computed; the least recently used are forgotten. */
export class StructureCache {
  readonly #entries = new Map<MessageRecord, Structure>();

  get(record: MessageRecord): Structure | undefined {
    const structure = this.#entries.get(record);
    if (structure !== undefined) this.set(record, structure);
    return structure;
  }

  /** @param max - How many are kept. */
  set(record: MessageRecord, structure: Structure, max: number = Number.POSITIVE_INFINITY): void {
    this.#entries.delete(record);
    this.#entries.set(record, structure);
    if (this.#entries.size <= max) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
