import { type Uid, uid } from '@posthorn/core';
import type { UidPair } from './pair-table.ts';

/**
 * Pairs as text: runs that ascend on both sides in step become one item, `1:200` where the numbers are the same
 * on both sides and `1:200>301` where the target's begin elsewhere.
 */
export function formatPairs(pairs: Iterable<UidPair>): string {
  const sorted = [...pairs].sort(([left], [right]) => left - right);
  const items: string[] = [];
  for (let start = 0; start < sorted.length; ) {
    const [source, target] = sorted[start]!;
    let length = 1;
    while (sorted[start + length]?.[0] === source + length && sorted[start + length]?.[1] === target + length)
      length += 1;
    items.push(`${source}${length > 1 ? `:${source + length - 1}` : ''}${target === source ? '' : `>${target}`}`);
    start += length;
  }
  return items.join(',');
}

const ITEM = /^(\d{1,10})(?::(\d{1,10}))?(?:>(\d{1,10}))?$/;

/** Undoes {@link formatPairs}. @throws SyntaxError, or RangeError for numbers that are no UIDs. */
export function parsePairs(text: string): readonly UidPair[] {
  const pairs: [Uid, Uid][] = [];
  for (const item of text === '' ? [] : text.split(',')) {
    const match = ITEM.exec(item);
    if (match === null) throw new SyntaxError('not a list of pairs');
    const first = Number(match[1]);
    const last = Number(match[2] ?? first);
    const target = Number(match[3] ?? first);
    for (let source = first; source <= last; source++) pairs.push([uid(source), uid(target + source - first)]);
  }
  return pairs;
}
