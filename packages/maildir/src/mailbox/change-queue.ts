import { setImmediate } from 'node:timers/promises';
import type { Folder } from './folder.ts';

interface Waiting {
  /** Makes the change; tells what settles it, once the lock is given up. */
  readonly run: () => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

/** Changes to one folder, one after the other. Those that come at about the same time share one lock. */
export class ChangeQueue {
  readonly #folder: Folder;
  readonly #waiting = new Set<Waiting>();
  #isRunning = false;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Makes a change under the lock, on records that are up to date. An abort gives up the place in the queue. */
  add<Result>(change: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        if (this.#waiting.delete(waiting)) reject(signal?.reason);
      };
      const waiting: Waiting = {
        run: async () => {
          signal?.removeEventListener('abort', giveUp);
          try {
            const result = await change();
            return () => resolve(result);
          } catch (error) {
            return () => reject(error);
          }
        },
        reject: (error) => {
          signal?.removeEventListener('abort', giveUp);
          reject(error);
        },
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.size > 0) {
      // A turn of the event loop lets those who are about to change something join the round.
      await setImmediate();
      await this.#folder.mutex.run(() => this.#round());
    }
    this.#isRunning = false;
  }

  async #round(): Promise<void> {
    const folder = this.#folder;
    const settled: (() => void)[] = [];
    try {
      await folder.withLock(async () => {
        await folder.refreshHeld({ isLocked: true });
        for (const each of this.#taken()) settled.push(await each.run());
      });
    } catch (error) {
      for (const each of this.#taken()) each.reject(error);
    }
    for (const settle of settled) settle();
  }

  #taken(): readonly Waiting[] {
    const taken = [...this.#waiting];
    this.#waiting.clear();
    return taken;
  }
}
