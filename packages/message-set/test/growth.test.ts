import { type Uid, uid } from '@posthorn/core';
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, test } from 'vitest';
import {
  at,
  complement,
  contains,
  count,
  difference,
  formatSequenceSet,
  formatSet,
  type IdRange,
  intersection,
  parseIdSet,
  parseSequenceSet,
  rank,
  setFromRanges,
  setOf,
  simplifySequenceSet,
  splitSet,
  union,
} from '../src/index.ts';

/** Best of several runs, in milliseconds. */
function timeOf(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const start = processorMilliseconds();
    work();
    best = Math.min(best, processorMilliseconds() - start);
  }
  return best;
}

const odd = (size: number) => setOf(Array.from({ length: size }, (_, index) => uid(index * 2 + 1)));
const scattered = (size: number) =>
  Array.from({ length: size }, (_, index) => uid(Math.imul(index, 2_654_435_761) >>> 0 || 1));

describe('sixteen times the input takes far less than 256 times the work', () => {
  const families: readonly [string, (size: number) => () => unknown][] = [
    [
      'building from scattered ids',
      (size) => {
        const ids = scattered(size);
        return () => setOf(ids);
      },
    ],
    [
      'building from descending ids',
      (size) => {
        const ids = scattered(size).sort((left, right) => right - left);
        return () => setOf(ids);
      },
    ],
    [
      'building from nested ranges',
      (size) => {
        const ranges = Array.from(
          { length: size },
          (_, index): IdRange<Uid> => ({ first: uid(size - index), last: uid(size + index + 1) }),
        );
        return () => setFromRanges(ranges);
      },
    ],
    [
      'parsing ranges',
      (size) => {
        const text = formatSet(odd(size));
        return () => parseIdSet(text);
      },
    ],
    [
      'parsing an expression',
      (size) => {
        const text = formatSet(odd(size));
        return () => parseSequenceSet(text, { maxRanges: size });
      },
    ],
    [
      'parsing one long number',
      (size) => {
        const text = '1'.repeat(size * 16);
        return () => {
          try {
            return parseIdSet(text);
          } catch {
            return undefined;
          }
        };
      },
    ],
    [
      'formatting',
      (size) => {
        const set = odd(size);
        return () => formatSet(set);
      },
    ],
    [
      'simplifying',
      (size) => {
        const set = parseSequenceSet<Uid>(`${formatSet(odd(size))},7:*`, { maxRanges: size + 1 });
        return () => formatSequenceSet(simplifySequenceSet(set));
      },
    ],
    [
      'splitting',
      (size) => {
        const set = odd(size);
        return () => splitSet(set, 1000);
      },
    ],
    [
      'algebra',
      (size) => {
        const left = odd(size);
        const right = complement(left);
        return () => [union(left, right), intersection(left, right), difference(left, right)];
      },
    ],
    [
      'queries',
      (size) => {
        const set = odd(size);
        return () => {
          for (let index = 0; index < size; index++) {
            const id = at(set, index)!;
            if (!contains(set, id) || rank(set, id) !== index) throw new Error('wrong');
          }
        };
      },
    ],
  ];
  test.each(families)('%s', { retry: 4 }, (_, prepare) => {
    const [small, large] = [4_000, 64_000].map((size) => timeOf(prepare(size)));
    expect(large! / Math.max(small!, 0.05)).toBeLessThan(64);
  });
});

test('a million scattered ids take a few megabytes, and everything takes eight octets', () => {
  const set = setOf(scattered(1_000_000));
  expect(count(set)).toBe(1_000_000);
  expect(set.bounds.buffer.byteLength).toBeLessThanOrEqual(8_000_000);
  expect(parseIdSet('1:4294967295').bounds.buffer.byteLength).toBe(8);
});
