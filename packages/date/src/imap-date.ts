import { type ImapDate, type InternalDate, utf8Bytes } from '@posthorn/core';
import { fourDigits, isDay, localTimeOf, MONTHS } from './calendar.ts';
import { accept, type Cursor, expect, isAtDigit, readDigits, readMonth } from './cursor.ts';
import { DateSyntaxError } from './date-syntax-error.ts';

const HYPHEN = 0x2d;
const QUOTE = 0x22;

/**
 * Parses a day as SEARCH names it, `1-Feb-1994` or `"1-Feb-1994"`, with the month in any case.
 * @throws {@link DateSyntaxError} for anything else, and for days that do not exist.
 * @see RFC 9051 section 9, `date`
 */
export function parseImapDate(text: string): ImapDate {
  const bytes = utf8Bytes(text);
  const cursor: Cursor = { bytes, end: bytes.length, offset: 0 };
  const isQuoted = accept(cursor, QUOTE);
  let day = readDigits(cursor, 1);
  if (isAtDigit(cursor)) day = day * 10 + readDigits(cursor, 1);
  expect(cursor, HYPHEN);
  const month = readMonth(cursor);
  expect(cursor, HYPHEN);
  const year = readDigits(cursor, 4);
  if (isQuoted) expect(cursor, QUOTE);
  if (cursor.offset < bytes.length) throw new DateSyntaxError(cursor.offset);
  if (!isDay(year, month, day)) throw new DateSyntaxError(0);
  return { year, month, day };
}

/**
 * Writes a day for SEARCH, such as `1-Feb-1994`.
 * @throws RangeError for a day that does not exist or a year beyond 0 to 9999.
 */
export function formatImapDate({ year, month, day }: ImapDate): string {
  const isWhole = Number.isInteger(year) && Number.isInteger(month) && Number.isInteger(day);
  if (!isWhole || year < 0 || year > 9999 || !isDay(year, month, day)) {
    throw new RangeError(`there is no day ${year}-${month}-${day}`);
  }
  return `${day}-${MONTHS[month - 1]}-${fourDigits(year)}`;
}

/**
 * The day on which a date falls in its own zone: SEARCH disregards time and zone.
 * @throws RangeError for years beyond 0 to 9999, zones beyond 99:59, and fractions.
 * @see RFC 9051 section 6.4.4
 */
export function imapDateOf(date: InternalDate): ImapDate {
  const { year, month, day } = localTimeOf(date);
  return { year, month, day };
}

/** Below 0 when `left` comes before `right`, 0 when they are the same day, above 0 otherwise. */
export function compareImapDates(left: ImapDate, right: ImapDate): number {
  return left.year - right.year || left.month - right.month || left.day - right.day;
}
