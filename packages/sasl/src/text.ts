/**
 * Checking and decoding the short texts of mechanisms.
 * @module
 */

const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTROL = /[\p{Control}\u2028\u2029]+/gu;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longest message a server accepts, in octets. */
export const MAX_MESSAGE_BYTES = 16_384;

/** @throws TypeError when a text cannot be sent. The message names the text and never shows it. */
export function checkText(name: string, text: string): string {
  if (typeof text !== 'string' || text === '') throw new TypeError(`the ${name} is empty`);
  if (text.includes('\0')) throw new TypeError(`the ${name} holds a NUL`);
  if (LONE_SURROGATE.test(text)) throw new TypeError(`the ${name} is not well-formed Unicode`);
  return text;
}

export function checkOptionalText(name: string, text: string | undefined): string {
  return text === undefined || text === '' ? '' : checkText(name, text);
}

/** Strict UTF-8; undefined when it is not, or is longer than any sensible message. */
export function decodeMessage(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_MESSAGE_BYTES) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A text of the peer's as it may be shown: one line, without control characters, cut to 500 characters. */
export function printable(text: string): string {
  return text.replace(CONTROL, ' ').slice(0, 500);
}

/** Compares in time that does not depend on where the difference is. */
export function equalSecrets(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index++) difference |= left[index]! ^ (right[index] ?? 0);
  return difference === 0;
}
