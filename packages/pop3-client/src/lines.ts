import { concatBytes, decodeText, LimitExceededError } from '@posthorn/core';

const CR = 0x0d;
const LF = 0x0a;

/** Cuts octets into lines, ended by LF or CRLF, in linear time however they are chunked. */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that are whole now, without their ends. @throws LimitExceededError for a line that is too long */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      yield this.#close(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  /** What stands behind the last line end, when there is something. */
  end(): Uint8Array | undefined {
    return this.#length === 0 ? undefined : this.#close(EMPTY);
  }

  #close(part: Uint8Array): Uint8Array {
    this.#add(part);
    const line = concatBytes(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return line.at(-1) === CR ? line.subarray(0, -1) : line;
  }

  #add(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#maxLineBytes) throw new LimitExceededError('line', this.#maxLineBytes);
    if (part.length > 0) this.#parts.push(part);
  }
}

const EMPTY = new Uint8Array(0);

/** How long a line may be. */
export interface LinesOptions {
  /** Longest line, without its end. @defaultValue 1_048_576 */
  readonly maxLineBytes?: number;
}

/**
 * The lines of a stream, without their ends, as octets.
 * @throws {@link LimitExceededError} for a line that is too long.
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  { maxLineBytes = 1024 * 1024 }: LinesOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const splitter = new LineSplitter(maxLineBytes);
  for await (const chunk of stream) yield* splitter.push(chunk);
  const rest = splitter.end();
  if (rest !== undefined) yield rest;
}

/** Longest line of a listing: RFC 2449 section 4 allows 512 octets. */
const LISTING_LINE_BYTES = 8192;
/** Lines of a listing. */
const MOST_LINES = 1_000_000;

/** Reads the lines of LIST, UIDL and LANG: text, not octets. */
export class ListingReader {
  readonly #onLine: (line: string) => void;
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  #lines = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** @throws LimitExceededError for a line that is too long, or more than a million */
  push(chunk: Uint8Array): void {
    const end = chunk.lastIndexOf(LF);
    if (end >= 0) {
      this.#read(concatBytes([...this.#rest, chunk.subarray(0, end)]));
      this.#rest = [];
      this.#restBytes = 0;
    }
    if (end + 1 === chunk.length) return;
    this.#rest.push(chunk.subarray(end + 1));
    this.#restBytes += chunk.length - end - 1;
    if (this.#restBytes > LISTING_LINE_BYTES) throw new LimitExceededError('line', LISTING_LINE_BYTES);
  }

  #read(bytes: Uint8Array): void {
    for (const line of textLines(bytes)) {
      if (line.length > LISTING_LINE_BYTES) throw new LimitExceededError('line', LISTING_LINE_BYTES);
      if (++this.#lines > MOST_LINES) throw new LimitExceededError('response', MOST_LINES);
      this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
  }
}

/** Lines as text. Each is decoded for itself when not all is ASCII, so that no line changes how another one reads. */
function textLines(bytes: Uint8Array): readonly string[] {
  const text = decodeText(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is the range of ASCII
  if (!/[^\u0000-\u007f]/.test(text)) return text.split('\n');
  const lines: string[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const end = bytes.indexOf(LF, from);
    const to = end < 0 ? bytes.length : end;
    lines.push(decodeText(bytes.subarray(from, to)));
    from = to + 1;
  }
  return lines;
}
