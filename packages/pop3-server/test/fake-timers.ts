import type { Timers } from '../src/index.ts';

/** Time that passes only when a test says so. */
export class FakeTimers implements Timers {
  #now = 0;
  readonly #pending = new Map<number, { readonly at: number; readonly callback: () => void }>();
  #next = 0;

  now(): number {
    return this.#now;
  }

  start(callback: () => void, ms: number): unknown {
    this.#pending.set(++this.#next, { at: this.#now + ms, callback });
    return this.#next;
  }

  stop(timer: unknown): void {
    this.#pending.delete(timer as number);
  }

  /** Whether a timer is due within `ms`. */
  hasDue(ms: number): boolean {
    return [...this.#pending.values()].some(({ at }) => at <= this.#now + ms);
  }

  /** Lets time pass, and everybody act on it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const due = [...this.#pending]
        .filter(([, { at }]) => at <= end)
        .sort(([, left], [, right]) => left.at - right.at);
      const [first] = due;
      if (first === undefined) break;
      const [id, { at, callback }] = first;
      this.#pending.delete(id);
      this.#now = Math.max(this.#now, at);
      callback();
    }
    this.#now = end;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
