/**
 * Strings that stand for any octets. Octets that are not UTF-8 become lone surrogates, U+DC80 to U+DCFF, which no
 * valid text holds, so a name that came from a peer goes back octet by octet as it came.
 * @module
 */
import { utf8Bytes } from '@posthorn/core';
import { validText } from './text.ts';

const ESCAPE = 0xdc00;

/** The string that stands for octets. */
export function stringOfOctets(bytes: Uint8Array, start: number, end: number): string {
  const text = validText(bytes, start, end);
  if (text !== undefined) return text;
  let spelled = '';
  for (let index = start; index < end; index++)
    spelled += String.fromCharCode(bytes[index]! < 0x80 ? bytes[index]! : ESCAPE + bytes[index]!);
  return spelled;
}

/** The octets a string stands for: UTF-8, or what {@link stringOfOctets} was given. */
export function octetsOfString(text: string): Uint8Array {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f && (unit < ESCAPE + 0x80 || unit > ESCAPE + 0xff)) return utf8Bytes(text);
  }
  // Nothing but ASCII and escaped octets.
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** Whether a string holds escaped octets, which no quoted string can. */
export function hasEscapedOctets(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f && (unit < ESCAPE + 0x80 || unit > ESCAPE + 0xff)) return false;
    if (unit > 0x7f) return true;
  }
  return false;
}
