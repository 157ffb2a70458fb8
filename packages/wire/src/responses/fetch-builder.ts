/**
 * Builds the items of one FETCH response, item by item, so that it can stop where a section's octets flow by.
 * @see RFC 9051 section 7.5.2
 * @module
 */

import type { EmailId, SequenceNumber, ThreadId, Uid } from '@posthorn/core';
import {
  ASTRING,
  ATOM,
  CLASSES,
  DIGIT,
  LBRACKET,
  LPAREN,
  MINUS,
  NAME,
  RBRACKET,
  RPAREN,
  SP,
} from '../octets/octets.ts';
import { upperText } from '../octets/text.ts';
import type { Diagnostic } from '../tokens/diagnostic.ts';
import { Fault } from '../tokens/fault.ts';
import { rawOctets } from '../tokens/raw-octets.ts';
import { readOctets } from '../tokens/read-octets.ts';
import { MAX_DIAGNOSTICS, type Reader } from '../tokens/reader.ts';
import { skipValue } from '../tokens/skip-value.ts';
import { readAnnotationAnswer } from '../values/annotation.ts';
import { readLabels } from '../values/labels.ts';
import { readFlags } from '../values/read-flags.ts';
import { readInternalDate } from '../values/read-internal-date.ts';
import { readOrigin, readSection } from '../values/read-section.ts';
import { readModSeq, readSize } from '../values/read-size.ts';
import { type Section, WHOLE_MESSAGE } from '../values/section.ts';
import { readBodyStructure } from './read-body-structure.ts';
import { readEnvelope } from './read-envelope.ts';
import type {
  BinarySize,
  FetchData,
  FetchedSection,
  FetchItems,
  LiteralStart,
  RawItem,
  UidFetchData,
  UidLiteralStart,
} from './response.ts';

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

type PendingSection = Pick<FetchedSection, 'item' | 'section' | 'origin'>;

export class FetchBuilder {
  readonly #sequenceNumber: SequenceNumber;
  readonly #isUid: boolean;
  readonly #items: Mutable<FetchItems> = {};
  #sections: FetchedSection[] | undefined;
  #raw: RawItem[] | undefined;
  #binarySizes: BinarySize[] | undefined;
  #diagnostics: Diagnostic[] | undefined;
  #isOpen = false;
  #isFirst = true;

  /** @param isUid - Whether the number is the UID of a UIDFETCH. */
  constructor(number: number, isUid: boolean) {
    this.#sequenceNumber = number as SequenceNumber;
    this.#isUid = isUid;
  }

  /**
   * Reads items up to the end of the response.
   * @returns The section whose literal stands at the end of what there is, when the response stops there.
   */
  read(reader: Reader, streamedSize?: number): PendingSection | undefined {
    if (this.#isOpen) reader.depth = 1;
    else {
      reader.openList();
      this.#isOpen = true;
    }
    while (reader.hasNext(this.#isFirst)) {
      this.#isFirst = false;
      const pending = this.#readItem(reader, streamedSize);
      if (pending !== undefined) return pending;
    }
    reader.finish();
    return undefined;
  }

  /** What was read before the literal of a section, which is now about to flow. */
  literalStart(pending: PendingSection, size: number): LiteralStart | UidLiteralStart {
    const start = this.#literalStart(pending, size);
    if (!this.#isUid) return start;
    const { type: _, sequenceNumber, ...rest } = start;
    return { type: 'uidLiteralStart', uid: uidOf(sequenceNumber), ...rest };
  }

  #literalStart(pending: PendingSection, size: number): LiteralStart {
    const { item, section, origin } = pending;
    const sequenceNumber = this.#sequenceNumber;
    const items = this.#snapshot();
    const value = { type: 'streamed', size } as const;
    // Spelled out: copying members by spread is what a response with a body would cost most.
    if (origin === undefined) {
      this.#addSection({ item, section, value });
      return { type: 'literalStart', sequenceNumber, items, item, section, size };
    }
    this.#addSection({ item, section, origin, value });
    return { type: 'literalStart', sequenceNumber, items, item, section, origin, size };
  }

  /** Holds on to what was noted so far, for the whole response. */
  keepDiagnostics({ diagnostics }: Reader): void {
    if (diagnostics === undefined) return;
    this.#diagnostics ??= [];
    this.#diagnostics.push(...diagnostics.slice(0, MAX_DIAGNOSTICS - this.#diagnostics.length));
  }

  finish(reader: Reader): FetchData | UidFetchData {
    if (this.#sections !== undefined) this.#items.sections = this.#sections;
    if (this.#raw !== undefined) this.#items.raw = this.#raw;
    if (this.#binarySizes !== undefined) this.#items.binarySizes = this.#binarySizes;
    if (this.#diagnostics !== undefined)
      reader.diagnostics = [...this.#diagnostics, ...(reader.diagnostics ?? [])].slice(0, MAX_DIAGNOSTICS);
    if (this.#isUid) return { type: 'uidFetch', uid: uidOf(this.#sequenceNumber), items: this.#items };
    return { type: 'fetch', sequenceNumber: this.#sequenceNumber, items: this.#items };
  }

  #snapshot(): FetchItems {
    const items: Mutable<FetchItems> = { ...this.#items };
    if (this.#sections !== undefined) items.sections = [...this.#sections];
    if (this.#raw !== undefined) items.raw = [...this.#raw];
    if (this.#binarySizes !== undefined) items.binarySizes = [...this.#binarySizes];
    return items;
  }

  #addSection(section: FetchedSection): void {
    this.#sections ??= [];
    this.#sections.push(section);
  }

  #readItem(reader: Reader, streamedSize: number | undefined): PendingSection | undefined {
    const name = readName(reader);
    if (reader.peek() === LBRACKET && (name === 'BODY' || name === 'BINARY'))
      return this.#readSection(reader, name, streamedSize);
    if (name === 'RFC822' || name === 'RFC822.HEADER' || name === 'RFC822.TEXT') {
      const section: Section =
        name === 'RFC822' ? WHOLE_MESSAGE : { part: [], text: name === 'RFC822.HEADER' ? 'HEADER' : 'TEXT' };
      return this.#readSectionValue(reader, { item: name, section }, streamedSize);
    }
    if (reader.peek() === LBRACKET) skipBracket(reader);
    const fullName =
      name === 'BODY' || reader.bytes[reader.offset - 1] !== RBRACKET ? name : nameWithBracket(reader, name);
    if (reader.peek() === RPAREN) {
      reader.quirk('QUIRK_MISSING_VALUE', 'an item without a value');
      this.#addRaw(fullName, new Uint8Array(0));
      return undefined;
    }
    reader.space();
    this.#readValue(reader, fullName);
    return undefined;
  }

  #readValue(reader: Reader, name: string): void {
    const start = reader.offset;
    const { depth } = reader;
    try {
      if (this.#readKnown(reader, name)) return;
      skipValue(reader);
      if (reader.offset === start) reader.quirk('QUIRK_MISSING_VALUE', 'an item without a value');
    } catch (fault) {
      if (!(fault instanceof Fault) || reader.isStrict) throw fault;
      reader.noteFault('SYNTAX', fault, name);
      reader.depth = depth;
      reader.offset = start;
      skipBrokenValue(reader);
    }
    this.#addRaw(name, rawOctets(reader, start));
  }

  #addRaw(name: string, raw: Uint8Array): void {
    this.#raw ??= [];
    this.#raw.push({ name, raw });
  }

  #readKnown(reader: Reader, name: string): boolean {
    const items = this.#items;
    switch (name) {
      case 'UID':
        items.uid = whole(reader, reader.nonZero() as Uid);
        return true;
      case 'FLAGS':
        items.flags = whole(reader, readFlags(reader));
        return true;
      case 'INTERNALDATE':
        items.internalDate = whole(reader, readInternalDate(reader));
        return true;
      case 'RFC822.SIZE':
        items.size = whole(reader, readSize(reader));
        return true;
      case 'ENVELOPE':
        items.envelope = whole(reader, readEnvelope(reader));
        return true;
      case 'BODYSTRUCTURE':
      case 'BODY':
        items.bodyStructure = whole(reader, readBodyStructure(reader));
        return true;
      case 'MODSEQ':
        return this.#readModSeq(reader);
      case 'EMAILID':
        items.emailId = whole(reader, readObjectId(reader) as EmailId);
        return true;
      case 'THREADID':
        items.threadId = whole(reader, reader.nil() ? null : (readObjectId(reader) as ThreadId));
        return true;
      case 'SAVEDATE':
        items.saveDate = whole(reader, reader.nil() ? null : readInternalDate(reader));
        return true;
      case 'PREVIEW':
        items.preview = whole(reader, reader.nstring());
        return true;
      default:
        return this.#readRare(reader, name);
    }
  }

  #readRare(reader: Reader, name: string): boolean {
    switch (name) {
      case 'ANNOTATION':
        this.#items.annotations = whole(reader, readAnnotationAnswer(reader));
        return true;
      case 'X-GM-MSGID':
        this.#items.gmailMessageId = whole(reader, readNumber64(reader));
        return true;
      case 'X-GM-THRID':
        this.#items.gmailThreadId = whole(reader, readNumber64(reader));
        return true;
      case 'X-GM-LABELS':
        this.#items.gmailLabels = whole(reader, readLabels(reader));
        return true;
    }
    const part = name.startsWith('BINARY.SIZE[') ? partNumber(name.slice(12, -1)) : undefined;
    if (part === undefined) return false;
    const size = whole(reader, readSize(reader));
    this.#binarySizes ??= [];
    this.#binarySizes.push({ part, size });
    return true;
  }

  #readModSeq(reader: Reader): boolean {
    if (reader.peek() === LPAREN && reader.isFollowedBy(MINUS)) {
      reader.quirk('QUIRK_NEGATIVE_NUMBER', 'a mod-sequence is negative');
      return false;
    }
    const isList = reader.accept(LPAREN);
    if (!isList) reader.quirk('QUIRK_MODSEQ_WITHOUT_LIST', 'a mod-sequence stands without parentheses');
    const modSeq = readModSeq(reader);
    if (isList) reader.expect(RPAREN);
    this.#items.modSeq = whole(reader, modSeq);
    return true;
  }

  #readSection(reader: Reader, item: 'BODY' | 'BINARY', streamedSize: number | undefined): PendingSection | undefined {
    const section = readSection(reader);
    const origin = readOrigin(reader);
    return this.#readSectionValue(
      reader,
      origin === undefined ? { item, section } : { item, section, origin },
      streamedSize,
    );
  }

  #readSectionValue(
    reader: Reader,
    pending: PendingSection,
    streamedSize: number | undefined,
  ): PendingSection | undefined {
    if (reader.peek() === RPAREN) {
      reader.quirk('QUIRK_MISSING_VALUE', 'a section without a value');
      this.#addSection({ ...pending, value: null });
      return undefined;
    }
    reader.space();
    if (streamedSize !== undefined && reader.isAtEnd) return pending;
    const octet = reader.peek();
    if (octet === RPAREN) {
      reader.quirk('QUIRK_MISSING_VALUE', 'a section without a value');
      this.#addSection({ ...pending, value: null });
      return undefined;
    }
    const bytes = readOctets(reader);
    this.#addSection({ ...pending, value: bytes && { type: 'inline', bytes } });
    return undefined;
  }
}

function uidOf(number: number): Uid {
  return number as Uid;
}

function readName(reader: Reader): string {
  const { bytes, end } = reader;
  const start = reader.offset;
  let offset = start;
  while (offset < end && (CLASSES[bytes[offset]!]! & NAME) !== 0) offset++;
  if (offset === start) reader.fail('expected the name of an item');
  reader.offset = offset;
  return upperText(bytes, start, offset);
}

/** A value behind which its item ends, so that the `1` of `UID 1.5` is none. */
function whole<Value>(reader: Reader, value: Value): Value {
  const next = reader.peek();
  if (next !== SP && next !== RPAREN && next !== -1) reader.fail('something follows the value of an item');
  return value;
}

/** Steps over the `[…]` of an item such as `BINARY.SIZE[1]`. Lenient: octets that no atom may hold. */
function skipBracket(reader: Reader): void {
  let isNoted = false;
  for (; reader.offset < reader.end && reader.bytes[reader.offset] !== RBRACKET; reader.offset++) {
    if (isNoted || (CLASSES[reader.bytes[reader.offset]!]! & ASTRING) !== 0) continue;
    reader.quirk('QUIRK_ITEM_NAME', 'the name of an item holds a character that none may hold');
    isNoted = true;
  }
  reader.expect(RBRACKET);
}

function nameWithBracket(reader: Reader, name: string): string {
  let start = reader.offset;
  while (reader.bytes[start] !== LBRACKET) start--;
  return name + upperText(reader.bytes, start, reader.offset);
}

/** Steps over a value that broke the grammar, or over all that is left when its end cannot be told. */
function skipBrokenValue(reader: Reader): void {
  const start = reader.offset;
  try {
    skipValue(reader);
    if (reader.offset > start && (reader.peek() === SP || reader.peek() === RPAREN)) return;
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
  }
  reader.offset = reader.bytes[reader.end - 1] === RPAREN ? reader.end - 1 : reader.end;
}

/** A number of 64 bits without sign. */
function readNumber64(reader: Reader): bigint {
  const start = reader.offset;
  const value = BigInt(reader.token(DIGIT, 'a number'));
  if (value < 1n << 64n && reader.offset - start <= 20) return value;
  reader.offset = start;
  return reader.fail('a number is too large');
}

/** The numbers of `1.2`; undefined for what is no part number. */
function partNumber(text: string): readonly number[] | undefined {
  if (text === '') return [];
  return /^[1-9]\d{0,9}(\.[1-9]\d{0,9}){0,63}$/.test(text) ? text.split('.').map(Number) : undefined;
}

function readObjectId(reader: Reader): string {
  const isList = reader.accept(LPAREN);
  const id = reader.token(ATOM, 'an object id');
  if (isList) reader.expect(RPAREN);
  else reader.quirk('QUIRK_OBJECT_ID_WITHOUT_LIST', 'an object id stands without parentheses');
  return id;
}
