/**
 * Parts that the server converts before it sends them.
 * @see RFC 5259 section 10
 * @module
 */
import type { SequenceNumber, Uid } from '@posthorn/core';
import type { MessageSelector, PartialSection } from '../commands/command.ts';
import type { CommandWriter } from '../commands/command-writer.ts';
import { partialText } from '../commands/fetch-item-text.ts';
import { readPartial } from '../commands/read-fetch-item.ts';
import { LPAREN, NAME, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { readSection } from '../values/read-section.ts';
import { readSequenceSet } from '../values/read-set.ts';
import { sectionText } from '../values/section-text.ts';
import { setText } from '../values/set-text.ts';
import { mediaTypeText, readMediaTypeOrNil } from './media-type.ts';

/** How to convert, such as `charset`, `pix-x` and `unknown-character-replacement`. Names are the same in any case. */
export type ConversionParameters = ReadonlyMap<string, string>;

/** What is asked for of the converted message, or of its parts. An empty part number is the whole message. */
export type ConvertItem =
  | { readonly type: 'uid' }
  /** The octets, or a window of them. */
  | { readonly type: 'binary'; readonly part: readonly number[]; readonly partial?: PartialSection }
  /** How many octets these are, what structure they have, and to which media types the part can be converted. */
  | {
      readonly type: 'binarySize' | 'bodyPartStructure' | 'availableConversions';
      readonly part: readonly number[];
    }
  /** A header whose encoded words are converted to another charset. */
  | { readonly type: 'body'; readonly part: readonly number[]; readonly text: 'HEADER' | 'MIME' };

/** A command of CONVERT. @see RFC 5259 */
export type ConvertCommand =
  /** Asks what can be converted: from and to a media type, `text/*` or `*`. @see RFC 5259 section 5.1 */
  | { readonly name: 'CONVERSIONS'; readonly from: string; readonly to: string }
  /** @see RFC 5259 section 6 */
  | {
      readonly name: 'CONVERT';
      readonly messages: MessageSelector;
      /** The media type to convert to; null leaves it to the server. */
      readonly to: string | null;
      readonly parameters: ConversionParameters;
      readonly items: readonly ConvertItem[];
    };

/** Reads what follows `CONVERSIONS `. */
export function readConversionsCommand(reader: Reader): ConvertCommand {
  const from = reader.astring();
  reader.space();
  return { name: 'CONVERSIONS', from, to: reader.astring() };
}

/** Reads what follows `CONVERT `. */
export function readConvertCommand(reader: Reader, isUid: boolean): ConvertCommand {
  const messages = readMessages(reader, isUid);
  reader.space();
  reader.openList();
  const to = readMediaTypeOrNil(reader);
  const parameters = readParametersBehind(reader);
  reader.closeList();
  reader.space();
  return { name: 'CONVERT', messages, to, parameters, items: readItems(reader) };
}

function readMessages(reader: Reader, isUid: boolean): MessageSelector {
  if (reader.acceptSaved()) return { type: 'saved', isUid };
  return isUid
    ? { type: 'uids', set: readSequenceSet<Uid>(reader) }
    : { type: 'sequenceNumbers', set: readSequenceSet<SequenceNumber>(reader) };
}

/** Reads ` ("charset" "utf-8")`, or nothing. */
export function readParametersBehind(reader: Reader): ConversionParameters {
  if (reader.peek() !== SP || !reader.isFollowedBy(LPAREN)) return new Map();
  reader.space();
  return readParameters(reader);
}

/** Reads `("charset" "utf-8")`. */
export function readParameters(reader: Reader): ConversionParameters {
  const parameters = new Map<string, string>();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.astring();
    reader.space();
    parameters.set(name, reader.astring());
  }
  return parameters;
}

function readItems(reader: Reader): readonly ConvertItem[] {
  if (reader.peek() !== LPAREN) return [readItem(reader)];
  const items: ConvertItem[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) items.push(readItem(reader));
  if (items.length === 0) reader.fail('expected an item to convert');
  return items;
}

function readItem(reader: Reader): ConvertItem {
  const start = reader.offset;
  switch (reader.upperToken(NAME, 'an item to convert')) {
    case 'UID':
      return { type: 'uid' };
    case 'BINARY': {
      const part = readPart(reader);
      const partial = readPartial(reader);
      return { type: 'binary', part, ...(partial && { partial }) };
    }
    case 'BINARY.SIZE':
      return { type: 'binarySize', part: readPart(reader) };
    case 'BODYPARTSTRUCTURE':
      return { type: 'bodyPartStructure', part: readPart(reader) };
    case 'AVAILABLECONVERSIONS':
      return { type: 'availableConversions', part: readPart(reader) };
    case 'BODY':
      return { type: 'body', ...readHeaderSection(reader) };
    default:
      reader.offset = start;
      return reader.fail('an unknown item to convert');
  }
}

/** Reads `[1.2]`, or `[]` for the whole message. */
export function readPart(reader: Reader): readonly number[] {
  const { part, text } = readSection(reader);
  return text === undefined ? part : reader.fail('expected the number of a part');
}

/** Reads `[HEADER]`, `[1.HEADER]` or `[1.MIME]`. */
export function readHeaderSection(reader: Reader): {
  readonly part: readonly number[];
  readonly text: 'HEADER' | 'MIME';
} {
  const { part, text } = readSection(reader);
  if (text === 'HEADER' || (text === 'MIME' && part.length > 0)) return { part, text };
  return reader.fail('only a header is converted as BODY');
}

/** Writes what follows the name of the command. */
export function writeConvertCommand(writer: CommandWriter, value: ConvertCommand): void {
  if (value.name === 'CONVERSIONS') {
    writer.string(value.from, 'a media type').text(' ').string(value.to, 'a media type');
    return;
  }
  const { messages, to, parameters, items } = value;
  if (items.length === 0) throw new RangeError('CONVERT needs an item');
  writer.text(messages.type === 'saved' ? '$ ' : `${setText(messages.set)} `);
  writer.text(`(${to === null ? 'NIL' : mediaTypeText(to)}`);
  if (parameters.size > 0)
    writer
      .text(' ')
      .list(parameters, ([name, text]) => writer.string(name, 'a parameter').text(' ').string(text, 'a parameter'));
  const texts = items.map(itemText);
  writer.text(texts.length === 1 ? `) ${texts[0]}` : `) (${texts.join(' ')})`);
}

function itemText(item: ConvertItem): string {
  if (item.type === 'uid') return 'UID';
  return sectionItemText(item) + (item.type === 'binary' ? partialText(item.partial) : '');
}

/** The item with its section, such as `BINARY.SIZE[1.2]`. @throws RangeError for what cannot be converted */
export function sectionItemText(item: Exclude<ConvertItem, { readonly type: 'uid' }>): string {
  const { type, part } = item;
  switch (type) {
    case 'binary':
      return `BINARY[${sectionText({ part })}]`;
    case 'binarySize':
      return `BINARY.SIZE[${sectionText({ part })}]`;
    case 'bodyPartStructure':
      return `BODYPARTSTRUCTURE[${sectionText({ part })}]`;
    case 'availableConversions':
      return `AVAILABLECONVERSIONS[${sectionText({ part })}]`;
    default: {
      const { text } = item;
      if (type !== 'body' || (text !== 'HEADER' && text !== 'MIME'))
        throw new RangeError('only a header is converted as BODY');
      return `BODY[${sectionText({ part, text })}]`;
    }
  }
}
