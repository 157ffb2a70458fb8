import type { BodyStructure, Envelope, Flag, InternalDate, ModSeq, SequenceNumber, Uid } from '@posthorn/core';
import { type FetchedSection, type FetchItem, type FetchItems, type Section, WHOLE_MESSAGE } from '@posthorn/wire';
import type { FetchedBody } from './fetched-body.ts';

/** What to fetch of each message. UID and sequence number always come along. */
export interface FetchQuery {
  readonly flags?: true | undefined;
  readonly internalDate?: true | undefined;
  /** RFC822.SIZE: octets of the whole message. */
  readonly size?: true | undefined;
  readonly envelope?: true | undefined;
  readonly bodyStructure?: true | undefined;
  /** Needs CONDSTORE. @see RFC 7162 */
  readonly modSeq?: true | undefined;
  /** The whole message, or one section of it. Never sets `\Seen`. */
  readonly body?: true | Section | undefined;
}

interface FetchedFields {
  readonly flags: readonly Flag[];
  readonly internalDate: InternalDate;
  readonly size: number;
  readonly envelope: Envelope;
  readonly bodyStructure: BodyStructure;
  readonly modSeq: ModSeq;
  readonly body: FetchedBody;
}

/** A section may not exist, which is null; a whole message always does. */
type Field<Name extends keyof FetchedFields, Asked> = Name extends 'body'
  ? Asked extends true
    ? FetchedBody
    : FetchedBody | null
  : FetchedFields[Name];

/** One message of a fetch. What the query asked for is there; what it did not ask for is not. */
export type FetchedMessage<Query extends FetchQuery = FetchQuery> = {
  readonly uid: Uid;
  readonly sequenceNumber: SequenceNumber;
} & {
  readonly [Name in keyof Query as Name extends keyof FetchedFields ? Name : never]: Name extends keyof FetchedFields
    ? undefined extends Query[Name]
      ? Field<Name, Exclude<Query[Name], undefined>> | undefined
      : Field<Name, Query[Name]>
    : never;
};

/** The names of a query's items other than the body, in the order they are asked for. */
export type ItemName = 'flags' | 'internalDate' | 'size' | 'modSeq' | 'envelope' | 'bodyStructure';
const SECTION_TEXTS: readonly (string | undefined)[] = [
  'HEADER',
  'HEADER.FIELDS',
  'HEADER.FIELDS.NOT',
  'TEXT',
  'MIME',
  undefined,
];
const ITEM_NAMES: readonly ItemName[] = ['flags', 'internalDate', 'size', 'modSeq', 'envelope', 'bodyStructure'];

/** A query made ready: what to send, and what an answer must hold. */
export interface PreparedQuery {
  readonly items: readonly FetchItem[];
  readonly names: readonly ItemName[];
  readonly section: Section | undefined;
  /** Whether a missing section is an answer rather than a fault. */
  readonly isSectionOptional: boolean;
}

/** @throws TypeError when the query has an item that is not known. */
export function prepareQuery(query: FetchQuery): PreparedQuery {
  for (const name of Object.keys(query)) {
    if (name !== 'body' && !ITEM_NAMES.includes(name as ItemName)) throw new TypeError(`a fetch has no item "${name}"`);
  }
  const names = ITEM_NAMES.filter((name) => query[name] === true);
  const section = query.body === true ? WHOLE_MESSAGE : query.body;
  if (section !== undefined && !SECTION_TEXTS.includes(section.text))
    throw new TypeError(`a section has no text "${section.text}"`);
  const items: FetchItem[] = [{ type: 'uid' }, ...names.map((type) => ({ type }) as const)];
  // Last, so that all else is known when its octets begin to flow.
  if (section !== undefined) items.push({ type: 'section', section, peek: true });
  return { items, names, section, isSectionOptional: query.body !== true };
}

/** The items of a prepared query that an answer lacks, the body excepted. */
export function missingItems({ names }: PreparedQuery, items: FetchItems): readonly ItemName[] {
  return names.filter((name) => items[name] === undefined);
}

/** Whether an answer has all that was asked for, the body excepted. */
export function hasItems({ names }: PreparedQuery, items: FetchItems): boolean {
  if (items.uid === undefined) return false;
  for (let index = 0; index < names.length; index++) if (items[names[index]!] === undefined) return false;
  return true;
}

/** The section that was asked for, among those of an answer. */
export function findSection(section: Section, items: FetchItems): FetchedSection | undefined {
  return items.sections?.find((each) => isSection(section, each));
}

/** Whether a fetched section is the one that was asked for. */
export function isSection(asked: Section, { item, section }: Pick<FetchedSection, 'item' | 'section'>): boolean {
  return (
    item === 'BODY' &&
    (section.text ?? '') === (asked.text ?? '') &&
    section.part.length === asked.part.length &&
    section.part.every((number, index) => number === asked.part[index]) &&
    (section.fields?.length ?? 0) === (asked.fields?.length ?? 0)
  );
}
