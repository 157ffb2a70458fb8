import type { ConnectionClosedError } from '@posthorn/core';
import type { Timers } from '@posthorn/transport/client';

/** What somebody needs a connection for. */
export interface Need {
  /** The mailbox that must be selected there, and how; undefined when any connection will do. */
  readonly key: string | undefined;
  /** Nobody else may use the connection meanwhile. */
  readonly isExclusive: boolean;
  /** The mailbox is going to be watched, which only one at a time can do on a connection. */
  readonly isWatch: boolean;
}

/** Somebody who waits for a connection. */
export interface Waiter<T> {
  readonly need: Need;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

export interface WaitLimits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** A queue of those who wait: each is served, rejected, or gives up, and then forgotten. */
export class Waiters<T> {
  readonly #timers: Timers;
  #queue: Waiter<T>[] = [];

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** @param describe - Why nobody was served in time. */
  add(need: Need, { signal, timeoutMs }: WaitLimits, describe: () => ConnectionClosedError): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#queue = this.#queue.filter((each) => each !== waiter);
        if (timer !== undefined) this.#timers.stop(timer);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter<T> = {
        need,
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (reason) => {
          settle();
          reject(reason);
        },
      };
      const abort = (): void => waiter.reject(signal?.reason);
      const isEndless = timeoutMs === Number.POSITIVE_INFINITY;
      const timer = isEndless ? undefined : this.#timers.start(() => waiter.reject(describe()), timeoutMs);
      this.#queue.push(waiter);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Those who wait, first come first. */
  [Symbol.iterator](): Iterator<Waiter<T>> {
    return [...this.#queue][Symbol.iterator]();
  }

  rejectAll(reason: unknown): void {
    for (const { reject } of [...this.#queue]) reject(reason);
  }
}
