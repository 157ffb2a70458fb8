import { type Uid, uid } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptySet, formatSet, IdSetBuilder, parseIdSet, rangeSet, setFromRanges, setOf } from '../src/index.ts';
import { anyNumber, ascending, members, smallNumbers, uids } from './reference.ts';

test('no ids make the empty set', () => {
  expect(emptySet<Uid>().bounds).toHaveLength(0);
  expect(setOf<Uid>([]).bounds).toHaveLength(0);
  expect(new IdSetBuilder<Uid>().build().bounds).toHaveLength(0);
});

test('ids come in any order, twice, and at the ends of what 32 bits hold', () => {
  expect(formatSet(uids(7, 2, 4_294_967_295, 3, 1, 2, 7, 4_294_967_294, 1))).toBe('1:3,7,4294967294:4294967295');
});

test('a range may be written backwards, as on the wire', () => {
  expect(formatSet(rangeSet(uid(7), uid(3)))).toBe('3:7');
  expect(
    formatSet(
      setFromRanges([
        { first: uid(9), last: uid(8) },
        { first: uid(1), last: uid(7) },
      ]),
    ),
  ).toBe('1:9');
});

test.each([0, -1, 1.5, Number.NaN, 4_294_967_296, Number.POSITIVE_INFINITY])('%d is not an id', (number) => {
  const id = number as Uid;
  expect(() => setOf([id])).toThrow(RangeError);
  expect(() => rangeSet(uid(1), id)).toThrow(RangeError);
  expect(() => rangeSet(id, uid(1))).toThrow(RangeError);
  expect(() => new IdSetBuilder<Uid>().addRange(uid(1), id)).toThrow(RangeError);
});

test('a set is the sorted distinct numbers it was made of', () => {
  fc.assert(
    fc.property(smallNumbers, (numbers) => {
      expect(members(uids(...numbers))).toEqual(ascending(numbers));
    }),
  );
});

test('bounds ascend, and ranges neither overlap nor touch', () => {
  const range = fc.tuple(anyNumber, anyNumber);
  fc.assert(
    fc.property(fc.array(range, { maxLength: 60 }), (pairs) => {
      const { bounds } = setFromRanges(pairs.map(([first, last]) => ({ first: uid(first), last: uid(last) })));
      for (let index = 0; index < bounds.length; index += 2) {
        expect(bounds[index]!).toBeLessThanOrEqual(bounds[index + 1]!);
        if (index > 0) expect(bounds[index]!).toBeGreaterThan(bounds[index - 1]! + 1);
      }
      for (const [first, last] of pairs) {
        const low = Math.min(first, last);
        const range = bounds.findLastIndex((bound, index) => index % 2 === 0 && bound <= low);
        expect(bounds[range + 1]!).toBeGreaterThanOrEqual(Math.max(first, last));
      }
    }),
  );
});

describe('a builder', () => {
  test('goes on after a set was made, and leaves that set alone', () => {
    const builder = new IdSetBuilder<Uid>().add(uid(5)).add(uid(1));
    const before = builder.build();
    builder.add(uid(3)).addRange(uid(6), uid(8)).addSet(parseIdSet<Uid>('20:30'));
    expect(formatSet(before)).toBe('1,5');
    expect(formatSet(builder.build())).toBe('1,3,5:8,20:30');
    expect(formatSet(builder.add(uid(2)).build())).toBe('1:3,5:8,20:30');
  });

  test('makes the same set whatever the order of adding and building', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyNumber, fc.nat(20), fc.boolean()), { maxLength: 80 }), (steps) => {
        const builder = new IdSetBuilder<Uid>();
        const added: { first: Uid; last: Uid }[] = [];
        for (const [number, length, isBuilt] of steps) {
          const range = { first: uid(number), last: uid(Math.min(number + length, 0xffff_ffff)) };
          builder.addRange(range.first, range.last);
          added.push(range);
          if (isBuilt) builder.build();
        }
        added.sort((left, right) => left.first - right.first);
        expect(builder.build().bounds).toEqual(setFromRanges(added).bounds);
      }),
    );
  });

  test('needs memory for distinct ranges, not for calls', () => {
    const builder = new IdSetBuilder<Uid>();
    for (let call = 0; call < 300_000; call++) builder.add(uid(((call * 7919) % 100) * 2 + 1));
    expect(builder.build().bounds).toHaveLength(200);
  });
});
