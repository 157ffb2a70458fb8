import { type Uid, uid } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptySet,
  formatSequenceSet,
  formatSet,
  parseSequenceSet,
  resolveSequenceSet,
  sequenceSetOf,
  simplifySequenceSet,
  splitSequenceSet,
  splitSet,
  union,
} from '../src/index.ts';
import { anyNumber, uids } from './reference.ts';

describe('cutting by the length of a command', () => {
  test('pieces are as long as they may be, and together the whole', () => {
    const set = uids(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21);
    expect(formatSet(set)).toBe('1,3,5,7,9,11,13,15,17,19,21');
    expect(splitSet(set, 21).map(formatSet)).toEqual(['1,3,5,7,9,11,13,15,17', '19,21']);
    expect(splitSequenceSet(sequenceSetOf(set), 21).map(formatSequenceSet)).toEqual(['1,3,5,7,9,11,13,15,17', '19,21']);
  });

  test('the longest range fits the shortest piece', () => {
    const longest = '4294967293:4294967295';
    expect(splitSequenceSet(parseSequenceSet(`1,${longest}`), 21).map(formatSequenceSet)).toEqual(['1', longest]);
  });

  test('nothing needs no command', () => {
    expect(splitSet(emptySet<Uid>(), 100)).toEqual([]);
    expect(splitSequenceSet({ ranges: [] }, 100)).toEqual([]);
  });

  test.each([20, 0, -1, Number.NaN])('%d octets are too few', (maxLength) => {
    expect(() => splitSet(uids(1), maxLength)).toThrow(RangeError);
    expect(() => splitSequenceSet({ ranges: [] }, maxLength)).toThrow(RangeError);
  });

  test('properties', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 60 }), fc.integer({ min: 21, max: 80 }), (numbers, maxLength) => {
        const set = uids(...numbers);
        const pieces = splitSet(set, maxLength);
        const texts = pieces.map(formatSet);
        for (const text of texts) expect(text.length).toBeLessThanOrEqual(maxLength);
        expect(texts.join(',')).toBe(formatSet(set));
        expect(splitSequenceSet(sequenceSetOf(set), maxLength).map(formatSequenceSet)).toEqual(texts);
        // As few pieces as there can be: no two neighbours would fit together.
        for (const [index, text] of texts.slice(1).entries()) {
          expect(`${texts[index]},${text.split(',')[0]}`.length).toBeGreaterThan(maxLength);
        }
        expect(pieces.reduce(union, emptySet<Uid>()).bounds).toEqual(set.bounds);
      }),
    );
  });
});

describe('simplifying', () => {
  test.each([
    ['3,1:2,9:*,12:*', '1:3,9:*'],
    ['*', '*'],
    ['*,*:*', '*'],
    ['*,5', '5,*'],
    ['5:*,*', '5:*'],
    ['1:4,5:*', '1:*'],
    ['7:9,3:12,5:*', '3:*'],
    ['1,10:20,5:*', '1,5:*'],
    ['2,1', '1:2'],
  ])('%s is %s', (text, simple) => {
    expect(formatSequenceSet(simplifySequenceSet(parseSequenceSet(text)))).toBe(simple);
  });

  test('names the same messages in every mailbox', () => {
    const number = fc.integer({ min: 1, max: 12 });
    const part = fc.oneof(
      number.map(String),
      fc.tuple(number, fc.oneof(number.map(String), fc.constant('*'))).map(([left, right]) => `${left}:${right}`),
      fc.constant('*'),
    );
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 8 }),
        fc.uniqueArray(number, { minLength: 1 }),
        (parts, mailbox) => {
          const set = parseSequenceSet<Uid>(parts.join(','));
          const last = uid(Math.max(...mailbox));
          const named = (expression: typeof set) => {
            const { bounds } = resolveSequenceSet(expression, last);
            return mailbox.filter((id) =>
              bounds.some((bound, index) => index % 2 === 0 && bound <= id && id <= bounds[index + 1]!),
            );
          };
          expect(named(simplifySequenceSet(set))).toEqual(named(set));
        },
      ),
    );
  });
});
