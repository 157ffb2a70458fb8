import type { MessageId } from './id-range.ts';
import type { MessageRange, SequenceSet } from './sequence-set.ts';
import { SequenceSetError } from './sequence-set-error.ts';

/**
 * Pairs two sequence sets position by position, in the order in which they were sent: the sets of COPYUID (source
 * and copy) and of QRESYNC's known sequence match data. Nothing is expanded until it is iterated; `new Map(pairIds(from, to))`
 * holds them all.
 *
 * @throws {@link SequenceSetError} `MESSAGE_SET_UNPAIRED`, at once, when the sets differ in length or hold `*`.
 * @see RFC 4315 section 3, RFC 7162 section 3.2.5.2
 */
export function pairIds<From extends MessageId, To extends MessageId>(
  from: SequenceSet<From>,
  to: SequenceSet<To>,
): Iterable<readonly [from: From, to: To]> {
  if (length(from) !== length(to)) throw new SequenceSetError('MESSAGE_SET_UNPAIRED', 0);
  return { [Symbol.iterator]: () => pairs(from.ranges, to.ranges) };
}

function length<Id extends MessageId>({ ranges }: SequenceSet<Id>): number {
  let total = 0;
  for (const { first, last } of ranges) {
    if (first === '*' || last === '*') throw new SequenceSetError('MESSAGE_SET_UNPAIRED', 0);
    total += last - first + 1;
  }
  return total;
}

function* pairs<From extends MessageId, To extends MessageId>(
  from: readonly MessageRange<From>[],
  to: readonly MessageRange<To>[],
): Generator<readonly [From, To], void, undefined> {
  let index = 0;
  let partner = (to[0]?.first ?? 0) as number;
  for (const range of from) {
    for (let id = range.first as number; id <= (range.last as number); id++) {
      yield [id as From, partner as To];
      if (partner < (to[index]!.last as number)) partner++;
      else partner = (to[++index]?.first ?? 0) as number;
    }
  }
}
