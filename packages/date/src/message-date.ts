import type { InternalDate } from '@posthorn/core';
import {
  formatZone,
  fourDigits,
  isDay,
  isTime,
  localTimeOf,
  MONTHS,
  momentOf,
  twoDigits,
  WEEKDAYS,
} from './calendar.ts';
import { type DateToken, dateTokens } from './date-tokens.ts';
import { zoneOffset } from './zone-names.ts';

/** Months by the first three letters of their names. */
const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map(
  MONTHS.map((name, index) => [name.toLowerCase(), index + 1]),
);

/**
 * Parses the body of a Date field, in time linear in its length. Reads RFC 5322 with its obsolete forms (comments,
 * years of two and three digits, zones by name, no seconds, no day of the week) and what else mail is full of:
 * weekdays in full or in other languages or wrong, `Nov 21 09:55:06 1997`, `1997-11-21 09:55:06`, `GMT+2`, `+02:00`,
 * fractions of a second, PM.
 *
 * A time that makes no sense or is missing is midnight UTC, a zone that makes no sense or is missing is UTC, as
 * RFC 5256 section 2.2 asks. Zones of one letter and unknown names are UTC, as RFC 5322 section 4.3 asks.
 *
 * @returns undefined when there is no day to be found.
 * @see RFC 5322 sections 3.3 and 4.3
 */
export function parseMessageDate(text: string): InternalDate | undefined {
  const reader: Reader = { tokens: dateTokens(text), index: 0 };
  // What comes before the day is the day of the week, whose name may look like that of a month ("mar., 21 Nov").
  const number = reader.tokens.findIndex(({ type }) => type === 'number');
  const month = reader.tokens.findIndex((token) => monthOf(token) !== undefined);
  const date =
    readAt(reader, number, readDayFirst) ??
    readAt(reader, number, readYearFirst) ??
    readAt(reader, month, readMonthFirst);
  if (date === undefined || !isDay(date.year, date.month, date.day)) return undefined;
  const time = date.time ?? readTime(reader);
  if (time === undefined) return momentOf({ ...date, hour: 0, minute: 0, second: 0 }, 0);
  return momentOf({ ...date, ...time }, date.offsetMinutes ?? readZone(reader) ?? 0);
}

/**
 * Writes a date for a Date field, such as `Fri, 21 Nov 1997 09:55:06 -0600`, in its own zone.
 * @throws RangeError for years beyond 0 to 9999, zones beyond 99:59, and fractions.
 * @see RFC 5322 section 3.3
 */
export function formatMessageDate(date: InternalDate): string {
  const { year, month, day, hour, minute, second, weekday } = localTimeOf(date);
  const time = `${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}`;
  return `${WEEKDAYS[weekday]}, ${day} ${MONTHS[month - 1]} ${fourDigits(year)} ${time} ${formatZone(date.offsetMinutes)}`;
}

interface Reader {
  readonly tokens: readonly DateToken[];
  index: number;
}

interface Time {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Set by the form that puts the year last. */
  readonly time?: Time;
  readonly offsetMinutes?: number;
}

function readAt<Value>(reader: Reader, index: number, read: (reader: Reader) => Value): Value {
  reader.index = index;
  return read(reader);
}

/** `21 Nov 1997`, `21-Nov-97`. */
function readDayFirst(reader: Reader): Day | undefined {
  const [first, second] = [reader.tokens[reader.index], reader.tokens[reader.index + 1]];
  if (first?.type !== 'number' || first.digits > 2) return undefined;
  reader.index += second?.type === 'mark' ? 2 : 1;
  const month = monthOf(reader.tokens[reader.index]);
  if (month === undefined) return undefined;
  reader.index++;
  while (acceptMark(reader, '-') || acceptMark(reader, '.') || acceptMark(reader, '/') || acceptMark(reader, ','));
  const year = readYear(reader);
  return year === undefined ? undefined : { year, month, day: first.value };
}

/** `1997-11-21`, with or without a `T` behind it. */
function readYearFirst(reader: Reader): Day | undefined {
  const year = reader.tokens[reader.index];
  if (year?.type !== 'number' || year.digits !== 4) return undefined;
  const [, separator, month, again, day] = reader.tokens.slice(reader.index);
  if (!isDateMark(separator) || month?.type !== 'number' || !isDateMark(again) || day?.type !== 'number')
    return undefined;
  reader.index += 5;
  acceptWord(reader, 't');
  return { year: year.value, month: month.value, day: day.value };
}

/** `Nov 21 09:55:06 1997`, `Nov 21 09:55:06 CST 1997`, `November 21, 1997 09:55`. */
function readMonthFirst(reader: Reader): Day | undefined {
  const month = monthOf(reader.tokens[reader.index]);
  if (month === undefined) return undefined;
  reader.index++;
  acceptMark(reader, '.');
  const day = reader.tokens[reader.index];
  if (day?.type !== 'number' || day.digits > 2) return undefined;
  reader.index++;
  acceptMark(reader, ',');
  const time = readTime(reader);
  if (time === undefined) {
    const year = readYear(reader);
    return year === undefined ? undefined : { year, month, day: day.value };
  }
  const before = readZone(reader);
  const year = readYear(reader);
  return year === undefined
    ? undefined
    : { year, month, day: day.value, time, offsetMinutes: before ?? readZone(reader) ?? 0 };
}

/** @see RFC 5322 section 4.3, for years of two and three digits */
function readYear(reader: Reader): number | undefined {
  const token = reader.tokens[reader.index];
  if (token?.type !== 'number' || token.digits < 2 || token.digits > 4) return undefined;
  reader.index++;
  if (token.digits === 4) return token.value;
  return token.digits === 2 && token.value < 50 ? token.value + 2000 : token.value + 1900;
}

function readTime(reader: Reader): Time | undefined {
  const [hourToken, separator, minuteToken] = reader.tokens.slice(reader.index);
  if (hourToken?.type !== 'number' || hourToken.digits > 2 || !isTimeMark(separator)) return undefined;
  if (minuteToken?.type !== 'number' || minuteToken.digits > 2) return undefined;
  reader.index += 3;
  const mark = isMarkOf(separator, ':') ? ':' : '.';
  const second = readAfter(reader, (token) => isMarkOf(token, mark)) ?? 0;
  readAfter(reader, isFractionMark);
  const hour = hourOfDay(hourToken.value, reader);
  return isTime(hour, minuteToken.value, second) ? { hour, minute: minuteToken.value, second } : undefined;
}

/** Reads the number behind a mark, when both are there. */
function readAfter(reader: Reader, isMark: (token: DateToken | undefined) => boolean): number | undefined {
  const number = reader.tokens[reader.index + 1];
  if (!isMark(reader.tokens[reader.index]) || number?.type !== 'number') return undefined;
  reader.index += 2;
  return number.value;
}

function hourOfDay(hour: number, reader: Reader): number {
  if (hour > 12) return hour;
  if (acceptWord(reader, 'pm')) return hour === 12 ? 12 : hour + 12;
  return acceptWord(reader, 'am') && hour === 12 ? 0 : hour;
}

/** The zone at the reader, 0 for one that makes no sense, or undefined when there is none. */
function readZone(reader: Reader): number | undefined {
  const token = reader.tokens[reader.index];
  if (token?.type !== 'word') return readOffset(reader);
  reader.index++;
  const named = zoneOffset(token.text) ?? 0;
  return named === 0 ? (readOffset(reader) ?? 0) : named;
}

/** `+0200`, `+200`, `+02`, `+2`, `+02:00`. */
function readOffset(reader: Reader): number | undefined {
  const [sign, number] = reader.tokens.slice(reader.index);
  const isNegative = isMarkOf(sign, '-');
  if ((!isNegative && !isMarkOf(sign, '+')) || number?.type !== 'number') return undefined;
  reader.index += 2;
  const minutesBehind = number.digits <= 2 ? (readAfter(reader, isTimeMark) ?? 0) : number.value % 100;
  const hours = number.digits <= 2 ? number.value : Math.floor(number.value / 100);
  if (!(hours <= 99 && minutesBehind <= 59)) return 0;
  const minutes = hours * 60 + minutesBehind;
  return isNegative && minutes > 0 ? -minutes : minutes;
}

function monthOf(token: DateToken | undefined): number | undefined {
  if (token?.type !== 'word' || token.text.length < 3) return undefined;
  return MONTH_NUMBERS.get(token.text.slice(0, 3));
}

function acceptMark(reader: Reader, text: string): boolean {
  if (!isMarkOf(reader.tokens[reader.index], text)) return false;
  reader.index++;
  return true;
}

function acceptWord(reader: Reader, text: string): boolean {
  const token = reader.tokens[reader.index];
  if (token?.type !== 'word' || token.text !== text) return false;
  reader.index++;
  return true;
}

function isMarkOf(token: DateToken | undefined, text: string): boolean {
  return token?.type === 'mark' && token.text === text;
}

function isDateMark(token: DateToken | undefined): boolean {
  return isMarkOf(token, '-') || isMarkOf(token, '/') || isMarkOf(token, '.');
}

function isTimeMark(token: DateToken | undefined): boolean {
  return isMarkOf(token, ':') || isMarkOf(token, '.');
}

function isFractionMark(token: DateToken | undefined): boolean {
  return isMarkOf(token, '.') || isMarkOf(token, ',');
}
