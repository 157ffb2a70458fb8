const CR = 0x0d;
const LF = 0x0a;

/**
 * Takes the beginning of a message, chunk by chunk: its header, the empty line behind it and some lines of its body.
 * A line ends with LF, with or without CR before it.
 * @see RFC 1939 section 7, TOP
 */
export class TopCutter {
  #linesLeft: number;
  #isInBody = false;
  /** Octets of the line at hand that came already; 2 stands for more than one. */
  #lineOctets = 0;
  #firstOctet = 0;
  /** Whether the rest of the message is not needed. */
  isDone = false;

  /** @param lines - Lines of the body to take. */
  constructor(lines: number) {
    this.#linesLeft = lines;
  }

  /** What belongs to the beginning, as a view. */
  push(chunk: Uint8Array): Uint8Array {
    if (this.isDone) return chunk.subarray(0, 0);
    for (let from = 0; ; ) {
      const lineFeed = chunk.indexOf(LF, from);
      this.#note(chunk, from, lineFeed < 0 ? chunk.length : lineFeed);
      if (lineFeed < 0) return chunk;
      from = lineFeed + 1;
      this.#endLine();
      if (this.isDone) return chunk.subarray(0, from);
    }
  }

  #note(chunk: Uint8Array, from: number, to: number): void {
    if (to === from) return;
    if (this.#lineOctets === 0) this.#firstOctet = chunk[from]!;
    this.#lineOctets = Math.min(2, this.#lineOctets + to - from);
  }

  #endLine(): void {
    const isEmpty = this.#lineOctets === 0 || (this.#lineOctets === 1 && this.#firstOctet === CR);
    this.#lineOctets = 0;
    if (this.#isInBody) this.#linesLeft--;
    else if (isEmpty) this.#isInBody = true;
    this.isDone = this.#isInBody && this.#linesLeft === 0;
  }
}
