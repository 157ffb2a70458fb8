import {
  type BodyHandle,
  type BodyStructure,
  type ByteRange,
  collectBytes,
  type Mailbox,
  type Uid,
} from '@posthorn/core';
import { headerFields, MessageScanner, type ScannedMessage, sectionRange } from '@posthorn/mime';
import type { Section } from '@posthorn/wire';
import { HeaderEndFinder } from './header-end.ts';

/** Longest header that fields are picked from; what lies behind is not looked at. */
const MAX_HEADER_BYTES = 1024 * 1024;
/** Messages whose structure a session remembers, for clients that fetch one part after the other. */
const MAX_STRUCTURES = 16;

/** Structures of the messages a session looked into last. */
export class StructureMemory {
  /** Made when it is needed: most sessions only wait. */
  #known: Map<Uid, ScannedMessage> | undefined;

  get(uid: Uid): ScannedMessage | undefined {
    return this.#known?.get(uid);
  }

  set(uid: Uid, scanned: ScannedMessage): void {
    this.#known ??= new Map();
    this.#known.set(uid, scanned);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_STRUCTURES && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Where the sections of one message lie. Reads no more of it than the sections asked for need. */
export class MessageSource {
  readonly #mailbox: Mailbox;
  readonly #uid: Uid;
  readonly #memory: StructureMemory;
  readonly #signal: AbortSignal;
  #header: ByteRange | undefined;
  #size = 0;

  constructor(mailbox: Mailbox, uid: Uid, memory: StructureMemory, signal: AbortSignal) {
    this.#mailbox = mailbox;
    this.#uid = uid;
    this.#memory = memory;
    this.#signal = signal;
  }

  /** Opens a range, or the whole message. @throws {@link StoreError} `STORE_EXPUNGED` */
  open(range?: ByteRange): Promise<BodyHandle> {
    return this.#mailbox.read(this.#uid, range, { signal: this.#signal });
  }

  /** The octets of a section; undefined for a part that the message does not have. */
  async rangeOf(section: Section): Promise<ByteRange | undefined> {
    if (section.part.length === 0 && section.text !== undefined) {
      const header = await this.#headerRange();
      return section.text === 'TEXT' ? { start: header.end, end: this.#size } : header;
    }
    const { part, text } = section;
    const isFields = text === 'HEADER.FIELDS' || text === 'HEADER.FIELDS.NOT';
    return sectionRange(await this.#structure(), part, isFields ? 'HEADER' : text);
  }

  /** How a part is encoded for its transfer; undefined for a part that the message does not have. */
  async encodingOf(part: readonly number[]): Promise<string | undefined> {
    if (part.length === 0) return 'binary';
    const found = partAt((await this.#structure()).bodyStructure, part);
    return found?.type === 'multipart' ? 'binary' : found?.encoding;
  }

  /** What the message consists of. */
  async bodyStructure(): Promise<BodyStructure> {
    return (await this.#structure()).bodyStructure;
  }

  /** The header fields of HEADER.FIELDS and HEADER.FIELDS.NOT, with the empty line behind them. */
  async fieldsOf({ text, fields = [] }: Section, { start, end }: ByteRange): Promise<Uint8Array> {
    const header = await this.#collect({ start, end: Math.min(end, start + MAX_HEADER_BYTES) });
    return headerFields(header, fields, text === 'HEADER.FIELDS.NOT');
  }

  async #headerRange(): Promise<ByteRange> {
    if (this.#header !== undefined) return this.#header;
    const handle = await this.open();
    try {
      this.#size = handle.size;
      this.#header = { start: 0, end: await headerEnd(handle) };
      return this.#header;
    } finally {
      await handle.release();
    }
  }

  async #structure(): Promise<ScannedMessage> {
    const known = this.#memory.get(this.#uid);
    if (known !== undefined) return known;
    const handle = await this.open();
    try {
      const scanner = new MessageScanner();
      for await (const chunk of handle.stream()) scanner.push(chunk);
      const scanned = scanner.finish();
      this.#memory.set(this.#uid, scanned);
      return scanned;
    } finally {
      await handle.release();
    }
  }

  async #collect(range: ByteRange): Promise<Uint8Array> {
    const handle = await this.open(range);
    try {
      return await collectBytes(handle.stream());
    } finally {
      await handle.release();
    }
  }
}

async function headerEnd(handle: BodyHandle): Promise<number> {
  const finder = new HeaderEndFinder();
  for await (const chunk of handle.stream()) {
    const end = finder.push(chunk);
    if (end !== undefined) return end;
  }
  return handle.size;
}

/** The part of that number. A message that is not a multipart has one part, its body. */
function partAt(root: BodyStructure, numbers: readonly number[]): BodyStructure | undefined {
  let found: BodyStructure | undefined;
  for (const number of numbers) {
    const container: BodyStructure = found === undefined ? root : found.type === 'message' ? found.body : found;
    const isMessage = found === undefined || found.type === 'message';
    if (container.type === 'multipart') found = container.parts[number - 1];
    else found = isMessage && number === 1 ? container : undefined;
    if (found === undefined) return undefined;
  }
  return found;
}
