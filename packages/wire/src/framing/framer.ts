/**
 * Finds where protocol frames end: a line, or several lines joined by literals. Knows nothing of what they mean.
 *
 * Works in time linear in its input however that is split: it remembers how far it searched, reads a frame that
 * lies inside one chunk in place, and copies only frames that span chunks, each octet a constant number of times.
 * @see RFC 9051 section 2.2, section 4.3
 * @module
 */
import { concatBytes, LimitExceededError } from '@posthorn/core';
import { CR, LBRACE, LF, PLUS, RBRACE, SP, TILDE } from '../octets/octets.ts';
import { plainOctets } from '../octets/plain-octets.ts';
import { WireSyntaxError } from './wire-syntax-error.ts';

/** What {@link Framer.next} found. */
export const NOTHING = 0;
/** A whole frame lies from `start` to `contentEnd`. */
export const FRAME = 1;
/** A literal of `literalSize` octets is announced from `literalStart` on; nothing of it was read. */
export const LITERAL = 2;
/** A literal is announced whose size makes no sense. */
export const BAD_LITERAL = 3;

export interface FramerLimits {
  /** Octets of one frame without its literals. */
  maxLineBytes: number;
  /** Octets of one frame with the literals that are part of it. */
  maxFrameBytes: number;
  /** Literals of up to this size become part of the frame without a {@link LITERAL} stop. -1 for none. */
  quietLiteralBytes: number;
}

/** Tells whether a line that ends in `{1}` ends in free text, where that means nothing. */
export type TextTest = (bytes: Uint8Array, start: number, end: number, isFirstLine: boolean) => boolean;

const INITIAL_CAPACITY = 1024;
/** Octets looked at one by one before the search for a line end is handed over. */
const NEAR_BYTES = 64;
/** More digits than the largest size has. */
const MAX_SIZE_DIGITS = 19;

export class Framer {
  readonly limits: FramerLimits;
  /** Holds the frame. Read only; octets before `start` are history. */
  buffer: Uint8Array = new Uint8Array(0);
  /** First octet of the frame, or of what is left of it behind a literal that was taken out. */
  start = 0;
  /** Behind the frame's last octet, line end excluded. */
  contentEnd = 0;
  /** Whether the frame's last line ended without CR. */
  hasBareLineFeed = false;
  /** The `{` or `~` that announces a literal. */
  literalStart = 0;
  literalSize = 0;
  isLiteralSynchronizing = true;
  isLiteralBinary = false;
  readonly #isText: TextTest;
  #end = 0;
  #isOwned = false;
  #scan = 0;
  #lineStart = 0;
  #isFirstLine = true;
  /** Octets of finished lines of this frame. */
  #lineBytes = 0;
  /** Octets of this frame that were kept. */
  #frameBytes = 0;
  /** Octets of an accepted literal that are still to be skipped over. */
  #literalLeft = 0;
  #rawLeft = 0;
  #frameDone = false;
  readonly #queue: Uint8Array[] = [];
  #queueHead = 0;
  #queuedBytes = 0;

  constructor(limits: FramerLimits, isText: TextTest) {
    this.limits = limits;
    this.#isText = isText;
  }

  /** Octets pushed and not yet given out. */
  get bufferedBytes(): number {
    return this.#end - (this.#frameDone ? this.#scan : this.start) + this.#queuedBytes;
  }

  /** Whether the stream stands between two frames. */
  get isBetweenFrames(): boolean {
    return this.#isFirstLine && this.#rawLeft === 0 && this.bufferedBytes === 0;
  }

  /** Whether {@link readRaw} has octets to give before the frame goes on. */
  get rawLeft(): number {
    return this.#rawLeft;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#queue.push(plainOctets(chunk));
    this.#queuedBytes += chunk.length;
  }

  /** Copies what is left of the chunks, so that their memory may be used again. */
  releaseChunks(): void {
    for (let index = this.#queueHead; index < this.#queue.length; index++)
      this.#queue[index] = this.#queue[index]!.slice();
    const isEmpty = (this.#frameDone ? this.#scan : this.start) === this.#end;
    if (!this.#isOwned && !isEmpty) this.#own(0);
  }

  /** Takes back a copy of the octets that were pushed and not given out. The next octet pushed begins a new frame. */
  takeRest(): Uint8Array {
    const rest: Uint8Array[] = [this.buffer.slice(this.#frameDone ? this.#scan : this.start, this.#end)];
    for (let index = this.#queueHead; index < this.#queue.length; index++) rest.push(this.#queue[index]!);
    this.#queue.length = 0;
    this.#queueHead = 0;
    this.#queuedBytes = 0;
    this.#end = this.#scan;
    this.dropFrame();
    return concatBytes(rest);
  }

  /** Goes on to the next frame or literal. */
  next(): typeof NOTHING | typeof FRAME | typeof LITERAL | typeof BAD_LITERAL {
    if (this.#frameDone) this.#beginFrame();
    for (;;) {
      if (this.#literalLeft > 0) {
        const skipped = Math.min(this.#literalLeft, this.#end - this.#scan);
        this.#scan += skipped;
        this.#literalLeft -= skipped;
        if (this.#literalLeft === 0) this.#lineStart = this.#scan;
        else if (!this.#fill()) return NOTHING;
        continue;
      }
      const lineFeed = this.#scan < this.#end ? this.#findLineFeed() : -1;
      if (lineFeed < 0) {
        this.#scan = this.#end;
        this.#checkLine(this.#end);
        if (!this.#fill()) return NOTHING;
        continue;
      }
      this.#checkLine(lineFeed);
      this.#scan = lineFeed + 1;
      const bare = lineFeed === this.#lineStart || this.buffer[lineFeed - 1] !== CR;
      this.hasBareLineFeed = bare;
      const contentEnd = bare ? lineFeed : lineFeed - 1;
      this.contentEnd = contentEnd;
      const found = this.#literalAt(contentEnd);
      if (found === NOTHING) {
        this.#frameDone = true;
        return FRAME;
      }
      this.#lineBytes += lineFeed + 1 - this.#lineStart;
      this.#lineStart = this.#scan;
      this.#isFirstLine = false;
      if (found === BAD_LITERAL) return BAD_LITERAL;
      if (this.literalSize > this.limits.quietLiteralBytes) return LITERAL;
      this.keepLiteral();
    }
  }

  /** Makes the announced literal part of the frame. */
  keepLiteral(): void {
    this.#frameBytes += this.literalSize;
    if (this.#frameBytes + this.#lineBytes > this.limits.maxFrameBytes)
      throw new LimitExceededError('response', this.limits.maxFrameBytes);
    this.#literalLeft = this.literalSize;
  }

  /** Takes the announced literal out of the frame, which goes on behind it. What stood before it is dropped. */
  takeLiteral(): void {
    this.start = this.#scan;
    this.#rawLeft = this.literalSize;
    this.#frameBytes = 0;
  }

  /** Octets of the literal taken out, as a view; undefined when none are there yet. */
  readRaw(): Uint8Array | undefined {
    if (this.start === this.#end && !this.#fill()) return undefined;
    const end = Math.min(this.#end, this.start + this.#rawLeft);
    const view = this.buffer.subarray(this.start, end);
    this.#rawLeft -= view.length;
    this.start = end;
    this.#scan = end;
    this.#lineStart = end;
    return view;
  }

  /** Gives up the frame where it stands; the next octet begins a new one. */
  dropFrame(): void {
    this.#frameDone = true;
    this.#rawLeft = 0;
    this.#literalLeft = 0;
  }

  #beginFrame(): void {
    this.#frameDone = false;
    this.start = this.#scan;
    this.#lineStart = this.#scan;
    this.#isFirstLine = true;
    this.#lineBytes = 0;
    this.#frameBytes = 0;
  }

  #findLineFeed(): number {
    const { buffer } = this;
    const end = this.#end;
    // Lines between bodies are short: found before a call of `indexOf` would have begun.
    const near = Math.min(end, this.#scan + NEAR_BYTES);
    for (let index = this.#scan; index < near; index++) if (buffer[index] === LF) return index;
    if (near === end) return -1;
    if (end === buffer.length) return buffer.indexOf(LF, near);
    const found = buffer.subarray(near, end).indexOf(LF);
    return found < 0 ? -1 : found + near;
  }

  #checkLine(end: number): void {
    if (end - this.#lineStart + this.#lineBytes > this.limits.maxLineBytes)
      throw new LimitExceededError('line', this.limits.maxLineBytes);
  }

  /** Reads a literal's announcement at the end of a line. */
  #literalAt(contentEnd: number): typeof NOTHING | typeof LITERAL | typeof BAD_LITERAL {
    const { buffer } = this;
    const lineStart = this.#lineStart;
    let close = contentEnd - 1;
    if (close <= lineStart) return NOTHING;
    if (buffer[close] === SP) while (close > lineStart && buffer[close] === SP) close--;
    if (buffer[close] !== RBRACE) return NOTHING;
    let open = close - 1;
    while (open > lineStart && isSizeOctet(buffer[open]!)) open--;
    if (buffer[open] !== LBRACE || this.#isText(buffer, lineStart, contentEnd, this.#isFirstLine)) return NOTHING;
    this.isLiteralBinary = open > lineStart && buffer[open - 1] === TILDE;
    this.literalStart = this.isLiteralBinary ? open - 1 : open;
    this.isLiteralSynchronizing = buffer[close - 1] !== PLUS;
    const isSize = this.#readSize(open + 1, this.isLiteralSynchronizing ? close : close - 1);
    return isSize && close === contentEnd - 1 ? LITERAL : BAD_LITERAL;
  }

  #readSize(first: number, end: number): boolean {
    let size = 0;
    for (let index = first; index < end; index++) {
      const digit = this.buffer[index]! - 0x30;
      if (digit < 0 || digit > 9) return false;
      size = size * 10 + digit;
    }
    if (end - first > MAX_SIZE_DIGITS || size > Number.MAX_SAFE_INTEGER)
      throw new LimitExceededError('literal', Number.MAX_SAFE_INTEGER);
    this.literalSize = size;
    return end > first;
  }

  /** Takes more octets from the queue. A frame that has begun is extended just to the next line end or literal end. */
  #fill(): boolean {
    const chunk = this.#queue[this.#queueHead];
    if (chunk === undefined) return false;
    if (this.start === this.#end) {
      this.#shift();
      this.buffer = chunk;
      this.#isOwned = false;
      this.#end = chunk.length;
      this.start = 0;
      this.#scan = 0;
      this.#lineStart = 0;
      this.#queuedBytes -= chunk.length;
      return true;
    }
    const wanted = this.#literalLeft > 0 ? this.#literalLeft : chunk.indexOf(LF) + 1;
    const taken = wanted === 0 ? chunk.length : Math.min(wanted, chunk.length);
    this.#append(chunk, taken);
    if (taken === chunk.length) this.#shift();
    else this.#queue[this.#queueHead] = chunk.subarray(taken);
    this.#queuedBytes -= taken;
    return true;
  }

  #shift(): void {
    this.#queueHead++;
    if (this.#queueHead < this.#queue.length && this.#queueHead < 1024) return;
    this.#queue.splice(0, this.#queueHead);
    this.#queueHead = 0;
  }

  #append(chunk: Uint8Array, count: number): void {
    if (!this.#isOwned || this.#end + count > this.buffer.length) this.#own(count);
    this.buffer.set(count === chunk.length ? chunk : chunk.subarray(0, count), this.#end);
    this.#end += count;
  }

  /** Moves what is kept to memory of its own, with room for `count` octets more. */
  #own(count: number): void {
    const kept = this.#end - this.start;
    const grown = new Uint8Array(Math.max(INITIAL_CAPACITY, 2 * (kept + count)));
    grown.set(this.buffer.subarray(this.start, this.#end));
    this.#scan -= this.start;
    this.#lineStart -= this.start;
    this.#end = kept;
    this.start = 0;
    this.buffer = grown;
    this.#isOwned = true;
  }
}

/** Octets that servers were seen to write in a size, right or wrong: digits, signs, floats and hexadecimal. */
function isSizeOctet(octet: number): boolean {
  return (
    (octet >= 0x30 && octet <= 0x39) ||
    octet === PLUS ||
    octet === SP ||
    octet === 0x2d ||
    octet === 0x2e ||
    (octet | 0x20) === 0x65 ||
    (octet | 0x20) === 0x78
  );
}

/** @throws WireSyntaxError always. */
export function refuseLiteral(offset: number): never {
  throw new WireSyntaxError('a literal is announced with a size that is not a number', offset);
}
