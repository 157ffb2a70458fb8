/**
 * Annotations of messages.
 * @see RFC 5257 section 5
 * @module
 */
import type { CommandWriter } from './command-writer.ts';
import type { Reader } from './reader.ts';

/** One entry of a message, such as `/comment`, with its attributes, such as `value.priv`. */
export interface Annotation {
  readonly entry: string;
  /** Null removes a value, or says that there is none. */
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

function readAttributes(reader: Reader): ReadonlyMap<string, string | null> {
  const attributes = new Map<string, string | null>();
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) {
    const name = reader.astring();
    reader.space();
    attributes.set(name, reader.nstring());
  }
  if (attributes.size === 0) reader.fail('expected an attribute');
  return attributes;
}

/** @throws RangeError without an annotation, and for one without an attribute. */
export function writeAnnotations(writer: CommandWriter, annotations: readonly Annotation[]): void {
  if (annotations.length === 0) throw new RangeError('ANNOTATION needs an entry');
  writer.list(annotations, ({ entry, attributes }) => {
    if (attributes.size === 0) throw new RangeError('an annotation needs an attribute');
    writer.astring(entry, 'an entry').text(' ');
    writer.list(attributes, ([name, value]) =>
      writer.astring(name, 'an attribute').text(' ').nstring(value, 'the value of an annotation'),
    );
  });
}
