import type { FetchedSection, FetchItem, FetchItems, LiteralStart, Section, SectionText } from '@posthorn/wire';

/** A section of a message, such as `{ part: [1] }` or `{ text: 'HEADER.FIELDS', fields: ['Subject'] }`. */
export interface SectionQuery {
  /** Part number, such as `[1, 2]`. @defaultValue `[]`, the message itself */
  readonly part?: readonly number[] | undefined;
  /** What of it. @defaultValue all of it */
  readonly text?: SectionText | undefined;
  /** Names of header fields, for HEADER.FIELDS and HEADER.FIELDS.NOT. */
  readonly fields?: readonly string[] | undefined;
  /** So many octets from an offset on, both counted from 0. Fewer come where the section ends. */
  readonly partial?: { readonly offset: number; readonly length: number } | undefined;
  /**
   * Has the server undo the transfer encoding of the part (BINARY), which may hold NUL then. Not with `text`.
   * @see RFC 9051 section 6.4.5, RFC 3516
   */
  readonly decoded?: boolean | undefined;
  /** Lets the server set `\Seen`, in a mailbox that is not opened read-only. @defaultValue false */
  readonly markSeen?: boolean | undefined;
}

/** A section that was asked for. */
export interface WantedSection {
  /** The caller's name for it. */
  readonly name: string;
  readonly item: FetchItem;
  readonly section: Section;
  readonly partial: { readonly offset: number; readonly length: number } | undefined;
  readonly isDecoded: boolean;
  /** Whether the octets that come are these. */
  matches(given: Pick<LiteralStart, 'item' | 'section' | 'origin'>): boolean;
  /** Whether they are the whole section although only some of it was asked for. */
  isUncut(given: Pick<LiteralStart, 'item' | 'section' | 'origin'>): boolean;
  /** The section among those of an answer. */
  find(items: FetchItems): FetchedSection | undefined;
  /** Whether an answer holds it, or says that it does not exist. */
  isIn(items: FetchItems): boolean;
}

const TEXTS: readonly (string | undefined)[] = [
  'HEADER',
  'HEADER.FIELDS',
  'HEADER.FIELDS.NOT',
  'TEXT',
  'MIME',
  undefined,
];

/** @throws TypeError when there is no such section. */
export function prepareSection(name: string, query: SectionQuery): WantedSection {
  const { part = [], text, fields, partial, decoded: isDecoded = false, markSeen = false } = query;
  if (!TEXTS.includes(text)) throw new TypeError(`a section has no text "${text}"`);
  if (isDecoded && text !== undefined) throw new TypeError(`a server decodes whole parts, not their ${text}`);
  const section: Section = { part, ...(text && { text }), ...(fields && { fields }) };
  const itemName = isDecoded ? 'BINARY' : 'BODY';
  const matches: WantedSection['matches'] = (given) =>
    given.item === itemName && isSection(section, given.section) && given.origin === partial?.offset;
  const find: WantedSection['find'] = (items) => items.sections?.find(matches);
  return {
    name,
    item: {
      ...(isDecoded ? ({ type: 'binary', part } as const) : ({ type: 'section', section } as const)),
      peek: !markSeen,
      ...(partial && { partial }),
    },
    section,
    partial,
    isDecoded,
    matches,
    isUncut: (given) =>
      partial !== undefined &&
      given.origin === undefined &&
      given.item === itemName &&
      isSection(section, given.section),
    find,
    isIn: (items) => {
      const value = find(items)?.value;
      return value !== undefined && value?.type !== 'streamed';
    },
  };
}

/** @throws TypeError when two of them could not be told apart in an answer. */
export function prepareSections(
  queries: Readonly<Record<string, SectionQuery>>,
  body: WantedSection | undefined,
): readonly WantedSection[] {
  const wanted = body === undefined ? [] : [body];
  for (const [name, query] of Object.entries(queries)) {
    const section = prepareSection(name, query);
    const answer = {
      item: section.isDecoded ? 'BINARY' : 'BODY',
      section: section.section,
      origin: section.partial?.offset,
    } as LiteralStart;
    const twin = wanted.find((other) => other.matches(answer));
    if (twin !== undefined)
      throw new TypeError(`the sections "${name}" and "${twin.name}" are answered alike: ask for one of them`);
    wanted.push(section);
  }
  return body === undefined ? wanted : wanted.slice(1);
}

/** QUIRK: servers spell the names of fields in their own way, or in another order (RFC 9051 section 7.5.2): not compared. */
function isSection(asked: Section, section: Section): boolean {
  return (
    (section.text ?? '') === (asked.text ?? '') &&
    section.part.length === asked.part.length &&
    section.part.every((number, index) => number === asked.part[index]) &&
    (section.fields?.length ?? 0) === (asked.fields?.length ?? 0)
  );
}
