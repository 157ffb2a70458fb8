/** A clock that stands still until it is told. Takes the place of a package's `Timers`. */
export class TestTimers {
  #now = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  #count = 0;

  now(): number {
    return this.#now;
  }

  start(callback: () => void, ms: number): unknown {
    const timer = ++this.#count;
    this.#timers.set(timer, { at: this.#now + ms, callback });
    return timer;
  }

  stop(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** How many timers run. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Whether a timer is due within `ms`. */
  hasDue(ms: number): boolean {
    return [...this.#timers.values()].some(({ at }) => at <= this.#now + ms);
  }

  /** Lets time pass, timer by timer, each with what it sets in motion. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, left], [, right]) => left.at - right.at);
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].callback();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets everything run that can run without time or network. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
