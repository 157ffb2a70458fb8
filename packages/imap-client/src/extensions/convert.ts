/**
 * Parts that the server converts before it sends them.
 * @see RFC 5259
 * @module
 */
import { type BodyStructure, LimitExceededError, type SequenceNumber, type Uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import type { MessageSelector, StatusResponse } from '@posthorn/wire';
import {
  type ConversionError,
  type ConvertedItem,
  type ConvertItem,
  type ExtensionCommand,
  extensionCommand,
} from '@posthorn/wire/extensions';
import type { Connection } from '../connection/connection.ts';
import { restOf } from '../connection/message-limit.ts';
import { type AnswerOf, ExtensionAnswers, runExtension } from '../connection/run-extension.ts';
import { ConversionFailedError, ImapError, ServerRefusedError } from '../errors.ts';
import { isBySequence, type MessageSelection, selectMessages } from '../mailbox/message-selection.ts';
import { type CommandOptions, checkSelected, requireExtension, type Selection } from '../mailbox/selection.ts';

/** What to convert to, and how. */
export interface Conversion {
  /** The media type, such as `image/jpeg`; null leaves it to the server, and is for headers. */
  readonly to: string | null;
  /** Such as `{ charset: 'utf-8' }` and `{ 'pix-x': '128' }`. Headers need `charset`. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** What a server can convert. */
export interface AvailableConversion {
  readonly from: string;
  readonly to: string;
  /** Names of the parameters that it knows for this. */
  readonly parameters: readonly string[];
}

/** What of a part is wanted. */
export interface ConvertQuery {
  /** Part number, such as `[1, 2]`. @defaultValue `[]`, the message itself */
  readonly part?: readonly number[] | undefined;
  /** The converted octets: the first 64 KiB, or a window of at most so many. */
  readonly bytes?: boolean | { readonly offset: number; readonly length: number } | undefined;
  /** How many octets the converted part has. May cost the server a conversion. */
  readonly size?: boolean | undefined;
  /** The structure of the converted part. */
  readonly structure?: boolean | undefined;
  /** To which media types the part can be converted. Sensible with a conversion `to` null. */
  readonly mediaTypes?: boolean | undefined;
  /** The header of the message, or of a message in a part, its encoded words in another charset; up to 64 KiB. */
  readonly header?: boolean | undefined;
  /** The MIME header of the part, in the same way. */
  readonly mime?: boolean | undefined;
}

/** What came of a query. What was not asked for, or failed, is undefined. */
export interface ConvertedPart {
  /** Null for a part that does not exist. */
  readonly bytes: Uint8Array | null | undefined;
  readonly size: number | undefined;
  readonly structure: BodyStructure | undefined;
  readonly mediaTypes: readonly string[] | undefined;
  readonly header: Uint8Array | null | undefined;
  readonly mime: Uint8Array | null | undefined;
  /** Why the part, or some of what was asked of it, could not be converted. */
  readonly error: ConversionError | undefined;
}

export interface ConvertedMessage {
  readonly uid: Uid | undefined;
  /** Undefined where messages have UIDs alone (UIDONLY). */
  readonly sequenceNumber: SequenceNumber | undefined;
  /** One for each query, in their order. */
  readonly parts: readonly ConvertedPart[];
}

export interface ConvertOptions extends CommandOptions {
  /** Most octets of all answers together. @defaultValue 16_777_216 (16 MiB) */
  readonly maxBytes?: number | undefined;
}

/** Literals that are no sections of a FETCH are read whole, up to so many octets. */
const WINDOW_BYTES = 65_536;
const MOST_BYTES = 16_777_216;

/** CONVERSIONS. @throws ImapError `IMAP_UNSUPPORTED`, `IMAP_PROTOCOL` */
export async function listConversions(
  connection: Connection,
  from: string,
  to: string,
  signal: AbortSignal | undefined,
): Promise<readonly AvailableConversion[]> {
  requireExtension({ connection }, 'CONVERT', 'convert');
  const found = await runExtension(connection, { name: 'CONVERSIONS', from, to }, ['conversion'], signal);
  return found.map((each) => ({ from: each.from, to: each.to, parameters: each.parameters }));
}

/**
 * CONVERT. Conversions that fail are told in the result, also where all of them do and the server says NO.
 * @throws ImapError `IMAP_UNSUPPORTED`, `IMAP_PROTOCOL`; ServerRefusedError when the server told of no message;
 *   LimitExceededError; RangeError for what cannot be asked for
 */
export async function convertMessages(
  selection: Selection,
  messages: MessageSelection,
  conversion: Conversion,
  queries: readonly ConvertQuery[],
  { signal, maxBytes = MOST_BYTES }: ConvertOptions,
): Promise<readonly ConvertedMessage[]> {
  requireExtension(selection, 'CONVERT', 'convert');
  const items = queries.flatMap(itemsOf);
  if (items.length === 0) throw new RangeError('nothing is asked for: a query names octets, a size or the like');
  const answers = new ExtensionAnswers(['converted']);
  let octets = 0;
  const run = async (selector: MessageSelector): Promise<StatusResponse | undefined> => {
    let isAnswered = false;
    const accept: typeof answers.accept = (event) => {
      if (event.type !== 'unknown' || event.name !== 'CONVERTED') return false;
      isAnswered = true;
      octets += event.raw.length;
      return octets > maxBytes || answers.accept(event);
    };
    try {
      return await selection.connection.run(
        extensionCommand(commandOf(selector, conversion, isBySequence(messages) ? [{ type: 'uid' }, ...items] : items)),
        { signal, accept },
      );
    } catch (error) {
      if (isAnswered && error instanceof ServerRefusedError && error.status === 'NO') return undefined;
      throw error;
    }
  };
  for (const selector of messages.selectors)
    for (let left: MessageSelector | undefined = selector; left !== undefined; ) {
      const response: StatusResponse | undefined = await run(left);
      left = response && restOf(left, response);
    }
  const found = answers.all('CONVERT');
  if (octets > maxBytes) throw new LimitExceededError('response', maxBytes);
  return converted(selection, found, queries);
}

/**
 * The octets of a converted part, window by window.
 * @throws (in the loop) ConversionFailedError; ImapError `IMAP_MESSAGE_GONE` when there is no such message or part;
 *   otherwise as {@link convertMessages}
 */
export async function* readConverted(
  selection: Selection,
  uid: Uid,
  part: readonly number[],
  conversion: Conversion,
  { signal }: CommandOptions,
): AsyncGenerator<Uint8Array, void> {
  for (let offset = 0; ; offset += WINDOW_BYTES) {
    checkSelected(selection);
    const query: ConvertQuery = { part, bytes: { offset, length: WINDOW_BYTES } };
    const messages = selectMessages(setOf([uid]));
    const found = await convertMessages(selection, messages, conversion, [query], { signal });
    const answer = found.find((message) => message.uid === uid)?.parts[0];
    if (answer?.error !== undefined) throw new ConversionFailedError(answer.error);
    if (answer !== undefined && answer.bytes === undefined)
      throw new ImapError('IMAP_PROTOCOL', `the server answered CONVERT without the octets from ${offset} on`);
    const bytes = answer?.bytes ?? null;
    if (bytes === null)
      throw new ImapError('IMAP_MESSAGE_GONE', `message ${uid} is gone, or has no part ${part.join('.')}`);
    if (bytes.length > 0) yield bytes;
    if (bytes.length < WINDOW_BYTES) return;
  }
}

function commandOf(
  messages: MessageSelector,
  { to, parameters = {} }: Conversion,
  items: readonly ConvertItem[],
): ExtensionCommand {
  return { name: 'CONVERT', messages, to, parameters: new Map(Object.entries(parameters)), items };
}

/** Structures before octets, so that they also come before them. @see RFC 5259 section 8.2 */
function itemsOf(query: ConvertQuery): readonly ConvertItem[] {
  const { part = [], mediaTypes, structure, size, bytes, header, mime } = query;
  const items: ConvertItem[] = [];
  if (mediaTypes === true) items.push({ type: 'availableConversions', part });
  if (structure === true) items.push({ type: 'bodyPartStructure', part });
  if (size === true) items.push({ type: 'binarySize', part });
  if (bytes !== undefined && bytes !== false) items.push({ type: 'binary', part, partial: windowOf(bytes) });
  if (header === true) items.push({ type: 'body', part, text: 'HEADER' });
  if (mime === true) items.push({ type: 'body', part, text: 'MIME' });
  return items;
}

function windowOf(bytes: true | { readonly offset: number; readonly length: number }): {
  readonly offset: number;
  readonly length: number;
} {
  const { offset, length } = bytes === true ? { offset: 0, length: WINDOW_BYTES } : bytes;
  if (!(length <= WINDOW_BYTES)) throw new RangeError(`a window has at most ${WINDOW_BYTES} octets, not ${length}`);
  return { offset, length };
}

function converted(
  { view }: Selection,
  answers: readonly AnswerOf<'converted'>[],
  queries: readonly ConvertQuery[],
): readonly ConvertedMessage[] {
  /** By sequence number: a server may tell of a message in several answers. */
  const messages = new Map<SequenceNumber, { uid: Uid | undefined; items: ConvertedItem[] }>();
  for (const { sequenceNumber, uid, items } of answers) {
    const message = messages.get(sequenceNumber) ?? { uid: undefined, items: [] };
    message.uid ??= uid;
    for (const item of items) message.items.push(item);
    messages.set(sequenceNumber, message);
  }
  return Array.from(messages, ([sequenceNumber, { uid, items }]) => ({
    uid: uid ?? view.uids.at(sequenceNumber),
    sequenceNumber: view.isUidOnly ? undefined : sequenceNumber,
    parts: queries.map((query) => partOf(query, items)),
  }));
}

function partOf(query: ConvertQuery, items: readonly ConvertedItem[]): ConvertedPart {
  const { part = [], bytes } = query;
  const of = items.filter((item) => isSamePart((item.type === 'error' ? item.section : item).part, part));
  const find = <Type extends ConvertedItem['type']>(
    type: Type,
    fits: (item: Extract<ConvertedItem, { readonly type: Type }>) => boolean = () => true,
  ) =>
    of.find(
      (item): item is Extract<ConvertedItem, { readonly type: Type }> => item.type === type && fits(item as never),
    );
  const offset = typeof bytes === 'object' ? bytes.offset : 0;
  return {
    bytes: bytes ? find('binary', ({ origin = 0 }) => origin === offset)?.data : undefined,
    size: query.size ? find('binarySize')?.size : undefined,
    structure: query.structure ? find('bodyPartStructure')?.structure : undefined,
    mediaTypes: query.mediaTypes ? find('availableConversions')?.mediaTypes : undefined,
    header: query.header ? find('body', ({ text }) => text === 'HEADER')?.data : undefined,
    mime: query.mime ? find('body', ({ text }) => text === 'MIME')?.data : undefined,
    error: find('error')?.error,
  };
}

function isSamePart(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((number, index) => number === other[index]);
}
