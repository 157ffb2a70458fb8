/**
 * What SEARCH, SORT and THREAD look for.
 * @see RFC 9051 section 6.4.4, RFC 5032, RFC 5466, RFC 6203, RFC 7162 section 3.1.5, RFC 8474, RFC 8514
 * @module
 */

import type { Flag, ImapDate, ModSeq, SearchedDate, SequenceNumber, Uid } from '@posthorn/core';
import { formatImapDate, parseImapDate } from '@posthorn/date';
import type { SequenceSet } from '@posthorn/message-set';
import type { CommandWriter } from '../commands/command-writer.ts';
import { ASTRING, ATOM, CLASSES, DIGIT, DOLLAR, DQUOTE, LBRACE, LPAREN, PATTERN, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedAtom, checkedModSeq, checkedNumber } from '../tokens/spelling.ts';
import { readFlag } from '../values/read-flags.ts';
import { readSequenceSet } from '../values/read-set.ts';
import { readModSeq } from '../values/read-size.ts';
import { setText } from '../values/set-text.ts';

/** What to look for, as it is spelled: sets keep their `*`. */
export type SearchKey =
  | { readonly type: 'all' | 'new' | 'old' | 'recent' }
  /** The saved result `$`. @see RFC 5182 */
  | { readonly type: 'saved' }
  | { readonly type: 'and'; readonly keys: readonly SearchKey[] }
  | { readonly type: 'or'; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly type: 'not' | 'fuzzy'; readonly key: SearchKey }
  | { readonly type: 'flag'; readonly flag: Flag; readonly isSet: boolean }
  | { readonly type: 'uids'; readonly set: SequenceSet<Uid> }
  | { readonly type: 'sequenceNumbers'; readonly set: SequenceSet<SequenceNumber> }
  | { readonly type: 'header'; readonly name: string; readonly value: string }
  | { readonly type: 'text'; readonly where: 'body' | 'text'; readonly value: string }
  | {
      readonly type: 'date';
      readonly which: SearchedDate;
      readonly compare: 'before' | 'on' | 'since';
      readonly date: ImapDate;
    }
  | { readonly type: 'size'; readonly compare: 'larger' | 'smaller'; readonly octets: number }
  | { readonly type: 'age'; readonly compare: 'older' | 'younger'; readonly seconds: number }
  | {
      readonly type: 'modSeq';
      readonly atLeast: ModSeq;
      readonly entry?: { readonly flag: string; readonly kind: 'priv' | 'shared' | 'all' };
    }
  | { readonly type: 'emailId' | 'threadId'; readonly id: string }
  | { readonly type: 'filter'; readonly name: string }
  | { readonly type: 'saveDateSupported' }
  /** Messages with an annotation whose value holds a text; null looks for those that have none. @see RFC 5257 section 4.7 */
  | {
      readonly type: 'annotation';
      /** May hold `*` and `%`. */
      readonly entry: string;
      readonly attribute: 'value' | 'value.priv' | 'value.shared';
      readonly value: string | null;
    }
  /** X-GM-RAW, X-GM-MSGID, X-GM-THRID and X-GM-LABELS of Gmail. */
  | { readonly type: 'gmail'; readonly what: 'RAW' | 'MSGID' | 'THRID' | 'LABELS'; readonly value: string };

const FLAGS = {
  ANSWERED: '\\Answered',
  DELETED: '\\Deleted',
  DRAFT: '\\Draft',
  FLAGGED: '\\Flagged',
  SEEN: '\\Seen',
} as const;
const FIELDS = ['BCC', 'CC', 'FROM', 'SUBJECT', 'TO'] as const;

/** Reads keys up to the end: all of them must fit. */
export function readSearchKeys(reader: Reader): SearchKey {
  const keys = [readSearchKey(reader)];
  while (reader.peek() === SP && reader.offset + 1 < reader.end) {
    reader.space();
    keys.push(readSearchKey(reader));
  }
  return keys.length === 1 ? keys[0]! : { type: 'and', keys };
}

function readSearchKey(reader: Reader): SearchKey {
  const octet = reader.peek();
  if (octet === LPAREN) {
    const keys: SearchKey[] = [];
    reader.openList();
    for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) keys.push(readSearchKey(reader));
    if (keys.length === 0) reader.fail('expected a search key');
    return keys.length === 1 ? keys[0]! : { type: 'and', keys };
  }
  if (octet === DOLLAR && reader.accept(DOLLAR)) return { type: 'saved' };
  if (octet === 0x2a || (octet >= 0 && (CLASSES[octet]! & DIGIT) !== 0))
    return { type: 'sequenceNumbers', set: readSequenceSet<SequenceNumber>(reader) };
  const start = reader.offset;
  const word = reader.keyword();
  const key =
    readFlagKey(reader, word) ?? readNested(reader, word) ?? readCompared(reader, word) ?? readText(reader, word);
  if (key !== undefined) return key;
  reader.offset = start;
  return reader.fail('an unknown search key');
}

function readFlagKey(reader: Reader, word: string): SearchKey | undefined {
  const isSet = !word.startsWith('UN');
  const name = isSet ? word : word.slice(2);
  if (Object.hasOwn(FLAGS, name)) return { type: 'flag', flag: FLAGS[name as keyof typeof FLAGS], isSet };
  if (name === 'KEYWORD') {
    reader.space();
    return { type: 'flag', flag: readFlag(reader) ?? reader.fail('expected a keyword'), isSet };
  }
  switch (word) {
    case 'ALL':
    case 'NEW':
    case 'OLD':
    case 'RECENT':
      return { type: word.toLowerCase() as 'all' };
    case 'SAVEDATESUPPORTED':
      return { type: 'saveDateSupported' };
    default:
      return undefined;
  }
}

/** Keys that hold keys. How deep they nest is limited like lists. */
function readNested(reader: Reader, word: string): SearchKey | undefined {
  if (word !== 'NOT' && word !== 'OR' && word !== 'FUZZY') return undefined;
  if (reader.depth >= reader.maxDepth) reader.fail('search keys nest too deeply');
  reader.depth++;
  reader.space();
  const left = readSearchKey(reader);
  let key: SearchKey = { type: word === 'FUZZY' ? 'fuzzy' : 'not', key: left };
  if (word === 'OR') {
    reader.space();
    key = { type: 'or', left, right: readSearchKey(reader) };
  }
  reader.depth--;
  return key;
}

function readCompared(reader: Reader, word: string): SearchKey | undefined {
  const dated = /^(SENT|SAVED)?(BEFORE|ON|SINCE)$/.exec(word);
  if (dated !== null) {
    reader.space();
    const which = dated[1] === 'SENT' ? 'sent' : dated[1] === 'SAVED' ? 'saved' : 'internal';
    return { type: 'date', which, compare: dated[2]!.toLowerCase() as 'on', date: readDate(reader) };
  }
  switch (word) {
    case 'LARGER':
    case 'SMALLER':
      reader.space();
      return { type: 'size', compare: word === 'LARGER' ? 'larger' : 'smaller', octets: reader.number() };
    case 'OLDER':
    case 'YOUNGER':
      reader.space();
      return { type: 'age', compare: word === 'OLDER' ? 'older' : 'younger', seconds: reader.nonZero() };
    case 'UID':
      reader.space();
      // RFC 9051 makes `$` a set of numbers, so that `UID $` means the same as `$`.
      if (reader.accept(DOLLAR)) return { type: 'saved' };
      return { type: 'uids', set: readSequenceSet<Uid>(reader) };
    case 'MODSEQ':
      return readModSeqKey(reader);
    case 'EMAILID':
    case 'THREADID':
      reader.space();
      return { type: word === 'EMAILID' ? 'emailId' : 'threadId', id: reader.atom() };
    default:
      return undefined;
  }
}

function readDate(reader: Reader): ImapDate {
  const start = reader.offset;
  try {
    return parseImapDate(reader.astring());
  } catch {
    reader.offset = start;
    return reader.fail('a date that makes no sense');
  }
}

/** `MODSEQ ["/flags/\\Seen" all] 5`. */
function readModSeqKey(reader: Reader): SearchKey {
  reader.space();
  if (reader.peek() !== 0x22) return { type: 'modSeq', atLeast: readModSeq(reader) };
  const flag = reader.quoted();
  if (!flag.startsWith('/flags/')) reader.fail('expected an entry of a flag');
  reader.space();
  const kind = reader.keyword().toLowerCase();
  if (kind !== 'priv' && kind !== 'shared' && kind !== 'all') return reader.fail('expected priv, shared or all');
  reader.space();
  return { type: 'modSeq', atLeast: readModSeq(reader), entry: { flag: flag.slice(7), kind } };
}

function readText(reader: Reader, word: string): SearchKey | undefined {
  if ((FIELDS as readonly string[]).includes(word)) {
    reader.space();
    return { type: 'header', name: word, value: reader.astring() };
  }
  switch (word) {
    case 'HEADER': {
      reader.space();
      const name = reader.astring();
      reader.space();
      return {
        type: 'header',
        name: FIELDS.find((each) => each === name.toUpperCase()) ?? name,
        value: reader.astring(),
      };
    }
    case 'BODY':
    case 'TEXT':
      reader.space();
      return { type: 'text', where: word === 'BODY' ? 'body' : 'text', value: reader.astring() };
    case 'ANNOTATION':
      return readAnnotationKey(reader);
    case 'FILTER':
      reader.space();
      return { type: 'filter', name: reader.token(ASTRING, 'the name of a filter') };
    case 'X-GM-RAW':
    case 'X-GM-MSGID':
    case 'X-GM-THRID':
    case 'X-GM-LABELS':
      reader.space();
      return { type: 'gmail', what: word.slice(5) as 'RAW', value: reader.astring() };
    default:
      return undefined;
  }
}

function readAnnotationKey(reader: Reader): SearchKey {
  reader.space();
  const octet = reader.peek();
  const entry = octet === DQUOTE || octet === LBRACE ? reader.string() : reader.word(PATTERN);
  reader.space();
  const attribute = reader.astring().toLowerCase();
  if (attribute !== 'value' && attribute !== 'value.priv' && attribute !== 'value.shared')
    return reader.fail('expected value, value.priv or value.shared');
  reader.space();
  return { type: 'annotation', entry, attribute, value: reader.nstring() };
}

/** Writes the keys of a program: those of an `and` stand side by side. */
export function writeSearchKeys(writer: CommandWriter, key: SearchKey): void {
  if (key.type !== 'and') writeSearchKey(writer, key);
  else writeSeparated(writer, key.keys);
}

function writeSeparated(writer: CommandWriter, keys: readonly SearchKey[]): void {
  if (keys.length === 0) throw new RangeError('a search needs a key');
  keys.forEach((each, index) => {
    if (index > 0) writer.text(' ');
    writeSearchKey(writer, each);
  });
}

function writeSearchKey(writer: CommandWriter, key: SearchKey): void {
  switch (key.type) {
    case 'and':
      writer.text('(');
      writeSeparated(writer, key.keys);
      writer.text(')');
      return;
    case 'or':
      writer.text('OR ');
      writeSearchKey(writer, key.left);
      writer.text(' ');
      writeSearchKey(writer, key.right);
      return;
    case 'not':
    case 'fuzzy':
      writer.text(`${key.type.toUpperCase()} `);
      writeSearchKey(writer, key.key);
      return;
    case 'header': {
      const field = FIELDS.find((each) => each === key.name.toUpperCase());
      if (field !== undefined) writer.text(`${field} `);
      else writer.text('HEADER ').astring(key.name, 'the name of a field').text(' ');
      writer.astring(key.value, 'a search value');
      return;
    }
    case 'text':
      writer
        .text(`${checkedAtom(key.where, ATOM, 'a search key').toUpperCase()} `)
        .astring(key.value, 'a search value');
      return;
    case 'annotation':
      writer
        .text('ANNOTATION ')
        .astring(key.entry, 'an entry')
        .text(` ${checkedAtom(key.attribute, ATOM, 'an attribute')} `)
        .nstring(key.value, 'the value of an annotation');
      return;
    case 'gmail':
      writer.text(`X-GM-${checkedAtom(key.what, ATOM, 'a search key')} `).astring(key.value, 'a search value');
      return;
    default:
      writer.text(plainKeyText(key));
  }
}

type PlainKey = Exclude<
  SearchKey,
  { readonly type: 'and' | 'or' | 'not' | 'fuzzy' | 'header' | 'text' | 'annotation' | 'gmail' }
>;

function plainKeyText(key: PlainKey): string {
  switch (key.type) {
    case 'saved':
      return '$';
    case 'saveDateSupported':
      return 'SAVEDATESUPPORTED';
    case 'flag':
      return flagKeyText(key.flag, key.isSet);
    case 'uids':
      return `UID ${setText(key.set)}`;
    case 'sequenceNumbers':
      return setText(key.set);
    case 'date': {
      const which = key.which === 'sent' ? 'SENT' : key.which === 'saved' ? 'SAVED' : '';
      return `${which}${comparison(key.compare)} ${formatImapDate(key.date)}`;
    }
    case 'size':
      return `${comparison(key.compare)} ${checkedNumber(key.octets, 'a size')}`;
    case 'age':
      return `${comparison(key.compare)} ${checkedNumber(key.seconds, 'an age', 1)}`;
    case 'modSeq': {
      if (key.entry === undefined) return `MODSEQ ${checkedModSeq(key.atLeast)}`;
      const flag = checkedAtom(key.entry.flag.replace(/^\\/, ''), ATOM, 'a flag');
      return `MODSEQ "/flags/${key.entry.flag.startsWith('\\') ? '\\\\' : ''}${flag}" ${checkedAtom(key.entry.kind, ATOM, 'a kind')} ${checkedModSeq(key.atLeast)}`;
    }
    case 'emailId':
    case 'threadId':
      return `${key.type.toUpperCase()} ${checkedAtom(key.id, ATOM, 'an object id')}`;
    case 'filter':
      return `FILTER ${checkedAtom(key.name, ASTRING, 'the name of a filter')}`;
    case 'all':
    case 'new':
    case 'old':
    case 'recent':
      return key.type.toUpperCase();
    default:
      throw new RangeError('there is no such search key');
  }
}

function comparison(compare: string): string {
  return checkedAtom(compare, ATOM, 'a comparison').toUpperCase();
}

function flagKeyText(flag: Flag, isSet: boolean): string {
  const un = isSet ? '' : 'UN';
  const word = Object.entries(FLAGS).find(([, each]) => each.toLowerCase() === flag.toLowerCase())?.[0];
  if (word !== undefined) return un + word;
  // Keywords are atoms; other system flags cannot be searched for.
  return `${un}KEYWORD ${checkedAtom(flag, ASTRING, 'a keyword')}`;
}
