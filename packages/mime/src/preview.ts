import type { BodyStructure, TextBody } from '@posthorn/core';
import type { NumberedPart } from './attachments.ts';
import { type CharsetOptions, decodeCharsetPrefix } from './charset.ts';
import { htmlText } from './html-text.ts';
import { decodeParameters } from './parameter-values.ts';
import { transferDecoder } from './transfer-decoder.ts';

export interface PreviewOptions extends CharsetOptions {
  /** Most characters, up to 256, which PREVIEW allows. @defaultValue 200 */
  readonly maxCharacters?: number;
}

/**
 * Finds the part that a preview is made of: the first text that is not an attachment. Of alternatives the first that
 * is not HTML is taken, or else the first.
 */
export function findPreviewPart(structure: BodyStructure): NumberedPart<TextBody> | undefined {
  return findText({ part: structure.type === 'multipart' ? [] : [1], body: structure });
}

function findText({ part, body }: NumberedPart): NumberedPart<TextBody> | undefined {
  if (body.type === 'text') {
    return body.disposition?.type.toLowerCase() === 'attachment' ? undefined : { part, body };
  }
  if (body.type !== 'multipart') return undefined;
  const isAlternative = body.mediaSubtype.toLowerCase() === 'alternative';
  let first: NumberedPart<TextBody> | undefined;
  for (const [index, child] of body.parts.entries()) {
    const found = findText({ part: [...part, index + 1], body: child });
    if (found !== undefined && !(isAlternative && isHtml(found.body))) return found;
    first ??= found;
  }
  return first;
}

/**
 * Makes a preview of a text part: one line of its first words, without markup, and without quoted lines unless there
 * is nothing else. It is empty when the transfer encoding is not known.
 *
 * @param bytes - The body of the part in its transfer encoding, or the first octets of it: some ten thousand are
 *   plenty.
 * @param body - What the structure says of it.
 * @throws RangeError when more than 256 characters are asked for.
 * @see RFC 8970 section 3.3
 */
export function previewText(
  bytes: Uint8Array,
  body: TextBody,
  { maxCharacters = 200, ...options }: PreviewOptions = {},
): string {
  if (!(maxCharacters >= 0 && maxCharacters <= 256)) throw new RangeError('a preview has at most 256 characters');
  const decoder = transferDecoder(body.encoding);
  if (decoder === undefined) return '';
  const charset = decodeParameters(body.parameters).get('charset')?.text ?? '';
  const text = decodeCharsetPrefix(decoder.push(bytes), charset, options);
  const read = isHtml(body) ? htmlText : plainText;
  const own = firstWords(read(text, false), maxCharacters);
  if (own !== '' || !/\S/.test(text)) return own;
  return firstWords(read(text, true), maxCharacters);
}

function isHtml({ mediaSubtype }: TextBody): boolean {
  return /^(html|xhtml\+xml)$/i.test(mediaSubtype);
}

/** Yields lines that are not quoted, or a mark and then all lines without their marks. */
function* plainText(text: string, withQuotes: boolean): Generator<string, void, undefined> {
  if (withQuotes) yield '>';
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline + 1;
    if (text[start] !== '>') yield text.slice(start, end);
    else if (withQuotes) yield text.slice(start, end).replace(/^[> ]+/, '');
    start = end;
  }
}

/** Soft hyphen, grapheme joiner, zero width space, byte order mark. */
const INVISIBLE = '\u00ad\u034f\u200b\ufeff';

/** White space and control characters are one space; what takes no room, and pads many newsletters, is nothing. */
function firstWords(pieces: Iterable<string>, maxCharacters: number): string {
  const words: string[] = [];
  let count = 0;
  let isSpaceOwed = false;
  for (const piece of pieces) {
    for (const character of piece) {
      if (INVISIBLE.includes(character)) continue;
      if (/[\s\p{Cc}]/u.test(character)) {
        isSpaceOwed = count > 0;
        continue;
      }
      const room = isSpaceOwed ? 2 : 1;
      if (count + room > maxCharacters) return words.join('');
      if (isSpaceOwed) words.push(' ');
      words.push(character);
      count += room;
      isSpaceOwed = false;
    }
  }
  return words.join('');
}
