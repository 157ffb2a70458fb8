/** Where the octets of a message come from. */
export type MessageSource = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

type Step = IteratorResult<Uint8Array, undefined>;

/** Iterates a source, promising nothing where none is needed. */
export interface MeasuredChunks {
  next(): Step | Promise<Step>;
  /** Gives the source up. */
  return(value: undefined): unknown;
}

/**
 * The chunks of a source, checked to be `size` octets in all. The last chunk is held back until the source has ended,
 * so a source of another length never completes a literal.
 * @throws RangeError (from `next`) when the source is longer or shorter.
 */
export function measured(source: MessageSource, size: number): MeasuredChunks {
  if (source instanceof Uint8Array) return measuredSync([source], size);
  return Symbol.asyncIterator in source ? measuredAsync(source, size) : measuredSync(source, size);
}

function* measuredSync(source: Iterable<Uint8Array>, size: number): Generator<Uint8Array, undefined> {
  const length = new Length(size);
  let held: Uint8Array | undefined;
  for (const chunk of source) {
    if (chunk.length === 0) continue;
    length.add(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  length.finish();
  if (held !== undefined) yield held;
  return undefined;
}

async function* measuredAsync(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array, undefined> {
  const length = new Length(size);
  let held: Uint8Array | undefined;
  for await (const chunk of source) {
    if (chunk.length === 0) continue;
    length.add(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  length.finish();
  if (held !== undefined) yield held;
  return undefined;
}

class Length {
  readonly #size: number;
  #seen = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(chunk: Uint8Array): void {
    this.#seen += chunk.length;
    if (this.#seen > this.#size) throw new RangeError(`the message is longer than the ${this.#size} octets announced`);
  }

  finish(): void {
    if (this.#seen < this.#size)
      throw new RangeError(`the message has ${this.#seen} octets, not the ${this.#size} announced`);
  }
}
