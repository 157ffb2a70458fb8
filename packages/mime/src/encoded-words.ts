import { concatBytes, utf8Bytes } from '@posthorn/core';
import { type CharsetOptions, decodeCharset } from './charset.ts';
import { hexValue } from './quoted-printable.ts';
import { decodeTransfer } from './transfer-decoder.ts';

const ENCODED_WORD = /=\?([^?\s]*)\?([bq])\?([^?]*)\?=/gi;

/** A run of encoded words of one charset: their octets belong together, since mailers cut within characters. */
interface Run {
  readonly charset: string;
  readonly pieces: Uint8Array[];
}

/**
 * Decodes the encoded words of header text, in linear time. White space between two of them is dropped, octets of
 * neighbours in the same charset are joined before they are decoded, and what does not parse stays as it is. Line
 * ends and NUL that were hidden in a word become spaces. Lenient: spaces within a word, words within quoted strings.
 *
 * @param text - As an envelope holds it.
 * @see RFC 2047, RFC 2231 section 5
 */
export function decodeWords(text: string, options: CharsetOptions = {}): string {
  if (!text.includes('=?')) return text;
  let decoded = '';
  let end = 0;
  let run: Run | undefined;
  for (const match of text.matchAll(ENCODED_WORD)) {
    const [word, charset = '', encoding = '', encoded = ''] = match;
    const between = text.slice(end, match.index);
    const isBeside = run !== undefined && /^[ \t\r\n]*$/.test(between);
    if (!isBeside || run?.charset !== charset.toLowerCase()) {
      decoded += runText(run, options);
      run = { charset: charset.toLowerCase(), pieces: [] };
    }
    if (!isBeside) decoded += between;
    run.pieces.push(wordOctets(encoding, encoded));
    end = match.index + word.length;
  }
  return decoded + runText(run, options) + text.slice(end);
}

function runText(run: Run | undefined, options: CharsetOptions): string {
  if (run === undefined) return '';
  return decodeCharset(concatBytes(run.pieces), run.charset, options).replace(/[\0\r\n]/g, ' ');
}

function wordOctets(encoding: string, encoded: string): Uint8Array {
  if (encoding === 'b' || encoding === 'B') return decodeTransfer(utf8Bytes(encoded), 'base64').bytes;
  return unescaped(encoded.replaceAll('_', ' '), 0x3d);
}

/** Octets of text in which a mark and two hexadecimal digits stand for an octet. A mark without digits is text. */
export function unescaped(text: string, mark: number): Uint8Array {
  const bytes = utf8Bytes(text);
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    const [high, low] = [hexValue(bytes[index + 1] ?? 0), hexValue(bytes[index + 2] ?? 0)];
    if (bytes[index] === mark && high !== -1 && low !== -1) {
      bytes[length++] = (high << 4) | low;
      index += 2;
    } else bytes[length++] = bytes[index]!;
  }
  return bytes.subarray(0, length);
}
