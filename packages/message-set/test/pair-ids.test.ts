import type { Uid } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairIds, parseSequenceSet, sequenceIds, sequenceSetOf } from '../src/index.ts';
import { uids } from './reference.ts';

const set = (text: string) => parseSequenceSet<Uid>(text);

test('COPYUID of RFC 4315 section 3', () => {
  expect([...pairIds(set('304,319:320'), set('3956:3958'))]).toEqual([
    [304, 3956],
    [319, 3957],
    [320, 3958],
  ]);
});

test('COPYUID of RFC 6851 section 3.3', () => {
  const pairs = new Map(pairIds(set('42:69'), set('1202:1229')));
  expect(pairs.size).toBe(28);
  expect(pairs.get(69 as Uid)).toBe(1229);
});

test('the order sent counts, and a range of 12:10 is 10, 11, 12 (RFC 4315 section 3)', () => {
  expect([...pairIds(set('9,12:10,1'), set('5,1:4'))]).toEqual([
    [9, 5],
    [10, 1],
    [11, 2],
    [12, 3],
    [1, 4],
  ]);
});

test('results of SORT keep their order (RFC 5267 section 3.3)', () => {
  expect([...sequenceIds(set('23765,23764,23763,23761'))]).toEqual([23_765, 23_764, 23_763, 23_761]);
});

test('nothing is expanded before it is asked for, and it can be asked for twice', () => {
  const all = sequenceIds(set('1:4294967295'));
  for (const _ of [1, 2]) {
    const [id] = all;
    expect(id).toBe(1);
  }
  const pairs = pairIds(set('1:4000000'), set('2:4000001'));
  for (const _ of [1, 2]) {
    const [pair] = pairs;
    expect(pair).toEqual([1, 2]);
  }
});

describe('refused at once', () => {
  test.each([
    ['1:3', '1:2', 'MESSAGE_SET_UNPAIRED'],
    ['1', '1,1', 'MESSAGE_SET_UNPAIRED'],
    ['1:*', '1:3', 'MESSAGE_SET_UNRESOLVED'],
    ['1', '*', 'MESSAGE_SET_UNRESOLVED'],
    ['1:4294967295', '1:4294967295', 'MESSAGE_SET_TOO_LONG'],
  ])('%s to %s: %s', (from, to, code) => {
    expect(() => pairIds(set(from), set(to))).toThrow(expect.objectContaining({ code }));
  });

  test('ids of an expression with *', () => {
    expect(() => sequenceIds(set('1:*'))).toThrow(expect.objectContaining({ code: 'MESSAGE_SET_UNRESOLVED' }));
  });

  test('more pairs than the limit', () => {
    expect(() => pairIds(set('1:5'), set('1:5'), { maxPairs: 4 })).toThrow(
      expect.objectContaining({ code: 'MESSAGE_SET_TOO_LONG' }),
    );
    expect([...pairIds(set('1:5'), set('1:5'), { maxPairs: 5 })]).toHaveLength(5);
  });
});

test('pairs are those of the expanded lists', () => {
  const text = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 99 }), fc.nat(5)), { minLength: 1, maxLength: 10 })
    .map((ranges) => ranges.map(([first, length]) => `${first}:${first + length}`).join(','));
  fc.assert(
    fc.property(text, (from) => {
      const list = [...sequenceIds(set(from))];
      const targets = sequenceSetOf(uids(...list.map((_, index) => index + 500)));
      expect([...pairIds(set(from), targets)]).toEqual(list.map((id, index) => [id, index + 500]));
    }),
  );
});
