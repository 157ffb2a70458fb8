/**
 * Lets a few at a time do costly work and has a bounded number wait, so that logins by the thousand neither take all
 * memory nor keep everything else from being done.
 */
export class Turns {
  #free: number;
  readonly #most: number;
  readonly #waiting = new Set<() => void>();

  /** @param free - How many at a time. @param most - How many may wait. */
  constructor(free: number, most: number) {
    this.#free = free;
    this.#most = most;
  }

  /** Does `work` when it is its turn. @returns undefined when too many wait already. */
  async take<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result | undefined> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else if (this.#waiting.size >= this.#most) return undefined;
    else await this.#wait(signal);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next === undefined) this.#free++;
      else next();
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        this.#waiting.delete(turn);
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.#waiting.delete(turn);
        reject(signal!.reason);
      };
      this.#waiting.add(turn);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
