import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMessageDate, formatRfc3339, parseMessageDate } from '../src/index.ts';
import { anyDate } from './reference.ts';

const read = (text: string) => {
  const date = parseMessageDate(text);
  return date && formatRfc3339(date);
};

describe('RFC 5322', () => {
  test.each([
    ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T09:55:06-06:00', 'appendix A.1.1'],
    ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T10:52:37+02:00', 'appendix A.1.2'],
    ['Thu, 13 Feb 1969 23:32:54 -0330', '1969-02-13T23:32:54-03:30', 'appendix A.1.3'],
    ['Mon, 24 Nov 1997 14:22:01 -0800', '1997-11-24T14:22:01-08:00', 'appendix A.3'],
    [
      'Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)',
      '1969-02-13T23:32:00-03:30',
      'appendix A.5',
    ],
    ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06Z', 'appendix A.6.2'],
    ['Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21T09:55:06-06:00', 'appendix A.6.3'],
    ['Mon, 7 Feb 1994 21:52:25 -0800 (PST)', '1994-02-07T21:52:25-08:00', 'RFC 9051 section 6.3.12'],
    ['1 Jan 00 00:00 UT', '2000-01-01T00:00:00Z', 'section 4.3: 00 to 49'],
    ['1 Jan 49 00:00 UT', '2049-01-01T00:00:00Z', 'section 4.3: 00 to 49'],
    ['1 Jan 50 00:00 UT', '1950-01-01T00:00:00Z', 'section 4.3: 50 to 99'],
    ['1 Jan 99 00:00 UT', '1999-01-01T00:00:00Z', 'section 4.3: 50 to 99'],
    ['1 Jan 104 00:00 UT', '2004-01-01T00:00:00Z', 'section 4.3: three digits'],
    ['1 Jan 2000 00:00 +0000 (a (nested \\) one) here)', '2000-01-01T00:00:00Z', 'section 3.2.2: comments nest'],
    ['(Fri), (x) 1 (y) Jan (z) 2000 (a) 00:00', '2000-01-01T00:00:00Z', 'comments anywhere'],
    ['1 Jan 2000 00:00:60 +0000', '2000-01-01T00:01:00Z', 'section 3.3: a leap second'],
  ])('%j is %s (%s)', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    ['EST', '-05:00'],
    ['edt', '-04:00'],
    ['CST', '-06:00'],
    ['CDT', '-05:00'],
    ['MST', '-07:00'],
    ['MDT', '-06:00'],
    ['PST', '-08:00'],
    ['PDT', '-07:00'],
    ['UT', 'Z'],
    ['GMT', 'Z'],
    ['Z', 'Z'],
    ['A', 'Z'],
    ['y', 'Z'],
    ['XYZ', 'Z'],
    ['-0000', 'Z'],
  ])('the zone %s of section 4.3 is %s', (zone, expected) => {
    expect(read(`1 Jul 2003 10:52:37 ${zone}`)).toBe(`2003-07-01T10:52:37${expected}`);
  });
});

describe('what mail holds beside the standard', () => {
  test.each([
    ['Friday, 21 November 1997 09:55:06 -0600', '1997-11-21T09:55:06-06:00'],
    ['fri 21 nov 1997 9:5:6 -0600', '1997-11-21T09:05:06-06:00'],
    ['Wed, 21 Nov 1997 09:55:06 -0600', '1997-11-21T09:55:06-06:00'],
    ['mar., 21 Nov 1997 09.55.06 +0100', '1997-11-21T09:55:06+01:00'],
    ['Sáb, 21 Nov 1997 09:55:06 +0100', '1997-11-21T09:55:06+01:00'],
    ['21-Nov-1997 09:55:06 -0600', '1997-11-21T09:55:06-06:00'],
    ['21-Nov-97 09:55', '1997-11-21T09:55:00Z'],
    ['21. Nov. 1997 09:55', '1997-11-21T09:55:00Z'],
    ['Fri Nov 21 09:55:06 1997', '1997-11-21T09:55:06Z'],
    ['Fri Nov  1 09:55:06 CST 1997', '1997-11-01T09:55:06-06:00'],
    ['Fri Nov 21 09:55:06 -0600 1997', '1997-11-21T09:55:06-06:00'],
    ['Fri Nov 21 09:55:06 1997 +0100', '1997-11-21T09:55:06+01:00'],
    ['November 21, 1997 1:30 PM EST', '1997-11-21T13:30:00-05:00'],
    ['Nov 21, 1997 12:30 am', '1997-11-21T00:30:00Z'],
    ['Nov 21, 1997 12:30 PM', '1997-11-21T12:30:00Z'],
    ['1997-11-21T09:55:06.25Z', '1997-11-21T09:55:06Z'],
    ['1997-11-21 09:55:06 +0200', '1997-11-21T09:55:06+02:00'],
    ['1997/11/21 09:55', '1997-11-21T09:55:00Z'],
    ['21 Nov 1997 09:55:06 GMT+2', '1997-11-21T09:55:06+02:00'],
    ['21 Nov 1997 09:55:06 GMT-0330', '1997-11-21T09:55:06-03:30'],
    ['21 Nov 1997 09:55:06 +02:00', '1997-11-21T09:55:06+02:00'],
    ['21 Nov 1997 09:55:06 +200', '1997-11-21T09:55:06+02:00'],
    ['21 Nov 1997 09:55:06 UTC', '1997-11-21T09:55:06Z'],
    ['21 Nov 1997 09:55:06 CEST', '1997-11-21T09:55:06+02:00'],
    ['21 Nov 1997 09:55:06 +0100 and more', '1997-11-21T09:55:06+01:00'],
    ['21 Nov 1997 09:55:06 +0100 (left open', '1997-11-21T09:55:06+01:00'],
    ['\t 21 Nov 1997 09:55:06 +0100\r\n', '1997-11-21T09:55:06+01:00'],
  ])('%j is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });
});

describe('RFC 5256 section 2.2: a day is enough', () => {
  test.each([
    ['21 Nov 1997', '1997-11-21T00:00:00Z', 'no time'],
    ['21 Nov 1997 25:00:00 +0100', '1997-11-21T00:00:00Z', 'a time that makes no sense'],
    ['21 Nov 1997 09 +0100', '1997-11-21T00:00:00Z', 'no minutes'],
    ['Nov 21 25:00:00 1997', '1997-11-21T00:00:00Z', 'a time that makes no sense before the year'],
    ['21 Nov 1997 09:55:06', '1997-11-21T09:55:06Z', 'no zone'],
    ['21 Nov 1997 09:55:06 +9999', '1997-11-21T09:55:06Z', 'a zone that makes no sense'],
    ['21 Nov 1997 09:55:06 +123456', '1997-11-21T09:55:06Z', 'a zone that makes no sense'],
  ])('%j is %s: %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    '',
    'yesterday',
    '30 Feb 1997 09:55:06 +0000',
    '21 Foo 1997',
    '21 Nov',
    '21 Nov 7',
    '21 Nov 19970',
    '21/11/1997',
    'Nov 1997',
    '1997-13-01',
    '()',
    '(21 Nov 1997)',
    '999999999999999999999 Nov 1997',
    ',,,,',
    '\u0000',
  ])('%j is no day', (text) => {
    expect(parseMessageDate(text)).toBeUndefined();
  });
});

test('parsing undoes formatting', () => {
  fc.assert(
    fc.property(anyDate, (date) => {
      const text = formatMessageDate(date);
      expect(text).toMatch(/^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/);
      expect(parseMessageDate(text)).toEqual(date);
    }),
  );
});

test('the day of the week is that of Date', () => {
  fc.assert(
    fc.property(anyDate, ({ epochSeconds }) => {
      expect(formatMessageDate({ epochSeconds, offsetMinutes: 0 }).slice(0, 3)).toBe(
        new Date(epochSeconds * 1000).toUTCString().slice(0, 3),
      );
    }),
  );
});

test('whatever comes is a date that can be written, or undefined', () => {
  const nearly = fc
    .array(
      fc.constantFrom(
        'Fri',
        ',',
        '21',
        'Nov',
        '1997',
        '97',
        '09',
        ':',
        '55',
        '.',
        '-',
        '+',
        '0600',
        'PM',
        'GMT',
        '(',
        ')',
        '\\',
        'T',
        '/',
        'Jan',
        '9999',
        ' ',
      ),
    )
    .map((parts) => parts.join(' '));
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' })), (text) => {
      const date = parseMessageDate(text);
      if (date !== undefined) expect(parseMessageDate(formatMessageDate(date))).toEqual(date);
    }),
    { numRuns: 3000 },
  );
});
