import { utf8Bytes } from '@posthorn/core';
import { ASTRING } from './octets.ts';
import { isInClass, quoted } from './spelling.ts';

/** One step of sending a response. */
export type ResponsePiece =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** Send exactly `size` octets of section `index` of the FETCH. */
  | { readonly type: 'section'; readonly index: number; readonly size: number };

export interface ResponseEncodeOptions {
  /** UTF-8 may stand in quotes: the client enabled IMAP4rev2 or UTF8=ACCEPT. @defaultValue false */
  readonly utf8?: boolean | undefined;
}

const MAX_QUOTED_LENGTH = 4000;

/** Collects the pieces of one response. Strings are never trusted: none can end the line. */
export class ResponseWriter {
  readonly #utf8: boolean;
  readonly #pieces: ResponsePiece[] = [];
  #text = '';

  constructor({ utf8 = false }: ResponseEncodeOptions) {
    this.#utf8 = utf8;
  }

  /** Protocol text made by this package, or checked by it. */
  text(text: string): this {
    this.#text += text;
    return this;
  }

  astring(text: string): this {
    if (isInClass(text, ASTRING) && text.length < 256 && text.toUpperCase() !== 'NIL') return this.text(text);
    return this.string(text);
  }

  string(text: string): this {
    const spelled = quoted(text, this.#utf8, MAX_QUOTED_LENGTH);
    if (spelled !== undefined) this.#text += spelled;
    else this.#literalText(text);
    return this;
  }

  nstring(text: string | null): this {
    if (text === null) this.#text += 'NIL';
    else this.string(text);
    return this;
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
    if (isOneLine(bytes)) {
      this.#flush();
      if (bytes.length > 0) this.#pieces.push({ type: 'bytes', bytes });
      return this;
    }
    throw new RangeError('a raw value holds a line end that no literal announces');
  }

  list<Element>(elements: Iterable<Element>, write: (element: Element) => void): this {
    this.#text += '(';
    let isFirst = true;
    for (const element of elements) {
      if (!isFirst) this.#text += ' ';
      write(element);
      isFirst = false;
    }
    this.#text += ')';
    return this;
  }

  finish(): readonly ResponsePiece[] {
    return this.text('\r\n').pieces();
  }

  /** What was written so far. */
  pieces(): readonly ResponsePiece[] {
    this.#flush();
    return this.#pieces;
  }

  /** Text that no quotes can hold. NUL, which no literal can hold either, becomes `?`. */
  #literalText(text: string): void {
    this.literal(utf8Bytes(text.replaceAll('\u0000', '?')));
  }

  #flush(): void {
    if (this.#text === '') return;
    this.#pieces.push({ type: 'bytes', bytes: utf8Bytes(this.#text) });
    this.#text = '';
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
