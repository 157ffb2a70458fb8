/**
 * Searching, sorting and threading a selected mailbox: on the server, or here where it cannot.
 * @module
 */
import { emptySet, type MessageId } from '@posthorn/message-set';
import type { SearchKey } from '@posthorn/wire/extensions';
import { ImapError } from '../errors.ts';
import type { MessageReader } from '../fetch/message-reader.ts';
import type { Selection } from '../mailbox/selection.ts';
import { followSearch, type SearchUpdate } from './follow-search.ts';
import { followSort, type SortUpdate } from './follow-sort.ts';
import { sortHere, threadHere } from './order-here.ts';
import { returnsOf, type SearchQuestion } from './search-answer.ts';
import { type MessageQuery, needsOf, type PreparedSearch, toSearchKey } from './search-key.ts';
import { type SearchResult, searchMessages } from './search-messages.ts';
import { figuresOf, type SortQuestion, type SortResult, sortReturnsOf } from './sort-answer.ts';
import {
  canSort,
  canThread,
  checkNeeds,
  type MessageThread,
  type SortOrder,
  sortMessages,
  threadMessages,
} from './sort-messages.ts';

/** One query, or several that must all match. */
export type SearchCriteria = MessageQuery | readonly MessageQuery[];

/** In which numbers to answer, and for how long. */
interface Answering {
  readonly isUid: boolean;
  readonly signal: AbortSignal | undefined;
}

const NOTHING_FOUND = {
  all: emptySet<MessageId>(),
  min: undefined,
  max: undefined,
  count: 0,
  partial: emptySet<MessageId>(),
  modSeq: undefined,
};
const NO_KEY = { type: 'not', key: { type: 'all' } } as const;

/** Searches. Nothing is asked where nothing can be found. */
export async function searchFound(
  { connection, view }: Selection,
  criteria: SearchCriteria,
  { question, isUid, signal }: Answering & { readonly question: SearchQuestion },
): Promise<SearchResult<MessageId>> {
  signal?.throwIfAborted();
  const returns = returnsOf(question);
  const key = keyOf(criteria);
  const isEmpty = key === 'nothing' || view.exists === 0;
  if (isEmpty && question.save !== true) return NOTHING_FOUND;
  return searchMessages(connection, { key: key === 'nothing' ? NO_KEY : key, isUid, return: returns, signal });
}

/** Sorts. @param reader - Reads what matches, where it must be sorted here. */
export async function sortFound(
  { connection, view: { exists } }: Selection,
  reader: MessageReader,
  criteria: SearchCriteria,
  {
    order,
    question,
    isUid,
    signal,
  }: Answering & { readonly order: readonly SortOrder[]; readonly question: SortQuestion },
): Promise<SortResult<MessageId>> {
  signal?.throwIfAborted();
  sortReturnsOf(question, false);
  const key = keyOf(criteria);
  if (key === 'nothing' || exists === 0) return figuresOf([], undefined);
  if (canSort(connection, order)) return sortMessages(connection, order, question, { key, isUid, exists, signal });
  return figuresOf(await sortHere(reader, order, isUid, signal), question.partial);
}

/** Threads. @param reader - Reads what matches, where it must be threaded here. */
export async function threadFound(
  { connection, view: { exists } }: Selection,
  reader: MessageReader,
  criteria: SearchCriteria,
  { algorithm, isUid, signal }: Answering & { readonly algorithm: string },
): Promise<readonly MessageThread<MessageId>[]> {
  signal?.throwIfAborted();
  const key = keyOf(criteria);
  if (key === 'nothing' || exists === 0) return [];
  if (!canThread(connection, algorithm)) return threadHere(reader, algorithm, isUid, signal);
  return threadMessages(connection, algorithm, { key, isUid, exists, signal });
}

/** Keeps a search up to date. */
export function followFound(
  { connection, listen }: Selection,
  criteria: SearchCriteria,
  signal: AbortSignal | undefined,
): AsyncIterable<SearchUpdate> {
  const key = followedKey(criteria);
  const charset = needsOf(key).charset && !connection.protocol.isUtf8 ? 'UTF-8' : undefined;
  return followSearch({ connection, signal, listen }, { key, charset });
}

/** Keeps a sort up to date. @throws ImapError when the server cannot search for it, or sort by it */
export function followSorted(
  { connection, listen, view }: Selection,
  criteria: SearchCriteria,
  { order, signal }: { readonly order: readonly SortOrder[]; readonly signal: AbortSignal | undefined },
): AsyncIterable<SortUpdate> {
  const key = followedKey(criteria);
  checkNeeds(connection, key);
  if (!canSort(connection, order)) throw new ImapError('IMAP_UNSUPPORTED', 'the server cannot sort by these keys');
  return followSort({ connection, signal, listen }, { order, key, exists: () => view.exists });
}

function followedKey(criteria: SearchCriteria): SearchKey {
  const key = keyOf(criteria);
  return key === 'nothing' ? NO_KEY : key;
}

function keyOf(criteria: SearchCriteria): PreparedSearch {
  return toSearchKey('type' in criteria ? criteria : { type: 'and', queries: criteria });
}
