import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  accountId,
  emailId,
  type IdSet,
  MAX_ID,
  mailboxId,
  modSeq,
  type SequenceNumber,
  sequenceNumber,
  sessionId,
  threadId,
  type Uid,
  uid,
  uidValidity,
} from '../src/index.ts';

describe.each<(value: number) => number>([uid, sequenceNumber, uidValidity])('%o', (make) => {
  test('takes 1 to 4,294,967,295', () => {
    expect([1, 2 ** 31, MAX_ID].map((value) => make(value))).toEqual([1, 2 ** 31, 4_294_967_295]);
  });
  test.each([0, -1, 1.5, Number.NaN, 2 ** 32, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => make(value)).toThrow(RangeError);
  });
});

test('mod-sequences have 63 bits (RFC 7162 section 3.1)', () => {
  expect([0n, 1n, 2n ** 63n - 1n].map(modSeq)).toEqual([0n, 1n, 9_223_372_036_854_775_807n]);
  for (const value of [-1n, 2n ** 63n]) expect(() => modSeq(value)).toThrow(RangeError);
});

test.each([mailboxId, emailId, threadId])('object ids hold 1 to 255 safe characters (RFC 8474 section 7)', (make) => {
  expect(make('M6d99ac3275bb4e')).toBe('M6d99ac3275bb4e');
  expect(make('a_-0'.repeat(63))).toHaveLength(252);
  for (const value of ['', 'a b', 'ä', 'a\n', 'x'.repeat(256)]) expect(() => make(value)).toThrow(RangeError);
});

test.each([accountId, sessionId])('names are not empty and stay on one line', (make) => {
  expect(make('alice@example.org')).toBe('alice@example.org');
  for (const value of ['', 'a\r', 'a\nb', '\u0000']) expect(() => make(value)).toThrow(RangeError);
});

test('ids of different kinds cannot be mixed up', () => {
  expectTypeOf<Uid>().not.toExtend<SequenceNumber>();
  expectTypeOf<number>().not.toExtend<Uid>();
  expectTypeOf<Uid>().toExtend<number>();
  expectTypeOf<IdSet<Uid>>().not.toExtend<IdSet<SequenceNumber>>();
});
