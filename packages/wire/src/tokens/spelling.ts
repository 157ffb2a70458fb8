/**
 * How text may be spelled on the wire: as an atom, in quotes, or only as a literal.
 * @see RFC 9051 section 4.3
 * @module
 */
import type { ModSeq } from '@posthorn/core';
import { CLASSES } from '../octets/octets.ts';

/** Longest quoted string. What is longer goes as a literal, for servers that cap the length of a line. */
const MAX_QUOTED_LENGTH = 1000;

/** Whether every character is in the class of octets, and there is one. */
export function isInClass(text: string, octetClass: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7e || (CLASSES[unit]! & octetClass) === 0) return false;
  }
  return text !== '';
}

/** The text in quotes; undefined when it can only go as a literal. */
export function quoted(text: string, utf8 = false, maxLength: number = MAX_QUOTED_LENGTH): string | undefined {
  if (text.length > maxLength) return undefined;
  let isEscaped = false;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0x22 || unit === 0x5c) isEscaped = true;
    else if (unit === 0 || unit === 0x0a || unit === 0x0d || (unit > 0x7f && !utf8)) return undefined;
  }
  return isEscaped ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : `"${text}"`;
}

/** @throws RangeError unless the text may stand as an atom. */
export function checkedAtom(text: string, octetClass: number, what: string): string {
  if (isInClass(text, octetClass)) return text;
  throw new RangeError(
    `${what} may not hold ${text === '' ? 'nothing' : 'spaces, controls, 8-bit or special characters'}`,
  );
}

/** Whether the text may stand as a URL in a response code: printable ASCII without spaces, quotes, `\` and `]`. */
export function isUrlText(text: string): boolean {
  return /^[!#-[^-~]+$/.test(text);
}

/** @throws RangeError for text with NUL, which no string of IMAP can hold. */
export function checkedString(text: string, what: string): string {
  if (!text.includes('\u0000')) return text;
  throw new RangeError(`${what} may not hold NUL`);
}

/** @throws RangeError unless `value` is an integer from `least` to the largest safe one. */
export function checkedNumber(value: number, what: string, least = 0): string {
  if (Number.isSafeInteger(value) && value >= least) return `${value}`;
  throw new RangeError(`${what} is an integer from ${least}, not ${value}`);
}

/** @throws RangeError unless `value` has 64 bits. */
export function checkedNumber64(value: bigint): string {
  if (typeof value === 'bigint' && value >= 0n && value < 1n << 64n) return `${value}`;
  throw new RangeError('a number of 64 bits is 0 to 2^64-1');
}

/** @throws RangeError unless `value` is a mod-sequence. */
export function checkedModSeq(value: ModSeq): string {
  if (typeof value === 'bigint' && value >= 0n && value <= 0x7fff_ffff_ffff_ffffn) return `${value}`;
  throw new RangeError('a mod-sequence is 0 to 2^63-1');
}
