/**
 * Responses into octets.
 * @see RFC 9051 section 7
 * @module
 */
import { assertNever } from '@posthorn/core';
import { formatSet } from '@posthorn/message-set';
import { plainResponse } from '../extension-table/extend.ts';
import type {
  ExtensionOption,
  ExtensionTable,
  NoExtensions,
  ResponseWith,
} from '../extension-table/extension-table.ts';
import { ATOM, TAG } from '../octets/octets.ts';
import type { ResponseCode } from '../response-codes/response-code.ts';
import { responseCodeText } from '../response-codes/response-code-text.ts';
import { checkedAtom, checkedModSeq, checkedNumber, quoted } from '../tokens/spelling.ts';
import { flagsText, flagText } from '../values/flag-text.ts';
import type { ListData, NamespaceEntry, Response, StatusItems } from './response.ts';
import { type ResponseEncodeOptions, type ResponsePiece, ResponseWriter } from './response-writer.ts';
import { writeFetch } from './write-fetch.ts';

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
  if (code !== undefined) writer.text(`[${responseCodeText(code)}] `);
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

function refuseText(what: string): never {
  throw new RangeError(`${what} may not hold controls or 8-bit characters`);
}

function nonEmptySet(text: string): string {
  if (text === '') throw new RangeError('a set of messages is not empty');
  return text;
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
