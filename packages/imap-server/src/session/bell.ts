/** Wakes the one who waits. A ring that nobody waits for is kept until somebody does, so none is lost. */
export class Bell {
  #hasRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    const wake = this.#wake;
    if (wake === undefined) this.#hasRung = true;
    else {
      this.#wake = undefined;
      wake();
    }
  }

  wait(): Promise<void> {
    if (this.#hasRung) {
      this.#hasRung = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
