import { type BodyStructure, type ByteRange, type Envelope, utf8Bytes } from '@posthorn/core';
import { Boundaries, type BoundaryLine, MAX_BOUNDARY } from './boundaries.ts';
import { ContentFields } from './content-fields.ts';
import { EnvelopeBuilder } from './envelope.ts';
import { visitFields } from './header.ts';
import { CR, DASH, LF, OctetBuffer } from './octets.ts';
import { bodyStructureOf, openPart, type PartRange, partRange, type ScannedPart } from './part.ts';

export interface ScanOptions {
  /** Levels of parts within parts, the message itself included; 1000 at most. Deeper ones are `application/octet-stream`. @defaultValue 100 */
  readonly maxDepth?: number;
  /** Parts in all, the message itself included. The last one holds what follows. @defaultValue 10_000 */
  readonly maxParts?: number;
  /** Octets of headers that are read, all parts together. Headers behind that are only measured. @defaultValue 4_194_304 */
  readonly maxHeaderBytes?: number;
  /**
   * Whether to look into `message/global` as into `message/rfc822`, unless a transfer encoding hides it. IMAP4rev2
   * shows its envelope and structure, IMAP4rev1 does not. @defaultValue false
   */
  readonly messageGlobal?: boolean;
}

/** Values that nest deeper cannot be walked without care, or written as JSON. */
const MAX_DEPTH = 1000;

/** What one pass over a message finds. */
export interface ScannedMessage {
  /** Octets of the message. */
  readonly size: number;
  readonly envelope: Envelope;
  readonly bodyStructure: BodyStructure;
  /** The body of the first References field of the message, unfolded; undefined without one. */
  readonly references: string | undefined;
  /** The header of the message, with the empty line that ends it. */
  readonly header: ByteRange;
  /** The message as a part, and the parts in it. */
  readonly root: PartRange;
}

/** Octets of a line that are kept when it is cut between chunks: enough for a boundary, its dashes and the line end. */
const LINE_PREFIX = MAX_BOUNDARY + 48;

/**
 * Scans a message in one pass, chunk by chunk. The result does not depend on where the chunks are cut. Lines end in
 * LF, with or without CR. No content makes it throw. Memory grows with the headers and the number of parts alone.
 */
export class MessageScanner {
  readonly #maxDepth: number;
  readonly #maxParts: number;
  readonly #messageGlobal: boolean;
  #headerBudget: number;
  #partCount = 1;
  /** The open parts, from the message down to the part the scan is in. */
  readonly #open: ScannedPart[] = [openPart(0)];
  readonly #boundaries = new Boundaries();
  #isInHeader = true;
  /** Octets in the chunks before this one, and line ends before the current line. */
  #size = 0;
  #lines = 0;
  /** Where in the chunk the header goes on, and what chunks before it held. */
  #headerFrom = 0;
  readonly #header = new OctetBuffer();
  /** The beginning of a line that was cut between chunks. */
  #prefix: Uint8Array | undefined;
  #prefixLength = 0;
  #lineStart = 0;
  /** Octets of the line end before the current line. */
  #lineEndBefore = 0;
  /** The last two octets before the chunk. */
  #lastButOne = 0;
  #lastOctet = 0;
  #references: string | undefined;
  #isFinished = false;

  constructor({
    maxDepth = 100,
    maxParts = 10_000,
    maxHeaderBytes = 4_194_304,
    messageGlobal = false,
  }: ScanOptions = {}) {
    this.#messageGlobal = messageGlobal;
    this.#maxDepth = Math.min(maxDepth, MAX_DEPTH);
    this.#maxParts = maxParts;
    this.#headerBudget = maxHeaderBytes;
  }

  /** Takes the next octets, which may be changed afterwards. @throws TypeError after `finish`. */
  push(chunk: Uint8Array): void {
    if (this.#isFinished) throw new TypeError('the scanner is finished');
    if (chunk.length === 0) return;
    this.#headerFrom = 0;
    let start = 0;
    while (start < chunk.length) {
      if (!this.#isInHeader && this.#prefixLength === 0) start = this.#skipBody(chunk, start);
      const end = chunk.indexOf(LF, start);
      if (end === -1) break;
      this.#endLine(chunk, start, end + 1);
      start = end + 1;
    }
    if (start < chunk.length) this.#keepLine(chunk, start);
    if (this.#isInHeader) this.#keepHeader(chunk, chunk.length);
    this.#lastButOne = chunk.length > 1 ? chunk[chunk.length - 2]! : this.#lastOctet;
    this.#lastOctet = chunk[chunk.length - 1]!;
    this.#size += chunk.length;
  }

  /** Ends the message. @throws TypeError when called again. */
  finish(): ScannedMessage {
    if (this.#isFinished) throw new TypeError('the scanner is finished');
    this.#headerFrom = 0;
    if (this.#prefix !== undefined && this.#prefixLength > 0)
      this.#line(this.#prefix, 0, this.#prefixLength, this.#lineStart, this.#size, undefined);
    while (this.#isInHeader) this.#endHeader(undefined, this.#size, this.#size, this.#lines);
    for (const part of this.#open) closePart(part, this.#size, this.#lines);
    this.#isFinished = true;
    const root = this.#open[0]!;
    return {
      size: this.#size,
      envelope: root.envelope!,
      bodyStructure: bodyStructureOf(root),
      references: this.#references,
      header: root.header,
      root: partRange(root),
    };
  }

  /** Passes over lines of a body that cannot be boundaries. @returns The start of the first other line. */
  #skipBody(chunk: Uint8Array, from: number): number {
    const hasBoundaries = this.#boundaries.size > 0;
    const { length } = chunk;
    let start = from;
    let lines = 0;
    while (start < length) {
      if (hasBoundaries && chunk[start] === DASH && (start + 1 === length || chunk[start + 1] === DASH)) break;
      const end = chunk.indexOf(LF, start);
      if (end === -1) break;
      lines++;
      start = end + 1;
    }
    this.#lines += lines;
    return start;
  }

  /** Handles a line whose end is in this chunk. */
  #endLine(chunk: Uint8Array, start: number, end: number): void {
    if (this.#prefixLength === 0) {
      this.#lineEndBefore = this.#lineEndLength(chunk, start);
      this.#line(chunk, start, end, this.#size + start, this.#size + end, chunk);
    } else {
      this.#keepLine(chunk.subarray(0, end), start);
      const length = this.#prefixLength;
      this.#prefixLength = 0;
      this.#line(this.#prefix!, 0, length, this.#lineStart, this.#size + end, chunk);
    }
    this.#lines++;
  }

  /** Keeps what a boundary needs of a line that goes on in the next chunk. */
  #keepLine(chunk: Uint8Array, start: number): void {
    if (this.#prefixLength === 0) {
      this.#lineStart = this.#size + start;
      this.#lineEndBefore = this.#lineEndLength(chunk, start);
    }
    const kept = chunk.subarray(start, start + LINE_PREFIX - this.#prefixLength);
    this.#prefix ??= new Uint8Array(LINE_PREFIX);
    this.#prefix.set(kept, this.#prefixLength);
    this.#prefixLength += kept.length;
  }

  /** Octets of the line end before the line that starts at `start`. */
  #lineEndLength(chunk: Uint8Array, start: number): number {
    if (this.#size + start === 0) return 0;
    const before = start >= 2 ? chunk[start - 2] : start === 1 ? this.#lastOctet : this.#lastButOne;
    return before === CR ? 2 : 1;
  }

  /**
   * Handles a line.
   * @param bytes - Where it or its beginning is, from `from` to `to`.
   * @param start - Its place in the message, up to `end` with its line end.
   * @param chunk - The chunk it ends in, or nothing at the end of the message.
   */
  #line(bytes: Uint8Array, from: number, to: number, start: number, end: number, chunk: Uint8Array | undefined): void {
    if (bytes[from] === DASH && to - from > 2 && bytes[from + 1] === DASH && this.#boundaries.size > 0) {
      const found = this.#boundaries.match(bytes, from, to);
      if (found !== undefined) {
        this.#cut(found, start, end, chunk);
        return;
      }
    }
    if (this.#isInHeader && isEmptyLine(bytes, from, to)) this.#endHeader(chunk, start, end, this.#lines + 1);
  }

  /** Ends the parts within the multipart that a boundary belongs to, and begins the next. */
  #cut({ level, isLast }: BoundaryLine, start: number, end: number, chunk: Uint8Array | undefined): void {
    while (this.#isInHeader) this.#endHeader(chunk, start, start, this.#lines);
    // The line end before a boundary belongs to it, but not the one that ends the header of an empty body.
    const innermost = this.#open.at(-1)!;
    const isEmpty = innermost.body.start > start - this.#lineEndBefore;
    const bodyEnd = isEmpty ? innermost.body.start : start - this.#lineEndBefore;
    const lines = isEmpty ? innermost.lines : this.#lines - 1;
    for (const part of this.#open.splice(level + 1)) closePart(part, bodyEnd, lines);
    this.#boundaries.dropFrom(isLast ? level : level + 1);
    if (!isLast && chunk !== undefined) this.#openPart(end);
  }

  #openPart(start: number): void {
    const part = openPart(start);
    this.#open.at(-1)!.parts.push(part);
    this.#open.push(part);
    if (++this.#partCount >= this.#maxParts) this.#boundaries.dropFrom(0);
    this.#isInHeader = true;
    this.#header.clear();
    this.#headerFrom = start - this.#size;
  }

  /**
   * Ends the header of the innermost part.
   * @param start - Where its last line ends.
   * @param end - Where the empty line behind it ends.
   * @param lines - Line ends before the body.
   */
  #endHeader(chunk: Uint8Array | undefined, start: number, end: number, lines: number): void {
    const part = this.#open.at(-1)!;
    const parent = this.#open.at(-2);
    part.header.end = end;
    part.body.start = end;
    part.body.end = end;
    part.lines = lines;
    this.#isInHeader = false;
    const isMessage = parent === undefined || parent.type === 'message';
    this.#readHeader(part, this.#headerBytes(chunk, part.header.start, start), isMessage, parent?.type === 'multipart');
    this.#enter(part, parent, end);
  }

  /** Decides what the part's body holds, and goes into it. */
  #enter(part: ScannedPart, parent: ScannedPart | undefined, bodyStart: number): void {
    const type = containerType(part, parent, this.#messageGlobal);
    if (type === 'leaf') return;
    const hasSubtype = part.content?.type?.mediaSubtype !== '';
    if (!hasSubtype || this.#open.length >= this.#maxDepth || this.#partCount >= this.#maxParts) {
      part.isOpaque = true;
      return;
    }
    part.type = type;
    if (type === 'message') {
      this.#openPart(bodyStart);
      return;
    }
    const boundary = part.content?.type?.parameters.find(([name]) => name.toLowerCase() === 'boundary')?.[1];
    if (boundary !== undefined) this.#boundaries.push(utf8Bytes(boundary), this.#open.length - 1);
  }

  #readHeader(part: ScannedPart, header: Uint8Array, isMessage: boolean, isInMultipart: boolean): void {
    this.#headerBudget -= header.length;
    const content = new ContentFields();
    const envelope = isMessage ? new EnvelopeBuilder() : undefined;
    visitFields(header, (field) => {
      content.take(header, field);
      envelope?.take(header, field);
    });
    part.envelope = envelope?.build();
    if (part === this.#open[0]) this.#references = envelope?.references;
    part.content = content.isMime || isInMultipart ? content : undefined;
  }

  /** The octets of a header that ends at `end`, as far as the budget goes. */
  #headerBytes(chunk: Uint8Array | undefined, start: number, end: number): Uint8Array {
    const length = Math.min(end - start, this.#headerBudget);
    if (this.#header.length === 0 && chunk !== undefined) {
      return chunk.subarray(this.#headerFrom, this.#headerFrom + length);
    }
    if (chunk !== undefined && end > this.#size) this.#keepHeader(chunk, end - this.#size);
    return this.#header.view().subarray(0, length);
  }

  #keepHeader(chunk: Uint8Array, end: number): void {
    const room = this.#headerBudget - this.#header.length;
    this.#header.add(chunk, this.#headerFrom, Math.min(end, this.#headerFrom + room));
  }
}

function closePart(part: ScannedPart, end: number, lines: number): void {
  part.body.end = end;
  part.lines = lines - part.lines;
}

function containerType(
  { content }: ScannedPart,
  parent: ScannedPart | undefined,
  messageGlobal: boolean,
): PartRange['type'] {
  const type = content?.type;
  if (type === undefined) {
    const isInDigest = parent?.type === 'multipart' && parent.content?.type?.mediaSubtype.toLowerCase() === 'digest';
    return isInDigest ? 'message' : 'leaf';
  }
  const mediaType = type.mediaType.toLowerCase();
  if (mediaType === 'multipart') return 'multipart';
  const subtype = type.mediaSubtype.toLowerCase();
  if (mediaType !== 'message') return 'leaf';
  if (subtype === 'rfc822') return 'message';
  // Unlike the other it may be encoded (RFC 6532 section 3.5), and then its places are not those of the message.
  const isPlain = /^(7bit|8bit|binary)$/i.test(content?.encoding ?? '7bit');
  return subtype === 'global' && messageGlobal && isPlain ? 'message' : 'leaf';
}

function isEmptyLine(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  return (length === 1 && bytes[from] === LF) || (length === 2 && bytes[from] === CR && bytes[from + 1] === LF);
}

/** Scans a message that is at hand whole. @see {@link MessageScanner} */
export function scanMessage(bytes: Uint8Array, options?: ScanOptions): ScannedMessage {
  const scanner = new MessageScanner(options);
  scanner.push(bytes);
  return scanner.finish();
}
