import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 5;

/** Lets other work go on during a long loop: `await breath.pause()` waits only when the loop has run for a while. */
export class Breath {
  #since = performance.now();
  #countdown = 16;

  /** Whether the loop has run long enough. Cheap enough to ask in every round. */
  isDue(): boolean {
    if (--this.#countdown > 0) return false;
    this.#countdown = 16;
    return performance.now() - this.#since > SLICE_MS;
  }

  async pause(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
