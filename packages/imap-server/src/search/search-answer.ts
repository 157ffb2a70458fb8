import type { ModSeq, SequenceNumber, Uid, UidSet } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import type { PartialRange } from '@posthorn/wire';
import type { ExtendedSearchData, SearchReturn } from '@posthorn/wire/extensions';
import { inOrder } from '../replies/ordered-set.ts';
import type { MailboxView } from '../selected/view.ts';

/** What was found: messages the client knows, in the order asked for. */
export interface SearchResult {
  readonly uids: readonly Uid[];
  readonly view: MailboxView;
}

export interface AnswerOptions {
  readonly tag: string;
  /** Whether UIDs are answered, not sequence numbers. */
  readonly isUid: boolean;
  readonly returned: readonly SearchReturn[];
  /** Whether mod-sequences were searched for. */
  readonly tellsModSeq: boolean;
}

type Named = SearchReturn['type'];

/** What a client calls the messages. */
export function idsOf({ uids, view }: SearchResult, isUid: boolean): readonly (Uid | SequenceNumber)[] {
  return isUid ? uids : uids.map((uid) => view.numberOf(uid)!);
}

/**
 * The ESEARCH response. Nothing found has no MIN, MAX and ALL; empty parentheses ask for ALL.
 * @see RFC 4731 section 3.1, RFC 5267 section 3, RFC 9394 section 3.1
 */
export function extendedAnswer(result: SearchResult, options: AnswerOptions): ExtendedSearchData {
  const { tag, isUid, returned, tellsModSeq } = options;
  const asks = (type: Named): boolean => returned.some((option) => option.type === type);
  const answer: { -readonly [Item in keyof ExtendedSearchData]: ExtendedSearchData[Item] } = {
    type: 'extendedSearch',
    tag,
    isUid,
  };
  const ids = idsOf(result, isUid);
  const isEmpty = ids.length === 0;
  if (asks('min') && !isEmpty) answer.min = ids[0]!;
  if (asks('max') && !isEmpty) answer.max = ids.at(-1)!;
  if (asks('count')) answer.count = ids.length;
  if (asksForAll(returned) && !isEmpty) answer.all = inOrder(ids as readonly Uid[]);
  const range = partialOf(returned);
  if (range !== undefined) {
    const part = windowOf(ids, range) as readonly Uid[];
    answer.partial = { range: ascending(range), set: part.length === 0 ? null : inOrder(part) };
  }
  const modSeq = tellsModSeq ? highestModSeq(result.view, named(result.uids, returned)) : undefined;
  if (modSeq !== undefined) answer.modSeq = modSeq;
  return answer;
}

/** What `$` stands for after a search with SAVE. @see RFC 5182 section 2.4, RFC 9394 section 3.2 */
export function savedResult({ uids }: SearchResult, returned: readonly SearchReturn[]): UidSet {
  return setOf(named(uids, returned));
}

/** The highest mod-sequence of some messages; undefined for none. */
export function highestModSeq(view: MailboxView, uids: readonly Uid[]): ModSeq | undefined {
  let highest: ModSeq | undefined;
  for (const uid of uids) {
    const number = view.numberOf(uid);
    if (number === undefined) continue;
    const modSeq = view.modSeqAt(number);
    if (highest === undefined || modSeq > highest) highest = modSeq;
  }
  return highest;
}

/** The messages an answer names: all of them, unless it is about a few alone. */
function named(uids: readonly Uid[], returned: readonly SearchReturn[]): readonly Uid[] {
  const asks = (type: Named): boolean => returned.some((option) => option.type === type);
  const range = partialOf(returned);
  const isAboutFew = asks('min') || asks('max') || range !== undefined;
  if (!isAboutFew || asks('all') || asks('count') || uids.length === 0) return uids;
  const few = range === undefined ? [] : [...windowOf(uids, range)];
  if (asks('min')) few.push(uids[0]!);
  if (asks('max')) few.push(uids.at(-1)!);
  return few;
}

function asksForAll(returned: readonly SearchReturn[]): boolean {
  const isSilent = returned.every(({ type }) => type === 'update' || type === 'context');
  return returned.some(({ type }) => type === 'all') || isSilent;
}

function partialOf(returned: readonly SearchReturn[]): PartialRange | undefined {
  return returned.find((option) => option.type === 'partial')?.range;
}

/** The part of a list that a range names: from 1, or from the end with negative numbers, in either order. */
export function windowOf<Item>(items: readonly Item[], { first, last }: PartialRange): readonly Item[] {
  const [low, high] = first <= last ? [first, last] : [last, first];
  if (low > 0) return items.slice(low - 1, high);
  const end = items.length + high + 1;
  return end <= 0 ? [] : items.slice(Math.max(0, items.length + low), end);
}

/** A range that counts from the start, the smaller number first. @see RFC 5267 section 4.4 */
function ascending({ first, last }: PartialRange): PartialRange {
  return first > last && last > 0 ? { first: last, last: first } : { first, last };
}
