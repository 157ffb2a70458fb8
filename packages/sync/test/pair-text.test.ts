import { uid } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UidPair } from '../src/pair-table.ts';
import { formatPairs, parsePairs } from '../src/pair-text.ts';

describe('pairs as text', () => {
  it('writes runs that ascend in step as one item', () => {
    const pairs = [1, 2, 3, 7, 8, 20].map((source) => [uid(source), uid(source < 7 ? source : source + 100)] as const);
    expect(formatPairs(pairs)).toBe('1:3,7:8>107,20>120');
  });

  it('is undone by parsing', () => {
    const id = fc.integer({ min: 1, max: 0xffff_ffff });
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(id, id), { selector: ([source]) => source }), (numbers) => {
        const pairs: UidPair[] = numbers.map(([source, target]) => [uid(source), uid(target)]);
        expect(parsePairs(formatPairs(pairs))).toEqual(pairs.toSorted(([left], [right]) => left - right));
      }),
    );
  });

  it.each(['1:', '0', 'a', '1>', '1,', '4294967296'])('refuses %j', (text) => {
    expect(() => parsePairs(text)).toThrow();
  });
});
