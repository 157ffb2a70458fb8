/**
 * What a FETCH asks for.
 * @see RFC 9051 section 6.4.5, RFC 3516 section 4.2, RFC 8970 section 3.1
 * @module
 */

import {
  ATOM,
  DOT,
  DQUOTE,
  GREATER,
  LBRACE,
  LBRACKET,
  LESS,
  LPAREN,
  NAME,
  PATTERN,
  RBRACKET,
  SP,
} from '../octets/octets.ts';
import { upperText } from '../octets/text.ts';
import { rawOctets } from '../tokens/raw-octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { skipValue } from '../tokens/skip-value.ts';
import { readSection } from '../values/read-section.ts';
import type { Section } from '../values/section.ts';
import type { FetchItem, PartialSection } from './command.ts';

/** Items without arguments. One value serves all who ask. */
const PLAIN_ITEMS: ReadonlyMap<string, FetchItem> = new Map<string, FetchItem>([
  ['UID', { type: 'uid' }],
  ['FLAGS', { type: 'flags' }],
  ['INTERNALDATE', { type: 'internalDate' }],
  ['RFC822.SIZE', { type: 'size' }],
  ['ENVELOPE', { type: 'envelope' }],
  ['BODYSTRUCTURE', { type: 'bodyStructure' }],
  ['BODY', { type: 'body' }],
  ['MODSEQ', { type: 'modSeq' }],
  ['EMAILID', { type: 'emailId' }],
  ['THREADID', { type: 'threadId' }],
  ['SAVEDATE', { type: 'saveDate' }],
  ['RFC822', { type: 'rfc822', text: 'whole' }],
  ['RFC822.HEADER', { type: 'rfc822', text: 'header' }],
  ['RFC822.TEXT', { type: 'rfc822', text: 'text' }],
]);

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
  if (reader.peek() === LBRACKET && name === 'BINARY.SIZE') return { type: 'binarySize', ...readNamedSection(reader) };
  if (name === 'PREVIEW') return readPreviewItem(reader);
  const item = PLAIN_ITEMS.get(name);
  if (item !== undefined) return item;
  switch (name) {
    case 'ANNOTATION':
      return readAnnotationItem(reader);
    case 'X-GM-MSGID':
    case 'X-GM-THRID':
    case 'X-GM-LABELS':
      return { type: 'gmail', what: name.slice(5) as 'MSGID' };
    case 'BODY.PEEK':
    case 'BINARY':
    case 'BINARY.PEEK':
    case 'BINARY.SIZE':
    case 'ALL':
    case 'FAST':
    case 'FULL':
      reader.offset = start;
      return reader.fail('an unknown item to fetch');
    default:
      return readOtherItem(reader, start);
  }
}

/** `ANNOTATION (/comment value)`, with lists where there are several of either. */
function readAnnotationItem(reader: Reader): FetchItem {
  reader.space();
  reader.openList();
  const entries = readNames(reader, () => {
    const octet = reader.peek();
    return octet === DQUOTE || octet === LBRACE ? reader.string() : reader.word(PATTERN);
  });
  reader.space();
  const attributes = readNames(reader, () => reader.astring());
  reader.closeList();
  return { type: 'annotation', entries, attributes };
}

function readNames(reader: Reader, read: () => string): readonly string[] {
  if (reader.peek() !== LPAREN) return [read()];
  const names: string[] = [];
  reader.openList();
  for (let isFirst = true; reader.hasNext(isFirst); isFirst = false) names.push(read());
  if (names.length === 0) reader.fail('expected a name');
  return names;
}

/** An item that is not known: its name, with a section and a range, and in a list the list behind it. */
function readOtherItem(reader: Reader, start: number): FetchItem {
  if (reader.accept(LBRACKET)) {
    if (reader.peek() !== RBRACKET && reader.token(ATOM, 'a section').search(/[[<]/) >= 0) reader.fail('not a section');
    reader.expect(RBRACKET);
  }
  if (reader.accept(LESS)) {
    reader.number();
    if (reader.accept(DOT)) reader.number();
    reader.expect(GREATER);
  }
  const name = upperText(reader.bytes, start, reader.offset);
  // Behind a single item stand the modifiers of FETCH.
  if (reader.depth === 0 || reader.peek() !== SP || !reader.isFollowedBy(LPAREN)) return { type: 'other', name };
  reader.space();
  const list = reader.offset;
  skipValue(reader);
  const argument = rawOctets(reader, list);
  if (argument.some((octet) => octet < SP || octet > 0x7e)) reader.fail('an argument holds more than text');
  return { type: 'other', name, argument };
}

function readItemName(reader: Reader): string {
  return reader.upperToken(NAME, 'an item to fetch');
}

function readSectionItem(reader: Reader, peek: boolean): FetchItem {
  const section = readNamedSection(reader);
  const partial = readPartial(reader);
  return partial === undefined ? { type: 'section', section, peek } : { type: 'section', section, peek, partial };
}

function readNamedSection(reader: Reader): Section {
  const section = readSection(reader);
  if (section.text === 'MIME' && section.part.length === 0) reader.fail('MIME needs a part number');
  return section;
}

function readBinaryItem(reader: Reader, peek: boolean): FetchItem {
  const section = readNamedSection(reader);
  const partial = readPartial(reader);
  return partial === undefined ? { type: 'binary', ...section, peek } : { type: 'binary', ...section, peek, partial };
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

/** `<4.100>`, where it stands, or `<4>`, which Dovecot takes for all the rest. */
export function readPartial(reader: Reader): PartialSection | undefined {
  if (!reader.accept(LESS)) return undefined;
  const offset = reader.number();
  if (reader.accept(GREATER)) return { offset, length: Number.MAX_SAFE_INTEGER };
  reader.expect(DOT);
  const length = reader.number();
  if (length === 0) reader.fail('a partial fetch of nothing');
  reader.expect(GREATER);
  return { offset, length };
}
