import { type InternalDate, utf8Bytes } from '@posthorn/core';
import { formatZone, fourDigits, isDay, isTime, localTimeOf, momentOf, twoDigits } from './calendar.ts';
import { accept, type Cursor, expect, expectLetter, isAtDigit, peek, readDigits } from './cursor.ts';
import { DateSyntaxError } from './date-syntax-error.ts';

const SPACE = 0x20;
const PLUS = 0x2b;
const HYPHEN = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const LOWER_T = 0x74;
const LOWER_Z = 0x7a;

/**
 * Parses an RFC 3339 date and time, such as `1996-12-19T16:39:57-08:00`. Fractions of a second are dropped;
 * a space may stand for the `T`, and letters may be of either case, as the RFC allows.
 * @throws {@link DateSyntaxError} for anything else.
 * @see RFC 3339 section 5.6
 */
export function parseRfc3339(text: string): InternalDate {
  const bytes = utf8Bytes(text);
  const cursor: Cursor = { bytes, end: bytes.length, offset: 0 };
  const year = readDigits(cursor, 4);
  expect(cursor, HYPHEN);
  const month = readDigits(cursor, 2);
  expect(cursor, HYPHEN);
  const day = readDigits(cursor, 2);
  if (!isDay(year, month, day)) throw new DateSyntaxError(0);
  if (!accept(cursor, SPACE)) expectLetter(cursor, LOWER_T);
  const timeOffset = cursor.offset;
  const hour = readDigits(cursor, 2);
  expect(cursor, COLON);
  const minute = readDigits(cursor, 2);
  expect(cursor, COLON);
  const second = readDigits(cursor, 2);
  if (!isTime(hour, minute, second)) throw new DateSyntaxError(timeOffset);
  if (accept(cursor, DOT)) {
    readDigits(cursor, 1);
    while (isAtDigit(cursor)) cursor.offset++;
  }
  const offsetMinutes = readOffset(cursor);
  if (cursor.offset < bytes.length) throw new DateSyntaxError(cursor.offset);
  return momentOf({ year, month, day, hour, minute, second }, offsetMinutes);
}

/**
 * Writes an RFC 3339 date and time in the date's own zone, with `Z` for UTC.
 * @throws RangeError for years beyond 0 to 9999, zones beyond 23:59, and fractions.
 * @see RFC 3339 section 5.6
 */
export function formatRfc3339(date: InternalDate): string {
  const { year, month, day, hour, minute, second } = localTimeOf(date);
  const { offsetMinutes } = date;
  if (Math.abs(offsetMinutes) >= 24 * 60) throw new RangeError('a time zone of RFC 3339 is within 23:59 of UTC');
  const zone = offsetMinutes === 0 ? 'Z' : formatZone(offsetMinutes, ':');
  return `${fourDigits(year)}-${twoDigits(month)}-${twoDigits(day)}T${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}${zone}`;
}

function readOffset(cursor: Cursor): number {
  const sign = peek(cursor);
  if (sign !== PLUS && sign !== HYPHEN) {
    expectLetter(cursor, LOWER_Z);
    return 0;
  }
  cursor.offset++;
  const start = cursor.offset;
  const hours = readDigits(cursor, 2);
  expect(cursor, COLON);
  const minutes = readDigits(cursor, 2);
  if (hours > 23 || minutes > 59) throw new DateSyntaxError(start);
  const offset = hours * 60 + minutes;
  return sign === HYPHEN && offset > 0 ? -offset : offset;
}
