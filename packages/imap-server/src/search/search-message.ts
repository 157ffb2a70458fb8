import { type BodyHandle, concatBytes } from '@posthorn/core';
import { HeaderEndFinder } from '../header-end.ts';
import { HeaderFacts, type MessageFacts, verdictOn } from './message-verdict.ts';
import { decide, type SearchPlan, type TextLeaf } from './search-plan.ts';
import { TextFinder } from './text-finder.ts';

/** Longest header that fields are looked for in; what lies behind is not looked at. */
const MAX_HEADER_BYTES = 1024 * 1024;
/** Octets looked at before others get a turn. */
const SLICE_BYTES = 64 * 1024;

/** Decides about a message by reading it, no further than needed. Gives back nothing: the caller releases it. */
export async function searchMessage(
  plan: SearchPlan,
  facts: MessageFacts,
  body: BodyHandle,
  nowSeconds: number,
  pause: () => Promise<void>,
): Promise<boolean> {
  const reading = new Reading(plan, facts, nowSeconds);
  for await (const chunk of body.stream()) {
    for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
      const verdict = reading.push(chunk.subarray(start, start + SLICE_BYTES));
      if (verdict !== undefined) return verdict;
      await pause();
    }
  }
  return reading.finish();
}

/** One message being read: first its header, then, for strings in it, the rest. */
class Reading {
  readonly #plan: SearchPlan;
  readonly #nowSeconds: number;
  readonly #finders: ReadonlyMap<TextLeaf, TextFinder>;
  readonly #headerEnd = new HeaderEndFinder();
  /** Octets that came, those of the body not counted. */
  #headerBytes = 0;
  #header: Uint8Array[] = [];
  #isInBody = false;
  #isOver = false;
  #facts: MessageFacts;

  constructor(plan: SearchPlan, facts: MessageFacts, nowSeconds: number) {
    this.#plan = plan;
    this.#nowSeconds = nowSeconds;
    this.#finders = new Map(plan.texts.map((leaf) => [leaf, new TextFinder(plan.patterns.get(leaf)!)]));
    const texts = (leaf: TextLeaf): boolean | undefined =>
      this.#finders.get(leaf)!.isFound || (this.#isOver ? false : undefined);
    this.#facts = { ...facts, texts };
  }

  /** Takes the next octets. @returns the verdict, once there is one */
  push(chunk: Uint8Array): boolean | undefined {
    const bodyStart = this.#isInBody ? 0 : this.#endOfHeader(chunk);
    const body = chunk.subarray(bodyStart);
    const isHeaderNews = this.#takeHeader(chunk.subarray(0, bodyStart));
    const isInMessage = this.#find(chunk, 'text');
    const isInBody = this.#find(body, 'body');
    return isHeaderNews || isInMessage || isInBody ? this.#decide() : undefined;
  }

  /** The message ends here. */
  finish(): boolean {
    this.#isOver = true;
    this.#headerDone();
    return this.#decide() === true;
  }

  /** How many octets of a chunk belong to the header. */
  #endOfHeader(chunk: Uint8Array): number {
    const end = this.#headerEnd.push(chunk);
    if (end === undefined) return chunk.length;
    this.#isInBody = true;
    return end - this.#headerBytes;
  }

  /** @returns whether the header has just become known */
  #takeHeader(octets: Uint8Array): boolean {
    this.#headerBytes += octets.length;
    if (this.#facts.header !== undefined) return false;
    this.#header.push(octets);
    if (!this.#isInBody && this.#headerBytes < MAX_HEADER_BYTES) return false;
    this.#headerDone();
    return true;
  }

  #headerDone(): void {
    if (this.#facts.header !== undefined) return;
    const octets = concatBytes(this.#header).subarray(0, MAX_HEADER_BYTES);
    this.#header = [];
    this.#facts = { ...this.#facts, header: new HeaderFacts(this.#plan, octets) };
  }

  /** @returns whether a string was found that was not found before */
  #find(octets: Uint8Array, where: 'body' | 'text'): boolean {
    let isNews = false;
    for (const [leaf, finder] of this.#finders) {
      if (leaf.type !== 'text' || leaf.where !== where || finder.isFound) continue;
      if (finder.push(octets)) isNews = true;
    }
    return isNews;
  }

  #decide(): boolean | undefined {
    return decide(this.#plan.query, (leaf) => verdictOn(leaf, this.#facts, this.#nowSeconds));
  }
}
