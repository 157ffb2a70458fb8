import type { ImapDate } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareImapDates,
  DateSyntaxError,
  formatImapDate,
  imapDateOf,
  parseImapDate,
  parseInternalDate,
} from '../src/index.ts';
import { anyDate } from './reference.ts';

describe('RFC 9051 section 9, `date`', () => {
  test.each<[text: string, date: ImapDate]>([
    ['1-Feb-1994', { year: 1994, month: 2, day: 1 }],
    ['01-Feb-1994', { year: 1994, month: 2, day: 1 }],
    ['"28-Oct-2006"', { year: 2006, month: 10, day: 28 }],
    ['29-FEB-2000', { year: 2000, month: 2, day: 29 }],
  ])('%s', (text, date) => {
    expect(parseImapDate(text)).toEqual(date);
  });

  test.each([
    '',
    '1',
    '1-Feb',
    '1-Feb-94',
    '30-Feb-2000',
    '0-Feb-2000',
    '100-Feb-2000',
    '1-2-2000',
    ' 1-Feb-2000',
    '1-Feb-2000 ',
    '"1-Feb-2000',
    '1-Feb-2000"',
    '1-Feb-20000',
  ])('%j is none', (text) => {
    expect(() => parseImapDate(text)).toThrow(DateSyntaxError);
  });

  test('is written without a leading zero', () => {
    expect(formatImapDate({ year: 1994, month: 2, day: 1 })).toBe('1-Feb-1994');
    expect(formatImapDate({ year: 7, month: 12, day: 31 })).toBe('31-Dec-0007');
  });

  test.each([
    { year: 2001, month: 2, day: 29 },
    { year: 2001, month: 13, day: 1 },
    { year: 2001, month: 0, day: 1 },
    { year: 10_000, month: 1, day: 1 },
    { year: -1, month: 1, day: 1 },
    { year: 2001.5, month: 1, day: 1 },
    { year: 2001, month: 1, day: Number.NaN },
  ])('$year-$month-$day cannot be written', (date) => {
    expect(() => formatImapDate(date)).toThrow(RangeError);
  });
});

test('the day of a date is that of its own zone', () => {
  expect(imapDateOf(parseInternalDate('01-Jan-2000 00:30:00 +0100'))).toEqual({ year: 2000, month: 1, day: 1 });
  expect(imapDateOf(parseInternalDate('31-Dec-1999 23:30:00 +0000'))).toEqual({ year: 1999, month: 12, day: 31 });
});

test('parsing undoes formatting, and order is that of the text', () => {
  const sortable = ({ year, month, day }: ImapDate) =>
    [year, month, day].map((part) => String(part).padStart(4, '0')).join('-');
  fc.assert(
    fc.property(anyDate, anyDate, (left, right) => {
      const [a, b] = [imapDateOf(left), imapDateOf(right)];
      expect(parseImapDate(formatImapDate(a))).toEqual(a);
      expect(Math.sign(compareImapDates(a, b))).toBe(
        sortable(a) < sortable(b) ? -1 : sortable(a) > sortable(b) ? 1 : 0,
      );
    }),
  );
});
