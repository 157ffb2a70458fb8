/** Which ids came already. Cheap while they ascend, as servers send them. */
export class SeenIds {
  /** Firsts and lasts of ascending ranges. */
  readonly #ranges: number[] = [];
  /** Those that came out of order. */
  #others: Set<number> | undefined;
  #highest = 0;

  has(id: number): boolean {
    return id <= this.#highest && (this.#inRanges(id) || this.#others?.has(id) === true);
  }

  add(id: number): void {
    if (id > this.#highest) {
      if (id === this.#highest + 1 && this.#ranges.length > 0) this.#ranges[this.#ranges.length - 1] = id;
      else this.#ranges.push(id, id);
      this.#highest = id;
    } else if (!this.has(id)) {
      this.#others ??= new Set();
      this.#others.add(id);
    }
  }

  #inRanges(id: number): boolean {
    let low = 0;
    let high = this.#ranges.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[2 * middle + 1]! < id) low = middle + 1;
      else high = middle;
    }
    return 2 * low < this.#ranges.length && this.#ranges[2 * low]! <= id;
  }
}
