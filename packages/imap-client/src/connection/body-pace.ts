/** Octets are counted over so long before a body is called slow. */
const WINDOW_MS = 30_000;

/** Judges whether a body comes too slowly. Time in which we did not read is not the server's. */
export class BodyPace {
  readonly #now: () => number;
  readonly #bytesPerSecond: number;
  #windowStart = 0;
  #octets = 0;
  #heldSince: number | undefined;

  /** @param bytesPerSecond - The fewest that will do; 0 for any. */
  constructor(now: () => number, bytesPerSecond: number) {
    this.#now = now;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** A body begins. */
  begin(): void {
    this.#octets = 0;
    this.#windowStart = this.#bytesPerSecond === 0 ? 0 : this.#now();
  }

  /** Reading stops. */
  hold(): void {
    if (this.#bytesPerSecond > 0) this.#heldSince ??= this.#now();
  }

  /** Reading goes on. */
  goOn(): void {
    if (this.#heldSince !== undefined) this.#windowStart += this.#now() - this.#heldSince;
    this.#heldSince = undefined;
  }

  /** Octets came. @returns whether they were too few for too long */
  isTooSlow(octets: number): boolean {
    if (this.#bytesPerSecond === 0) return false;
    this.#octets += octets;
    const ms = this.#now() - this.#windowStart;
    if (ms < WINDOW_MS) return false;
    if (this.#octets * 1000 < this.#bytesPerSecond * ms) return true;
    this.begin();
    return false;
  }
}
