import { type Uid, uid } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  at,
  contains,
  count,
  emptySet,
  equalSets,
  first,
  ids,
  isEmpty,
  last,
  parseIdSet,
  rangeSet,
  ranges,
  rank,
  sliceSet,
} from '../src/index.ts';
import { anyNumber, ascending, members, smallNumbers, uids } from './reference.ts';

const everything = rangeSet(uid(1), uid(4_294_967_295));
/** More ranges than are added up without an index. */
const odd = uids(...Array.from({ length: 500 }, (_, index) => index * 2 + 1));

test('the empty set', () => {
  const empty = emptySet<Uid>();
  expect([isEmpty(empty), count(empty), first(empty), last(empty), at(empty, 0), rank(empty, uid(1))]).toEqual([
    true,
    0,
    undefined,
    undefined,
    undefined,
    -1,
  ]);
  expect([...ids(empty), ...ranges(empty)]).toEqual([]);
  expect(contains(empty, uid(1))).toBe(false);
  expect(sliceSet(empty, 0, 5).bounds).toHaveLength(0);
});

test('everything, at no cost', () => {
  expect(count(everything)).toBe(4_294_967_295);
  expect(rank(everything, uid(4_294_967_295))).toBe(4_294_967_294);
  expect(at(everything, 4_294_967_294)).toBe(4_294_967_295);
  expect(at(everything, 4_294_967_295)).toBeUndefined();
  expect([...ranges(everything)]).toEqual([{ first: 1, last: 4_294_967_295 }]);
  const seen: number[] = [];
  for (const id of ids(everything)) if (seen.push(id) === 3) break;
  expect(seen).toEqual([1, 2, 3]);
  expect([...ids(sliceSet(everything, -2))]).toEqual([4_294_967_294, 4_294_967_295]);
});

describe('positions', () => {
  test("rank and at are each other's inverse, with an index and without", () => {
    for (const set of [uids(3, 4, 5, 9, 11), odd]) {
      members(set).forEach((id, index) => {
        expect(rank(set, uid(id))).toBe(index);
        expect(at(set, index)).toBe(id);
      });
    }
  });

  test.each([-1, 0.5, Number.NaN, 500, Number.POSITIVE_INFINITY])('nothing is at %d', (index) => {
    expect(at(odd, index)).toBeUndefined();
  });

  test('an id between members has no position', () => {
    expect(rank(odd, uid(2))).toBe(-1);
    expect(rank(odd, uid(1000))).toBe(-1);
    expect(rank(uids(5), uid(4))).toBe(-1);
  });

  test('slices count as slices of arrays do', () => {
    const bound = fc.oneof(fc.integer({ min: -45, max: 45 }), fc.constantFrom(undefined, Number.NaN, 1.5, -1.5, 1e9));
    fc.assert(
      fc.property(smallNumbers, bound, bound, (numbers, start, end) => {
        const slice = sliceSet(uids(...numbers), start ?? 0, end);
        expect(members(slice)).toEqual(ascending(numbers).slice(start ?? 0, end));
        expect(slice.bounds).toEqual(uids(...members(slice)).bounds);
      }),
    );
  });

  test('slices of many ranges', () => {
    expect(members(sliceSet(odd, 490))).toEqual(members(odd).slice(490));
    expect(sliceSet(odd, 0)).toBe(odd);
  });
});

test('membership, count and ends agree with a set of numbers', () => {
  fc.assert(
    fc.property(fc.array(anyNumber, { maxLength: 200 }), anyNumber, (numbers, other) => {
      const set = uids(...numbers);
      const sorted = ascending(numbers);
      expect(count(set)).toBe(sorted.length);
      expect(first(set)).toBe(sorted[0]);
      expect(last(set)).toBe(sorted.at(-1));
      for (const id of [...numbers, other]) expect(contains(set, uid(id))).toBe(numbers.includes(id));
      sorted.forEach((id, index) => {
        expect(rank(set, uid(id))).toBe(index);
        expect(at(set, index)).toBe(id);
      });
    }),
  );
});

test('equality is of members', () => {
  expect(equalSets(uids(1, 2, 3), parseIdSet<Uid>('1:3'))).toBe(true);
  expect(equalSets(uids(1, 2, 3), uids(1, 2, 4))).toBe(false);
  expect(equalSets(uids(1), uids(1, 3))).toBe(false);
  expect(equalSets(emptySet<Uid>(), emptySet<Uid>())).toBe(true);
});
