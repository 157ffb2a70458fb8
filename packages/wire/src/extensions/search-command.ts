/**
 * SEARCH, SORT and THREAD with their return options.
 * @see RFC 9051 section 6.4.4, RFC 5256, RFC 5267, RFC 9394
 * @module
 */
import type { Command, FetchItem } from '../commands/command.ts';
import type { CommandWriter } from '../commands/command-writer.ts';
import { fetchItemText } from '../commands/fetch-item-text.ts';
import { readFetchItems } from '../commands/read-fetch-item.ts';
import { ATOM, LPAREN, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedAtom } from '../tokens/spelling.ts';
import { type PartialRange, partialRangeText, readPartialRange } from '../values/partial-range.ts';
import { type MailboxFilter, readMailboxFilter, writeMailboxFilter } from './mailbox-filter.ts';
import { readSearchKeys, type SearchKey, writeSearchKeys } from './search-key.ts';

/** What a search is to answer in an ESEARCH response. */
export type SearchReturn =
  | { readonly type: 'min' | 'max' | 'all' | 'count' | 'save' | 'context' | 'relevancy' }
  /** `items` are fetched for each message that joins the result. @see RFC 5267 section 4.3, RFC 5465 section 7 */
  | { readonly type: 'update'; readonly items?: readonly FetchItem[] }
  | { readonly type: 'partial'; readonly range: PartialRange };

/** What messages can be compared by. @see RFC 5256 section 3, RFC 5957, RFC 6203 section 4 */
export type SortKey =
  | 'ARRIVAL'
  | 'CC'
  | 'DATE'
  | 'DISPLAYFROM'
  | 'DISPLAYTO'
  | 'FROM'
  | 'RELEVANCY'
  | 'SIZE'
  | 'SUBJECT'
  | 'TO';

/** What SORT orders by. */
export type SortCriterion =
  | { readonly key: SortKey; readonly isReverse: boolean }
  /** The value of an annotation. @see RFC 5257 section 4.8 */
  | {
      readonly key: 'ANNOTATION';
      readonly isReverse: boolean;
      readonly entry: string;
      readonly attribute: 'value.priv' | 'value.shared';
    };

interface Searching {
  /** Whether UIDs are answered, not sequence numbers. */
  readonly isUid: boolean;
  readonly charset?: string;
  readonly key: SearchKey;
}

/** A command that looks for messages. @see RFC 9051 section 6.4.4, RFC 5256 section 3, RFC 7377 */
export type SearchCommand =
  | ({ readonly name: 'SEARCH'; readonly return?: readonly SearchReturn[] } & Searching)
  | ({
      readonly name: 'SORT';
      readonly return?: readonly SearchReturn[];
      readonly charset: string;
      readonly order: readonly SortCriterion[];
    } & Searching)
  | ({ readonly name: 'THREAD'; readonly charset: string; readonly algorithm: string } & Searching)
  /** Answers UIDs of each mailbox: of the selected one without `sources`. @see RFC 7377 */
  | {
      readonly name: 'ESEARCH';
      readonly sources?: readonly MailboxFilter[];
      readonly return?: readonly SearchReturn[];
      readonly charset?: string;
      readonly key: SearchKey;
    };

/** A command as decoders leave it that do not know it, and as encoders take it. */
export type RawCommand = Extract<Command, { readonly name: 'X' }>;

const RETURNS = ['min', 'max', 'all', 'count', 'save', 'context', 'relevancy'] as const;
const SORT_KEYS: readonly SortKey[] = [
  'ARRIVAL',
  'CC',
  'DATE',
  'DISPLAYFROM',
  'DISPLAYTO',
  'FROM',
  'RELEVANCY',
  'SIZE',
  'SUBJECT',
  'TO',
];

/** Reads what follows the command's name and a space. */
export function readSearchCommand(reader: Reader, name: SearchCommand['name'], isUid: boolean): SearchCommand {
  if (name === 'THREAD') {
    const algorithm = reader.keyword();
    reader.space();
    const charset = reader.astring();
    reader.space();
    return { name, isUid, algorithm, charset, key: readSearchKeys(reader) };
  }
  const sources = name === 'ESEARCH' ? readSources(reader) : {};
  const returned = readReturn(reader);
  if (name === 'SORT') {
    const order = readOrder(reader);
    reader.space();
    const charset = reader.astring();
    reader.space();
    return { name, isUid, ...returned, order, charset, key: readSearchKeys(reader) };
  }
  const charset = readCharset(reader);
  const key = readSearchKeys(reader);
  return name === 'ESEARCH'
    ? { name, ...sources, ...returned, ...charset, key }
    : { name, isUid, ...returned, ...charset, key };
}

function readCharset(reader: Reader): { readonly charset?: string } {
  if (!reader.acceptWord('CHARSET')) return {};
  reader.space();
  const charset = reader.astring();
  reader.space();
  return { charset };
}

/** `IN (subtree a personal) `. */
function readSources(reader: Reader): { readonly sources?: readonly MailboxFilter[] } {
  if (!reader.acceptWord('IN')) return {};
  reader.space();
  const sources: MailboxFilter[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) sources.push(readMailboxFilter(reader));
  if (sources.length === 0) reader.fail('expected mailboxes to search');
  reader.space();
  return { sources };
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
    } else if (word === 'update') options.push(readUpdate(reader));
    else reader.fail('an unknown return option');
  }
  reader.space();
  return { return: options };
}

/** `UPDATE (UID FLAGS)`. The grammar of RFC 5465 forgets the space that its example has. */
function readUpdate(reader: Reader): SearchReturn {
  if (reader.peek() === SP && reader.isFollowedBy(LPAREN)) reader.space();
  return reader.peek() === LPAREN ? { type: 'update', items: readFetchItems(reader) } : { type: 'update' };
}

function readOrder(reader: Reader): readonly SortCriterion[] {
  const order: SortCriterion[] = [];
  if (reader.peek() !== LPAREN) reader.fail('expected sort keys');
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const isReverse = reader.acceptWord('REVERSE');
    if (isReverse) reader.space();
    const word = reader.keyword();
    if (word === 'ANNOTATION') order.push(readAnnotationOrder(reader, isReverse));
    else order.push({ key: SORT_KEYS.find((each) => each === word) ?? reader.fail('an unknown sort key'), isReverse });
  }
  if (order.length === 0) reader.fail('expected a sort key');
  return order;
}

function readAnnotationOrder(reader: Reader, isReverse: boolean): SortCriterion {
  reader.space();
  const entry = reader.astring();
  reader.space();
  const attribute = reader.astring().toLowerCase();
  if (attribute !== 'value.priv' && attribute !== 'value.shared')
    return reader.fail('expected value.priv or value.shared');
  return { key: 'ANNOTATION', isReverse, entry, attribute };
}

/** Writes what follows the command's name and a space. */
export function writeSearchCommand(writer: CommandWriter, search: SearchCommand): void {
  if (search.name === 'ESEARCH' && search.sources !== undefined) {
    if (search.sources.length === 0) throw new RangeError('ESEARCH needs mailboxes to search');
    writer
      .text('IN ')
      .list(search.sources, (source) => writeMailboxFilter(writer, source))
      .text(' ');
  }
  if (search.name !== 'THREAD' && search.return !== undefined) {
    writer
      .text('RETURN ')
      .list(search.return, (option) => writer.text(returnText(option)))
      .text(' ');
  }
  if (search.name === 'SORT') {
    if (search.order.length === 0) throw new RangeError('SORT needs a key');
    writer
      .list(search.order, (criterion) => {
        writer.text(`${criterion.isReverse ? 'REVERSE ' : ''}${checkedAtom(criterion.key, ATOM, 'a sort key')}`);
        if (criterion.key === 'ANNOTATION')
          writer
            .text(' ')
            .astring(criterion.entry, 'an entry')
            .text(` ${checkedAtom(criterion.attribute, ATOM, 'an attribute')}`);
      })
      .text(' ');
  }
  if (search.name === 'THREAD') writer.text(`${checkedAtom(search.algorithm, ATOM, 'an algorithm')} `);
  if (search.charset !== undefined) {
    writer
      .text(search.name === 'SEARCH' || search.name === 'ESEARCH' ? 'CHARSET ' : '')
      .astring(search.charset, 'a charset')
      .text(' ');
  }
  writeSearchKeys(writer, search.key);
}

function returnText(option: SearchReturn): string {
  if (option.type === 'partial') return `PARTIAL ${partialRangeText(option.range)}`;
  if (option.type !== 'update') return checkedAtom(option.type.toUpperCase(), ATOM, 'a return option');
  if (option.items === undefined) return 'UPDATE';
  if (option.items.length === 0) throw new RangeError('UPDATE with an empty list of items');
  return `UPDATE (${option.items.map(fetchItemText).join(' ')})`;
}
