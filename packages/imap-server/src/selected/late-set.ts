/** A set that takes no memory until there is something in it: most sessions only wait. */
export class LateSet<Value> implements Iterable<Value> {
  #values: Set<Value> | undefined;

  get size(): number {
    return this.#values?.size ?? 0;
  }

  has(value: Value): boolean {
    return this.#values?.has(value) === true;
  }

  add(value: Value): void {
    this.#values ??= new Set();
    this.#values.add(value);
  }

  delete(value: Value): void {
    this.#values?.delete(value);
  }

  clear(): void {
    this.#values = undefined;
  }

  [Symbol.iterator](): Iterator<Value> {
    return (this.#values ?? []).values();
  }
}
