import { formatSequenceSet, type MessageId, type SequenceSet } from '@posthorn/message-set';
import { checkedNumber } from '../tokens/spelling.ts';

/**
 * A set of messages as it is spelled.
 * @throws RangeError for an empty set, and for numbers that no message can have.
 */
export function setText(set: SequenceSet<MessageId>): string {
  if (set.ranges.length === 0) throw new RangeError('a set of messages is not empty');
  for (const { first, last } of set.ranges)
    for (const end of [first, last]) if (end !== '*') checkedNumber(end, 'a message number', 1);
  return formatSequenceSet(set);
}
