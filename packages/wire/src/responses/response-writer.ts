import { utf8Bytes } from '@posthorn/core';
import { ASTRING, CLASSES, DQUOTE, QUOTED } from '../octets/octets.ts';
import { hasEscapedOctets, octetsOfString } from '../octets/wire-octets.ts';
import { isOneValue } from '../tokens/one-value.ts';
import { isInClass, quoted } from '../tokens/spelling.ts';

/** One step of sending a response. */
export type ResponsePiece =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** Send exactly `size` octets of section `index` of the FETCH. */
  | { readonly type: 'section'; readonly index: number; readonly size: number };

/** What the client enabled, as far as it changes how a response is spelled. */
export interface ResponseEncodeOptions {
  /** UTF-8 may stand in quotes: the client enabled IMAP4rev2 or UTF8=ACCEPT. @defaultValue false */
  readonly utf8?: boolean | undefined;
}

const MAX_QUOTED_LENGTH = 4000;
const INITIAL_CAPACITY = 4096;
/** Largest buffer kept from one response to the next. */
const MAX_SPARE_BYTES = 65_536;

/** The buffer of the last response, for the next. */
let spare: Uint8Array | undefined;

/**
 * Collects the pieces of one response. Strings are never trusted: none can end the line. Octets are written as they
 * come into a buffer, which is faster than joining strings.
 */
export class ResponseWriter {
  readonly #utf8: boolean;
  readonly #pieces: ResponsePiece[] = [];
  #buffer: Uint8Array;
  #length = 0;
  /** Octets that are in pieces already. */
  #flushed = 0;

  constructor({ utf8 = false }: ResponseEncodeOptions) {
    this.#utf8 = utf8;
    this.#buffer = spare ?? new Uint8Array(INITIAL_CAPACITY);
    spare = undefined;
  }

  /** Protocol text made by this package, or checked by it. */
  text(text: string): this {
    this.#reserve(text.length);
    const buffer = this.#buffer;
    const start = this.#length;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return this.#append(utf8Bytes(text));
      buffer[start + index] = unit;
    }
    this.#length = start + text.length;
    return this;
  }

  astring(text: string): this {
    if (isInClass(text, ASTRING) && text.length < 256 && text.toUpperCase() !== 'NIL') return this.text(text);
    return this.string(text);
  }

  string(text: string): this {
    if (text.length > MAX_QUOTED_LENGTH) return this.#literalText(text);
    this.#reserve(text.length + 2);
    const buffer = this.#buffer;
    let length = this.#length;
    buffer[length++] = DQUOTE;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f || (CLASSES[unit]! & QUOTED) === 0) return this.#stringSlowly(text);
      buffer[length++] = unit;
    }
    buffer[length++] = DQUOTE;
    this.#length = length;
    return this;
  }

  nstring(text: string | null): this {
    return text === null ? this.text('NIL') : this.string(text);
  }

  /** Octets as a literal, or as a literal8. */
  literal(bytes: Uint8Array, isBinary = false): this {
    this.text(`${isBinary ? '~' : ''}{${bytes.length}}\r\n`).#flush();
    if (bytes.length > 0) this.#pieces.push({ type: 'bytes', bytes });
    return this;
  }

  /** The point where the octets of a section go. */
  section(index: number, size: number, isBinary: boolean): this {
    this.text(`${isBinary ? '~' : ''}{${size}}\r\n`).#flush();
    this.#pieces.push({ type: 'section', index, size });
    return this;
  }

  /** Octets that a decoder kept as they came. @throws RangeError when they would end the line. */
  raw(bytes: Uint8Array): this {
    if (isOneLine(bytes)) return this.#append(bytes);
    throw new RangeError('a raw value holds a line end that no literal announces');
  }

  /** A value that a decoder kept as it came. @throws RangeError when it would end the list it stands in, or the line. */
  value(bytes: Uint8Array): this {
    if (isOneValue(bytes)) return this.raw(bytes);
    throw new RangeError('a raw value is not one value');
  }

  list<Element>(elements: Iterable<Element>, write: (element: Element) => void): this {
    this.text('(');
    let isFirst = true;
    for (const element of elements) {
      if (!isFirst) this.text(' ');
      write(element);
      isFirst = false;
    }
    return this.text(')');
  }

  /** How many octets were written. */
  get position(): number {
    return this.#flushed + this.#length;
  }

  /** Writes again what was written between two positions; false when that is no longer at hand. */
  repeat(start: number, end: number): boolean {
    if (start < this.#flushed) return false;
    this.#reserve(end - start);
    this.#buffer.copyWithin(this.#length, start - this.#flushed, end - this.#flushed);
    this.#length += end - start;
    return true;
  }

  finish(): readonly ResponsePiece[] {
    return this.text('\r\n').pieces();
  }

  /** What was written, which ends the writing. */
  pieces(): readonly ResponsePiece[] {
    this.#flush();
    if (this.#buffer.length <= MAX_SPARE_BYTES) spare = this.#buffer;
    return this.#pieces;
  }

  #stringSlowly(text: string): this {
    const spelled = hasEscapedOctets(text) ? undefined : quoted(text, this.#utf8, MAX_QUOTED_LENGTH);
    return spelled === undefined ? this.#literalText(text) : this.text(spelled);
  }

  /** Text that no quotes can hold. NUL, which no literal can hold either, becomes `?`. */
  #literalText(text: string): this {
    return this.literal(octetsOfString(text.replaceAll('\u0000', '?')));
  }

  #append(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const grown = new Uint8Array(2 * (this.#length + count));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#pieces.push({ type: 'bytes', bytes: this.#buffer.slice(0, this.#length) });
    this.#flushed += this.#length;
    this.#length = 0;
  }
}

/** Whether every line end is part of a literal. */
function isOneLine(bytes: Uint8Array): boolean {
  let start = 0;
  for (;;) {
    const lineFeed = bytes.indexOf(0x0a, start);
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    const line = new TextDecoder('latin1').decode(bytes.subarray(start, end));
    if (lineFeed < 0) return !/[\r\0]/.test(line);
    const announced = /\{(\d{1,15})\+?\}\r?$/.exec(line);
    if (announced === null) return false;
    start = lineFeed + 1 + Number(announced[1]);
    if (start > bytes.length) return false;
  }
}
