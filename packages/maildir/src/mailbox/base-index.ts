/** Records by base name. The index is made when the first is looked up: who only lists a mailbox never does. */
export class BaseIndex<Record extends { readonly base: string }> {
  readonly #byBase = new Map<string, Record>();
  #waiting: (readonly Record[])[] = [];

  /** Adds records. The array is not to be changed afterwards. One added later replaces one of the same name. */
  add(records: readonly Record[]): void {
    if (records.length > 0) this.#waiting.push(records);
  }

  get(base: string): Record | undefined {
    return this.#made().get(base);
  }

  has(base: string): boolean {
    return this.#made().has(base);
  }

  delete(base: string): void {
    this.#made().delete(base);
  }

  /** Whether there is nothing to look up. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#byBase.size === 0;
  }

  get size(): number {
    return this.#made().size;
  }

  values(): Iterable<Record> {
    return this.#made().values();
  }

  clear(): void {
    this.#waiting = [];
    this.#byBase.clear();
  }

  #made(): Map<string, Record> {
    if (this.#waiting.length > 0) {
      for (const records of this.#waiting) for (const record of records) this.#byBase.set(record.base, record);
      this.#waiting = [];
    }
    return this.#byBase;
  }
}
