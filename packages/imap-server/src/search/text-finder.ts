/** ASCII letters in lower case, every other octet as it is. */
const FOLDED: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/** A string to look for, made ready: without regard to ASCII case, in time linear in what is searched. */
export class TextPattern {
  /** Folded octets. */
  readonly octets: Uint8Array;
  /** How much of the pattern still stands when the octet behind a part of it does not fit (Knuth, Morris, Pratt). */
  readonly fallbacks: Uint32Array;

  /** @param octets - What to look for. Nothing at all is found everywhere. */
  constructor(octets: Uint8Array) {
    this.octets = octets.map((octet) => FOLDED[octet]!);
    this.fallbacks = new Uint32Array(octets.length + 1);
    for (let index = 1, matched = 0; index < octets.length; index++) {
      while (matched > 0 && this.octets[index] !== this.octets[matched]) matched = this.fallbacks[matched]!;
      if (this.octets[index] === this.octets[matched]) matched++;
      this.fallbacks[index + 1] = matched;
    }
  }
}

/** Looks for one pattern in octets that come in chunks, also across their borders. */
export class TextFinder {
  readonly #pattern: TextPattern;
  #matched = 0;
  isFound: boolean;

  constructor(pattern: TextPattern) {
    this.#pattern = pattern;
    this.isFound = pattern.octets.length === 0;
  }

  /** What comes next does not stand beside what came. */
  restart(): void {
    this.#matched = 0;
  }

  /** Takes the next chunk. @returns whether the pattern was found, in it or before */
  push(chunk: Uint8Array): boolean {
    if (this.isFound) return true;
    const { octets, fallbacks } = this.#pattern;
    const first = octets[0]!;
    let matched = this.#matched;
    for (let index = 0; index < chunk.length; index++) {
      if (matched === 0) {
        while (index < chunk.length && FOLDED[chunk[index]!] !== first) index++;
        if (index === chunk.length) break;
      }
      const octet = FOLDED[chunk[index]!];
      while (matched > 0 && octets[matched] !== octet) matched = fallbacks[matched]!;
      if (octets[matched] === octet) matched++;
      if (matched < octets.length) continue;
      this.isFound = true;
      return true;
    }
    this.#matched = matched;
    return false;
  }
}

/** Whether octets hold a pattern. */
export function holdsText(octets: Uint8Array, pattern: TextPattern): boolean {
  return new TextFinder(pattern).push(octets);
}
