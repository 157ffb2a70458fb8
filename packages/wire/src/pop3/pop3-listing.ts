/**
 * What stands in the lines of POP3 answers. Tolerant of spaces too many and of words behind what is known.
 * @see RFC 1939 sections 5 and 7, RFC 2449 section 6
 * @module
 */
import { SP } from '../octets/octets.ts';

/** `2 320`: how many messages and octets STAT counted. Undefined when the text is no such answer. */
export function parsePop3Stat(text: string): { readonly count: number; readonly octets: number } | undefined {
  const first = wordAt(text, 0);
  const count = number(text, first.start, first.end);
  const second = wordAt(text, first.end);
  const octets = number(text, second.start, second.end);
  return count === undefined || octets === undefined ? undefined : { count, octets };
}

/** `1 120`: a message and its size, of LIST. */
export function parsePop3Size(line: string): { readonly number: number; readonly octets: number } | undefined {
  const size = parsePop3Stat(line);
  return size === undefined || size.count === 0 ? undefined : { number: size.count, octets: size.octets };
}

/** `1 whqtswO00WBw418f9t5JxYwZ`: a message and its unique id, of UIDL. */
export function parsePop3UniqueId(line: string): { readonly number: number; readonly uniqueId: string } | undefined {
  const first = wordAt(line, 0);
  const value = number(line, first.start, first.end);
  const { start, end } = wordAt(line, first.end);
  return value === undefined || value === 0 || start === end
    ? undefined
    : { number: value, uniqueId: line.slice(start, end) };
}

/** Lines of CAPA: names in upper case, with the words behind them. */
export function parsePop3Capabilities(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const capabilities = new Map<string, readonly string[]>();
  for (const line of lines) {
    const [name, ...parameters] = words(line);
    if (name !== undefined) capabilities.set(name.toUpperCase(), parameters);
  }
  return capabilities;
}

/** The time stamp of a greeting that APOP signs; undefined unless it has the form of a message id. */
export function pop3Timestamp(greeting: string): string | undefined {
  const open = greeting.indexOf('<');
  const close = greeting.indexOf('>', open + 1);
  if (open < 0 || close < 0) return undefined;
  const stamp = greeting.slice(open, close + 1);
  const at = stamp.indexOf('@');
  if (at < 2 || at !== stamp.lastIndexOf('@') || at > stamp.length - 3) return undefined;
  for (let index = 1; index < stamp.length - 1; index++) {
    const unit = stamp.charCodeAt(index);
    if (unit <= 0x20 || unit > 0x7e || unit === 0x3c) return undefined;
  }
  return stamp;
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** The next word at `from` or behind it; empty at the end. Listings have as many lines as there are messages. */
function wordAt(text: string, from: number): { readonly start: number; readonly end: number } {
  let start = from;
  while (text.charCodeAt(start) === SP) start++;
  const space = text.indexOf(' ', start);
  return { start, end: space < 0 ? Math.max(start, text.length) : space };
}

/** Up to 15 digits. */
function number(text: string, start: number, end: number): number | undefined {
  if (start === end || end - start > 15) return undefined;
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
