/**
 * Responses into octets.
 * @see RFC 9051 section 7
 * @module
 */
import {
  type Address,
  assertNever,
  type BodyParameters,
  type BodyStructure,
  type Envelope,
  type Flag,
} from '@posthorn/core';
import { formatInternalDate } from '@posthorn/date';
import { formatSet } from '@posthorn/message-set';
import { plainResponse } from '../extension-table/extend.ts';
import type {
  ExtensionOption,
  ExtensionTable,
  NoExtensions,
  ResponseWith,
} from '../extension-table/extension-table.ts';
import { ASTRING, ATOM, TAG } from '../octets/octets.ts';
import { extensionCodeText } from '../response-codes/extension-code-text.ts';
import type { ResponseCode } from '../response-codes/response-code.ts';
import { checkedAtom, checkedModSeq, checkedNumber, checkedNumber64, quoted } from '../tokens/spelling.ts';
import { writeAnnotationAnswer } from '../values/annotation.ts';
import { writeLabels } from '../values/labels.ts';
import { sectionText } from '../values/section-text.ts';
import { setText } from '../values/set-text.ts';
import type { FetchedSection, FetchItems, ListData, NamespaceEntry, Response, StatusItems } from './response.ts';
import { type ResponseEncodeOptions, type ResponsePiece, ResponseWriter } from './response-writer.ts';

/**
 * One response as octets, with the points where streamed sections go.
 *
 * Texts for people lose CR, LF and NUL; strings of message data keep everything but NUL, which becomes `?`.
 * @throws RangeError for names, flags and numbers that cannot be sent, before there is any octet.
 */
export function encodeResponse<Table extends ExtensionTable = NoExtensions>(
  response: ResponseWith<Table>,
  options: ResponseEncodeOptions & ExtensionOption<Table> = {},
): readonly ResponsePiece[] {
  const writer = new ResponseWriter(options);
  writeResponse(writer, plainResponse(response, options.extensions, options));
  return writer.finish();
}

function writeResponse(writer: ResponseWriter, response: Response): void {
  switch (response.type) {
    case 'status': {
      const { tag, status, code, text } = response;
      if (tag !== undefined && (status === 'BYE' || status === 'PREAUTH'))
        throw new RangeError(`${status} never has a tag`);
      writer.text(
        `${tag === undefined ? '*' : checkedAtom(tag, TAG, 'a tag')} ${checkedAtom(status, ATOM, 'a status')} `,
      );
      writeCodeAndText(writer, code, text);
      return;
    }
    case 'continuation':
      writer.text('+ ');
      writeCodeAndText(writer, response.code, response.text, true);
      return;
    case 'capability':
    case 'enabled':
      writer.text(`* ${response.type === 'capability' ? 'CAPABILITY' : 'ENABLED'}`);
      for (const name of response.capabilities) writer.text(` ${checkedAtom(name, ATOM, 'a capability')}`);
      return;
    case 'list':
    case 'lsub':
      writer.text(`* ${response.isXlist === true ? 'XLIST' : response.type === 'list' ? 'LIST' : 'LSUB'} `);
      writer.list(response.attributes, (attribute) => writer.text(flagText(attribute)));
      writer.text(` ${delimiterText(response.delimiter)} `).astring(response.mailbox.wire);
      writeListItems(writer, response);
      return;
    case 'mailboxStatus':
      writer
        .text('* STATUS ')
        .astring(response.mailbox.wire)
        .text(` (${statusItemsText(response.items)}`);
      writeRawItems(writer, response.items);
      return;
    case 'flags':
      writer.text(`* FLAGS ${flagsText(response.flags)}`);
      return;
    case 'exists':
    case 'recent':
      writer.text(`* ${checkedNumber(response.count, 'a count')} ${response.type === 'exists' ? 'EXISTS' : 'RECENT'}`);
      return;
    case 'expunge':
      writer.text(`* ${checkedNumber(response.sequenceNumber, 'a sequence number', 1)} EXPUNGE`);
      return;
    case 'vanished':
      writer.text(`* VANISHED ${response.isEarlier ? '(EARLIER) ' : ''}${nonEmptySet(formatSet(response.uids))}`);
      return;
    case 'search':
      writer.text('* SEARCH');
      for (const number of response.numbers) writer.text(` ${checkedNumber(number, 'a message number', 1)}`);
      if (response.modSeq !== undefined) writer.text(` (MODSEQ ${checkedModSeq(response.modSeq)})`);
      return;
    case 'namespace':
      writer.text('* NAMESPACE ');
      writeNamespaces(writer, response.personal);
      writer.text(' ');
      writeNamespaces(writer, response.otherUsers);
      writer.text(' ');
      writeNamespaces(writer, response.shared);
      return;
    case 'id':
      writer.text('* ID ');
      if (response.parameters === null) writer.text('NIL');
      else writer.list(response.parameters, ([name, value]) => writer.string(name).text(' ').nstring(value));
      return;
    case 'fetch':
      writeFetch(writer, `* ${checkedNumber(response.sequenceNumber, 'a sequence number', 1)} FETCH (`, response.items);
      return;
    case 'uidFetch':
      writeFetch(writer, `* ${checkedNumber(response.uid, 'a UID', 1)} UIDFETCH (`, response.items);
      return;
    case 'unknown':
      writer.text(response.number === undefined ? '* ' : `* ${checkedNumber(response.number, 'a number')} `);
      writer.text(checkedAtom(response.name, ATOM, 'the name of a response'));
      if (response.raw.length > 0) writer.text(' ').raw(response.raw);
      return;
    default:
      assertNever(response);
  }
}

function writeListItems(writer: ResponseWriter, { childInfo, oldName, extended }: ListData): void {
  const items: (() => void)[] = [];
  if (childInfo !== undefined)
    items.push(() => writer.text('"CHILDINFO" ').list(childInfo, (option) => writer.string(option)));
  if (oldName !== undefined) items.push(() => writer.text('"OLDNAME" (').string(oldName.wire).text(')'));
  for (const { name, raw } of extended ?? []) items.push(() => writer.astring(name).text(' ').value(raw));
  if (items.length > 0) writer.text(' ').list(items, (write) => write());
}

function writeCodeAndText(
  writer: ResponseWriter,
  code: ResponseCode | undefined,
  text: string,
  isChallenge = false,
): void {
  if (code !== undefined) writer.text(`[${codeText(code)}] `);
  const line = oneLine(text);
  // Without a code, a text that begins like one would be taken for it.
  if (code === undefined && /^\[[a-z]/i.test(line)) writer.text(' ');
  writer.text(line === '' && !isChallenge ? '.' : line);
}

/** A text for people on one line. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters replaced
  return text.replace(/[\r\n\u0000]+/g, ' ');
}

function codeText(code: ResponseCode): string {
  switch (code.type) {
    case 'atom':
      return rawCodeText(code.name, code.value);
    case 'capability':
      return ['CAPABILITY', ...code.capabilities.map((name) => checkedAtom(name, ATOM, 'a capability'))].join(' ');
    case 'permanentFlags': {
      const flags = code.flags.map(flagText);
      return `PERMANENTFLAGS (${(code.allowsNewKeywords ? [...flags, '\\*'] : flags).join(' ')})`;
    }
    case 'uidNext':
      return `UIDNEXT ${checkedNumber(code.uidNext, 'UIDNEXT', 1)}`;
    case 'uidValidity':
      return `UIDVALIDITY ${checkedNumber(code.uidValidity, 'UIDVALIDITY', 1)}`;
    case 'unseen':
      return `UNSEEN ${checkedNumber(code.first, 'UNSEEN', 1)}`;
    case 'highestModSeq':
      return `HIGHESTMODSEQ ${checkedModSeq(code.modSeq)}`;
    case 'appendUid':
      return `APPENDUID ${checkedNumber(code.uidValidity, 'UIDVALIDITY', 1)} ${setText(code.uids)}`;
    case 'copyUid':
      return `COPYUID ${checkedNumber(code.uidValidity, 'UIDVALIDITY', 1)} ${setText(code.from)} ${setText(code.to)}`;
    case 'modified':
      return `MODIFIED ${setText(code.set)}`;
    case 'badCharset': {
      if (code.charsets.length === 0) return 'BADCHARSET';
      const charsets = code.charsets.map((name) => quoted(name) ?? refuseText('a charset'));
      return `BADCHARSET (${charsets.join(' ')})`;
    }
    default:
      return extensionCodeText(code);
  }
}

function rawCodeText(name: string, value: string | undefined): string {
  checkedAtom(name, ATOM, 'a response code');
  if (value === undefined) return name;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
  if (/[\r\n\u0000]/.test(value)) return refuseText('a response code');
  if (value.includes(']') && !holdsBrackets(value)) throw new RangeError('a response code may hold "]" only in quotes');
  return `${name} ${value}`;
}

/** Whether every `]` stands in quotes that are closed. */
function holdsBrackets(value: string): boolean {
  let isQuoted = false;
  for (let index = 0; index < value.length; index++) {
    const character = value[index];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\' && isQuoted) index++;
    else if (character === ']' && !isQuoted) return false;
  }
  return !isQuoted;
}

function refuseText(what: string): never {
  throw new RangeError(`${what} may not hold controls or 8-bit characters`);
}

function nonEmptySet(text: string): string {
  if (text === '') throw new RangeError('a set of messages is not empty');
  return text;
}

function flagsText(flags: readonly Flag[]): string {
  let text = '(';
  for (let index = 0; index < flags.length; index++)
    text += index === 0 ? flagText(flags[index]!) : ` ${flagText(flags[index]!)}`;
  return `${text})`;
}

function flagText(flag: string): string {
  checkedAtom(flag.startsWith('\\') ? flag.slice(1) : flag, ASTRING, 'a flag');
  return flag;
}

function delimiterText(delimiter: string | null): string {
  if (delimiter === null) return 'NIL';
  if (delimiter.length !== 1) throw new RangeError('a delimiter is one character');
  return quoted(delimiter) ?? refuseText('a delimiter');
}

function statusItemsText(items: StatusItems): string {
  const texts: string[] = [];
  const number = (name: string, value: number | undefined, least = 0): void => {
    if (value !== undefined) texts.push(`${name} ${checkedNumber(value, name, least)}`);
  };
  number('MESSAGES', items.messages);
  number('RECENT', items.recent);
  number('UIDNEXT', items.uidNext, 1);
  number('UIDVALIDITY', items.uidValidity, 1);
  number('UNSEEN', items.unseen);
  number('DELETED', items.deleted);
  number('DELETED-STORAGE', items.deletedStorage);
  number('SIZE', items.size);
  if (items.highestModSeq !== undefined) texts.push(`HIGHESTMODSEQ ${checkedModSeq(items.highestModSeq)}`);
  if (items.mailboxId !== undefined) texts.push(`MAILBOXID (${checkedAtom(items.mailboxId, ATOM, 'an object id')})`);
  if (items.appendLimit === null) texts.push('APPENDLIMIT NIL');
  else number('APPENDLIMIT', items.appendLimit);
  return texts.join(' ');
}

/** The items of a STATUS that are not known here, and the end of the list. */
function writeRawItems(writer: ResponseWriter, items: StatusItems): void {
  const { raw = [] } = items;
  raw.forEach(({ name, raw: value }, index) => {
    const isFirst = index === 0 && Object.keys(items).length === 1;
    writer.text(`${isFirst ? '' : ' '}${checkedAtom(name, ATOM, 'the name of an item')} `).value(value);
  });
  writer.text(')');
}

function writeNamespaces(writer: ResponseWriter, entries: readonly NamespaceEntry[]): void {
  if (entries.length === 0) {
    writer.text('NIL');
    return;
  }
  writer.text('(');
  for (const { prefix, delimiter, extended = [] } of entries) {
    writer
      .text('(')
      .string(prefix.wire)
      .text(` ${delimiterText(delimiter)}`);
    for (const { name, raw } of extended) writer.text(' ').string(name).text(' ').value(raw);
    writer.text(')');
  }
  writer.text(')');
}

function writeFetch(writer: ResponseWriter, start: string, items: FetchItems): void {
  writer.text(start);
  let separator = '';
  const name = (text: string): void => {
    writer.text(separator + text);
    separator = ' ';
  };
  if (items.uid !== undefined) name(`UID ${checkedNumber(items.uid, 'a UID', 1)}`);
  if (items.flags !== undefined) name(`FLAGS ${flagsText(items.flags)}`);
  if (items.internalDate !== undefined) name(`INTERNALDATE "${formatInternalDate(items.internalDate)}"`);
  if (items.size !== undefined) name(`RFC822.SIZE ${checkedNumber(items.size, 'a size')}`);
  if (items.modSeq !== undefined) name(`MODSEQ (${checkedModSeq(items.modSeq)})`);
  if (items.envelope !== undefined) {
    name('ENVELOPE ');
    writeEnvelope(writer, items.envelope);
  }
  if (items.bodyStructure !== undefined) {
    name(isExtended(items.bodyStructure) ? 'BODYSTRUCTURE ' : 'BODY ');
    writeBody(writer, items.bodyStructure);
  }
  writeRareItems(writer, items, name);
  items.sections?.forEach((section, index) => {
    name(`${sectionItemText(section)} `);
    writeSectionValue(writer, section, index);
  });
  for (const { name: itemName, raw } of items.raw ?? []) {
    name(checkedAtom(itemName, ASTRING, 'the name of an item'));
    writer.text(' ').value(raw);
  }
  writer.text(')');
}

function writeRareItems(writer: ResponseWriter, items: FetchItems, name: (text: string) => void): void {
  if (items.emailId !== undefined) name(`EMAILID (${checkedAtom(items.emailId, ATOM, 'an object id')})`);
  if (items.threadId !== undefined)
    name(items.threadId === null ? 'THREADID NIL' : `THREADID (${checkedAtom(items.threadId, ATOM, 'an object id')})`);
  if (items.saveDate !== undefined)
    name(items.saveDate === null ? 'SAVEDATE NIL' : `SAVEDATE "${formatInternalDate(items.saveDate)}"`);
  for (const { size, ...section } of items.binarySizes ?? [])
    name(`BINARY.SIZE[${sectionText(section)}] ${checkedNumber(size, 'a size')}`);
  if (items.annotations !== undefined) {
    name('ANNOTATION ');
    writeAnnotationAnswer(writer, items.annotations);
  }
  if (items.gmailMessageId !== undefined) name(`X-GM-MSGID ${checkedNumber64(items.gmailMessageId)}`);
  if (items.gmailThreadId !== undefined) name(`X-GM-THRID ${checkedNumber64(items.gmailThreadId)}`);
  if (items.gmailLabels !== undefined) {
    name('X-GM-LABELS ');
    writeLabels(writer, items.gmailLabels);
  }
  if (items.preview !== undefined) {
    name('PREVIEW ');
    writer.nstring(items.preview);
  }
}

function sectionItemText({ item, section, origin }: FetchedSection): string {
  if (item !== 'BODY' && item !== 'BINARY') return checkedAtom(item, ATOM, 'the name of an item');
  const text = `${item}[${sectionText(section)}]`;
  return origin === undefined ? text : `${text}<${checkedNumber(origin, 'an offset')}>`;
}

function writeSectionValue(writer: ResponseWriter, { item, value }: FetchedSection, index: number): void {
  const isBinary = item === 'BINARY';
  if (value === null) writer.text('NIL');
  else if (value.type === 'inline') writer.literal(value.bytes, isBinary && value.bytes.includes(0));
  else writer.section(index, value.size, isBinary);
}

function writeEnvelope(writer: ResponseWriter, envelope: Envelope): void {
  const { from, sender, replyTo } = envelope;
  writer.text('(').nstring(envelope.date).text(' ').nstring(envelope.subject).text(' ');
  const start = writer.position;
  writeAddresses(writer, from);
  const end = writer.position;
  // Decoders and scanners share one list where these repeat the first.
  if (sender !== from || !writer.repeat(start, end)) writeAddresses(writer, sender);
  if (replyTo !== from || !writer.repeat(start, end)) writeAddresses(writer, replyTo);
  writeAddresses(writer, envelope.to);
  writeAddresses(writer, envelope.cc);
  writeAddresses(writer, envelope.bcc);
  writer.nstring(envelope.inReplyTo).text(' ').nstring(envelope.messageId).text(')');
}

/** Addresses, and the space behind them. */
function writeAddresses(writer: ResponseWriter, addresses: readonly Address[]): void {
  if (addresses.length === 0) {
    writer.text('NIL ');
    return;
  }
  writer.text('(');
  for (const { name, route, mailbox, host } of addresses) {
    writer
      .text('(')
      .nstring(name)
      .text(' ')
      .nstring(route)
      .text(' ')
      .nstring(mailbox)
      .text(' ')
      .nstring(host)
      .text(')');
  }
  writer.text(') ');
}

/** Whether the structure holds what only BODYSTRUCTURE has. */
function isExtended(body: BodyStructure): boolean {
  if (body.type === 'multipart') return body.parameters !== undefined || body.parts.some(isExtended);
  return body.md5 !== undefined || (body.type === 'message' && isExtended(body.body));
}

/** Writes one part and all below it. */
export function writeBody(writer: ResponseWriter, body: BodyStructure): void {
  writer.text('(');
  if (body.type === 'multipart') {
    for (const part of body.parts) writeBody(writer, part);
    if (body.parts.length === 0) writer.text('("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)');
    writer.text(' ').string(body.mediaSubtype);
    if (body.parameters !== undefined) {
      writer.text(' ');
      writeParameters(writer, body.parameters);
      writeExtension(writer, body);
    }
    writer.text(')');
    return;
  }
  writer.string(body.mediaType).text(' ').string(body.mediaSubtype).text(' ');
  writeParameters(writer, body.parameters);
  writer.text(' ').nstring(body.id).text(' ').nstring(body.description).text(' ').string(body.encoding);
  writer.text(` ${checkedNumber(body.size, 'a size')}`);
  if (body.type === 'message') {
    writer.text(' ');
    writeEnvelope(writer, body.envelope);
    writer.text(' ');
    writeBody(writer, body.body);
  }
  if (body.type !== 'basic') writer.text(` ${checkedNumber(body.lines, 'a count of lines')}`);
  if (body.md5 !== undefined) {
    writer.text(' ').nstring(body.md5);
    writeExtension(writer, body);
  }
  writer.text(')');
}

function writeExtension(
  writer: ResponseWriter,
  { disposition, language, location }: Pick<BodyStructure, 'disposition' | 'language' | 'location'>,
): void {
  if (disposition === undefined) return;
  if (disposition === null) writer.text(' NIL');
  else {
    writer.text(' (').string(disposition.type).text(' ');
    writeParameters(writer, disposition.parameters);
    writer.text(')');
  }
  if (language === undefined) return;
  if (language === null || language.length === 0) writer.text(' NIL');
  else if (language.length === 1) writer.text(' ').string(language[0]!);
  else writer.text(' ').list(language, (each) => writer.string(each));
  if (location !== undefined) writer.text(' ').nstring(location);
}

function writeParameters(writer: ResponseWriter, parameters: BodyParameters): void {
  if (parameters.length === 0) writer.text('NIL');
  else writer.list(parameters, ([name, value]) => writer.string(name).text(' ').string(value));
}
