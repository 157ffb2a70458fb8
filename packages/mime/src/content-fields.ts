import type { BodyDisposition, BodyParameters } from '@posthorn/core';
import { unfoldedText } from './field-text.ts';
import { type FieldBounds, isNamed } from './header.ts';
import { BROKEN, type Cursor, END, MORE, type Outcome, peek, readAtom, readToken, skipSpace } from './lexer.ts';
import { COMMA, isAsciiText, OctetBuffer, SEMICOLON, SLASH } from './octets.ts';
import { readParameters } from './parameters.ts';

/** A Content-Type. Both names are empty when it does not parse. */
export interface ContentType {
  readonly mediaType: string;
  readonly mediaSubtype: string;
  readonly parameters: BodyParameters;
}

/** What the Content fields of one header say. The first field of a kind that says something counts. */
export class ContentFields {
  type: ContentType | undefined;
  encoding: string | undefined;
  disposition: BodyDisposition | undefined;
  language: readonly string[] | undefined;
  id: string | null = null;
  description: string | null = null;
  md5: string | null = null;
  location: string | null = null;
  /** Whether the header claims to be MIME; the fields mean nothing otherwise. @see RFC 2045 section 4 */
  isMime = false;

  /** Takes a field if it is one of these. */
  take(header: Uint8Array, field: FieldBounds): void {
    if (isNamed(header, field, 'mime-version')) this.isMime = true;
    if (!isAsciiText(header, field.start, Math.min(field.nameEnd, field.start + 8), 'content-')) return;
    const body = header.subarray(field.bodyStart, field.bodyEnd);
    const is = (name: string): boolean => isNamed(header, field, name);
    if (is('content-type')) {
      this.isMime = true;
      this.type ??= parseContentType(body);
    } else if (is('content-transfer-encoding')) this.encoding ??= parseEncoding(body);
    else if (is('content-disposition')) {
      // Dovecot takes the first that has parameters, or else the last.
      if ((this.disposition?.parameters.length ?? 0) === 0)
        this.disposition = parseDisposition(body) ?? this.disposition;
    } else if (is('content-language')) this.language ??= parseLanguage(body);
    else if (is('content-id')) this.id ??= unfoldedText(body);
    else if (is('content-description')) this.description ??= unfoldedText(body);
    else if (is('content-md5')) this.md5 ??= unfoldedText(body);
    else if (is('content-location')) this.location ??= unfoldedText(body);
  }
}

// Parsing is synchronous and never enters itself, so its room is shared.
const scratchType = new OctetBuffer();
const scratchText = new OctetBuffer();

const INVALID: ContentType = { mediaType: '', mediaSubtype: '', parameters: [] };

/** @see RFC 2045 section 5.1 */
function parseContentType(bytes: Uint8Array): ContentType {
  const cursor: Cursor = { bytes, offset: 0 };
  const type = scratchType.clear();
  const subtype = scratchText.clear();
  const outcome = readTypes(cursor, type, subtype);
  if (outcome === BROKEN || (outcome === MORE && peek(cursor) !== SEMICOLON)) return INVALID;
  return { mediaType: type.text(), mediaSubtype: subtype.text(), parameters: readParameters(cursor) };
}

function readTypes(cursor: Cursor, type: OctetBuffer, subtype: OctetBuffer): Outcome {
  if (skipSpace(cursor) !== MORE) return BROKEN;
  const outcome = readToken(cursor, type);
  if (outcome !== MORE) return END;
  if (peek(cursor) !== SLASH || type.length === 0) return BROKEN;
  cursor.offset++;
  if (skipSpace(cursor) !== MORE) return BROKEN;
  const last = readToken(cursor, subtype);
  return subtype.length === 0 ? BROKEN : last;
}

/** @see RFC 2045 section 6.1 */
function parseEncoding(bytes: Uint8Array): string | undefined {
  const cursor: Cursor = { bytes, offset: 0 };
  const text = scratchText.clear();
  skipSpace(cursor);
  return readToken(cursor, text) === END && text.length > 0 ? text.text() : undefined;
}

/** @see RFC 2183 section 2 */
function parseDisposition(bytes: Uint8Array): BodyDisposition | undefined {
  const cursor: Cursor = { bytes, offset: 0 };
  const text = scratchText.clear();
  skipSpace(cursor);
  if (readToken(cursor, text) === BROKEN) return undefined;
  return { type: text.text(), parameters: readParameters(cursor) };
}

/** @see RFC 3282 section 2 */
function parseLanguage(bytes: Uint8Array): readonly string[] | undefined {
  const cursor: Cursor = { bytes, offset: 0 };
  const languages: string[] = [];
  const text = scratchText.clear();
  skipSpace(cursor);
  while (readAtom(cursor, text.clear()) !== BROKEN) {
    languages.push(text.text());
    if (peek(cursor) !== COMMA) break;
    cursor.offset++;
    skipSpace(cursor);
  }
  return languages.length > 0 ? languages : undefined;
}
