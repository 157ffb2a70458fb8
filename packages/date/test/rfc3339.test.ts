import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DateSyntaxError, formatRfc3339, parseRfc3339 } from '../src/index.ts';
import { anyDate } from './reference.ts';

describe('RFC 3339 section 5.8', () => {
  test.each([
    ['1985-04-12T23:20:50.52Z', '1985-04-12T23:20:50Z'],
    ['1996-12-19T16:39:57-08:00', '1996-12-19T16:39:57-08:00'],
    ['1990-12-31T23:59:60Z', '1991-01-01T00:00:00Z'],
    ['1990-12-31T15:59:60-08:00', '1990-12-31T16:00:00-08:00'],
    ['1937-01-01T12:00:27.87+00:20', '1937-01-01T12:00:27+00:20'],
    ['1985-04-12t23:20:50z', '1985-04-12T23:20:50Z'],
    ['1985-04-12 23:20:50-00:00', '1985-04-12T23:20:50Z'],
  ])('%s', (text, formatted) => {
    expect(formatRfc3339(parseRfc3339(text))).toBe(formatted);
  });
});

test.each([
  '',
  '1985-04-12',
  '1985-04-12T23:20:50',
  '1985-04-12T23:20Z',
  '1985-04-12T23:20:50.Z',
  '1985-04-12T23:20:50+0800',
  '1985-04-12T23:20:50+24:00',
  '1985-04-12T23:20:50+00:60',
  '1985-04-31T23:20:50Z',
  '1985-04-12T24:00:00Z',
  '1985-4-12T23:20:50Z',
  '1985-04-12T23:20:50Zx',
  '85-04-12T23:20:50Z',
])('%j is none', (text) => {
  expect(() => parseRfc3339(text)).toThrow(DateSyntaxError);
});

test('a zone of a day or more cannot be written', () => {
  expect(() => formatRfc3339({ epochSeconds: 0, offsetMinutes: 1440 })).toThrow(RangeError);
  expect(formatRfc3339({ epochSeconds: 0, offsetMinutes: 1439 })).toBe('1970-01-01T23:59:00+23:59');
});

test('parsing undoes formatting', () => {
  fc.assert(
    fc.property(anyDate, ({ epochSeconds, offsetMinutes }) => {
      const date = { epochSeconds, offsetMinutes: offsetMinutes % 1440 || 0 };
      expect(parseRfc3339(formatRfc3339(date))).toEqual(date);
    }),
  );
});
