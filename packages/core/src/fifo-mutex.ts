/** Lets one task in at a time, in the order they asked: for stores, whose changes come one after the other. */
export class FifoMutex {
  #isHeld = false;
  readonly #waiting = new Set<() => void>();

  /** Runs a task alone. An abort gives up the place in the queue; a task that runs decides for itself. */
  async run<Result>(task: () => Result | Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    if (this.#isHeld) await this.#turn(signal);
    this.#isHeld = true;
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(grant);
        reject(signal?.reason);
      };
      this.#waiting.add(grant);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#isHeld = false;
      return;
    }
    // The mutex stays held: it passes from one task to the next without a gap a third could slip through.
    this.#waiting.delete(next);
    next();
  }
}
