/**
 * Notes every promise that is rejected with nobody to catch it, so that a test can say which one it was.
 *
 *     const rejections = new UnhandledRejections();
 *     beforeEach(() => rejections.begin());
 *     afterEach(async () => expect(await rejections.end()).toEqual([]));
 */
export class UnhandledRejections {
  #seen: unknown[] = [];
  readonly #note = (reason: unknown): void => {
    this.#seen.push(reason);
  };

  begin(): void {
    this.#seen = [];
    process.on('unhandledRejection', this.#note);
  }

  /** @returns the reasons since {@link begin}, those of this turn included */
  async end(): Promise<readonly unknown[]> {
    // Node tells of a rejection behind the turn in which it came.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', this.#note);
    return this.#seen;
  }
}
