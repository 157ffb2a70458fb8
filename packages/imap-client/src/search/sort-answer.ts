import type { MessageId } from '@posthorn/message-set';
import type { PartialRange } from '@posthorn/wire';
import type { SearchReturn } from '@posthorn/wire/extensions';
import { checkedRange } from './search-answer.ts';

/** What a sort is to tell. Where the server has no ESORT, all of it is worked out from what was found. */
export interface SortQuestion {
  /** All that was found, in order. */
  readonly all?: true | undefined;
  /** The first, and the last, in the order asked for. */
  readonly min?: true | undefined;
  readonly max?: true | undefined;
  /** How many were found. */
  readonly count?: true | undefined;
  /** So much of it, counted from 1; negative numbers count from the end, as in `{ first: -1, last: -100 }`. */
  readonly partial?: PartialRange | undefined;
}

/** What was found, in the order asked for. */
export interface SortResult<Id extends MessageId> {
  readonly all: readonly Id[];
  /** Undefined when nothing was found. */
  readonly min: Id | undefined;
  readonly max: Id | undefined;
  readonly count: number;
  readonly partial: readonly Id[];
}

/** What a sort told: what was asked for is there, what was not asked for is not. */
export type SortAnswer<Id extends MessageId, Question extends SortQuestion> = {
  readonly [Name in keyof Question as Name extends keyof SortResult<Id>
    ? Name
    : never]: Name extends keyof SortResult<Id> ? SortResult<Id>[Name] : never;
};

const NAMES = ['all', 'min', 'max', 'count'] as const;

/**
 * What to ask a server for that can tell it (ESORT), with windows of it (CONTEXT=SORT) or without.
 * @throws RangeError for a window that makes no sense, TypeError for an unknown question
 */
export function sortReturnsOf(question: SortQuestion, hasWindows: boolean): readonly SearchReturn[] {
  for (const name of Object.keys(question))
    if (name !== 'partial' && !(NAMES as readonly string[]).includes(name))
      throw new TypeError(`a sort tells no "${name}"`);
  const { partial, ...others } = question;
  const returns: SearchReturn[] = NAMES.filter((name) => others[name] === true).map((type) => ({ type }));
  const range = partial && checkedRange(partial);
  if (range === undefined && returns.length === 0) throw new RangeError('a sort must be asked for something');
  // RFC 5267 section 4.4 counts from the beginning only.
  if (range !== undefined && hasWindows && range.first > 0) returns.push({ type: 'partial', range });
  else if (range !== undefined && others.all !== true) returns.push({ type: 'all' });
  return returns;
}

/** The figures about messages in order. */
export function figuresOf<Id extends MessageId>(
  sorted: readonly Id[],
  range: PartialRange | undefined,
): SortResult<Id> {
  return {
    all: sorted,
    min: sorted[0],
    max: sorted.at(-1),
    count: sorted.length,
    partial: range === undefined ? [] : windowOf(sorted, range),
  };
}

/** What of a result was asked for. */
export function sortAnswerOf<Id extends MessageId, Question extends SortQuestion>(
  result: SortResult<Id>,
  question: Question,
): SortAnswer<Id, Question> {
  const answer: Record<string, unknown> = {};
  for (const name of [...NAMES, 'partial'] as const) if (question[name] !== undefined) answer[name] = result[name];
  return answer as SortAnswer<Id, Question>;
}

function windowOf<Id extends MessageId>(sorted: readonly Id[], { first, last }: PartialRange): readonly Id[] {
  const [near, far] = Math.abs(first) < Math.abs(last) ? [first, last] : [last, first];
  if (near > 0) return sorted.slice(near - 1, far);
  const { length } = sorted;
  return sorted.slice(Math.max(0, length + far), Math.max(0, length + near + 1));
}
