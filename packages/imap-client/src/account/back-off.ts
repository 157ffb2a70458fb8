/** How long to wait between attempts. */
export interface BackOffOptions {
  /** Before the second attempt. @defaultValue 1_000 */
  readonly initialMs?: number | undefined;
  /** At the most, unless the server asks for more. @defaultValue 300_000 */
  readonly maxMs?: number | undefined;
  /** What each wait is multiplied with for the next. @defaultValue 2 */
  readonly factor?: number | undefined;
  /** The part of each wait that is left to chance, so that many clients do not come back at once: 0 to 1. @defaultValue 0.5 */
  readonly jitter?: number | undefined;
}

/** The longest wait that a server's hint is believed. */
const MOST_HINT_MS = 3_600_000;

/** Counts failures in a row, and says how long to wait after each. */
export class BackOff {
  readonly #options: Required<{ [Name in keyof BackOffOptions]: number }>;
  readonly #random: () => number;
  #failures = 0;

  /** @param random - Numbers from 0 to below 1. */
  constructor({ initialMs = 1000, maxMs = 300_000, factor = 2, jitter = 0.5 }: BackOffOptions, random: () => number) {
    if (!(initialMs >= 0 && maxMs >= initialMs && factor >= 1 && jitter >= 0 && jitter <= 1))
      throw new RangeError('the back-off makes no sense: 0 <= initialMs <= maxMs, factor >= 1, 0 <= jitter <= 1');
    this.#options = { initialMs, maxMs, factor, jitter };
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** It worked. */
  reset(): void {
    this.#failures = 0;
  }

  /** It failed once more. @param hintMs - What the server asks for. @returns how long to wait */
  next(hintMs = 0): number {
    const { initialMs, maxMs, factor, jitter } = this.#options;
    const full = Math.min(maxMs, initialMs * factor ** Math.min(this.#failures++, 64));
    return Math.max(full * (1 - jitter * this.#random()), Math.min(hintMs, MOST_HINT_MS));
  }
}
