/**
 * Status responses and continuation requests: a code in brackets, perhaps, and words.
 * @see RFC 9051 section 7.1, section 7.6
 * @module
 */
import { isLetter, LBRACKET, SP } from '../octets/octets.ts';
import { anyText, asciiText, isAscii, validText } from '../octets/text.ts';
import { closingBracket, readResponseCode } from '../response-codes/read-response-code.ts';
import type { ResponseCode } from '../response-codes/response-code.ts';
import { skipText } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import type { Response, StatusWord } from './response.ts';

export function statusWord(word: string): StatusWord | undefined {
  switch (word) {
    case 'OK':
    case 'NO':
    case 'BAD':
    case 'BYE':
    case 'PREAUTH':
      return word;
    default:
      return undefined;
  }
}

export function readContinuation(reader: Reader): Response {
  reader.offset++;
  if (reader.isAtEnd) {
    reader.quirk('QUIRK_EMPTY_CONTINUATION', 'a continuation request without a space');
    return { type: 'continuation', text: '' };
  }
  if (!reader.accept(SP)) reader.quirk('QUIRK_MISSING_SPACE', 'no space behind the plus');
  if (reader.peek() !== LBRACKET) return { type: 'continuation', text: restText(reader) };
  const { code, text } = readText(reader);
  return code === undefined ? { type: 'continuation', text } : { type: 'continuation', code, text };
}

export function readStatus(reader: Reader, tag: string | undefined, status: StatusWord): Response {
  if (reader.isAtEnd) {
    reader.quirk('QUIRK_MISSING_TEXT', 'a status without a text');
    return { type: 'status', tag, status, text: '' };
  }
  reader.expect(SP);
  const { code, text } = readText(reader);
  return code === undefined ? { type: 'status', tag, status, text } : { type: 'status', tag, status, code, text };
}

/** `resp-text`: a code in brackets, and words. */
export function readText(reader: Reader): { readonly code: ResponseCode | undefined; readonly text: string } {
  if (reader.peek() !== LBRACKET) return { code: undefined, text: restText(reader) };
  const next = reader.bytes[reader.offset + 1]!;
  const isCode = reader.offset + 1 < reader.end && isLetter(next);
  if (!isCode) return { code: undefined, text: restText(reader) };
  if (closingBracket(reader, reader.offset) < 0) {
    reader.quirk('QUIRK_UNCLOSED_CODE', 'a response code is not closed');
    return { code: undefined, text: restText(reader) };
  }
  const code = readResponseCode(reader);
  if (reader.isAtEnd) {
    reader.quirk('QUIRK_MISSING_TEXT', 'a response code without a text');
    return { code, text: '' };
  }
  if (!reader.accept(SP)) reader.quirk('QUIRK_MISSING_SPACE', 'no space behind a response code');
  return { code, text: restText(reader) };
}

function restText(reader: Reader): string {
  const { bytes, offset: start, end } = reader;
  skipText(reader, end);
  if (isAscii(bytes, start, end)) return asciiText(bytes, start, end);
  const text = validText(bytes, start, end);
  if (text !== undefined) return text;
  reader.quirk('QUIRK_INVALID_UTF8', 'a text holds 8-bit octets that are not UTF-8');
  return anyText(bytes, start, end);
}
