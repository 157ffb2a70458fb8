/**
 * The encodings of mail: base64, quoted-printable, encoded words, extended parameters.
 * @module
 */
import { type Charset, encodeCharset } from './charsets.ts';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAIRS = Array.from({ length: 4096 }, (_, bits) => BASE64[bits >>> 6]! + BASE64[bits & 63]!);
const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).toUpperCase().padStart(2, '0'));

/** Base64 without line ends. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  const whole = bytes.length - (bytes.length % 3);
  for (let index = 0; index < whole; index += 3) {
    const bits = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!;
    text += PAIRS[bits >>> 12]! + PAIRS[bits & 0xfff]!;
  }
  const [first = 0, second = 0] = bytes.subarray(whole);
  if (bytes.length - whole === 1) text += `${PAIRS[first << 4]}==`;
  if (bytes.length - whole === 2) text += `${PAIRS[(first << 4) | (second >>> 4)]}${BASE64[(second & 15) << 2]}=`;
  return text;
}

/** Base64 in lines of 76, the last one ended as well. */
export function base64Lines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 57) lines.push(base64(bytes.subarray(offset, offset + 57)));
  return lines.map((line) => `${line}\r\n`).join('');
}

/** Quoted-printable of text whose lines end in CRLF. @see RFC 2045 section 6.7 */
export function quotedPrintable(bytes: Uint8Array): string {
  const parts: string[] = [];
  let line = '';
  for (let index = 0; index < bytes.length; index++) {
    const octet = bytes[index]!;
    if (octet === 0x0d && bytes[index + 1] === 0x0a) {
      parts.push(`${line.replace(/ $/, '=20')}\r\n`);
      line = '';
      index++;
      continue;
    }
    const piece = octet >= 0x20 && octet < 0x7f && octet !== 0x3d ? String.fromCharCode(octet) : `=${HEX[octet]}`;
    if (line.length + piece.length > 75) {
      parts.push(`${line}=\r\n`);
      line = '';
    }
    line += piece;
  }
  parts.push(line);
  return parts.join('');
}

/** Encoded words of at most 75 characters, folded between them; plain text when it is ASCII. @see RFC 2047 */
export function encodedWords(text: string, charset: Charset, form: 'B' | 'Q'): string {
  if (/^[ -~]*$/.test(text)) return text;
  const words: string[] = [];
  let pending = '';
  for (const character of text) {
    if (pending !== '' && encodedWord(pending + character, charset, form).length > 75) {
      words.push(encodedWord(pending, charset, form));
      pending = '';
    }
    pending += character;
  }
  return [...words, encodedWord(pending, charset, form)].join('\r\n ');
}

function encodedWord(text: string, charset: Charset, form: 'B' | 'Q'): string {
  const bytes = encodeCharset(text, charset);
  if (form === 'B') return `=?${charset}?B?${base64(bytes)}?=`;
  let word = '';
  for (const octet of bytes)
    word += isSafe(octet) ? String.fromCharCode(octet) : octet === 0x20 ? '_' : `=${HEX[octet]}`;
  return `=?${charset}?Q?${word}?=`;
}

/** A parameter such as a file name, in RFC 2231's form when it is not ASCII, continued when it is long. */
export function parameter(name: string, value: string): string {
  if (/^[ -~]*$/.test(value)) return `${name}="${value.replace(/["\\]/g, '\\$&')}"`;
  const encoded = Array.from(encodeCharset(value, 'utf-8'), (octet) =>
    isSafe(octet) ? String.fromCharCode(octet) : `%${HEX[octet]}`,
  );
  if (encoded.length < 16) return `${name}*=utf-8''${encoded.join('')}`;
  const sections: string[] = [];
  for (let offset = 0; offset < encoded.length; offset += 16) {
    const charset = offset === 0 ? "utf-8''" : '';
    sections.push(`${name}*${offset / 16}*=${charset}${encoded.slice(offset, offset + 16).join('')}`);
  }
  return sections.join(';\r\n\t');
}

function isSafe(octet: number): boolean {
  return (octet >= 0x30 && octet <= 0x39) || (octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a);
}
