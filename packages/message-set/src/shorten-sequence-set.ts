import { IdSetBuilder } from './build.ts';
import { checkMaxLength } from './format-set.ts';
import type { MessageId } from './id-range.ts';
import { ranges as rangesOf } from './query.ts';
import { formatRange, type MessageRange, type SequenceSet } from './sequence-set.ts';

/**
 * The shortest sequence set that names the same existing messages in every mailbox: ranges sorted and merged, with
 * `*` kept and last. `3,1:2,9:*,12:*` becomes `1:3,9:*`.
 */
export function simplifySequenceSet<Id extends MessageId>({ ranges }: SequenceSet<Id>): SequenceSet<Id> {
  const builder = new IdSetBuilder<Id>();
  let open: Id | '*' | undefined;
  for (const { first, last } of ranges) {
    if (first !== '*' && last !== '*') builder.addRange(first, last);
    else open = lower(open, first === '*' ? last : first);
  }
  const simple: MessageRange<Id>[] = [...rangesOf(builder.build())];
  if (open === undefined) return { ranges: simple };
  // `5:*` holds every message from 5 on, so ranges that reach 4 or go beyond melt into it.
  while (open !== '*' && simple.length > 0) {
    const { first, last } = simple.at(-1) as { readonly first: Id; readonly last: Id };
    if (last < open - 1) break;
    if (first < open) open = first;
    simple.pop();
  }
  simple.push({ first: open, last: '*' });
  return { ranges: simple };
}

/**
 * Cuts a sequence set into several that each fit a command line, ranges in their order.
 *
 * @param maxLength - Most octets that {@link formatSequenceSet} may give for one of them, at least 21.
 * @throws RangeError for a smaller `maxLength`.
 */
export function splitSequenceSet<Id extends MessageId>(
  { ranges }: SequenceSet<Id>,
  maxLength: number,
): readonly SequenceSet<Id>[] {
  checkMaxLength(maxLength);
  const sets: SequenceSet<Id>[] = [];
  let start = 0;
  let length = -1;
  for (const [index, range] of ranges.entries()) {
    const added = formatRange(range).length + 1;
    if (length + added > maxLength) {
      sets.push({ ranges: ranges.slice(start, index) });
      start = index;
      length = -1;
    }
    length += added;
  }
  if (start < ranges.length) sets.push({ ranges: ranges.slice(start) });
  return sets;
}

function lower<Id extends MessageId>(left: Id | '*' | undefined, right: Id | '*'): Id | '*' {
  if (left === undefined || left === '*') return right;
  return right === '*' || left < right ? left : right;
}
