const LF = 0x0a;
const CR = 0x0d;

/**
 * Finds where the header of a message ends: behind its first empty line. Takes the message in chunks, looks at each
 * octet once and keeps none.
 */
export class HeaderEndFinder {
  #offset = 0;
  /** Whether nothing but a CR stands in the line so far. */
  #isLineEmpty = true;
  #hasReturn = false;

  /** The offset of the body, or undefined when the header goes on. */
  push(chunk: Uint8Array): number | undefined {
    for (let index = 0; index < chunk.length; index++) {
      const octet = chunk[index]!;
      if (octet === LF) {
        if (this.#isLineEmpty) return this.#offset + index + 1;
        this.#isLineEmpty = true;
        this.#hasReturn = false;
      } else if (octet === CR && this.#isLineEmpty && !this.#hasReturn) this.#hasReturn = true;
      else {
        // Nothing before the end of the line matters.
        this.#isLineEmpty = false;
        const end = chunk.indexOf(LF, index);
        index = (end < 0 ? chunk.length : end) - 1;
      }
    }
    this.#offset += chunk.length;
    return undefined;
  }
}
