import { DateSyntaxError } from './date-syntax-error.ts';

const DIGIT_0 = 0x30;
/** `jan` to `dec` as three lower-case octets in one number. */
const MONTH_KEYS: readonly number[] = 'jan feb mar apr may jun jul aug sep oct nov dec'
  .split(' ')
  .map((name) => (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2));

/** A place within octets; `end` is where the date must end. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;
}

/** The octet at the cursor, or -1 at the end. */
export function peek({ bytes, end, offset }: Cursor): number {
  return offset < end ? bytes[offset]! : -1;
}

/** Steps over an octet if it is there. */
export function accept(cursor: Cursor, octet: number): boolean {
  if (peek(cursor) !== octet) return false;
  cursor.offset++;
  return true;
}

/** Steps over an octet that must be there. */
export function expect(cursor: Cursor, octet: number): void {
  if (!accept(cursor, octet)) throw new DateSyntaxError(cursor.offset);
}

/** Steps over an ASCII letter given in lower case, in either case. */
export function expectLetter(cursor: Cursor, lower: number): void {
  if ((peek(cursor) | 0x20) !== lower) throw new DateSyntaxError(cursor.offset);
  cursor.offset++;
}

/** Reads a number of exactly so many digits. */
export function readDigits(cursor: Cursor, count: number): number {
  let value = 0;
  for (let left = count; left > 0; left--) {
    const digit = peek(cursor) - DIGIT_0;
    if (digit < 0 || digit > 9) throw new DateSyntaxError(cursor.offset);
    value = value * 10 + digit;
    cursor.offset++;
  }
  return value;
}

/** Whether the octet at the cursor is a digit. */
export function isAtDigit(cursor: Cursor): boolean {
  const octet = peek(cursor);
  return octet >= DIGIT_0 && octet <= DIGIT_0 + 9;
}

/** Reads the name of a month, in any case, as 1 to 12. */
export function readMonth(cursor: Cursor): number {
  const { bytes, offset, end } = cursor;
  if (offset + 3 <= end) {
    const key = (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]! | 0x20_20_20;
    // Only the two cases of a letter become the same octet with the bit of lower case set.
    const month = MONTH_KEYS.indexOf(key) + 1;
    if (month > 0) {
      cursor.offset += 3;
      return month;
    }
  }
  throw new DateSyntaxError(offset);
}
