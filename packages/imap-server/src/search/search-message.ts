import { type BodyHandle, concatBytes, utf8Bytes } from '@posthorn/core';
import { MessageScanner, scanMessage } from '@posthorn/mime';
import { HeaderEndFinder } from '../fetch/header-end.ts';
import { HeaderFacts, type MessageFacts, verdictOn } from './message-verdict.ts';
import { decide, type SearchPlan, type TextLeaf } from './search-plan.ts';
import { headerOctetsText } from './searchable-field.ts';
import { SearchableText, type TextCoding } from './searchable-text.ts';
import { TextFinder } from './text-finder.ts';
import { codingOf, type TextSegment, textSegments } from './text-segments.ts';

/** Longest header that fields are looked for in; what lies behind is not looked at. */
const MAX_HEADER_BYTES = 1024 * 1024;
/** Octets looked at before others get a turn. */
const SLICE_BYTES = 64 * 1024;

type Pause = () => Promise<void>;

/** Decides about a message by reading it, no further than needed. Gives back nothing: the caller releases it. */
export async function searchMessage(
  plan: SearchPlan,
  facts: MessageFacts,
  body: BodyHandle,
  nowSeconds: number,
  pause: Pause,
): Promise<boolean> {
  const reading = new Reading(plan, facts, nowSeconds);
  for await (const slice of slicesOf(body, pause)) {
    const verdict = reading.push(slice);
    if (verdict !== undefined) return verdict;
    if (reading.hasParts) return searchParts(reading, body, pause);
  }
  return reading.finish();
}

/** A message of several parts is read to its end to find them, and a second time as far as needed. */
async function searchParts(reading: Reading, body: BodyHandle, pause: Pause): Promise<boolean> {
  const scanner = new MessageScanner();
  for await (const slice of slicesOf(body, pause)) scanner.push(slice);
  const segments = textSegments(scanner.finish());
  let position = 0;
  let current = 0;
  for await (const slice of slicesOf(body, pause)) {
    for (; current < segments.length; current++) {
      const segment = segments[current]!;
      const { start, end } = segment.range;
      if (start >= position + slice.length) break;
      const isBegun = start < position;
      const part = slice.subarray(Math.max(0, start - position), Math.max(0, end - position));
      const isDone = end <= position + slice.length;
      const verdict = reading.pushPart(segment, part, { isBegun, isDone });
      if (verdict !== undefined) return verdict;
      if (!isDone) break;
    }
    if (current === segments.length) break;
    position += slice.length;
  }
  return reading.finish();
}

async function* slicesOf(body: BodyHandle, pause: Pause): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body.stream()) {
    for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
      yield chunk.subarray(start, start + SLICE_BYTES);
      await pause();
    }
  }
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
  /** Octets that came of the header of the part at hand. */
  #partHeaderBytes = 0;
  #isInBody = false;
  #isOver = false;
  /** The text at hand; undefined in a header, and where there is none. */
  #text: SearchableText | undefined;
  #facts: MessageFacts;
  /** Whether the body has parts, which are to be given one by one. */
  hasParts = false;

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
    const isHeaderNews = this.#takeHeader(chunk.subarray(0, bodyStart));
    const isInBody = this.#isInBody && !this.hasParts && this.#findText(chunk.subarray(bodyStart));
    return isHeaderNews || isInBody ? this.#decide() : undefined;
  }

  /** Takes octets of a part. @returns the verdict, once there is one */
  pushPart(
    { coding }: TextSegment,
    octets: Uint8Array,
    { isBegun, isDone }: { readonly isBegun: boolean; readonly isDone: boolean },
  ): boolean | undefined {
    if (!isBegun) this.#open(coding);
    let isNews: boolean;
    if (coding === undefined) {
      if (this.#partHeaderBytes < MAX_HEADER_BYTES) this.#header.push(octets);
      this.#partHeaderBytes += octets.length;
      isNews = isDone && this.#find(utf8Bytes(headerOctetsText(this.#takenHeader())), 'everywhere');
    } else isNews = this.#findText(octets, isDone);
    return isNews ? this.#decide() : undefined;
  }

  /** The message ends here. */
  finish(): boolean {
    this.#headerDone();
    if (!this.hasParts) this.#findText(new Uint8Array(), true);
    this.#isOver = true;
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
    const octets = this.#takenHeader();
    const header = new HeaderFacts(this.#plan, octets);
    this.#facts = { ...this.#facts, header };
    if (this.#finders.size === 0) return;
    this.#find(utf8Bytes(header.text()), 'top');
    this.#openBody(header, octets);
  }

  #takenHeader(): Uint8Array {
    const octets = concatBytes(this.#header).subarray(0, MAX_HEADER_BYTES);
    this.#header = [];
    return octets;
  }

  /** Finds out what the body is by the header. */
  #openBody(header: HeaderFacts, octets: Uint8Array): void {
    const isMime = header.has('content-type') || header.has('content-transfer-encoding');
    const { bodyStructure } = isMime ? scanMessage(octets) : {};
    if (bodyStructure === undefined) this.#open(PLAIN);
    else if (bodyStructure.type === 'text') this.#open(codingOf(bodyStructure));
    else if (bodyStructure.type === 'basic') this.#open(undefined);
    else this.hasParts = true;
  }

  #open(coding: TextCoding | undefined): void {
    this.#text = coding && new SearchableText(coding);
    this.#partHeaderBytes = 0;
    for (const finder of this.#finders.values()) finder.restart();
  }

  #findText(octets: Uint8Array, isDone = false): boolean {
    if (this.#text === undefined) return false;
    const isNews = this.#find(this.#text.push(octets), 'everywhere');
    return (isDone && this.#find(this.#text.finish(), 'everywhere')) || isNews;
  }

  /**
   * @param where - the header of the message, which BODY is not about, or any other place
   * @returns whether a string was found that was not found before
   */
  #find(octets: Uint8Array, where: 'top' | 'everywhere'): boolean {
    let isNews = false;
    for (const [leaf, finder] of this.#finders) {
      if (leaf.type !== 'text' || (where === 'top' && leaf.where === 'body') || finder.isFound) continue;
      if (finder.push(octets)) isNews = true;
    }
    return isNews;
  }

  #decide(): boolean | undefined {
    return decide(this.#plan.query, (leaf) => verdictOn(leaf, this.#facts, this.#nowSeconds));
  }
}

const PLAIN: TextCoding = { encoding: '', charset: '' };
