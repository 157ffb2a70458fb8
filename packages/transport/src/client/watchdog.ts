import type { Timers } from '../timers.ts';

/** How long a server may take. */
export interface Patience {
  /** Longest time without any answer. */
  readonly silenceMs: number;
  /** Longest time without an answer that moves a command on, however much else the server says. */
  readonly progressMs: number;
}

/** Notices that a server which owes an answer makes no progress. One timer, whatever happens in between. */
export class Watchdog {
  readonly #timers: Timers;
  readonly #patience: Patience;
  readonly #onExpiry: (ms: number) => void;
  #timer: unknown;
  #isWatching = false;
  #lastAnswer = 0;
  #lastProgress = 0;

  constructor(timers: Timers, patience: Patience, onExpiry: (ms: number) => void) {
    this.#timers = timers;
    this.#patience = patience;
    this.#onExpiry = onExpiry;
  }

  /** Whether the server owes something now. The time starts when it begins to. */
  watch(isOwed: boolean): void {
    if (isOwed === this.#isWatching) return;
    this.#isWatching = isOwed;
    if (!isOwed) return;
    this.progress();
    if (this.#timer === undefined) this.#arm(Math.min(this.#patience.silenceMs, this.#patience.progressMs));
  }

  /** The server said something. */
  answer(): void {
    if (this.#isWatching) this.#lastAnswer = this.#timers.now();
  }

  /** The server moved a command on. */
  progress(): void {
    if (this.#isWatching) this.#lastAnswer = this.#lastProgress = this.#timers.now();
  }

  stop(): void {
    this.#isWatching = false;
    if (this.#timer !== undefined) this.#timers.stop(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    this.#timer = this.#timers.start(() => {
      this.#timer = undefined;
      if (this.#isWatching) this.#check();
    }, ms);
  }

  #check(): void {
    const now = this.#timers.now();
    const silence = this.#lastAnswer + this.#patience.silenceMs - now;
    const stall = this.#lastProgress + this.#patience.progressMs - now;
    if (silence <= 0) this.#onExpiry(this.#patience.silenceMs);
    else if (stall <= 0) this.#onExpiry(this.#patience.progressMs);
    else this.#arm(Math.min(silence, stall));
  }
}
