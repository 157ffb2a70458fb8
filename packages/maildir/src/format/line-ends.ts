const CR = 0x0d;
const LF = 0x0a;

/** Counts line ends that lack a CR, chunk by chunk. */
export class BareLineEnds {
  #count = 0;
  #last = 0;

  get count(): number {
    return this.#count;
  }

  push(chunk: Uint8Array): void {
    // A Buffer finds an octet nearly twice as fast.
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1)) {
      if ((at === 0 ? this.#last : chunk[at - 1]) !== CR) this.#count++;
    }
    if (chunk.length > 0) this.#last = chunk[chunk.length - 1]!;
  }
}

/** Puts a CR before each LF that lacks one, chunk by chunk. */
export class CrlfWriter {
  #last = 0;

  push(chunk: Uint8Array): Uint8Array {
    let bare = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) if (this.#isBare(chunk, at)) bare++;
    const converted = bare === 0 ? chunk : this.#convert(chunk, bare);
    if (chunk.length > 0) this.#last = chunk[chunk.length - 1]!;
    return converted;
  }

  #convert(chunk: Uint8Array, bare: number): Uint8Array {
    const converted = new Uint8Array(chunk.length + bare);
    let from = 0;
    let to = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
      if (!this.#isBare(chunk, at)) continue;
      converted.set(chunk.subarray(from, at), to);
      to += at - from;
      converted[to++] = CR;
      from = at;
    }
    converted.set(chunk.subarray(from), to);
    return converted;
  }

  #isBare(chunk: Uint8Array, at: number): boolean {
    return (at === 0 ? this.#last : chunk[at - 1]) !== CR;
  }
}

/** Finds the empty line that ends a header, chunk by chunk. */
export class HeaderEnd {
  /** Octets of a line that was cut between chunks, of which only few matter. */
  #carried = 0;
  #carriedCr = false;

  /** Whether the header ends in this chunk. */
  push(chunk: Uint8Array): boolean {
    let start = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, start)) {
      const length = this.#carried + at - start;
      const isCr = at > start ? chunk[at - 1] === CR : this.#carriedCr;
      if (length === 0 || (length === 1 && isCr)) return true;
      this.#carried = 0;
      start = at + 1;
    }
    if (start < chunk.length) {
      this.#carried += chunk.length - start;
      this.#carriedCr = chunk[chunk.length - 1] === CR;
    }
    return false;
  }
}
