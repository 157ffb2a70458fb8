/**
 * BODY and BODYSTRUCTURE, straight from octets.
 * @see RFC 9051 section 7.5.2
 * @module
 */

import type {
  BasicBody,
  BodyDisposition,
  BodyParameters,
  BodyStructure,
  MessageBody,
  MultipartBody,
  TextBody,
} from '@posthorn/core';
import { DQUOTE, LBRACE, LPAREN, RPAREN, SP } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { skipValue } from '../tokens/skip-value.ts';
import { readSize } from '../values/read-size.ts';
import { readEnvelope } from './read-envelope.ts';

/** Deepest nesting of parts. */
export const MAX_PART_DEPTH = 32;

const NO_PARAMETERS: BodyParameters = [];

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

/** Reads one part and all below it. */
export function readBodyStructure(reader: Reader, depth = 0): BodyStructure {
  if (depth >= MAX_PART_DEPTH) reader.fail('parts nest too deeply');
  reader.openList();
  if (reader.peek() === LPAREN) return readMultipart(reader, depth);
  return readSinglePart(reader, depth);
}

function readMultipart(reader: Reader, depth: number): BodyStructure {
  const parts: BodyStructure[] = [];
  for (;;) {
    if (isEmptyList(reader)) reader.quirk('QUIRK_EMPTY_MULTIPART', 'a multipart without parts');
    else parts.push(readBodyStructure(reader, depth + 1));
    if (reader.peek() === LPAREN) continue;
    reader.space();
    if (reader.peek() !== LPAREN) break;
    reader.quirk('QUIRK_EXTRA_SPACE', 'a space between two parts');
  }
  return finishMultipart(reader, reader.nstring() ?? '', parts);
}

function isEmptyList(reader: Reader): boolean {
  if (!reader.isFollowedBy(RPAREN)) return false;
  reader.offset += 2;
  return true;
}

/** What follows a multipart's subtype. */
function finishMultipart(reader: Reader, mediaSubtype: string, parts: readonly BodyStructure[]): MultipartBody {
  const body: Mutable<MultipartBody> = { type: 'multipart', mediaSubtype, parts };
  if (goesOn(reader)) {
    body.parameters = readParameters(reader);
    readExtension(reader, body);
  }
  reader.closeList();
  return body;
}

function readSinglePart(reader: Reader, depth: number): BodyStructure {
  const type = reader.nstring();
  if (reader.peek() === RPAREN) return emptyMultipart(reader, type);
  reader.space();
  if (reader.peek() === LPAREN) return emptyMultipart(reader, type);
  const subtype = reader.nstring();
  if (type === null && subtype !== null) return emptyMultipart(reader, subtype);
  if (type === null || subtype === null) reader.quirk('QUIRK_NIL_MEDIA_TYPE', 'NIL where a media type belongs');
  const mediaType = type ?? 'APPLICATION';
  const mediaSubtype = subtype ?? 'OCTET-STREAM';
  reader.space();
  const parameters = readParameters(reader);
  reader.space();
  const id = reader.nstring();
  reader.space();
  const description = reader.nstring();
  reader.space();
  const encoding = readEncoding(reader);
  reader.space();
  const size = readSize(reader);
  let body: Mutable<BasicBody> | Mutable<TextBody> | Mutable<MessageBody> | undefined;
  if (isWord(mediaType, 'text')) {
    const lines = readLines(reader);
    body = { type: 'text', mediaType, mediaSubtype, parameters, id, description, encoding, size, lines };
  } else if (isWord(mediaType, 'message') && (isWord(mediaSubtype, 'rfc822') || isWord(mediaSubtype, 'global'))) {
    if (reader.peek() === SP && reader.isFollowedBy(LPAREN)) {
      reader.space();
      const envelope = readEnvelope(reader);
      reader.space();
      const inner = readBodyStructure(reader, depth + 1);
      const lines = readLines(reader);
      body = {
        type: 'message',
        mediaType,
        mediaSubtype,
        parameters,
        id,
        description,
        encoding,
        size,
        envelope,
        body: inner,
        lines,
      };
    } else skipMissingEnvelope(reader);
  }
  body ??= { type: 'basic', mediaType, mediaSubtype, parameters, id, description, encoding, size };
  if (body.type === 'basic') skipStrayLines(reader);
  if (goesOn(reader)) {
    body.md5 = reader.nstring();
    readExtension(reader, body);
  }
  reader.closeList();
  return body;
}

/** `("ALTERNATIVE" ("BOUNDARY" "q") NIL NIL)` and `(NIL "mixed" ...)`: a multipart that lost its parts. */
function emptyMultipart(reader: Reader, mediaSubtype: string | null): BodyStructure {
  reader.quirk('QUIRK_EMPTY_MULTIPART', 'a multipart without parts');
  if (reader.peek() !== LPAREN) return finishMultipart(reader, mediaSubtype ?? 'MIXED', []);
  const body: Mutable<MultipartBody> = { type: 'multipart', mediaSubtype: mediaSubtype ?? 'MIXED', parts: [] };
  body.parameters = readParameters(reader);
  readExtension(reader, body);
  reader.closeList();
  return body;
}

/** Whether the part has more members; steps over the space before the next. */
function goesOn(reader: Reader): boolean {
  if (reader.peek() !== SP) return false;
  reader.space();
  return reader.peek() !== RPAREN;
}

function readExtension(
  reader: Reader,
  body: Mutable<BasicBody> | Mutable<TextBody> | Mutable<MessageBody> | Mutable<MultipartBody>,
): void {
  if (!goesOn(reader)) return;
  body.disposition = readDisposition(reader);
  if (!goesOn(reader)) return;
  body.language = readLanguage(reader);
  if (!goesOn(reader)) return;
  body.location = reader.nstring();
  while (goesOn(reader)) skipValue(reader);
}

function readDisposition(reader: Reader): BodyDisposition | null {
  if (reader.peek() === LPAREN) {
    reader.openList();
    if (reader.peek() === RPAREN) {
      reader.quirk('QUIRK_DISPOSITION', 'an empty list where a disposition belongs');
      reader.closeList();
      return null;
    }
    const type = reader.nstring();
    const parameters = goesOn(reader) ? readParameters(reader) : NO_PARAMETERS;
    reader.closeList();
    return type === null ? null : { type, parameters };
  }
  if (reader.nil()) return null;
  reader.quirk('QUIRK_DISPOSITION', 'a string where a disposition belongs');
  const type = reader.string();
  return isWord(type, 'inline') || isWord(type, 'attachment') ? { type, parameters: NO_PARAMETERS } : null;
}

function readLanguage(reader: Reader): readonly string[] | null {
  if (reader.peek() !== LPAREN) {
    const language = reader.nstring();
    return language === null ? null : [language];
  }
  const languages: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) languages.push(reader.nstring() ?? '');
  return languages;
}

function readParameters(reader: Reader): BodyParameters {
  if (reader.peek() !== LPAREN) {
    if (reader.nil()) return NO_PARAMETERS;
    if (reader.nstring() !== '') reader.fail('expected parameters');
    reader.quirk('QUIRK_EMPTY_PARAMETERS', 'an empty string where parameters belong');
    return NO_PARAMETERS;
  }
  const parameters: (readonly [string, string])[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.nstring();
    if (reader.peek() === RPAREN) {
      reader.quirk('QUIRK_NIL_PARAMETER', 'a parameter without a value');
      if (name !== null) parameters.push([name, '']);
      continue;
    }
    reader.space();
    const value = reader.nstring();
    if (name === null || value === null) reader.quirk('QUIRK_NIL_PARAMETER', 'NIL in a list of parameters');
    if (name !== null) parameters.push([name, value ?? '']);
  }
  if (parameters.length === 0) reader.quirk('QUIRK_EMPTY_PARAMETERS', 'an empty list where NIL belongs');
  return parameters;
}

function readEncoding(reader: Reader): string {
  const encoding = reader.nstring();
  if (encoding !== null) return encoding;
  reader.quirk('QUIRK_NIL_ENCODING', 'NIL where a transfer encoding belongs');
  return '7BIT';
}

/** The count of lines. Lenient: none, when what follows belongs to the next member. */
function readLines(reader: Reader): number {
  const start = reader.offset;
  if (goesOn(reader) && isNumberHere(reader)) return readSize(reader);
  reader.offset = start;
  reader.quirk('QUIRK_MISSING_LINES', 'a part without its count of lines');
  return 0;
}

function isNumberHere(reader: Reader): boolean {
  const octet = reader.peek();
  if (octet === DQUOTE || octet === LBRACE) {
    const next = reader.bytes[reader.offset + 1]!;
    return octet === DQUOTE && next >= 0x30 && next <= 0x39;
  }
  return (octet >= 0x30 && octet <= 0x39) || octet === 0x2d;
}

/** A message without envelope and structure, perhaps with NIL for both and a count of lines. */
function skipMissingEnvelope(reader: Reader): void {
  reader.quirk('QUIRK_MISSING_ENVELOPE', 'a message part without its envelope');
  const start = reader.offset;
  if (goesOn(reader) && reader.nil() && goesOn(reader) && reader.nil() && goesOn(reader) && isNumberHere(reader))
    readSize(reader);
  else reader.offset = start;
}

/** Some servers count lines of parts that are not text. */
function skipStrayLines(reader: Reader): void {
  if (reader.peek() !== SP) return;
  const next = reader.bytes[reader.offset + 1]!;
  if (!((next >= 0x30 && next <= 0x39) || next === 0x2d)) return;
  reader.quirk('QUIRK_STRAY_LINES', 'a count of lines on a part that is not text');
  reader.space();
  readSize(reader);
}

/** Compares without regard to ASCII case; `word` is in lower case. */
function isWord(text: string, word: string): boolean {
  return text.length === word.length && (text === word || text.toLowerCase() === word);
}
