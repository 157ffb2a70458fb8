import { MailError, type SequenceNumber, sequenceNumber, type Uid, uid, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatSequenceSet,
  formatSet,
  ids,
  type MessageRange,
  parseIdSet,
  parseSequenceSet,
  resolveSequenceSet,
  SequenceSetError,
  sequenceSetOf,
} from '../src/index.ts';
import { anyNumber } from './reference.ts';

describe('RFC 9051 section 9', () => {
  test('2:4 and 4:2 are equivalent', () => {
    expect(parseSequenceSet('4:2')).toEqual(parseSequenceSet('2:4'));
    expect([...ids(parseIdSet<Uid>('4:2'))]).toEqual([2, 3, 4]);
  });

  test('3291:* includes the last message, even when its UID is less than 3291', () => {
    const set = parseSequenceSet<Uid>('3291:*');
    expect(formatSet(resolveSequenceSet(set, uid(3000)))).toBe('3000:3291');
    expect(formatSet(resolveSequenceSet(set, uid(3300)))).toBe('3291:3300');
  });

  test('2,4:7,9,12:* in a mailbox with 15 messages', () => {
    const set = resolveSequenceSet(parseSequenceSet<SequenceNumber>('2,4:7,9,12:*'), sequenceNumber(15));
    expect([...ids(set)]).toEqual([2, 4, 5, 6, 7, 9, 12, 13, 14, 15]);
  });

  test('*:4,5:7 in a mailbox with 10 messages', () => {
    const set = resolveSequenceSet(parseSequenceSet<SequenceNumber>('*:4,5:7'), sequenceNumber(10));
    expect([...ids(set)]).toEqual([4, 5, 6, 7, 8, 9, 10]);
  });

  test('in an empty mailbox * names nothing', () => {
    expect(formatSet(resolveSequenceSet(parseSequenceSet<Uid>('1:*,*,7'), undefined))).toBe('7');
  });
});

test('order, duplicates and overlaps are kept; ends are put in order', () => {
  expect(parseSequenceSet('7:3,5,5,*:2,*,*:*,1:4')).toEqual({
    ranges: [
      { first: 3, last: 7 },
      { first: 5, last: 5 },
      { first: 5, last: 5 },
      { first: 2, last: '*' },
      { first: '*', last: '*' },
      { first: '*', last: '*' },
      { first: 1, last: 4 },
    ],
  });
});

// Sets that servers answer with.
test.each([
  ['41,43:116,118,120:211,214:540', 'RFC 7162 section 3.2.5.1'],
  ['300:310,405,411', 'RFC 7162 section 3.2.6'],
  ['405,407,410,425', 'RFC 7162 section 3.2.7'],
  ['1:5,7:8,10:15', 'RFC 7162 section 6'],
  ['2,10:11', 'RFC 4731 section 3.1'],
  ['882,1102,3003,3005:3006', 'RFC 9051 section 6.4.4.4'],
  ['17,900,901', 'RFC 9051 section 6.4.4.4'],
])('%s of %s comes out as it went in', (text) => {
  expect(formatSequenceSet(parseSequenceSet(text))).toBe(text);
  expect(formatSequenceSet(parseSequenceSet(utf8Bytes(text)))).toBe(text);
  expect([...ids(parseIdSet<Uid>(text))]).toEqual([...ids(resolveSequenceSet(parseSequenceSet<Uid>(text), undefined))]);
});

describe('what is not a sequence set', () => {
  test.each<[text: string, offset: number]>([
    ['', 0],
    [',', 0],
    ['1,', 2],
    [',1', 0],
    ['1,,2', 2],
    ['1:', 2],
    [':1', 0],
    ['1:2:3', 3],
    ['0', 0],
    ['1:0', 2],
    ['01', 0],
    ['-1', 0],
    ['+1', 0],
    ['1 ', 1],
    [' 1', 0],
    ['1, 2', 2],
    ['1.5', 1],
    ['1e3', 1],
    ['**', 1],
    ['*1', 1],
    ['1*', 1],
    ['$', 0],
    ['4294967296', 9],
    ['99999999999999999999999999', 9],
    ['1\u0000', 1],
    ['1,٣', 2],
    ['１', 0],
  ])('%j, at octet %d', (text, offset) => {
    for (const input of [text, utf8Bytes(text)]) {
      expect(() => parseSequenceSet(input)).toThrow(
        expect.objectContaining({ name: 'SequenceSetError', code: 'MESSAGE_SET_SYNTAX', offset }),
      );
    }
  });

  test.each(['*', '1:*', '*:4'])('%j is not a set that a server may answer with', (text) => {
    expect(() => parseIdSet(text)).toThrow(SequenceSetError);
  });
});

test('more ranges than the limit are refused before they are kept', () => {
  const long = (ranges: number) => '1,'.repeat(ranges - 1).concat('1');
  expect(parseSequenceSet(long(65_536)).ranges).toHaveLength(65_536);
  expect(() => parseSequenceSet(long(65_537))).toThrow(
    expect.objectContaining({ code: 'MESSAGE_SET_TOO_LONG', offset: 131_072 }),
  );
  expect(() => parseSequenceSet('1,2,3', { maxRanges: 2 })).toThrow(
    expect.objectContaining({ code: 'MESSAGE_SET_TOO_LONG', offset: 4 }),
  );
  expect(() => parseIdSet('1,2,3', { maxRanges: 2 })).toThrow(
    expect.objectContaining({ code: 'MESSAGE_SET_TOO_LONG' }),
  );
});

test('a view into a larger buffer is read from its own start', () => {
  const bytes = utf8Bytes('A1 UID FETCH 3:7 FLAGS');
  expect(formatSet(parseIdSet<Uid>(bytes.subarray(13, 16)))).toBe('3:7');
});

describe('properties', () => {
  const rangeEnd = fc.oneof(
    { weight: 4, arbitrary: anyNumber.map(uid) },
    { weight: 1, arbitrary: fc.constant('*' as const) },
  );
  const range = fc.tuple(rangeEnd, rangeEnd).map(([left, right]): MessageRange<Uid> => {
    const isInOrder = right === '*' || (left !== '*' && left <= right);
    return isInOrder ? { first: left, last: right } : { first: right, last: left };
  });
  const expression = fc.array(range, { minLength: 1, maxLength: 30 }).map((ranges) => ({ ranges }));

  test('parsing undoes formatting', () => {
    fc.assert(
      fc.property(expression, (set) => {
        expect(parseSequenceSet<Uid>(formatSequenceSet(set))).toEqual(set);
      }),
    );
  });

  test('a set and its expression name the same ids', () => {
    fc.assert(
      fc.property(expression, anyNumber, (set, last) => {
        const resolved = resolveSequenceSet(set, uid(last));
        expect(resolveSequenceSet(sequenceSetOf(resolved), undefined).bounds).toEqual(resolved.bounds);
        expect(parseIdSet<Uid>(formatSet(resolved)).bounds).toEqual(resolved.bounds);
      }),
    );
  });

  test('whatever comes ends in a value or a MailError', () => {
    const nearly = fc
      .array(fc.constantFrom('1', '0', '9', ':', ',', '*', '4294967295', ' ', '$', '-'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(nearly.map(utf8Bytes), fc.uint8Array()), (bytes) => {
        for (const parse of [parseSequenceSet, parseIdSet]) {
          try {
            parse(bytes);
          } catch (error) {
            expect(MailError.is(error)).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
