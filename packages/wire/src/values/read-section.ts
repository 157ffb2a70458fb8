/**
 * Section specifications such as `[1.2.HEADER.FIELDS (SUBJECT)]<0>`.
 * @see RFC 9051 section 6.4.5.1
 * @module
 */
import { CLASSES, DIGIT, DOT, GREATER, LBRACKET, LESS, RBRACKET } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { type Section, type SectionText, WHOLE_MESSAGE } from './section.ts';

const MAX_PART_LEVELS = 64;

/** Reads `[…]`. */
export function readSection(reader: Reader): Section {
  reader.expect(LBRACKET);
  if (reader.accept(RBRACKET)) return WHOLE_MESSAGE;
  const part: number[] = [];
  while (reader.peek() >= 0 && (CLASSES[reader.peek()]! & DIGIT) !== 0) {
    if (part.length >= MAX_PART_LEVELS) reader.fail('a part number is too long');
    part.push(reader.nonZero());
    if (!reader.accept(DOT)) {
      reader.expect(RBRACKET);
      return { part };
    }
  }
  const text = sectionText(reader);
  if (text !== 'HEADER.FIELDS' && text !== 'HEADER.FIELDS.NOT') {
    reader.expect(RBRACKET);
    return { part, text };
  }
  reader.space();
  const fields: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) fields.push(reader.astring());
  if (fields.length === 0) reader.quirk('QUIRK_NO_FIELDS', `${text} without the name of a field`);
  reader.expect(RBRACKET);
  return { part, text, fields };
}

function sectionText(reader: Reader): SectionText {
  const start = reader.offset;
  const word = reader.keyword();
  switch (word) {
    case 'HEADER':
    case 'HEADER.FIELDS':
    case 'HEADER.FIELDS.NOT':
    case 'TEXT':
    case 'MIME':
      return word;
    default:
      reader.offset = start;
      return reader.fail('an unknown section');
  }
}

/** Reads the `<4>` of an answer. Lenient: the `<4.100>` of the question. */
export function readOrigin(reader: Reader): number | undefined {
  if (!reader.accept(LESS)) return undefined;
  const origin = reader.number();
  if (reader.accept(DOT)) {
    reader.quirk('QUIRK_PARTIAL_ECHO', 'a partial section is answered with its length');
    reader.number();
  }
  reader.expect(GREATER);
  return origin;
}
