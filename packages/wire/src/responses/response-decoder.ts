/**
 * Octets of a server into values.
 * @module
 */

import { LimitExceededError } from '@posthorn/core';
import { extendedEvent } from '../extension-table/extend.ts';
import type { ExtensionTable, NoExtensions, ResponseEventWith } from '../extension-table/extension-table.ts';
import { FRAME, Framer, type FramerLimits, LITERAL, NOTHING, refuseLiteral } from '../framing/framer.ts';
import { WireSyntaxError } from '../framing/wire-syntax-error.ts';
import { ASTERISK, GREATER, PLUS, RBRACKET, SP } from '../octets/octets.ts';
import { upperText } from '../octets/text.ts';
import { Fault } from '../tokens/fault.ts';
import { Reader } from '../tokens/reader.ts';
import { tagOf } from '../tokens/tag.ts';
import type { FetchBuilder } from './fetch-builder.ts';
import { readFetchStart, readResponse } from './read-response.ts';
import { statusWord } from './read-status.ts';
import type { InvalidResponse, LiteralStart, ResponseEvent, UidLiteralStart } from './response.ts';

/** How much a server may send; what exceeds it ends the decoder. */
export interface DecoderLimits {
  /** Octets of one response without its literals. @defaultValue 1 MiB */
  readonly maxLineBytes?: number | undefined;
  /** Octets of a literal that is not a message section. @defaultValue 64 KiB */
  readonly maxLiteralBytes?: number | undefined;
  /** Octets up to which a message section becomes part of its response; a larger one flows as events. @defaultValue 64 KiB */
  readonly maxInlineLiteralBytes?: number | undefined;
  /** Octets of one response with the literals that are part of it. @defaultValue 16 MiB */
  readonly maxResponseBytes?: number | undefined;
  /** How deeply lists may nest. @defaultValue 64 */
  readonly maxDepth?: number | undefined;
}

/** How a {@link ResponseDecoder} reads. */
export interface DecoderOptions<Table extends ExtensionTable = NoExtensions> extends DecoderLimits {
  /** Words that others add, with values of their own. */
  readonly extensions?: Table | undefined;
  /**
   * `lenient` accepts what servers are known to send although it breaks a rule, and says so in `diagnostics`;
   * `strict` answers such a response with an `invalid` event.
   * @defaultValue 'lenient'
   */
  readonly mode?: 'lenient' | 'strict' | undefined;
}

const KIB = 1024;
const MAX_RAW_BYTES: number = 8 * KIB;
const LITERAL_END: ResponseEvent = { type: 'literalEnd' };

/**
 * Decodes what a server sends. Push chunks of any size, then call `next` until it answers undefined.
 *
 * A response that does not parse becomes an `invalid` event and the stream stays in step. Only broken framing or
 * an exceeded limit throws; the decoder is finished then, and throws the same error again.
 */
export class ResponseDecoder<Table extends ExtensionTable = NoExtensions> {
  readonly #framer: Framer;
  readonly #reader: Reader;
  readonly #limits: FramerLimits;
  #maxLiteralBytes: number;
  #maxInlineLiteralBytes: number;
  /** Set while a response is being read piece by piece around streamed literals. */
  #builder: FetchBuilder | undefined;
  /** The fault of a response whose rest is only skipped. */
  #broken: InvalidResponse | undefined;
  #isStreaming = false;
  #isSkipping = false;
  /** The message a FETCH response with an announced literal is about, and where its items begin. */
  #begun: FetchBuilder | undefined;
  #itemsStart = 0;
  readonly #table: Table | undefined;
  #failure: unknown;

  constructor(options: DecoderOptions<Table> = {}) {
    this.#table = options.extensions;
    this.#limits = { maxLineBytes: KIB * KIB, maxFrameBytes: 16 * KIB * KIB, quietLiteralBytes: 64 * KIB };
    this.#maxLiteralBytes = 64 * KIB;
    this.#maxInlineLiteralBytes = 64 * KIB;
    this.#framer = new Framer(this.#limits, isFreeText);
    this.#reader = new Reader(options.mode === 'strict', 64);
    this.setLimits(options);
  }

  /** Octets pushed and not yet turned into events. Must be 0 before TLS begins. */
  get bufferedBytes(): number {
    return this.#framer.bufferedBytes;
  }

  /** Changes limits from here on, such as after login. Those left out stay. */
  setLimits(limits: DecoderLimits): void {
    this.#limits.maxLineBytes = limits.maxLineBytes ?? this.#limits.maxLineBytes;
    this.#limits.maxFrameBytes = limits.maxResponseBytes ?? this.#limits.maxFrameBytes;
    this.#maxLiteralBytes = limits.maxLiteralBytes ?? this.#maxLiteralBytes;
    this.#maxInlineLiteralBytes = limits.maxInlineLiteralBytes ?? this.#maxInlineLiteralBytes;
    this.#limits.quietLiteralBytes = Math.min(this.#maxLiteralBytes, this.#maxInlineLiteralBytes);
    this.#reader.maxDepth = limits.maxDepth ?? this.#reader.maxDepth;
  }

  /** Takes a chunk. It must not be changed afterwards, unless {@link releaseChunks} was called. */
  push(chunk: Uint8Array): void {
    this.#framer.push(chunk);
  }

  /**
   * Copies what is left of the chunks pushed so far, so that their memory may be used again: little, once `next` has
   * answered undefined. Octets that `literalData` events hold are views of that memory; all other values are copies.
   */
  releaseChunks(): void {
    this.#framer.releaseChunks();
  }

  /**
   * Takes back, as a copy, the octets pushed behind the last event: those behind the answer to COMPRESS, which are
   * compressed. What is pushed next begins a new response. Only for where `next` stands between two responses.
   * @see RFC 4978 section 3
   */
  takeRest(): Uint8Array {
    return this.#framer.takeRest();
  }

  /**
   * The next event, or undefined when more octets are needed.
   * @throws {@link LimitExceededError} when a limit is exceeded, {@link WireSyntaxError} when the framing is broken.
   */
  next(): ResponseEventWith<Table> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const event = this.#advance();
      // Without a table the two types are one.
      if (event === undefined || this.#table === undefined) return event as ResponseEventWith<Table> | undefined;
      return extendedEvent(event, this.#table);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /**
   * Says that no more octets will come.
   * @throws {@link WireSyntaxError} when the stream ended in the middle of a response.
   */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#framer.isBetweenFrames && this.#builder === undefined && !this.#isSkipping) return;
    this.#failure = new WireSyntaxError('the stream ended in the middle of a response', 0);
    throw this.#failure;
  }

  #advance(): ResponseEvent | undefined {
    for (;;) {
      if (this.#isStreaming) return this.#readLiteral();
      if (this.#isSkipping && !this.#skipLiteral()) return undefined;
      const found = this.#framer.next();
      if (found === NOTHING) return undefined;
      if (found === FRAME) {
        const event = this.#frame();
        if (event !== undefined) return event;
      } else if (found === LITERAL) {
        const event = this.#literal();
        if (event !== undefined) return event;
      } else refuseLiteral(this.#framer.contentEnd - this.#framer.start);
    }
  }

  #readLiteral(): ResponseEvent | undefined {
    if (this.#framer.rawLeft === 0) {
      this.#isStreaming = false;
      return LITERAL_END;
    }
    const bytes = this.#framer.readRaw();
    return bytes === undefined ? undefined : { type: 'literalData', bytes };
  }

  #skipLiteral(): boolean {
    while (this.#framer.rawLeft > 0) if (this.#framer.readRaw() === undefined) return false;
    this.#isSkipping = false;
    return true;
  }

  /** A whole response, or what follows the last streamed literal of one. */
  #frame(): ResponseEvent | undefined {
    const framer = this.#framer;
    const reader = this.#reader;
    const builder = this.#builder;
    const broken = this.#broken;
    this.#builder = undefined;
    this.#broken = undefined;
    if (broken !== undefined) return broken;
    if (builder === undefined && framer.contentEnd === framer.start && !reader.isStrict) return undefined;
    reader.open(framer.buffer, framer.start, framer.contentEnd);
    try {
      if (framer.hasBareLineFeed) reader.quirk('QUIRK_BARE_LF', 'a line ends without CR');
      if (builder === undefined) return this.#diagnosed(readResponse(reader));
      builder.read(reader);
      return this.#diagnosed(builder.finish(reader));
    } catch (fault) {
      return this.#invalid(fault);
    }
  }

  #diagnosed<Event extends ResponseEvent>(event: Event): Event {
    const { diagnostics } = this.#reader;
    return diagnostics === undefined ? event : { ...event, diagnostics };
  }

  #invalid(fault: unknown): InvalidResponse {
    if (!(fault instanceof Fault)) throw fault;
    const { buffer, start, contentEnd } = this.#framer;
    this.#reader.note('SYNTAX', fault.offset, fault.message);
    return {
      type: 'invalid',
      raw: buffer.slice(start, Math.min(contentEnd, start + MAX_RAW_BYTES)),
      tag: buffer[start] === ASTERISK ? undefined : tagOf(buffer, start, contentEnd),
      diagnostics: this.#reader.diagnostics!,
    };
  }

  /** Decides about a literal that is too large to become part of the response without asking. */
  #literal(): LiteralStart | UidLiteralStart | undefined {
    const framer = this.#framer;
    const size = framer.literalSize;
    if (!this.#isSectionLiteral()) {
      if (size > this.#maxLiteralBytes) throw new LimitExceededError('literal', this.#maxLiteralBytes);
      framer.keepLiteral();
      return undefined;
    }
    if (size <= this.#maxInlineLiteralBytes) {
      framer.keepLiteral();
      return undefined;
    }
    const start = this.#broken === undefined ? this.#startStreaming(size) : undefined;
    framer.takeLiteral();
    this.#isStreaming = start !== undefined;
    this.#isSkipping = start === undefined;
    return start;
  }

  /** Whether the announced literal is the value of a section: `BODY[…]`, `BINARY[…]` or `RFC822…` of a FETCH. */
  #isSectionLiteral(): boolean {
    const { buffer, start, literalStart } = this.#framer;
    if (this.#builder === undefined && this.#broken === undefined) {
      const reader = this.#reader;
      reader.open(buffer, start, literalStart);
      this.#begun = undefined;
      try {
        this.#begun = readFetchStart(reader);
      } catch (fault) {
        if (!(fault instanceof Fault)) throw fault;
      }
      if (this.#begun === undefined) return false;
      this.#itemsStart = reader.offset;
    }
    // What stands before the frame are octets of the literal before it, or whatever the buffer held.
    if (literalStart < start + 2 || buffer[literalStart - 1] !== SP) return false;
    const last = buffer[literalStart - 2];
    if (last === RBRACKET || last === GREATER) return true;
    const word = upperText(buffer, Math.max(start, literalStart - 15), literalStart - 1);
    return word.endsWith('RFC822') || word.endsWith('RFC822.HEADER') || word.endsWith('RFC822.TEXT');
  }

  /** Reads what stands before the literal. Undefined when that does not parse: the rest is skipped then. */
  #startStreaming(size: number): LiteralStart | UidLiteralStart | undefined {
    const { buffer, start, literalStart } = this.#framer;
    const reader = this.#reader;
    reader.open(buffer, start, literalStart);
    try {
      if (this.#builder === undefined) {
        this.#builder = this.#begun!;
        reader.offset = this.#itemsStart;
      }
      const pending = this.#builder.read(reader, size);
      if (pending === undefined) reader.fail('a literal where none belongs');
      this.#builder.keepDiagnostics(reader);
      return this.#builder.literalStart(pending!, size);
    } catch (fault) {
      this.#broken = this.#invalid(fault);
      this.#builder = undefined;
      return undefined;
    }
  }
}

/** Status responses and continuation requests end in free text, where `{1}` means nothing. */
function isFreeText(bytes: Uint8Array, start: number, end: number, isFirstLine: boolean): boolean {
  if (!isFirstLine) return false;
  if (bytes[start] === PLUS) return true;
  let offset = start;
  while (offset < end && bytes[offset] !== SP) offset++;
  const word = offset + 1;
  // The number of a message, most of the time.
  if (word < end && bytes[word]! <= 0x39) return false;
  offset = word;
  while (offset < end && bytes[offset] !== SP) offset++;
  return offset - word <= 7 && statusWord(upperText(bytes, word, offset)) !== undefined;
}
