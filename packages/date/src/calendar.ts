/**
 * The proleptic Gregorian calendar in whole numbers. `Date` is not used: it reads the years 0 to 99 as 1900 to 1999.
 * @module
 */
import type { InternalDate } from '@posthorn/core';

const SECONDS_PER_DAY = 86_400;
const DAYS_TO_EPOCH = 719_468;
const DAYS_PER_ERA = 146_097;
const MONTH_LENGTHS: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

/** Names of the months as mail writes them. */
export const MONTHS: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
/** Names of the days of the week, from Sunday. */
export const WEEKDAYS: readonly string[] = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');

/** Date and time on the clock of a time zone. `month` is 1 to 12; `second` may be 60. */
interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Whether there is such a day. */
export function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeapDay = month === 2 && day === 29;
  return isLeapDay ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) : day <= MONTH_LENGTHS[month - 1]!;
}

/** Whether a clock can show it, leap seconds included. */
export function isTime(hour: number, minute: number, second: number): boolean {
  return hour <= 23 && minute <= 59 && second <= 60;
}

/** Days from 1970-01-01 to a date; negative before it. */
function daysOf(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is the last one.
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return (
    era * DAYS_PER_ERA + yearOfEra * 365 + (yearOfEra >> 2) - Math.floor(yearOfEra / 100) + dayOfYear - DAYS_TO_EPOCH
  );
}

/** The moment at which a zone's clock shows a time. */
export function momentOf(local: LocalTime, offsetMinutes: number): InternalDate {
  const { year, month, day, hour, minute, second } = local;
  const seconds = daysOf(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
  return { epochSeconds: seconds - offsetMinutes * 60, offsetMinutes };
}

/**
 * What the clock of the date's own zone shows.
 * @throws RangeError for what the formats cannot express: years beyond 0 to 9999, zones beyond 99:59, fractions.
 */
export function localTimeOf({ epochSeconds, offsetMinutes }: InternalDate): LocalTime & { readonly weekday: number } {
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) >= 6000) {
    throw new RangeError(`a time zone is a whole number of minutes within 99:59 of UTC, not ${offsetMinutes}`);
  }
  if (!Number.isSafeInteger(epochSeconds))
    throw new RangeError(`a date is a whole number of seconds, not ${epochSeconds}`);
  const seconds = epochSeconds + offsetMinutes * 60;
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const ofDay = seconds - days * SECONDS_PER_DAY;
  const { year, month, day } = dateOfDays(days);
  if (year < 0 || year > 9999) throw new RangeError('a year has four digits');
  const weekday = (((days + 4) % 7) + 7) % 7;
  return {
    year,
    month,
    day,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
    weekday,
  };
}

/** Writes a number below 100 with two digits. */
export function twoDigits(value: number): string {
  return TWO_DIGITS[value]!;
}

/** Writes a number below 10,000 with four digits. */
export function fourDigits(value: number): string {
  return TWO_DIGITS[Math.floor(value / 100)]! + TWO_DIGITS[value % 100]!;
}

/** Writes a zone as `+hhmm`, with what belongs between hours and minutes. */
export function formatZone(offsetMinutes: number, separator = ''): string {
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}${separator}${twoDigits(minutes % 60)}`;
}

function dateOfDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + DAYS_TO_EPOCH;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}
