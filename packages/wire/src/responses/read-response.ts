/**
 * One whole response of a server.
 * @see RFC 9051 section 7
 * @module
 */

import type { ModSeq, SequenceNumber, Uid, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import {
  ASTERISK,
  BACKSLASH,
  CLASSES,
  DIGIT,
  DQUOTE,
  isLetter,
  LBRACKET,
  LPAREN,
  PLUS,
  RPAREN,
  SP,
  TAG,
} from '../octets/octets.ts';
import { anyText, asciiText, isAscii, validText } from '../octets/text.ts';
import { closingBracket, readResponseCode } from '../response-codes/read-response-code.ts';
import type { ResponseCode } from '../response-codes/response-code.ts';
import { Fault } from '../tokens/fault.ts';
import { rawOctets, skipText } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { skipValue } from '../tokens/skip-value.ts';
import { canonicalAttribute } from '../values/attributes.ts';
import { readFlag, readFlags } from '../values/read-flags.ts';
import { readListedMailbox, readMailbox, readStatusMailbox } from '../values/read-mailbox.ts';
import { readIdSet } from '../values/read-set.ts';
import { readModSeq, readSize } from '../values/read-size.ts';
import { FetchBuilder } from './fetch-builder.ts';
import { readCapabilities } from './read-capabilities.ts';
import type { ListData, NamespaceEntry, RawItem, Response, StatusItems, StatusWord } from './response.ts';

/** The delimiter backslash as some servers quote it, with the space behind it. */
const LONE_BACKSLASH: readonly number[] = [DQUOTE, BACKSLASH, DQUOTE];

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Reads a frame that holds a whole response. */
export function readResponse(reader: Reader): Response {
  const octet = reader.peek();
  if (octet === ASTERISK) return readUntagged(reader);
  if (octet === PLUS) return readContinuation(reader);
  const tag = reader.token(TAG, 'a tag, "*" or "+"');
  if (reader.accept(SP)) {
    reader.skipSpaces();
    const letter = reader.peek();
    const status = isLetter(letter) ? statusWord(reader.keyword()) : undefined;
    if (status === 'OK' || status === 'NO' || status === 'BAD') return readStatus(reader, tag, status);
  }
  // Greetings of other protocols, and sentences of proxies before they close.
  reader.note('QUIRK_PLAIN_TEXT', reader.offset, 'a line that is no response');
  return reader.fail('expected OK, NO or BAD');
}

/** Reads `* n FETCH `, leaving the reader at the list behind it; undefined when the response is another. */
export function readFetchStart(reader: Reader): FetchBuilder | undefined {
  if (!reader.accept(ASTERISK) || !reader.accept(SP)) return undefined;
  const digit = reader.peek();
  if (digit < 0x31 || digit > 0x39) return undefined;
  const number = reader.nonZero();
  if (!reader.accept(SP)) return undefined;
  const isUid = reader.acceptWord('UIDFETCH');
  return (isUid || reader.acceptWord('FETCH')) && reader.accept(SP) ? new FetchBuilder(number, isUid) : undefined;
}

export function statusWord(word: string): StatusWord | undefined {
  switch (word) {
    case 'OK':
    case 'NO':
    case 'BAD':
    case 'BYE':
    case 'PREAUTH':
      return word;
    default:
      return undefined;
  }
}

function readContinuation(reader: Reader): Response {
  reader.offset++;
  if (reader.isAtEnd) {
    reader.quirk('QUIRK_EMPTY_CONTINUATION', 'a continuation request without a space');
    return { type: 'continuation', text: '' };
  }
  if (!reader.accept(SP)) reader.quirk('QUIRK_MISSING_SPACE', 'no space behind the plus');
  if (reader.peek() !== LBRACKET) return { type: 'continuation', text: restText(reader) };
  const { code, text } = readText(reader);
  return code === undefined ? { type: 'continuation', text } : { type: 'continuation', code, text };
}

function readStatus(reader: Reader, tag: string | undefined, status: StatusWord): Response {
  if (reader.isAtEnd) {
    reader.quirk('QUIRK_MISSING_TEXT', 'a status without a text');
    return { type: 'status', tag, status, text: '' };
  }
  reader.expect(SP);
  const { code, text } = readText(reader);
  return code === undefined ? { type: 'status', tag, status, text } : { type: 'status', tag, status, code, text };
}

/** `resp-text`: a code in brackets, and words. */
function readText(reader: Reader): { readonly code: ResponseCode | undefined; readonly text: string } {
  if (reader.peek() !== LBRACKET) return { code: undefined, text: restText(reader) };
  const next = reader.bytes[reader.offset + 1]!;
  const isCode = reader.offset + 1 < reader.end && isLetter(next);
  if (!isCode) return { code: undefined, text: restText(reader) };
  if (closingBracket(reader, reader.offset) < 0) {
    reader.quirk('QUIRK_UNCLOSED_CODE', 'a response code is not closed');
    return { code: undefined, text: restText(reader) };
  }
  const code = readResponseCode(reader);
  if (reader.isAtEnd) {
    reader.quirk('QUIRK_MISSING_TEXT', 'a response code without a text');
    return { code, text: '' };
  }
  if (!reader.accept(SP)) reader.quirk('QUIRK_MISSING_SPACE', 'no space behind a response code');
  return { code, text: restText(reader) };
}

function restText(reader: Reader): string {
  const { bytes, offset: start, end } = reader;
  skipText(reader, end);
  if (isAscii(bytes, start, end)) return asciiText(bytes, start, end);
  const text = validText(bytes, start, end);
  if (text !== undefined) return text;
  reader.quirk('QUIRK_INVALID_UTF8', 'a text holds 8-bit octets that are not UTF-8');
  return anyText(bytes, start, end);
}

function readUntagged(reader: Reader): Response {
  reader.offset++;
  reader.space();
  const octet = reader.peek();
  if (octet >= 0 && (CLASSES[octet]! & DIGIT) !== 0) return readNumbered(reader);
  if (octet === LBRACKET) {
    reader.quirk('QUIRK_MISSING_STATUS', 'a response code without OK before it');
    const { code, text } = readText(reader);
    return code === undefined
      ? { type: 'status', tag: undefined, status: 'OK', text }
      : { type: 'status', tag: undefined, status: 'OK', code, text };
  }
  if (!isLetter(octet)) reader.fail('expected a word or a number');
  const name = reader.keyword();
  const status = statusWord(name);
  if (status !== undefined) return readStatus(reader, undefined, status);
  switch (name) {
    case 'CAPABILITY':
      return ended(reader, { type: 'capability', capabilities: readCapabilities(reader) });
    case 'ENABLED':
      return ended(reader, { type: 'enabled', capabilities: readCapabilities(reader) });
    case 'LIST':
    case 'XLIST':
    case 'LSUB':
      return readList(reader, name);
    case 'STATUS':
      return readMailboxStatus(reader);
    case 'FLAGS':
      reader.space();
      return ended(reader, { type: 'flags', flags: readFlags(reader) });
    case 'SEARCH':
      return readSearch(reader);
    case 'VANISHED':
      return readVanished(reader);
    case 'NAMESPACE':
      return readNamespace(reader);
    case 'ID':
      return readId(reader);
    case 'EXISTS':
    case 'RECENT':
    case 'EXPUNGE':
    case 'FETCH':
      reader.quirk('QUIRK_MISSING_NUMBER', 'a response without the number before its name');
      return readUnknown(reader, name, undefined);
    default:
      return readUnknown(reader, name, undefined);
  }
}

function ended<Value>(reader: Reader, value: Value): Value {
  reader.finish();
  return value;
}

function readNumbered(reader: Reader): Response {
  const number = reader.number32();
  reader.space();
  const start = reader.offset;
  const name = reader.keyword();
  switch (name) {
    case 'FETCH':
    case 'UIDFETCH': {
      if (number === 0) break;
      reader.space();
      const builder = new FetchBuilder(number, name === 'UIDFETCH');
      builder.read(reader);
      return builder.finish(reader);
    }
    case 'EXISTS':
      return ended(reader, { type: 'exists', count: number });
    case 'RECENT':
      return ended(reader, { type: 'recent', count: number });
    case 'EXPUNGE':
      if (number === 0) break;
      return ended(reader, { type: 'expunge', sequenceNumber: number as SequenceNumber });
    default:
      return readUnknown(reader, name, number);
  }
  reader.offset = start;
  reader.quirk('QUIRK_ZERO_NUMBER', 'a message number is zero');
  reader.keyword();
  return readUnknown(reader, name, number);
}

function readUnknown(reader: Reader, name: string, number: number | undefined): Response {
  if (!reader.isAtEnd && !reader.accept(SP))
    reader.quirk('QUIRK_MISSING_SPACE', 'no space behind the name of a response');
  const start = reader.offset;
  reader.offset = reader.end;
  const raw = rawOctets(reader, start);
  return number === undefined ? { type: 'unknown', name, raw } : { type: 'unknown', name, number, raw };
}

function readList(reader: Reader, name: 'LIST' | 'XLIST' | 'LSUB'): Response {
  reader.space();
  const attributes: string[] = [];
  for (let isFirst = true, goesOn = reader.openListOrNil(); goesOn && reader.hasNext(isFirst); isFirst = false) {
    const attribute = readFlag(reader);
    if (attribute !== undefined) attributes.push(canonicalAttribute(attribute));
  }
  reader.space();
  const delimiter = readDelimiter(reader);
  reader.space();
  const mailbox = readListedMailbox(reader);
  const data: Mutable<ListData> = { type: name === 'LSUB' ? 'lsub' : 'list', attributes, delimiter, mailbox };
  if (name === 'XLIST') data.isXlist = true;
  if (reader.peek() !== SP || !reader.isFollowedBy(LPAREN)) return ended(reader, data);
  reader.space();
  const extended: RawItem[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const item = readExtendedItem(reader);
    if (!readListItem(reader, item, data)) extended.push(item);
  }
  if (extended.length > 0) data.extended = extended;
  return ended(reader, data);
}

/** Makes a value of an extended item. False for one that is not known, or whose value makes no sense. */
function readListItem(reader: Reader, { name, raw }: RawItem, data: Mutable<ListData>): boolean {
  if (name !== 'CHILDINFO' && name !== 'OLDNAME') return false;
  const { offset, end, depth } = reader;
  reader.offset = offset - raw.length;
  reader.end = offset;
  try {
    const words: string[] = [];
    let oldName: MailboxName | undefined;
    reader.openList();
    for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
      if (name === 'OLDNAME' && isFirst) oldName = readMailbox(reader);
      else words.push(reader.astring().toUpperCase());
    }
    if (name === 'CHILDINFO') data.childInfo = words;
    else if (oldName === undefined || words.length > 0) reader.fail('expected one mailbox');
    else data.oldName = oldName;
    return true;
  } catch (fault) {
    if (!(fault instanceof Fault) || reader.isStrict) throw fault;
    reader.noteFault('SYNTAX', fault, name);
    return false;
  } finally {
    reader.offset = offset;
    reader.end = end;
    reader.depth = depth;
  }
}

function readExtendedItem(reader: Reader): RawItem {
  const name = reader.astring().toUpperCase();
  reader.space();
  const start = reader.offset;
  skipValue(reader);
  return { name, raw: rawOctets(reader, start) };
}

function readDelimiter(reader: Reader): string | null {
  if (reader.acceptOctets(LONE_BACKSLASH)) {
    reader.quirk('QUIRK_LONE_BACKSLASH', 'a backslash that escapes nothing');
    return '\\';
  }
  const delimiter = reader.nstring();
  if (delimiter === null || delimiter.length === 1) return delimiter;
  reader.quirk('QUIRK_DELIMITER', 'a delimiter is not one character');
  return delimiter === '' ? null : delimiter.charAt(0);
}

function readMailboxStatus(reader: Reader): Response {
  reader.space();
  const mailbox = readStatusMailbox(reader);
  reader.space();
  const items: Mutable<StatusItems> = {};
  const raw: RawItem[] = [];
  for (let isFirst = true, goesOn = reader.openListOrNil(); goesOn && reader.hasNext(isFirst); isFirst = false) {
    const name = reader.keyword();
    reader.space();
    readStatusItem(reader, name, items, raw);
  }
  if (raw.length > 0) items.raw = raw;
  return ended(reader, { type: 'mailboxStatus', mailbox, items });
}

function readStatusItem(reader: Reader, name: string, items: Mutable<StatusItems>, raw: RawItem[]): void {
  switch (name) {
    case 'MESSAGES':
      items.messages = readSize(reader);
      return;
    case 'RECENT':
      items.recent = readSize(reader);
      return;
    case 'UIDNEXT':
    case 'UIDVALIDITY': {
      const value = readSize(reader);
      if (value === 0) reader.quirk('QUIRK_ZERO_NUMBER', 'a number is zero');
      else if (value > 0x1_0000_0000) reader.fail('a number is too large');
      else if (name === 'UIDNEXT') items.uidNext = value;
      else items.uidValidity = value as UidValidity;
      return;
    }
    case 'UNSEEN':
      items.unseen = readSize(reader);
      return;
    case 'DELETED':
      items.deleted = readSize(reader);
      return;
    case 'DELETED-STORAGE':
      items.deletedStorage = readSize(reader);
      return;
    case 'SIZE':
      items.size = readSize(reader);
      return;
    case 'HIGHESTMODSEQ':
      items.highestModSeq = readModSeq(reader);
      return;
    case 'MAILBOXID': {
      const isList = reader.accept(LPAREN);
      items.mailboxId = reader.astring();
      if (isList) reader.expect(RPAREN);
      return;
    }
    case 'APPENDLIMIT':
      items.appendLimit = reader.nil() ? null : readSize(reader);
      return;
    default: {
      const start = reader.offset;
      skipValue(reader);
      raw.push({ name, raw: rawOctets(reader, start) });
    }
  }
}

function readSearch(reader: Reader): Response {
  const numbers: number[] = [];
  let modSeq: ModSeq | undefined;
  while (reader.peek() === SP) {
    const start = reader.offset;
    while (reader.peek() === SP) reader.offset++;
    if (reader.isAtEnd) {
      reader.offset = start;
      break;
    }
    if (reader.offset > start + 1) reader.quirk('QUIRK_EXTRA_SPACE', 'a space too many');
    if (reader.peek() === LPAREN) {
      reader.openList();
      if (!reader.acceptWord('MODSEQ')) reader.fail('expected MODSEQ');
      reader.space();
      modSeq = readModSeq(reader);
      reader.closeList();
    } else {
      const number = reader.number32();
      if (number === 0) reader.quirk('QUIRK_ZERO_NUMBER', 'a number is zero');
      else numbers.push(number);
    }
  }
  return ended(reader, modSeq === undefined ? { type: 'search', numbers } : { type: 'search', numbers, modSeq });
}

function readVanished(reader: Reader): Response {
  reader.space();
  const isEarlier = reader.peek() === LPAREN;
  if (isEarlier) {
    reader.openList();
    if (!reader.acceptWord('EARLIER')) reader.fail('expected EARLIER');
    reader.closeList();
    reader.space();
  }
  return ended(reader, { type: 'vanished', isEarlier, uids: readIdSet<Uid>(reader) });
}

function readNamespace(reader: Reader): Response {
  reader.space();
  const personal = readNamespaces(reader);
  reader.space();
  const otherUsers = readNamespaces(reader);
  reader.space();
  const shared = readNamespaces(reader);
  return ended(reader, { type: 'namespace', personal, otherUsers, shared });
}

function readNamespaces(reader: Reader): readonly NamespaceEntry[] {
  const entries: NamespaceEntry[] = [];
  if (reader.peek() !== LPAREN) {
    if (!reader.nil()) reader.fail('expected a list of namespaces');
    return entries;
  }
  reader.openList();
  while (reader.peek() !== RPAREN) {
    if (reader.peek() === SP) {
      reader.quirk('QUIRK_EXTRA_SPACE', 'a space between two namespaces');
      reader.offset++;
      continue;
    }
    reader.openList();
    const prefix = readMailbox(reader);
    reader.space();
    const delimiter = readDelimiter(reader);
    const extended: RawItem[] = [];
    while (reader.hasNext(false)) extended.push(readExtendedItem(reader));
    entries.push(extended.length === 0 ? { prefix, delimiter } : { prefix, delimiter, extended });
  }
  reader.closeList();
  return entries;
}

function readId(reader: Reader): Response {
  reader.space();
  if (reader.nil()) return ended(reader, { type: 'id', parameters: null });
  const parameters = new Map<string, string | null>();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.nstring() ?? '';
    reader.space();
    parameters.set(name, reader.nstring());
  }
  return ended(reader, { type: 'id', parameters });
}
