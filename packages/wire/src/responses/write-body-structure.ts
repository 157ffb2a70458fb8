/**
 * BODY and BODYSTRUCTURE into octets.
 * @see RFC 9051 section 7.5.2
 * @module
 */
import type { BodyParameters, BodyStructure } from '@posthorn/core';
import { checkedNumber } from '../tokens/spelling.ts';
import type { ResponseWriter } from './response-writer.ts';
import { writeEnvelope } from './write-envelope.ts';

/** Writes one part and all below it. */
export function writeBody(writer: ResponseWriter, body: BodyStructure): void {
  writer.text('(');
  if (body.type === 'multipart') {
    for (const part of body.parts) writeBody(writer, part);
    if (body.parts.length === 0) writer.text('("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)');
    writer.text(' ').string(body.mediaSubtype);
    if (body.parameters !== undefined) {
      writer.text(' ');
      writeParameters(writer, body.parameters);
      writeExtension(writer, body);
    }
    writer.text(')');
    return;
  }
  writer.string(body.mediaType).text(' ').string(body.mediaSubtype).text(' ');
  writeParameters(writer, body.parameters);
  writer.text(' ').nstring(body.id).text(' ').nstring(body.description).text(' ').string(body.encoding);
  writer.text(` ${checkedNumber(body.size, 'a size')}`);
  if (body.type === 'message') {
    writer.text(' ');
    writeEnvelope(writer, body.envelope);
    writer.text(' ');
    writeBody(writer, body.body);
  }
  if (body.type !== 'basic') writer.text(` ${checkedNumber(body.lines, 'a count of lines')}`);
  if (body.md5 !== undefined) {
    writer.text(' ').nstring(body.md5);
    writeExtension(writer, body);
  }
  writer.text(')');
}

function writeExtension(
  writer: ResponseWriter,
  { disposition, language, location }: Pick<BodyStructure, 'disposition' | 'language' | 'location'>,
): void {
  if (disposition === undefined) return;
  if (disposition === null) writer.text(' NIL');
  else {
    writer.text(' (').string(disposition.type).text(' ');
    writeParameters(writer, disposition.parameters);
    writer.text(')');
  }
  if (language === undefined) return;
  if (language === null || language.length === 0) writer.text(' NIL');
  else if (language.length === 1) writer.text(' ').string(language[0]!);
  else writer.text(' ').list(language, (each) => writer.string(each));
  if (location !== undefined) writer.text(' ').nstring(location);
}

function writeParameters(writer: ResponseWriter, parameters: BodyParameters): void {
  if (parameters.length === 0) writer.text('NIL');
  else writer.list(parameters, ([name, value]) => writer.string(name).text(' ').string(value));
}

/** Whether the structure holds what only BODYSTRUCTURE has. */
export function isExtended(body: BodyStructure): boolean {
  if (body.type === 'multipart') return body.parameters !== undefined || body.parts.some(isExtended);
  return body.md5 !== undefined || (body.type === 'message' && isExtended(body.body));
}
