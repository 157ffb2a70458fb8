import { MailError, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DateFault,
  DateSyntaxError,
  formatInternalDate,
  internalDateOf,
  parseInternalDate,
  readInternalDate,
  toDate,
} from '../src/index.ts';
import { anyDate } from './reference.ts';

describe('known answers', () => {
  test.each([
    ['17-Jul-1996 02:44:25 -0700', '1996-07-17T09:44:25Z', -420, 'RFC 9051 section 8'],
    [' 7-Feb-1994 22:43:04 -0800', '1994-02-08T06:43:04Z', -480, 'RFC 3502 section 6.3.11'],
    ['01-Jan-2015 18:50:53 +0100', '2015-01-01T17:50:53Z', 60, 'RFC 8514 section 4.2'],
    ['29-Feb-2000 00:00:00 +0000', '2000-02-29T00:00:00Z', 0, 'a leap day'],
    ['31-Dec-1969 23:59:59 +0000', '1969-12-31T23:59:59Z', 0, 'before 1970'],
    ['01-Jan-0000 00:00:00 +0000', '0000-01-01T00:00:00Z', 0, 'the first year'],
    ['01-Jan-0070 00:00:00 +0000', '0070-01-01T00:00:00Z', 0, 'a year that Date.UTC misreads'],
    ['31-Dec-9999 23:59:59 -1200', '+010000-01-01T11:59:59Z', -720, 'the last year'],
    ['30-Jun-2012 23:59:60 +0000', '2012-07-01T00:00:00Z', 0, 'a leap second'],
    ['01-Jan-2000 00:00:00 +1400', '1999-12-31T10:00:00Z', 840, 'Kiritimati'],
    ['01-Jan-2000 00:00:00 -9959', '2000-01-05T03:59:00Z', -5999, 'the widest zone'],
    ['17-JUL-1996 02:44:25 -0000', '1996-07-17T02:44:25Z', 0, 'any case, and no negative zero'],
  ])('%j is %s (%s: %s)', (text, iso, offsetMinutes) => {
    const faults: DateFault[] = [];
    const date = parseInternalDate(text, { onFault: (fault) => faults.push(fault) });
    expect(toDate(date).getTime()).toBe(new Date(iso).getTime());
    expect(Object.is(date.offsetMinutes, offsetMinutes)).toBe(true);
    expect(faults).toEqual([]);
    expect(parseInternalDate(text, { strict: true })).toEqual(date);
  });
});

describe('faults are read and told, or refused when strict', () => {
  test.each<[text: string, formatted: string, ...faults: DateFault[]]>([
    ['1-Jan-2020 00:00:00 +0000', '01-Jan-2020 00:00:00 +0000', 'oneDigitDay'],
    ['  1-Jan-2020 00:00:00 +0000', '01-Jan-2020 00:00:00 +0000', 'extraSpace'],
    [' 17-Jan-2020 00:00:00 +0000', '17-Jan-2020 00:00:00 +0000', 'extraSpace'],
    ['01-Jan-2020  00:00:00 +0000', '01-Jan-2020 00:00:00 +0000', 'extraSpace'],
    ['01-Jan-2020 00:00:00  +0000 ', '01-Jan-2020 00:00:00 +0000', 'extraSpace', 'extraSpace'],
    ['01-Jan-2020 00:00:00', '01-Jan-2020 00:00:00 +0000', 'missingZone'],
    ['01-Jan-2020 00:00:00 ', '01-Jan-2020 00:00:00 +0000', 'extraSpace', 'missingZone'],
    ['01-Jan-2020 00:00:00 GMT', '01-Jan-2020 00:00:00 +0000', 'namedZone'],
    ['01-Jan-2020 00:00:00 pst ', '01-Jan-2020 00:00:00 -0800', 'namedZone', 'extraSpace'],
    ['01-Jan-2020 00:00:00 Z', '01-Jan-2020 00:00:00 +0000', 'namedZone'],
    ['01-Jan-2020 00:00:00 +02:00', '01-Jan-2020 00:00:00 +0200', 'zoneColon'],
    ['01-Jan-2020 00:00:00 +0075', '01-Jan-2020 00:00:00 +0115', 'zoneMinutes'],
    ['1-jan-2020 00:00:00', '01-Jan-2020 00:00:00 +0000', 'oneDigitDay', 'missingZone'],
  ])('%j', (text, formatted, ...expected) => {
    const faults: DateFault[] = [];
    expect(formatInternalDate(parseInternalDate(text, { onFault: (fault) => faults.push(fault) }))).toBe(formatted);
    expect(faults).toEqual(expected);
    expect(formatInternalDate(parseInternalDate(text))).toBe(formatted);
    expect(() => parseInternalDate(text, { strict: true })).toThrow(DateSyntaxError);
  });
});

describe('what is no date', () => {
  test.each<[text: string, offset: number]>([
    ['', 0],
    ['30-Feb-2020 00:00:00 +0000', 0],
    ['29-Feb-1900 00:00:00 +0000', 0],
    ['00-Jan-2020 00:00:00 +0000', 0],
    ['32-Jan-2020 00:00:00 +0000', 0],
    ['01-Foo-2020 00:00:00 +0000', 3],
    ['01-Ja', 3],
    ['01/Jan/2020 00:00:00 +0000', 2],
    ['01-Jan-20 00:00:00 +0000', 9],
    ['01-Jan-20200 00:00:00 +0000', 11],
    ['01-Jan-2020T00:00:00 +0000', 11],
    ['01-Jan-2020 24:00:00 +0000', 12],
    ['01-Jan-2020 00:60:00 +0000', 12],
    ['01-Jan-2020 00:00:61 +0000', 12],
    ['01-Jan-2020 0:00:00 +0000', 13],
    ['01-Jan-2020 00:00 +0000', 17],
    ['01-Jan-2020 00:00:00+0000', 20],
    ['01-Jan-2020 00:00:00 +00', 24],
    ['01-Jan-2020 00:00:00 +000', 25],
    ['01-Jan-2020 00:00:00 +00000', 26],
    ['01-Jan-2020 00:00:00 FOO', 24],
    ['01-Jan-2020 00:00:00 +0000 x', 27],
    ['"01-Jan-2020 00:00:00 +0000"', 0],
    ['1-１an-2020 00:00:00 +0000', 2],
    ['-1-Jan-2020 00:00:00 +0000', 0],
  ])('%j stops making sense at %d', (text, offset) => {
    expect(() => parseInternalDate(text)).toThrow(
      expect.objectContaining({ name: 'DateSyntaxError', code: 'DATE_SYNTAX', offset }),
    );
  });

  test('arbitrary octets end in a date or a DateSyntaxError', () => {
    const nearly = fc
      .array(fc.constantFrom('1', '17', '-', 'Jul', '1996', ' ', '02', ':', '+', '0000', 'GMT'))
      .map((parts) => utf8Bytes(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(nearly, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        try {
          readInternalDate(bytes, 0, bytes.length);
        } catch (error) {
          expect(MailError.is(error)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('a date is read where it lies, and never beyond its end', () => {
  const line = utf8Bytes('INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE');
  const date = parseInternalDate('17-Jul-1996 02:44:25 -0700');
  expect(readInternalDate(line, 14, 40)).toEqual(date);
  expect(() => readInternalDate(line, 14, 39)).toThrow(expect.objectContaining({ offset: 39 }));
  expect(() => readInternalDate(line, 14, 41)).toThrow(expect.objectContaining({ offset: 40 }));
  expect(() => readInternalDate(line, 14, 14)).toThrow(DateSyntaxError);
});

test('parsing undoes formatting', () => {
  fc.assert(
    fc.property(anyDate, (date) => {
      const text = formatInternalDate(date);
      expect(text).toMatch(/^\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}$/);
      expect(parseInternalDate(text, { strict: true })).toEqual(date);
    }),
  );
});

test('agrees with the calendar of Date', () => {
  fc.assert(
    fc.property(anyDate, ({ epochSeconds }) => {
      const iso = new Date(epochSeconds * 1000).toUTCString();
      const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(iso)!;
      expect(formatInternalDate({ epochSeconds, offsetMinutes: 0 })).toBe(`${day}-${month}-${year} ${time} +0000`);
    }),
  );
});

describe('what cannot be written', () => {
  test.each([
    [253_402_300_800, 0],
    [-62_167_219_201, 0],
    [253_402_300_799, 1],
    [0.5, 0],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [0, 6000],
    [0, -6000],
    [0, 0.5],
    [0, Number.NaN],
  ])('%d seconds, zone %d', (epochSeconds, offsetMinutes) => {
    expect(() => formatInternalDate({ epochSeconds, offsetMinutes })).toThrow(RangeError);
  });

  test('an invalid Date', () => {
    expect(() => internalDateOf(new Date(Number.NaN))).toThrow(RangeError);
  });
});

describe('the counterparts of imaplib', () => {
  test('Internaldate2tuple: a local clock from an INTERNALDATE', () => {
    const date = toDate(parseInternalDate('17-Jul-1996 02:44:25 -0700'));
    expect([date.getUTCHours(), date.getUTCMinutes()]).toEqual([9, 44]);
    expect(toDate(parseInternalDate(' 2-Jan-1970 00:00:00 +0000')).getTime()).toBe(86_400_000);
    expect(() => parseInternalDate('junk')).toThrow();
  });

  test('Time2Internaldate: seconds, a Date, an aware date', () => {
    expect(formatInternalDate({ epochSeconds: 0, offsetMinutes: 0 })).toBe('01-Jan-1970 00:00:00 +0000');
    expect(formatInternalDate(internalDateOf(new Date(-1)))).toBe('31-Dec-1969 23:59:59 +0000');
    expect(formatInternalDate(internalDateOf(new Date(1_000_000_000_999), 330))).toBe('09-Sep-2001 07:16:40 +0530');
    const now = new Date(1_700_000_000_000);
    expect(toDate(internalDateOf(now, -now.getTimezoneOffset()))).toEqual(now);
  });
});
