import { assertNever, type BodyStructure, type MetaField } from '@posthorn/core';
import { type FetchedSection, type FetchItem, type PartialSection, type Section, WHOLE_MESSAGE } from '@posthorn/wire';

/** Octets of a message that a FETCH asks for. */
export interface SectionRequest {
  readonly item: FetchedSection['item'];
  readonly section: Section;
  readonly partial?: PartialSection | undefined;
}

/** What a FETCH needs, sorted by where it comes from. */
export interface FetchPlan {
  readonly uid: boolean;
  readonly flags: boolean;
  readonly internalDate: boolean;
  readonly size: boolean;
  readonly modSeq: boolean;
  readonly envelope: boolean;
  readonly bodyStructure: boolean;
  /** BODY: the structure without its extension data. */
  readonly body: boolean;
  /** What the store must be asked for. */
  readonly fields: readonly MetaField[];
  readonly sections: readonly SectionRequest[];
  /** Parts whose decoded size is asked for. */
  readonly binarySizes: readonly Section[];
  readonly preview: boolean;
  readonly emailId: boolean;
  readonly threadId: boolean;
  readonly saveDate: boolean;
  /** Whether reading the octets sets \Seen. */
  readonly setsSeen: boolean;
  /** The capabilities that the items belong to. */
  readonly capabilities: ReadonlySet<string>;
  /** Why the items cannot be answered by anybody. */
  readonly mistake: string | undefined;
}

/** Most sections of one FETCH. */
export const MAX_SECTIONS = 128;

/** Sorts the items of a FETCH. Items asked for twice are answered once. */
export function planFetch(items: readonly FetchItem[], isUidCommand: boolean): FetchPlan {
  const plain = new Set<FetchItem['type']>();
  const sections: SectionRequest[] = [];
  let setsSeen = false;
  const capabilities = new Set<string>();
  let mistake: string | undefined;
  const binarySizes: Section[] = [];
  for (const item of items) {
    switch (item.type) {
      case 'uid':
      case 'flags':
      case 'internalDate':
      case 'size':
      case 'envelope':
      case 'bodyStructure':
      case 'body':
      case 'modSeq':
        plain.add(item.type);
        break;
      case 'emailId':
      case 'threadId':
      case 'saveDate':
      case 'preview':
        plain.add(item.type);
        capabilities.add(item.type === 'saveDate' ? 'SAVEDATE' : item.type === 'preview' ? 'PREVIEW' : 'OBJECTID');
        break;
      case 'binary':
        setsSeen ||= !item.peek;
        capabilities.add('BINARY');
        if (item.fields?.length === 0) mistake ??= 'Name the fields to fetch';
        sections.push({ item: 'BINARY', section: sectionOf(item), partial: item.partial });
        break;
      case 'binarySize':
        capabilities.add('BINARY');
        if (item.fields?.length === 0) mistake ??= 'Name the fields to fetch';
        binarySizes.push(sectionOf(item));
        break;
      case 'section':
        if (item.section.fields?.length === 0) mistake ??= 'Name the fields to fetch';
        setsSeen ||= !item.peek;
        sections.push({ item: 'BODY', section: item.section, partial: item.partial });
        break;
      case 'rfc822':
        setsSeen ||= item.text !== 'header';
        sections.push(rfc822Section(item.text));
        break;
      case 'annotation':
        mistake ??= 'There are no annotations to fetch';
        break;
      case 'gmail':
        mistake ??= `There is no item X-GM-${item.what} to fetch`;
        break;
      case 'other':
        mistake ??= `There is no item ${item.name} to fetch`;
        break;
      default:
        assertNever(item);
    }
  }
  const fields: MetaField[] = [];
  if (plain.has('emailId')) fields.push('emailId');
  if (plain.has('threadId')) fields.push('threadId');
  if (plain.has('saveDate')) fields.push('saveDate');
  if (plain.has('internalDate')) fields.push('internalDate');
  if (plain.has('size')) fields.push('size');
  if (plain.has('envelope')) fields.push('envelope');
  if (plain.has('bodyStructure') || plain.has('body')) fields.push('bodyStructure');
  return {
    uid: isUidCommand || plain.has('uid'),
    flags: plain.has('flags'),
    internalDate: plain.has('internalDate'),
    size: plain.has('size'),
    modSeq: plain.has('modSeq'),
    envelope: plain.has('envelope'),
    bodyStructure: plain.has('bodyStructure'),
    body: plain.has('body'),
    fields,
    sections: withoutDuplicates(sections),
    binarySizes: withoutDuplicates(binarySizes),
    preview: plain.has('preview'),
    emailId: plain.has('emailId'),
    threadId: plain.has('threadId'),
    saveDate: plain.has('saveDate'),
    setsSeen,
    capabilities,
    mistake,
  };
}

/** A body structure as BODY shows it. @see RFC 9051 section 7.5.2 */
export function withoutExtension(body: BodyStructure): BodyStructure {
  if (body.type === 'multipart') {
    return { type: 'multipart', mediaSubtype: body.mediaSubtype, parts: body.parts.map(withoutExtension) };
  }
  const { md5: _md5, disposition: _disposition, language: _language, location: _location, ...basic } = body;
  return basic.type === 'message' ? { ...basic, body: withoutExtension(basic.body) } : basic;
}

/** @see RFC 3501 section 6.4.5 */
function rfc822Section(text: 'whole' | 'header' | 'text'): SectionRequest {
  if (text === 'whole') return { item: 'RFC822', section: WHOLE_MESSAGE };
  if (text === 'header') return { item: 'RFC822.HEADER', section: { part: [], text: 'HEADER' } };
  return { item: 'RFC822.TEXT', section: { part: [], text: 'TEXT' } };
}

function sectionOf({ part, text, fields }: Section): Section {
  return { part, ...(text !== undefined && { text }), ...(fields !== undefined && { fields }) };
}

function withoutDuplicates<Request>(sections: readonly Request[]): readonly Request[] {
  if (sections.length < 2) return sections;
  const seen = new Set<string>();
  return sections.filter((section) => {
    const key = JSON.stringify(section);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
