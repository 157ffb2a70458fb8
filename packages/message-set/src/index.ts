/**
 * Sets of IMAP UIDs and sequence numbers, kept as ranges.
 * @module
 */
export { complement, difference, intersection, union } from './algebra.ts';
export { emptySet, IdSetBuilder, rangeSet, setFromRanges, setOf } from './build.ts';
export { formatSet, splitSet } from './format-set.ts';
export type { IdRange, MessageId } from './id-range.ts';
export { type PairIdsOptions, pairIds, sequenceIds } from './pair-ids.ts';
export { type ParseIdSetOptions, parseIdSet } from './parse-id-set.ts';
export { at, contains, count, equalSets, first, ids, isEmpty, last, ranges, rank, sliceSet } from './query.ts';
export {
  formatSequenceSet,
  type MessageRange,
  type ParseSequenceSetOptions,
  parseSequenceSet,
  type RangeEnd,
  resolveSequenceSet,
  type SequenceSet,
  sequenceSetOf,
} from './sequence-set.ts';
export { SequenceSetError, type SequenceSetErrorCode } from './sequence-set-error.ts';
export { simplifySequenceSet, splitSequenceSet } from './shorten-sequence-set.ts';
