/**
 * The ESEARCH response.
 * @see RFC 9051 section 7.3.4, RFC 4731, RFC 5267 section 4.3, RFC 7377, RFC 9394
 * @module
 */
import type { ModSeq, SequenceNumber, Uid, UidValidity } from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { SequenceSet } from '@posthorn/message-set';
import { ASTRING, DQUOTE, LPAREN, RPAREN, SP } from '../octets/octets.ts';
import type { RawItem } from '../responses/response.ts';
import type { ResponseWriter } from '../responses/response-writer.ts';
import { rawOctets } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { skipValue } from '../tokens/skip-value.ts';
import { checkedAtom, checkedModSeq, checkedNumber } from '../tokens/spelling.ts';
import { type PartialRange, partialRangeText, readPartialRange } from '../values/partial-range.ts';
import { readMailbox } from '../values/read-mailbox.ts';
import { readSequenceSet } from '../values/read-set.ts';
import { readModSeq } from '../values/read-size.ts';
import { setText } from '../values/set-text.ts';

/** @see RFC 9051 section 7.3.4, RFC 7377, RFC 9394 */
export interface ExtendedSearchData {
  readonly type: 'extendedSearch';
  /** The command it answers. */
  readonly tag?: string;
  /** The mailbox it is about, in answers to ESEARCH. */
  readonly mailbox?: MailboxName;
  readonly uidValidity?: UidValidity;
  readonly isUid: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly count?: number;
  /** In the order sent, which SORT gives a meaning. */
  readonly all?: SequenceSet<Uid> | SequenceSet<SequenceNumber>;
  readonly modSeq?: ModSeq;
  /** One window of the result; null when nothing is in it. */
  readonly partial?: {
    readonly range: PartialRange;
    readonly set: SequenceSet<Uid> | SequenceSet<SequenceNumber> | null;
  };
  /** What joined or left the result since it was told, in the order to apply. @see RFC 5267 section 4.3 */
  readonly changes?: readonly SearchChange[];
  /** Of the messages of `all`, each 1 to 100. @see RFC 6203 section 4 */
  readonly relevancy?: readonly number[];
  /** Other data: its name in upper case and its value. */
  readonly extended?: readonly RawItem[];
}

/** Messages that join a result at a position, or leave it. */
export interface SearchChange {
  readonly type: 'add' | 'remove';
  /** From 1 in the order of SORT; 0 where the order is that of the mailbox. */
  readonly position: number;
  readonly set: SequenceSet<Uid> | SequenceSet<SequenceNumber>;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Reads what follows the name of the response. */
export function readExtendedSearch(reader: Reader): ExtendedSearchData {
  const data: Mutable<ExtendedSearchData> = { type: 'extendedSearch', isUid: false };
  if (reader.peek() === LPAREN) {
    readCorrelator(reader, data);
    if (!reader.isAtEnd) reader.space();
  }
  if (reader.acceptWord('UID')) {
    data.isUid = true;
    if (!reader.isAtEnd) reader.space();
  }
  const extended: RawItem[] = [];
  const changes: SearchChange[] = [];
  while (!reader.isAtEnd) {
    const name = reader.keyword();
    reader.space();
    if (name === 'ADDTO' || name === 'REMOVEFROM') readChanges(reader, name === 'ADDTO' ? 'add' : 'remove', changes);
    else readSearchItem(reader, name, data, extended);
    if (reader.peek() !== SP || reader.offset + 1 >= reader.end) break;
    reader.space();
  }
  if (changes.length > 0) data.changes = changes;
  if (extended.length > 0) data.extended = extended;
  return data;
}

function readCorrelator(reader: Reader, data: Mutable<ExtendedSearchData>): void {
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.keyword();
    reader.space();
    if (name === 'TAG') data.tag = reader.astring();
    else if (name === 'MAILBOX') data.mailbox = readMailbox(reader);
    else if (name === 'UIDVALIDITY') data.uidValidity = reader.nonZero() as UidValidity;
    else skipValue(reader);
  }
}

function readSearchItem(reader: Reader, name: string, data: Mutable<ExtendedSearchData>, extended: RawItem[]): void {
  switch (name) {
    case 'MIN':
    case 'MAX': {
      const number = reader.number32();
      if (number === 0) reader.quirk('QUIRK_ZERO_NUMBER', 'a number is zero');
      else if (name === 'MIN') data.min = number;
      else data.max = number;
      return;
    }
    case 'COUNT':
      data.count = reader.number32();
      return;
    case 'ALL':
      if (!acceptNothing(reader)) data.all = readSequenceSet<Uid>(reader);
      return;
    case 'MODSEQ':
      data.modSeq = readModSeq(reader);
      return;
    case 'PARTIAL': {
      reader.openList();
      const range = readPartialRange(reader);
      reader.space();
      data.partial = { range, set: reader.nil() ? null : readSequenceSet<Uid>(reader) };
      reader.closeList();
      return;
    }
    case 'RELEVANCY': {
      const scores: number[] = [];
      reader.openList();
      for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) scores.push(reader.number32());
      data.relevancy = scores;
      return;
    }
    default: {
      const start = reader.offset;
      skipValue(reader);
      extended.push({ name, raw: rawOctets(reader, start) });
    }
  }
}

/** Steps over what stands in the place of an empty set, which has no spelling. */
function acceptNothing(reader: Reader): boolean {
  const start = reader.offset;
  const isNothing =
    reader.nil() || reader.accept(0x30) || acceptBoth(reader, DQUOTE, DQUOTE) || acceptBoth(reader, LPAREN, RPAREN);
  const next = reader.peek();
  if (isNothing && (next === SP || next === -1)) {
    reader.quirk('QUIRK_EMPTY_SET', 'no set where one belongs');
    return true;
  }
  reader.offset = start;
  return false;
}

function acceptBoth(reader: Reader, first: number, second: number): boolean {
  return reader.isFollowedBy(second) && reader.accept(first) && reader.accept(second);
}

/** `(0 1:3 5 9)`: positions, each with its messages. */
function readChanges(reader: Reader, type: SearchChange['type'], changes: SearchChange[]): void {
  const before = changes.length;
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const position = reader.number32();
    reader.space();
    changes.push({ type, position, set: readSequenceSet<Uid>(reader) });
  }
  if (changes.length === before) reader.fail('expected a position');
}

/** Writes what follows the name of the response. */
export function writeExtendedSearch(writer: ResponseWriter, data: ExtendedSearchData): void {
  let separator = '';
  const item = (text: string): ResponseWriter => {
    writer.text(separator + text);
    separator = ' ';
    return writer;
  };
  const words: (() => void)[] = [];
  if (data.tag !== undefined) words.push(() => writer.text('TAG ').string(data.tag!));
  if (data.mailbox !== undefined) words.push(() => writer.text('MAILBOX ').astring(data.mailbox!.wire));
  if (data.uidValidity !== undefined)
    words.push(() => writer.text(`UIDVALIDITY ${checkedNumber(data.uidValidity!, 'UIDVALIDITY', 1)}`));
  if (words.length > 0) item('').list(words, (write) => write());
  if (data.isUid) item('UID');
  if (data.min !== undefined) item(`MIN ${checkedNumber(data.min, 'MIN', 1)}`);
  if (data.max !== undefined) item(`MAX ${checkedNumber(data.max, 'MAX', 1)}`);
  if (data.count !== undefined) item(`COUNT ${checkedNumber(data.count, 'COUNT')}`);
  if (data.all !== undefined) item(`ALL ${setText(data.all)}`);
  if (data.modSeq !== undefined) item(`MODSEQ ${checkedModSeq(data.modSeq)}`);
  if (data.partial !== undefined) {
    const { range, set } = data.partial;
    item(`PARTIAL (${partialRangeText(range)} ${set === null ? 'NIL' : setText(set)})`);
  }
  for (const run of changeRuns(data.changes ?? [])) item(run);
  if (data.relevancy !== undefined)
    item(`RELEVANCY (${data.relevancy.map((score) => checkedNumber(score, 'a score')).join(' ')})`);
  for (const { name, raw } of data.extended ?? [])
    item(`${checkedAtom(name, ASTRING, 'the name of an item')} `).value(raw);
}

/** `ADDTO (0 1:3 5 9)` for each run of changes that go the same way. */
function changeRuns(changes: readonly SearchChange[]): readonly string[] {
  const runs: string[] = [];
  let words: string[] = [];
  changes.forEach(({ type, position, set }, index) => {
    words.push(`${checkedNumber(position, 'a position')} ${setText(set)}`);
    if (changes[index + 1]?.type === type) return;
    runs.push(`${type === 'add' ? 'ADDTO' : 'REMOVEFROM'} (${words.join(' ')})`);
    words = [];
  });
  return runs;
}
