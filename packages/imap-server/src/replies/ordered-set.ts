import type { SequenceNumber, Uid } from '@posthorn/core';
import type { SequenceSet } from '@posthorn/message-set';

/** The set that names ids in just this order; ranges only ascend. @see RFC 5267 section 3.2 */
export function inOrder<Id extends Uid | SequenceNumber>(ids: Iterable<Id>): SequenceSet<Id> {
  const ranges: { first: Id; last: Id }[] = [];
  for (const id of ids) {
    const range = ranges.at(-1);
    if (range !== undefined && id === range.last + 1) range.last = id;
    else ranges.push({ first: id, last: id });
  }
  return { ranges };
}
