/**
 * The memory of a chunk that a transport lends: it is written over when reading goes on, unless somebody keeps it. Whoever
 * borrows it holds reading up until it is given back.
 */
export class Loan {
  readonly #keepChunk: () => void;
  readonly #onReturn: () => void;
  #borrowers = 0;
  #isKept = false;

  constructor(keepChunk: () => void, onReturn: () => void) {
    this.#keepChunk = keepChunk;
    this.#onReturn = onReturn;
  }

  /** Whether reading has to wait. */
  get isOut(): boolean {
    return this.#borrowers > 0 && !this.#isKept;
  }

  borrow(): void {
    this.#borrowers++;
  }

  giveBack(): void {
    this.#borrowers--;
    if (this.#borrowers === 0) this.#onReturn();
  }

  /** The memory is not written over any more. */
  keep(): void {
    if (this.#isKept) return;
    this.#isKept = true;
    this.#keepChunk();
  }

  /** Octets of the chunk that stay as they are: a copy, or themselves where a copy would not take less memory. */
  owned(octets: Uint8Array): Uint8Array {
    if (!this.#isKept && 2 * octets.length < octets.buffer.byteLength) return octets.slice();
    this.keep();
    return octets;
  }
}
