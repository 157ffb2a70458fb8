import type { MessageId } from './id-range.ts';
import type { SequenceSet } from './sequence-set.ts';
import { SequenceSetError } from './sequence-set-error.ts';

/** How many pairs {@link pairIds} may make. */
export interface PairIdsOptions {
  /** Most pairs accepted from a peer, which needs few octets to name many. @defaultValue 4_194_304 */
  readonly maxPairs?: number | undefined;
}

/**
 * The ids a sequence set names, in the order in which it names them, one at a time: results of SORT, say.
 * Nothing is expanded before it is asked for.
 *
 * @throws {@link SequenceSetError} `MESSAGE_SET_UNRESOLVED`, at once, when the set holds `*`.
 * @see RFC 5267 section 3.2
 */
export function sequenceIds<Id extends MessageId>(set: SequenceSet<Id>): Iterable<Id> {
  countIds(set);
  return { [Symbol.iterator]: () => walk(set) };
}

/**
 * Pairs two sequence sets position by position, in the order in which they were sent: the sets of COPYUID (source
 * and copy) and of the sequence match data of QRESYNC. Nothing is expanded before it is asked for;
 * `new Map(pairIds(from, to))` holds all pairs.
 *
 * @throws {@link SequenceSetError} at once: `MESSAGE_SET_UNPAIRED` when one set names more ids than the other,
 *   `MESSAGE_SET_UNRESOLVED` when one holds `*`, `MESSAGE_SET_TOO_LONG` when there are more pairs than the limit.
 * @see RFC 4315 section 3, RFC 7162 section 3.2.5.2
 */
export function pairIds<From extends MessageId, To extends MessageId>(
  from: SequenceSet<From>,
  to: SequenceSet<To>,
  { maxPairs = 4_194_304 }: PairIdsOptions = {},
): Iterable<readonly [from: From, to: To]> {
  const count = countIds(from);
  if (count !== countIds(to)) throw new SequenceSetError('MESSAGE_SET_UNPAIRED', 0);
  if (count > maxPairs) throw new SequenceSetError('MESSAGE_SET_TOO_LONG', 0);
  return { [Symbol.iterator]: () => zip(walk(from), walk(to)) };
}

function countIds<Id extends MessageId>({ ranges }: SequenceSet<Id>): number {
  let total = 0;
  for (const { first, last } of ranges) {
    if (first === '*' || last === '*') throw new SequenceSetError('MESSAGE_SET_UNRESOLVED', 0);
    total += last - first + 1;
  }
  return total;
}

function* walk<Id extends MessageId>({ ranges }: SequenceSet<Id>): Generator<Id, void, undefined> {
  for (const { first, last } of ranges) {
    for (let id = first as number; id <= (last as number); id++) yield id as Id;
  }
}

function* zip<From, To>(from: Iterable<From>, to: Iterator<To, void>): Generator<readonly [From, To], void, undefined> {
  for (const id of from) yield [id, to.next().value as To];
}
