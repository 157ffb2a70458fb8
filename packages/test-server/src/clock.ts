import { InvalidStateError } from '@posthorn/core';
import type { Timers } from '@posthorn/imap-server';

/** The time of a test server: the system's, or one that moves when the test says so. */
export interface TestClock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Lets time pass; timers that become due fire in order.
   * @throws {@link InvalidStateError} when the server goes by the system's clock.
   */
  advance(ms: number): void;
}

/** What the server itself is told about time. */
export interface ServerClock extends TestClock {
  /** Undefined for the system's. */
  readonly timers: Timers | undefined;
}

export const systemClock: ServerClock = {
  now: () => Date.now(),
  advance: () => {
    throw new InvalidStateError("the server goes by the system's clock: start it with `now` to set its time");
  },
  timers: undefined,
};

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements ServerClock, Timers {
  readonly timers: Timers = this;
  readonly now = (): number => this.#now;
  readonly #pending = new Set<Timer>();
  #now: number;

  /** @param now - Milliseconds since 1970. */
  constructor(now: number) {
    this.#now = now;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#pending].filter(({ due }) => due <= end).sort((left, right) => left.due - right.due)[0];
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.callback();
    }
    this.#now = end;
  }

  start(callback: () => void, ms: number): Timer {
    const timer = { due: this.#now + ms, callback };
    this.#pending.add(timer);
    return timer;
  }

  stop(timer: unknown): void {
    this.#pending.delete(timer as Timer);
  }
}
