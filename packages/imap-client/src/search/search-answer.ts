import type { IdSet, ModSeq } from '@posthorn/core';
import type { MessageId } from '@posthorn/message-set';
import type { PartialRange } from '@posthorn/wire';
import type { SearchReturn } from '@posthorn/wire/extensions';
import type { SearchResult } from './search-messages.ts';

/** What a search is to tell. Where the server has no ESEARCH, all of it is worked out from what was found. */
export interface SearchQuestion {
  /** All that was found. */
  readonly all?: true | undefined;
  /** The lowest, and the highest, that was found. */
  readonly min?: true | undefined;
  readonly max?: true | undefined;
  /** How many were found. */
  readonly count?: true | undefined;
  /** So much of it, counted from 1; negative numbers count from the end, as in `{ first: -1, last: -100 }`. */
  readonly partial?: PartialRange | undefined;
  /**
   * Has the server keep what was found, for `'$'`: with `min`, `max` and nothing else only those, else all.
   * Needs SEARCHRES. @see RFC 5182 section 2.4
   */
  readonly save?: true | undefined;
}

interface Answers<Id extends MessageId> {
  readonly all: IdSet<Id>;
  /** Undefined when nothing was found. */
  readonly min: Id | undefined;
  readonly max: Id | undefined;
  readonly count: number;
  readonly partial: IdSet<Id>;
}

/** What a search told: what was asked for is there, what was not asked for is not. */
export type SearchAnswer<Id extends MessageId, Question extends SearchQuestion> = {
  readonly [Name in keyof Question as Name extends keyof Answers<Id> ? Name : never]: Name extends keyof Answers<Id>
    ? Answers<Id>[Name]
    : never;
} & {
  /** The highest mod-sequence among what was found, when the query was about mod-sequences. */
  readonly modSeq: ModSeq | undefined;
};

const NAMES = ['all', 'min', 'max', 'count', 'save'] as const;

/** @throws RangeError for a window that makes no sense, TypeError for an unknown question */
export function returnsOf(question: SearchQuestion): readonly SearchReturn[] {
  for (const name of Object.keys(question))
    if (name !== 'partial' && !(NAMES as readonly string[]).includes(name))
      throw new TypeError(`a search tells no "${name}"`);
  const returns: SearchReturn[] = NAMES.filter((name) => question[name] === true).map((type) => ({ type }));
  if (question.partial !== undefined) returns.push({ type: 'partial', range: checkedRange(question.partial) });
  if (returns.length === 0) throw new RangeError('a search must be asked for something');
  return returns;
}

/** What of a result was asked for. */
export function answerOf<Id extends MessageId, Question extends SearchQuestion>(
  result: SearchResult<Id>,
  question: Question,
): SearchAnswer<Id, Question> {
  const answer: Record<string, unknown> = { modSeq: result.modSeq };
  for (const name of ['all', 'min', 'max', 'count', 'partial'] as const)
    if (question[name] !== undefined) answer[name] = result[name];
  return answer as SearchAnswer<Id, Question>;
}

/** @throws RangeError for a window whose ends make none */
export function checkedRange(range: PartialRange): PartialRange {
  const { first, last } = range;
  const isSound = Number.isSafeInteger(first) && Number.isSafeInteger(last) && first * last > 0;
  if (!isSound) throw new RangeError('a window has two ends that are both positive or both negative');
  return range;
}
