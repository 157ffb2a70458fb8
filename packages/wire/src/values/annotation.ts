/**
 * Annotations of messages.
 * @see RFC 5257 section 5
 * @module
 */

import { LPAREN } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { readOctetString, writeOctetString } from './octet-string.ts';

/** One entry of a message, such as `/comment`, with its attributes, such as `value.priv`. */
export interface Annotation {
  readonly entry: string;
  /** Any octets, spelled as in `MailboxName.wire`. Null removes a value, or says that there is none. Empty only where a server tells that the entry has changed. */
  readonly attributes: ReadonlyMap<string, string | null>;
}

/** Reads `(/comment (value.priv "x"))`. */
export function readAnnotations(reader: Reader): readonly Annotation[] {
  const annotations: Annotation[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const entry = reader.astring();
    reader.space();
    annotations.push({ entry, attributes: readAttributes(reader) });
  }
  if (annotations.length === 0) reader.fail('expected an annotation');
  return annotations;
}

/** The same, or the names of entries alone: `(/comment /altsubject)`. */
export function readAnnotationAnswer(reader: Reader): readonly Annotation[] {
  const annotations: Annotation[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    if (reader.peek() !== LPAREN) {
      annotations.push({ entry: reader.astring(), attributes: new Map() });
      continue;
    }
    const last = annotations.pop();
    if (last === undefined || last.attributes.size > 0) return reader.fail('expected an entry');
    annotations.push({ entry: last.entry, attributes: readAttributes(reader) });
  }
  if (annotations.length === 0) reader.fail('expected an annotation');
  return annotations;
}

function readAttributes(reader: Reader): ReadonlyMap<string, string | null> {
  const attributes = new Map<string, string | null>();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.astring();
    reader.space();
    attributes.set(name, readOctetString(reader));
  }
  if (attributes.size === 0) reader.fail('expected an attribute');
  return attributes;
}

/** What writes commands and what writes responses, as far as annotations need it. */
interface AnnotationWriter {
  text(text: string): this;
  astring(text: string, what: string): this;
  nstring(text: string | null, what: string): this;
  literal(bytes: Uint8Array, isBinary?: boolean): this;
  list<Element>(elements: Iterable<Element>, write: (element: Element) => void): this;
}

/** @throws RangeError without an annotation, and for one without an attribute. */
export function writeAnnotations(writer: AnnotationWriter, annotations: readonly Annotation[]): void {
  for (const { attributes } of annotations)
    if (attributes.size === 0) throw new RangeError('an annotation needs an attribute');
  writeAnnotationAnswer(writer, annotations);
}

/** @throws RangeError without an annotation. */
export function writeAnnotationAnswer(writer: AnnotationWriter, annotations: readonly Annotation[]): void {
  if (annotations.length === 0) throw new RangeError('ANNOTATION needs an entry');
  writer.list(annotations, ({ entry, attributes }) => {
    writer.astring(entry, 'an entry');
    if (attributes.size === 0) return;
    writer.text(' ').list(attributes, ([name, value]) => {
      writer.astring(name, 'an attribute').text(' ');
      writeOctetString(writer, value, 'the value of an annotation');
    });
  });
}
