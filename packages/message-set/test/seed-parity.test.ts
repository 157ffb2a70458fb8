/**
 * What users of Twisted's `MessageSet` and `parseIdList` and of Python's imaplib do with sets, done here.
 */
import { type Uid, uid } from '@posthorn/core';
import { expect, test } from 'vitest';
import {
  contains,
  count,
  formatSequenceSet,
  formatSet,
  ids,
  parseSequenceSet,
  rangeSet,
  resolveSequenceSet,
  sequenceIds,
  sequenceSetOf,
  setOf,
  simplifySequenceSet,
  union,
} from '../src/index.ts';

test('MessageSet(1, 3) + MessageSet(2, 7) + 9: ranges are sorted and merged', () => {
  const set = union(union(rangeSet(uid(1), uid(3)), rangeSet(uid(2), uid(7))), setOf([uid(9)]));
  expect(formatSet(set)).toBe('1:7,9');
});

test('MessageSet(5, None) + MessageSet(1, 2): * sorts last', () => {
  const open = { ranges: [{ first: uid(5), last: '*' as const }, ...sequenceSetOf(rangeSet(uid(1), uid(2))).ranges] };
  expect(formatSequenceSet(simplifySequenceSet(open))).toBe('1:2,5:*');
});

test('set.last = 7: * is bound late, and the expression stays as it was', () => {
  const open = parseSequenceSet<Uid>('5:*');
  expect([...ids(resolveSequenceSet(open, uid(7)))]).toEqual([5, 6, 7]);
  expect([...ids(resolveSequenceSet(open, uid(6)))]).toEqual([5, 6]);
});

test('iterating an unresolved * is refused', () => {
  expect(() => sequenceIds(parseSequenceSet<Uid>('5:*'))).toThrow();
});

test('number in set, len(set)', () => {
  const set = resolveSequenceSet(parseSequenceSet<Uid>('1:3,5:*'), uid(9));
  expect([contains(set, uid(4)), contains(set, uid(9)), count(set)]).toEqual([false, true, 8]);
});

// Twisted refuses `*:*`; RFC 9051 section 9 allows it, and it is the last message.
test('parseIdList refuses zero, negative numbers and rubbish; *:* is read as *', () => {
  for (const text of ['0', '-1', '1:0', 'a', '']) expect(() => parseSequenceSet(text)).toThrow();
  expect(formatSet(resolveSequenceSet(parseSequenceSet<Uid>('*:*'), uid(4)))).toBe('4');
});

test('imaplib\'s ",".join(numbers) and "1:*"', () => {
  expect(formatSet(setOf([3, 1, 2, 8].map(uid)))).toBe('1:3,8');
  expect(formatSequenceSet(parseSequenceSet('1:*'))).toBe('1:*');
});
