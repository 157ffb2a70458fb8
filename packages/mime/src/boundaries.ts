import { CR, DASH, LF } from './octets.ts';

/** Octets of a boundary that are compared. RFC 2046 allows 70. */
export const MAX_BOUNDARY = 80;

/** A line that ends a part. */
export interface BoundaryLine {
  /** Where the multipart it belongs to stands among the open parts. */
  readonly level: number;
  /** Whether no part follows. */
  readonly isLast: boolean;
}

interface Entry {
  readonly octets: Uint8Array;
  readonly level: number;
  /** Octets it begins with that the entry below begins with too. */
  readonly common: number;
}

/**
 * The boundaries of the multiparts that are open, outermost first. Telling whether a line is one of them takes
 * time linear in the line's length and the depth, however alike the boundaries are.
 */
export class Boundaries {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  push(boundary: Uint8Array, level: number): void {
    const octets = boundary.slice(0, MAX_BOUNDARY);
    const below = this.#entries.at(-1)?.octets;
    let common = 0;
    if (below !== undefined) {
      while (common < octets.length && common < below.length && octets[common] === below[common]) common++;
    }
    this.#entries.push({ octets, level, common });
  }

  /** Forgets the boundaries at and above a level. */
  dropFrom(level: number): void {
    while (this.#entries.length > 0 && this.#entries.at(-1)!.level >= level) this.#entries.pop();
  }

  /**
   * Looks at a line that starts with two dashes. A line is a boundary's when it begins with it; of several the
   * longest counts, unless the line is exactly that of an inner one.
   * @see RFC 2046 section 5.1.1
   */
  match(bytes: Uint8Array, start: number, lineEnd: number): BoundaryLine | undefined {
    const from = start + 2;
    const end = withoutLineEnd(bytes, from, lineEnd);
    const length = end - from;
    const hasDashes = length > 2 && bytes[end - 1] === DASH && bytes[end - 2] === DASH;
    let best: Entry | undefined;
    let matched = 0;
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index]!;
      const { octets } = entry;
      const shared = this.#entries[index + 1]?.common ?? 0;
      if (shared < matched) matched = shared;
      else if (shared === matched) {
        while (matched < octets.length && matched < length && octets[matched] === bytes[from + matched]) matched++;
      }
      if (matched !== octets.length || (best !== undefined && best.octets.length >= octets.length)) continue;
      best = entry;
      if (octets.length === length || (hasDashes && octets.length === length - 2)) break;
    }
    if (best === undefined) return undefined;
    const after = from + best.octets.length;
    return { level: best.level, isLast: after + 1 < end && bytes[after] === DASH && bytes[after + 1] === DASH };
  }
}

function withoutLineEnd(bytes: Uint8Array, start: number, end: number): number {
  let trimmed = end;
  if (trimmed > start && bytes[trimmed - 1] === LF) trimmed--;
  if (trimmed < end && trimmed > start && bytes[trimmed - 1] === CR) trimmed--;
  return trimmed;
}
