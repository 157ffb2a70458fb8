/**
 * What a server can convert, and what it has converted.
 * @see RFC 5259 section 5.2 and section 8
 * @module
 */
import type { BodyStructure, SequenceNumber, Uid } from '@posthorn/core';
import { LPAREN, NAME, SP } from '../octets/octets.ts';
import { readBodyStructure } from '../responses/read-body-structure.ts';
import type { ResponseWriter } from '../responses/response-writer.ts';
import { writeBody } from '../responses/write-body-structure.ts';
import { readOctets } from '../tokens/read-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedNumber } from '../tokens/spelling.ts';
import { readOrigin } from '../values/read-section.ts';
import { acceptConversionError, type ConversionError, writeConversionError } from './conversion-error.ts';
import { readHeaderSection, readPart, sectionItemText } from './convert-command.ts';
import { mediaTypeText, readMediaType } from './media-type.ts';

/** What an item of an answer is about. */
export type ConvertedSection =
  /** `origin` is the offset of the window that was asked for. */
  | { readonly type: 'binary'; readonly part: readonly number[]; readonly origin?: number }
  | { readonly type: 'binarySize' | 'bodyPartStructure' | 'availableConversions'; readonly part: readonly number[] }
  | { readonly type: 'body'; readonly part: readonly number[]; readonly text: 'HEADER' | 'MIME' };

/** One item of an answer to CONVERT. Octets are null for a part that does not exist. */
export type ConvertedItem =
  | (Extract<ConvertedSection, { readonly type: 'binary' | 'body' }> & { readonly data: Uint8Array | null })
  | { readonly type: 'binarySize'; readonly part: readonly number[]; readonly size: number }
  | { readonly type: 'bodyPartStructure'; readonly part: readonly number[]; readonly structure: BodyStructure }
  | { readonly type: 'availableConversions'; readonly part: readonly number[]; readonly mediaTypes: readonly string[] }
  | { readonly type: 'error'; readonly section: ConvertedSection; readonly error: ConversionError };

/** An answer to a command of CONVERT. @see RFC 5259 section 5.2 and section 8 */
export type ConvertData =
  /** What can be converted, and the names of the parameters that this knows. */
  | {
      readonly type: 'conversion';
      readonly from: string;
      readonly to: string;
      readonly parameters: readonly string[];
    }
  | {
      readonly type: 'converted';
      readonly sequenceNumber: SequenceNumber;
      /** Of the command it answers. */
      readonly tag: string;
      readonly uid?: Uid;
      readonly items: readonly ConvertedItem[];
    };

/** Reads what follows `CONVERSION `. */
export function readConversion(reader: Reader): ConvertData {
  const from = readMediaType(reader);
  reader.space();
  const to = readMediaType(reader);
  const parameters: string[] = [];
  if (reader.peek() === SP && reader.isFollowedBy(LPAREN)) {
    reader.space();
    reader.openList();
    for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) parameters.push(reader.astring());
  }
  return { type: 'conversion', from, to, parameters };
}

/** Reads what follows `2 CONVERTED `. */
export function readConverted(reader: Reader, number: number): ConvertData {
  if (number < 1) reader.fail('a message number is zero');
  reader.openList();
  if (!reader.acceptWord('TAG')) reader.fail('expected TAG');
  reader.space();
  const tag = reader.astring();
  reader.closeList();
  reader.space();
  const items: ConvertedItem[] = [];
  let uid: Uid | undefined;
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    if (reader.acceptWord('UID')) {
      reader.space();
      uid = reader.nonZero() as Uid;
    } else items.push(readItem(reader));
  }
  return { type: 'converted', sequenceNumber: number as SequenceNumber, tag, ...(uid && { uid }), items };
}

function readItem(reader: Reader): ConvertedItem {
  const section = readConvertedSection(reader);
  reader.space();
  const error = acceptConversionError(reader);
  if (error !== undefined) return { type: 'error', section, error };
  const { part } = section;
  switch (section.type) {
    case 'binarySize':
      return { type: 'binarySize', part, size: reader.number() };
    case 'bodyPartStructure':
      return { type: 'bodyPartStructure', part, structure: readBodyStructure(reader) };
    case 'availableConversions':
      return { type: 'availableConversions', part, mediaTypes: readMediaTypes(reader) };
    default:
      return { ...section, data: readOctets(reader) };
  }
}

function readConvertedSection(reader: Reader): ConvertedSection {
  const start = reader.offset;
  const name = reader.upperToken(NAME, 'a converted item');
  switch (name) {
    case 'BINARY': {
      const part = readPart(reader);
      const origin = readOrigin(reader);
      return { type: 'binary', part, ...(origin !== undefined && { origin }) };
    }
    case 'BINARY.SIZE':
      return { type: 'binarySize', part: readPart(reader) };
    case 'BODYSTRUCTURE':
      // As an example of RFC 5259 section 9 has it.
      reader.quirk('QUIRK_BODYSTRUCTURE', 'BODYSTRUCTURE where BODYPARTSTRUCTURE belongs');
      return { type: 'bodyPartStructure', part: readPart(reader) };
    case 'BODYPARTSTRUCTURE':
      return { type: 'bodyPartStructure', part: readPart(reader) };
    case 'AVAILABLECONVERSIONS':
      return { type: 'availableConversions', part: readPart(reader) };
    case 'BODY':
      return { type: 'body', ...readHeaderSection(reader) };
    default:
      reader.offset = start;
      return reader.fail('an unknown item of CONVERTED');
  }
}

/** `(("image/jpeg" "image/png"))`: twice, to be told from an error. */
function readMediaTypes(reader: Reader): readonly string[] {
  const mediaTypes: string[] = [];
  reader.openList();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) mediaTypes.push(readMediaType(reader));
  reader.closeList();
  return mediaTypes;
}

/** Writes what follows the name of the response, which it answers. */
export function writeConvertData(writer: ResponseWriter, data: ConvertData): string {
  if (data.type === 'conversion') {
    writer.text(`${mediaTypeText(data.from)} ${mediaTypeText(data.to)}`);
    if (data.parameters.length > 0) writer.text(' ').list(data.parameters, (name) => writer.string(name));
    return 'CONVERSION';
  }
  const { tag, uid, items } = data;
  if (items.length === 0 && uid === undefined) throw new RangeError('CONVERTED needs an item');
  checkedNumber(data.sequenceNumber, 'a message number', 1);
  writer.text('(TAG ').string(tag).text(') (');
  if (uid !== undefined) writer.text(`UID ${checkedNumber(uid, 'a UID', 1)}`);
  items.forEach((item, index) => {
    if (uid !== undefined || index > 0) writer.text(' ');
    writeItem(writer, item);
  });
  writer.text(')');
  return 'CONVERTED';
}

function writeItem(writer: ResponseWriter, item: ConvertedItem): void {
  const section = item.type === 'error' ? item.section : item;
  const isWindow = section.type === 'binary' && section.origin !== undefined;
  writer.text(`${sectionItemText(section)}${isWindow ? `<${checkedNumber(section.origin ?? 0, 'an offset')}>` : ''} `);
  switch (item.type) {
    case 'error':
      writeConversionError(writer, item.error);
      return;
    case 'binarySize':
      writer.text(checkedNumber(item.size, 'a size'));
      return;
    case 'bodyPartStructure':
      writeBody(writer, item.structure);
      return;
    case 'availableConversions':
      writer.text(`((${item.mediaTypes.map(mediaTypeText).join(' ')}))`);
      return;
    default:
      if (item.data === null) writer.text('NIL');
      else writer.literal(item.data, item.data.includes(0));
  }
}
