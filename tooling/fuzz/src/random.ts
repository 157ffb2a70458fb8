import { randomNumbers } from '@posthorn/testkit';

/** Choices that depend on a seed alone. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<Element>(elements: readonly Element[]): Element {
    return elements[this.below(elements.length)]!;
  }

  /** Up to `most` elements, mostly few. */
  some<Element>(most: number, make: () => Element, least = 0): Element[] {
    return Array.from({ length: least + Math.floor(this.#next() ** 2 * (most - least + 1)) }, make);
  }

  /** A number whose length in bits is evenly spread. */
  number(bits = 32): number {
    return Math.floor(2 ** (this.#next() * bits) - 1);
  }
}

/** Mixes numbers into one seed (FNV-1a over their octets). */
export function seedOf(...numbers: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const number of numbers) {
    for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((number >>> shift) & 0xff), 0x01000193);
  }
  return hash;
}

/** A seed that depends on octets alone. */
export function seedOfBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
  return hash;
}
