/**
 * What a FETCH asks for.
 * @see RFC 9051 section 6.4.5, RFC 3516 section 4.2, RFC 8970 section 3.1
 * @module
 */
import type { FetchItem, PartialSection } from './command.ts';
import { DOT, GREATER, LBRACKET, LESS, LPAREN, NAME, SP } from './octets.ts';
import { readPartNumber, readSection } from './read-section.ts';
import type { Reader } from './reader.ts';

/** Reads `(UID FLAGS)`. */
export function readFetchItems(reader: Reader): readonly FetchItem[] {
  const items: FetchItem[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) items.push(readFetchItem(reader));
  if (items.length === 0) reader.fail('expected an item to fetch');
  return items;
}

/** Reads one item of a FETCH. */
export function readFetchItem(reader: Reader): FetchItem {
  const start = reader.offset;
  const name = readItemName(reader);
  if (reader.peek() === LBRACKET && (name === 'BODY' || name === 'BODY.PEEK'))
    return readSectionItem(reader, name === 'BODY.PEEK');
  if (reader.peek() === LBRACKET && (name === 'BINARY' || name === 'BINARY.PEEK'))
    return readBinaryItem(reader, name === 'BINARY.PEEK');
  if (reader.peek() === LBRACKET && name === 'BINARY.SIZE') return { type: 'binarySize', part: readPartNumber(reader) };
  switch (name) {
    case 'UID':
      return { type: 'uid' };
    case 'FLAGS':
      return { type: 'flags' };
    case 'INTERNALDATE':
      return { type: 'internalDate' };
    case 'RFC822.SIZE':
      return { type: 'size' };
    case 'ENVELOPE':
      return { type: 'envelope' };
    case 'BODYSTRUCTURE':
      return { type: 'bodyStructure' };
    case 'BODY':
      return { type: 'body' };
    case 'MODSEQ':
      return { type: 'modSeq' };
    case 'EMAILID':
      return { type: 'emailId' };
    case 'THREADID':
      return { type: 'threadId' };
    case 'SAVEDATE':
      return { type: 'saveDate' };
    case 'PREVIEW':
      return readPreviewItem(reader);
    case 'RFC822':
      return { type: 'rfc822', text: 'whole' };
    case 'RFC822.HEADER':
      return { type: 'rfc822', text: 'header' };
    case 'RFC822.TEXT':
      return { type: 'rfc822', text: 'text' };
    default:
      reader.offset = start;
      return reader.fail('an unknown item to fetch');
  }
}

function readItemName(reader: Reader): string {
  return reader.upperToken(NAME, 'an item to fetch');
}

function readSectionItem(reader: Reader, peek: boolean): FetchItem {
  const section = readSection(reader);
  if (section.text === 'MIME' && section.part.length === 0) reader.fail('MIME needs a part number');
  const partial = readPartial(reader);
  return partial === undefined ? { type: 'section', section, peek } : { type: 'section', section, peek, partial };
}

function readBinaryItem(reader: Reader, peek: boolean): FetchItem {
  const part = readPartNumber(reader);
  const partial = readPartial(reader);
  return partial === undefined ? { type: 'binary', part, peek } : { type: 'binary', part, peek, partial };
}

/** `PREVIEW`, or `PREVIEW (LAZY)`. */
function readPreviewItem(reader: Reader): FetchItem {
  if (reader.peek() !== SP || !reader.isFollowedBy(LPAREN)) return { type: 'preview' };
  const start = reader.offset;
  reader.space();
  reader.openList();
  if (reader.acceptWord('LAZY')) {
    reader.closeList();
    return { type: 'preview', isLazy: true };
  }
  // What stands in parentheses behind a single item are modifiers of FETCH.
  if (reader.depth > 1) reader.fail('an unknown modifier of PREVIEW');
  reader.depth--;
  reader.offset = start;
  return { type: 'preview' };
}

/** `<4.100>`, where it stands. */
function readPartial(reader: Reader): PartialSection | undefined {
  if (!reader.accept(LESS)) return undefined;
  const offset = reader.number();
  reader.expect(DOT);
  const length = reader.number();
  if (length === 0) reader.fail('a partial fetch of nothing');
  reader.expect(GREATER);
  return { offset, length };
}
