import { setImmediate } from 'node:timers/promises';
import type { AppendResult } from '@posthorn/core';
import type { Folder } from './folder.ts';
import { type PlannedBatch, publish } from './publish.ts';

interface Waiting {
  readonly batch: PlannedBatch;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends to one folder. Those that come while a round waits for the disk share the next round. */
export class AppendQueue {
  readonly #folder: Folder;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Publishes a batch whose messages are staged. */
  add(batch: PlannedBatch): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      // A turn of the event loop lets those who are about to append join the round.
      await setImmediate();
      await this.#folder.mutex.run(() => this.#round());
    }
    this.#isRunning = false;
  }

  async #round(): Promise<void> {
    const folder = this.#folder;
    let round: readonly Waiting[] = [];
    try {
      await folder.refreshIfGone();
      const outcomes = await folder.withLock(async () => {
        round = this.#waiting;
        this.#waiting = [];
        return publish(
          folder,
          round.map((each) => each.batch),
        );
      });
      for (const [index, each] of round.entries()) {
        const outcome = outcomes[index]!;
        if ('result' in outcome) each.resolve(outcome.result);
        else each.reject(outcome.error);
      }
    } catch (error) {
      const failed = [...round, ...(round.length === 0 ? this.#waiting.splice(0) : [])];
      for (const each of failed) each.reject(error);
    }
  }
}
