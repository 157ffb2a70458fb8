/**
 * SEARCH, SORT and THREAD with their return options.
 * @see RFC 9051 section 6.4.4, RFC 5256, RFC 5267, RFC 9394
 * @module
 */
import type { Command } from '../command.ts';
import type { CommandWriter } from '../command-writer.ts';
import { ATOM, COLON, LPAREN, MINUS } from '../octets.ts';
import type { Reader } from '../reader.ts';
import { checkedAtom, checkedNumber } from '../spelling.ts';
import { readSearchKeys, type SearchKey, writeSearchKeys } from './search-key.ts';

/** A window into a result, from 1; negative numbers count from the end. @see RFC 9394 section 3.1 */
export interface PartialRange {
  readonly first: number;
  readonly last: number;
}

/** What a search is to answer in an ESEARCH response. */
export type SearchReturn =
  | { readonly type: 'min' | 'max' | 'all' | 'count' | 'save' | 'update' | 'context' }
  | { readonly type: 'partial'; readonly range: PartialRange };

export type SortKey = 'ARRIVAL' | 'CC' | 'DATE' | 'DISPLAYFROM' | 'DISPLAYTO' | 'FROM' | 'SIZE' | 'SUBJECT' | 'TO';

interface Searching {
  /** Whether UIDs are answered, not sequence numbers. */
  readonly isUid: boolean;
  readonly charset?: string;
  readonly key: SearchKey;
}

export type SearchCommand =
  | ({ readonly name: 'SEARCH'; readonly return?: readonly SearchReturn[] } & Searching)
  | ({
      readonly name: 'SORT';
      readonly return?: readonly SearchReturn[];
      readonly charset: string;
      readonly order: readonly { readonly key: SortKey; readonly isReverse: boolean }[];
    } & Searching)
  | ({ readonly name: 'THREAD'; readonly charset: string; readonly algorithm: string } & Searching);

export type RawCommand = Extract<Command, { readonly name: 'X' }>;

const RETURNS = ['min', 'max', 'all', 'count', 'save', 'update', 'context'] as const;
const SORT_KEYS: readonly SortKey[] = [
  'ARRIVAL',
  'CC',
  'DATE',
  'DISPLAYFROM',
  'DISPLAYTO',
  'FROM',
  'SIZE',
  'SUBJECT',
  'TO',
];

/** Reads what follows the command's name and a space. */
export function readSearchCommand(reader: Reader, name: 'SEARCH' | 'SORT' | 'THREAD', isUid: boolean): SearchCommand {
  if (name === 'THREAD') {
    const algorithm = reader.keyword();
    reader.space();
    const charset = reader.astring();
    reader.space();
    return { name, isUid, algorithm, charset, key: readSearchKeys(reader) };
  }
  const returned = readReturn(reader);
  if (name === 'SORT') {
    const order = readOrder(reader);
    reader.space();
    const charset = reader.astring();
    reader.space();
    return { name, isUid, ...returned, order, charset, key: readSearchKeys(reader) };
  }
  if (!reader.acceptWord('CHARSET')) return { name, isUid, ...returned, key: readSearchKeys(reader) };
  reader.space();
  const charset = reader.astring();
  reader.space();
  return { name, isUid, ...returned, charset, key: readSearchKeys(reader) };
}

function readReturn(reader: Reader): { readonly return?: readonly SearchReturn[] } {
  if (!reader.acceptWord('RETURN')) return {};
  reader.space();
  const options: SearchReturn[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const word = reader.keyword().toLowerCase();
    const known = RETURNS.find((each) => each === word);
    if (known !== undefined) options.push({ type: known });
    else if (word === 'partial') {
      reader.space();
      options.push({ type: 'partial', range: readPartialRange(reader) });
    } else reader.fail('an unknown return option');
  }
  reader.space();
  return { return: options };
}

export function readPartialRange(reader: Reader): PartialRange {
  const first = readSigned(reader);
  reader.expect(COLON);
  const last = readSigned(reader);
  if (Math.sign(first) !== Math.sign(last)) reader.fail('both ends of a range count from the same side');
  return { first, last };
}

function readSigned(reader: Reader): number {
  return reader.accept(MINUS) ? -reader.nonZero() : reader.nonZero();
}

function readOrder(reader: Reader): readonly { readonly key: SortKey; readonly isReverse: boolean }[] {
  const order: { readonly key: SortKey; readonly isReverse: boolean }[] = [];
  if (reader.peek() !== LPAREN) reader.fail('expected sort keys');
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const isReverse = reader.acceptWord('REVERSE');
    if (isReverse) reader.space();
    const word = reader.keyword();
    order.push({ key: SORT_KEYS.find((each) => each === word) ?? reader.fail('an unknown sort key'), isReverse });
  }
  if (order.length === 0) reader.fail('expected a sort key');
  return order;
}

/** Writes what follows the command's name and a space. */
export function writeSearchCommand(writer: CommandWriter, search: SearchCommand): void {
  if (search.name !== 'THREAD' && search.return !== undefined) {
    writer
      .text('RETURN ')
      .list(search.return, (option) => writer.text(returnText(option)))
      .text(' ');
  }
  if (search.name === 'SORT') {
    if (search.order.length === 0) throw new RangeError('SORT needs a key');
    writer
      .list(search.order, ({ key, isReverse }) =>
        writer.text(`${isReverse ? 'REVERSE ' : ''}${checkedAtom(key, ATOM, 'a sort key')}`),
      )
      .text(' ');
  }
  if (search.name === 'THREAD') writer.text(`${checkedAtom(search.algorithm, ATOM, 'an algorithm')} `);
  if (search.charset !== undefined) {
    writer
      .text(search.name === 'SEARCH' ? 'CHARSET ' : '')
      .astring(search.charset, 'a charset')
      .text(' ');
  }
  writeSearchKeys(writer, search.key);
}

function returnText(option: SearchReturn): string {
  if (option.type !== 'partial') return checkedAtom(option.type.toUpperCase(), ATOM, 'a return option');
  const { first, last } = option.range;
  for (const end of [first, last]) checkedNumber(Math.abs(end), 'an end of a range', 1);
  return `PARTIAL ${first}:${last}`;
}
