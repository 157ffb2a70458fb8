/**
 * Octets of a POP3 server into values.
 * @see RFC 1939, RFC 2449 section 8, RFC 3206
 * @module
 */
import { decodeText } from '@posthorn/core';
import { WireSyntaxError } from '../framing/wire-syntax-error.ts';
import { CLASSES, NUL, PLUS, SP, TAG } from '../octets/octets.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import { DotUnstuffer, type LineDotSearch } from './dot-stuffing.ts';
import { LineBuffer } from './line-buffer.ts';

/** What a POP3 server said. */
export type Pop3ResponseEvent =
  | {
      readonly type: 'status';
      readonly isOk: boolean;
      /** The extended response code in upper case, such as `AUTH`, `IN-USE` or `SYS/TEMP`. */
      readonly code?: string;
      readonly text: string;
      /** Whether `bodyData` and `bodyEnd` follow. */
      readonly hasBody: boolean;
      readonly diagnostics?: readonly Diagnostic[];
    }
  /** A challenge of AUTH, in base64. */
  | { readonly type: 'continuation'; readonly text: string; readonly diagnostics?: readonly Diagnostic[] }
  /** Octets of a body, without the dots that were put in. A view that stays valid. */
  | { readonly type: 'bodyData'; readonly bytes: Uint8Array }
  | { readonly type: 'bodyEnd' };

/** How a {@link Pop3ResponseDecoder} reads. */
export interface Pop3DecoderOptions {
  /** Octets of one line outside bodies. @defaultValue 8 KiB */
  readonly maxLineBytes?: number | undefined;
  /** A faster search for what ends bodies, where the runtime has one. @defaultValue one that runs anywhere */
  readonly findLineDot?: LineDotSearch | undefined;
}

/**
 * Decodes what a POP3 server sends. Call {@link expect} once for each command, in the order they are sent: only
 * the command tells whether an answer has a body. The greeting needs no call.
 */
export class Pop3ResponseDecoder {
  readonly #lines: LineBuffer;
  readonly #findLineDot: LineDotSearch | undefined;
  /** Whether the answers to come have bodies; those before `#nextExpected` came already. */
  #expected: boolean[] = [];
  #nextExpected = 0;
  #body: DotUnstuffer | undefined;
  /** Views of the body that are not handed out yet: those from the given one on, and their octets. */
  #views: readonly Uint8Array[] = [];
  #nextView = 0;
  #viewBytes = 0;
  #isGreeted = false;
  #failure: unknown;

  constructor({ maxLineBytes = 8192, findLineDot }: Pop3DecoderOptions = {}) {
    this.#lines = new LineBuffer(maxLineBytes);
    this.#findLineDot = findLineDot;
  }

  /** Octets pushed and not yet turned into events. Must be 0 before TLS begins. */
  get bufferedBytes(): number {
    return this.#lines.bufferedBytes + this.#viewBytes;
  }

  /** A command was sent; `hasBody` says whether its positive answer has a body. @see {@link hasPop3Body} */
  expect(hasBody: boolean): void {
    this.#expected.push(hasBody);
  }

  /** Takes a chunk. It must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    this.#lines.push(chunk);
  }

  /**
   * The next event, or undefined when more octets are needed.
   * @throws {@link LimitExceededError} for a line that is too long, {@link WireSyntaxError} for one that is no
   *   status, or that nobody asked for; the decoder is finished then.
   */
  next(): Pop3ResponseEvent | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.#body === undefined ? this.#status() : this.#readBody(this.#body);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Says that no more octets will come. @throws {@link WireSyntaxError} when an answer is not whole. */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#body === undefined && this.bufferedBytes === 0) return;
    this.#failure = new WireSyntaxError('the stream ended in the middle of an answer', 0);
    throw this.#failure;
  }

  #readBody(body: DotUnstuffer): Pop3ResponseEvent | undefined {
    for (;;) {
      const view = this.#views[this.#nextView++];
      if (view !== undefined) {
        this.#viewBytes -= view.length;
        return { type: 'bodyData', bytes: view };
      }
      this.#views = [];
      this.#nextView = 0;
      if (body.isAtEnd) {
        this.#body = undefined;
        return { type: 'bodyEnd' };
      }
      const chunk = this.#lines.peek();
      if (chunk === undefined) return undefined;
      this.#views = body.push(chunk);
      for (const { length } of this.#views) this.#viewBytes += length;
      this.#lines.skip(body.consumed);
    }
  }

  #status(): Pop3ResponseEvent | undefined {
    const line = this.#lines.line();
    if (line === undefined) return undefined;
    const { bytes } = line;
    const diagnostics: Diagnostic[] = [];
    if (line.isBare) diagnostics.push({ id: 'QUIRK_BARE_LF', offset: bytes.length, message: 'a line ends without CR' });
    if (bytes.includes(NUL)) throw new WireSyntaxError('a line holds NUL', bytes.indexOf(NUL));
    const noted = diagnostics.length === 0 ? {} : { diagnostics };
    if (bytes[0] === PLUS && (bytes.length === 1 || bytes[1] === SP))
      return { type: 'continuation', text: decodeText(bytes.subarray(2)), ...noted };
    const isOk = begins(bytes, '+OK') && (bytes.length === 3 || bytes[3] === SP || bytes[3] === 0x09);
    const isError = !isOk && begins(bytes, '-ERR') && (bytes.length === 4 || bytes[4]! <= SP);
    if (!isOk && !isError) throw new WireSyntaxError('an answer that is neither +OK nor -ERR', 0);
    const hasBody = this.#answered() && isOk;
    if (hasBody) this.#body = new DotUnstuffer(this.#findLineDot);
    const { code, text } = splitCode(decodeText(bytes.subarray(isOk ? 4 : 5)));
    return { type: 'status', isOk, ...(code === undefined ? {} : { code }), text, hasBody, ...noted };
  }

  /** Whether the command that is answered asked for a body. */
  #answered(): boolean {
    if (!this.#isGreeted) {
      this.#isGreeted = true;
      return false;
    }
    const expected = this.#expected[this.#nextExpected];
    if (expected === undefined) throw new WireSyntaxError('an answer that nobody asked for', 0);
    if (++this.#nextExpected * 2 > this.#expected.length) {
      this.#expected = this.#expected.slice(this.#nextExpected);
      this.#nextExpected = 0;
    }
    return expected;
  }
}

/** Whether the octets begin with a word in capitals, in any case. */
function begins(bytes: Uint8Array, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    const octet = bytes[index] ?? 0;
    const capital = octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet;
    if (capital !== word.charCodeAt(index)) return false;
  }
  return true;
}

/** `[SYS/TEMP] try later`. */
function splitCode(text: string): { readonly code: string | undefined; readonly text: string } {
  const close = text.startsWith('[') ? text.indexOf(']') : -1;
  const code = text.slice(1, Math.max(1, close));
  for (let index = 0; index < code.length; index++) {
    const unit = code.charCodeAt(index);
    if (unit > 0x7e || (CLASSES[unit]! & TAG) === 0) return { code: undefined, text };
  }
  return code === ''
    ? { code: undefined, text }
    : { code: code.toUpperCase(), text: text.slice(close + 1).trimStart() };
}
