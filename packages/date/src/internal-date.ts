import { type InternalDate, utf8Bytes } from '@posthorn/core';
import { formatZone, fourDigits, isDay, isTime, localTimeOf, MONTHS, momentOf, twoDigits } from './calendar.ts';
import { accept, type Cursor, expect, isAtDigit, peek, readDigits, readMonth } from './cursor.ts';
import { type DateFault, DateSyntaxError } from './date-syntax-error.ts';
import { zoneOffset } from './zone-names.ts';

const SPACE = 0x20;
const PLUS = 0x2b;
const HYPHEN = 0x2d;
const COLON = 0x3a;

/** What to make of dates that depart from the grammar. */
export interface InternalDateOptions {
  /** Refuses what the grammar does not allow, instead of reading it and reporting it. @defaultValue false */
  readonly strict?: boolean | undefined;
  /** Told of every departure from the grammar that was read all the same, with its offset. */
  readonly onFault?: ((fault: DateFault, offset: number) => void) | undefined;
}

/**
 * Parses an INTERNALDATE without its quotes, such as `17-Jul-1996 02:44:25 -0700`. The zone is kept; names of months
 * are read in any case; second 60 is the first of the next minute.
 *
 * @throws {@link DateSyntaxError} for what is no date, such as 30-Feb, and when strict for every {@link DateFault}.
 * @see RFC 9051 section 9, `date-time`
 */
export function parseInternalDate(text: string, options?: InternalDateOptions): InternalDate {
  const bytes = utf8Bytes(text);
  return readInternalDate(bytes, 0, bytes.length, options);
}

/**
 * Parses an INTERNALDATE where it lies, from `start` (inclusive) to `end` (exclusive), without making a string of
 * it. Otherwise as {@link parseInternalDate}; offsets count from the start of `bytes`.
 */
export function readInternalDate(
  bytes: Uint8Array,
  start: number,
  end: number,
  { strict = false, onFault }: InternalDateOptions = {},
): InternalDate {
  const cursor: Cursor = { bytes, end, offset: start };
  const tolerate: Tolerate = (fault) => {
    if (strict) throw new DateSyntaxError(cursor.offset);
    onFault?.(fault, cursor.offset);
  };
  const day = readDay(cursor, tolerate);
  expect(cursor, HYPHEN);
  const month = readMonth(cursor);
  expect(cursor, HYPHEN);
  const year = readDigits(cursor, 4);
  if (!isDay(year, month, day)) throw new DateSyntaxError(start);
  expect(cursor, SPACE);
  skipSpaces(cursor, tolerate);
  const timeOffset = cursor.offset;
  const hour = readDigits(cursor, 2);
  expect(cursor, COLON);
  const minute = readDigits(cursor, 2);
  expect(cursor, COLON);
  const second = readDigits(cursor, 2);
  if (!isTime(hour, minute, second)) throw new DateSyntaxError(timeOffset);
  const offsetMinutes = readZone(cursor, tolerate);
  if (cursor.offset < end) throw new DateSyntaxError(cursor.offset);
  return momentOf({ year, month, day, hour, minute, second }, offsetMinutes);
}

/**
 * Writes an INTERNALDATE without quotes, in the date's own zone, with a day of two digits.
 * @throws RangeError for years beyond 0 to 9999, zones beyond 99:59, and fractions.
 * @see RFC 9051 section 9, `date-time`
 */
export function formatInternalDate(date: InternalDate): string {
  const { year, month, day, hour, minute, second } = localTimeOf(date);
  const time = `${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}`;
  return `${twoDigits(day)}-${MONTHS[month - 1]}-${fourDigits(year)} ${time} ${formatZone(date.offsetMinutes)}`;
}

/**
 * The moment of a `Date`, in whole seconds, rounded down.
 *
 * @param offsetMinutes - The zone to write it in, minutes east of UTC. For the zone of this computer
 *   give `-date.getTimezoneOffset()`.
 * @throws RangeError for an invalid `Date`.
 */
export function internalDateOf(date: Date, offsetMinutes = 0): InternalDate {
  const epochSeconds = Math.floor(date.getTime() / 1000);
  if (Number.isNaN(epochSeconds)) throw new RangeError('the date is not valid');
  return { epochSeconds, offsetMinutes };
}

/** The moment as a `Date`, which knows no zone. */
export function toDate({ epochSeconds }: InternalDate): Date {
  return new Date(epochSeconds * 1000);
}

/** Reports a fault, or refuses it. */
type Tolerate = (fault: DateFault) => void;

function readDay(cursor: Cursor, tolerate: Tolerate): number {
  if (accept(cursor, SPACE)) {
    skipSpaces(cursor, tolerate);
    const digit = readDigits(cursor, 1);
    if (!isAtDigit(cursor)) return digit;
    tolerate('extraSpace');
    return digit * 10 + readDigits(cursor, 1);
  }
  const digit = readDigits(cursor, 1);
  if (isAtDigit(cursor)) return digit * 10 + readDigits(cursor, 1);
  tolerate('oneDigitDay');
  return digit;
}

/** Steps over spaces that ought not to be there. */
function skipSpaces(cursor: Cursor, tolerate: Tolerate): void {
  if (peek(cursor) !== SPACE) return;
  tolerate('extraSpace');
  while (accept(cursor, SPACE));
}

function readZone(cursor: Cursor, tolerate: Tolerate): number {
  const isSeparated = accept(cursor, SPACE);
  skipSpaces(cursor, tolerate);
  const sign = peek(cursor);
  if (sign === -1) {
    tolerate(isSeparated ? 'extraSpace' : 'missingZone');
    if (isSeparated) tolerate('missingZone');
    return 0;
  }
  if (!isSeparated) throw new DateSyntaxError(cursor.offset);
  if (sign !== PLUS && sign !== HYPHEN) return readZoneName(cursor, tolerate);
  cursor.offset++;
  const hours = readDigits(cursor, 2);
  if (peek(cursor) === COLON) {
    tolerate('zoneColon');
    cursor.offset++;
  }
  const minutes = readDigits(cursor, 2);
  if (minutes > 59) tolerate('zoneMinutes');
  skipSpaces(cursor, tolerate);
  const offset = hours * 60 + minutes;
  // Not -0, which compares equal yet is not the same value.
  return sign === HYPHEN && offset > 0 ? -offset : offset;
}

function readZoneName(cursor: Cursor, tolerate: Tolerate): number {
  let name = '';
  while (cursor.offset < cursor.end && name.length < 6 && peek(cursor) !== SPACE) {
    name += String.fromCharCode(peek(cursor));
    cursor.offset++;
  }
  const offset = zoneOffset(name);
  if (offset === undefined) throw new DateSyntaxError(cursor.offset);
  tolerate('namedZone');
  skipSpaces(cursor, tolerate);
  return offset;
}
