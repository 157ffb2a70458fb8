import { type SequenceNumber, type Uid, uid } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  complement,
  contains,
  difference,
  emptySet,
  equalSets,
  formatSet,
  intersection,
  isEmpty,
  parseIdSet,
  rangeSet,
  union,
} from '../src/index.ts';
import { members, smallNumbers, uids } from './reference.ts';

const everything = rangeSet(uid(1), uid(4_294_967_295));
const set = (text: string) => (text === '' ? emptySet<Uid>() : parseIdSet<Uid>(text));

describe('known answers', () => {
  test.each([
    ['1:3', '4:6', '1:6', '', '1:3'],
    ['1:10', '3:4,6', '1:10', '3:4,6', '1:2,5,7:10'],
    ['1,3,5', '2,4', '1:5', '', '1,3,5'],
    ['', '7', '7', '', ''],
    ['7', '', '7', '', '7'],
    ['1:4294967295', '5', '1:4294967295', '5', '1:4,6:4294967295'],
    ['4294967295', '1:4294967294', '1:4294967295', '', '4294967295'],
    ['1:4294967295', '1:4294967295', '1:4294967295', '1:4294967295', ''],
    ['1:5,10:15,20', '4:12,14:30', '1:30', '4:5,10:12,14:15,20', '1:3,13'],
  ])('%j and %j', (left, right, either, both, onlyLeft) => {
    expect(formatSet(union(set(left), set(right)))).toBe(either);
    expect(formatSet(intersection(set(left), set(right)))).toBe(both);
    expect(formatSet(difference(set(left), set(right)))).toBe(onlyLeft);
  });

  test('complement', () => {
    expect(formatSet(complement(set('3:4,7'), uid(9)))).toBe('1:2,5:6,8:9');
    expect(formatSet(complement(set('3:40'), uid(9)))).toBe('1:2');
    expect(formatSet(complement(set('5')))).toBe('1:4,6:4294967295');
    expect(equalSets(complement(emptySet<Uid>()), everything)).toBe(true);
    expect(isEmpty(complement(everything))).toBe(true);
    expect(() => complement(set('5'), 0 as Uid)).toThrow(RangeError);
  });
});

describe('agrees with sets of numbers', () => {
  const check = (operate: typeof union<Uid>, isMember: (inLeft: boolean, inRight: boolean) => boolean) => {
    fc.assert(
      fc.property(smallNumbers, smallNumbers, (left, right) => {
        const expected = Array.from({ length: 40 }, (_, index) => index + 1).filter((id) =>
          isMember(left.includes(id), right.includes(id)),
        );
        const result = operate(uids(...left), uids(...right));
        expect(members(result)).toEqual(expected);
        expect(result.bounds).toEqual(uids(...expected).bounds);
      }),
    );
  };
  test('union', () => check(union, (inLeft, inRight) => inLeft || inRight));
  test('intersection', () => check(intersection, (inLeft, inRight) => inLeft && inRight));
  test('difference', () => check(difference, (inLeft, inRight) => inLeft && !inRight));
  test('complement', () => {
    fc.assert(
      fc.property(smallNumbers, fc.integer({ min: 1, max: 60 }), (numbers, last) => {
        const left = complement(uids(...numbers), uid(last));
        for (let id = 1; id <= 60; id++) expect(contains(left, uid(id))).toBe(id <= last && !numbers.includes(id));
      }),
    );
  });
});

test('operands are left as they were', () => {
  const left = set('1:5,9');
  const right = set('4:6');
  const before = [left.bounds.slice(), right.bounds.slice()];
  for (const operate of [union, intersection, difference]) operate(left, right);
  expect([left.bounds, right.bounds]).toEqual(before);
});

test('UIDs and sequence numbers do not mix', () => {
  const numbers = parseIdSet<SequenceNumber>('1:3');
  // @ts-expect-error sequence numbers are no UIDs
  union(set('1'), numbers);
  // @ts-expect-error a UID is no sequence number
  contains(numbers, uid(1));
  // @ts-expect-error a plain number is neither
  contains(numbers, 1);
  expectTypeOf(intersection(numbers, numbers)).toEqualTypeOf(numbers);
});
