/**
 * Random choices that depend on the seed alone, on every machine: integer arithmetic only.
 * @module
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
    this.bits();
  }

  /** 32 random bits (mulberry32). */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + (this.bits() % (high - low + 1));
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.bits() % 1000 < percent * 10;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.bits() % items.length]!;
  }

  /** One of the items, each as often as its weight says. */
  weighted<Item>(items: readonly (readonly [weight: number, item: Item])[]): Item {
    let left = this.bits() % items.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    return items[0]![1];
  }

  /** A length between the bounds whose logarithm is spread evenly: many short, few long. */
  length(low: number, high: number): number {
    let doublings = 0;
    while (low << (doublings + 1) <= high) doublings++;
    const base = low << this.between(0, doublings);
    return this.between(base, Math.min(high, base * 2));
  }

  bytes(length: number): Uint8Array {
    const words = new Uint32Array(Math.ceil(length / 4));
    for (let index = 0; index < words.length; index++) words[index] = this.bits();
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++) bytes[index] = words[index >>> 2]! >>> ((index & 3) * 8);
    return bytes;
  }

  /** Letters and digits, for identifiers. */
  token(length: number): string {
    let token = '';
    for (let index = 0; index < length; index++) token += TOKEN[this.bits() % TOKEN.length];
    return token;
  }
}

const TOKEN = 'ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz0123456789';
