import type {
  BodyStructure,
  EmailId,
  Envelope,
  Flag,
  InternalDate,
  ModSeq,
  SequenceNumber,
  ThreadId,
  Uid,
} from '@posthorn/core';
import type { MailboxName } from '@posthorn/mailbox-name';
import type { FetchItem, FetchItems, Annotation as MessageAnnotation } from '@posthorn/wire';
import type { FetchedBody } from './fetched-body.ts';
import { prepareSection, prepareSections, type SectionQuery, type WantedSection } from './section-query.ts';

/** What to fetch of each message. UID and sequence number always come along. */
export interface FetchQuery {
  readonly flags?: true | undefined;
  readonly internalDate?: true | undefined;
  /** RFC822.SIZE: octets of the whole message. */
  readonly size?: true | undefined;
  readonly envelope?: true | undefined;
  /** `'basic'` asks for BODY, which leaves out the extension data of BODYSTRUCTURE. */
  readonly bodyStructure?: true | 'basic' | undefined;
  /** Needs CONDSTORE. @see RFC 7162 */
  readonly modSeq?: true | undefined;
  /** Needs OBJECTID. @see RFC 8474 */
  readonly emailId?: true | undefined;
  /** Null where the server has no threads. Needs OBJECTID. */
  readonly threadId?: true | undefined;
  /** When the message was put into the mailbox; null where that is not known. Needs SAVEDATE. @see RFC 8514 */
  readonly saveDate?: true | undefined;
  /**
   * Some text of the message; null where there is none, or with `'lazy'` none at hand. Needs PREVIEW: `previews` of a
   * mailbox does without. @see RFC 8970
   */
  readonly preview?: true | 'lazy' | undefined;
  /** Notes about the message, such as `/comment`; entries may hold `*` and `%`. Needs ANNOTATE. @see RFC 5257 */
  readonly annotations?: { readonly entries: readonly string[]; readonly attributes: readonly string[] } | undefined;
  /** X-GM-MSGID: names the message in all mailboxes. Needs Gmail (X-GM-EXT-1), as do the next two. */
  readonly gmailMessageId?: true | undefined;
  /** X-GM-THRID: names the conversation. */
  readonly gmailThreadId?: true | undefined;
  /** X-GM-LABELS: where else the message is. */
  readonly gmailLabels?: true | undefined;
  /** The whole message, or one section of it, as a stream. Sets `\Seen` only when `markSeen` says so. */
  readonly body?: true | SectionQuery | undefined;
  /** Sections to hold in memory, up to 1 MiB each, by names of your own. Null for a section that does not exist. */
  readonly sections?: Readonly<Record<string, SectionQuery>> | undefined;
}

interface FetchedFields<Query extends FetchQuery> {
  readonly flags: readonly Flag[];
  readonly internalDate: InternalDate;
  readonly size: number;
  readonly envelope: Envelope;
  readonly bodyStructure: BodyStructure;
  readonly modSeq: ModSeq;
  readonly emailId: EmailId;
  readonly threadId: ThreadId | null;
  readonly saveDate: InternalDate | null;
  readonly preview: string | null;
  readonly annotations: readonly MessageAnnotation[];
  readonly gmailMessageId: bigint;
  readonly gmailThreadId: bigint;
  readonly gmailLabels: readonly MailboxName[];
  readonly body: FetchedBody;
  readonly sections: { readonly [Name in keyof Exclude<Query['sections'], undefined>]: Uint8Array | null };
}

/** A section may not exist, which is null; a whole message always does. */
type Field<Query extends FetchQuery, Name extends keyof FetchedFields<Query>, Asked> = Name extends 'body'
  ? Asked extends true
    ? FetchedBody
    : FetchedBody | null
  : FetchedFields<Query>[Name];

/**
 * One message of a fetch. What the query asked for is there; what it did not ask for is not.
 */
export type FetchedMessage<Query extends FetchQuery = FetchQuery> = {
  readonly uid: Uid;
  /** Undefined where messages have UIDs alone (UIDONLY). */
  readonly sequenceNumber: SequenceNumber | undefined;
} & {
  readonly [Name in keyof Query as Name extends keyof FetchedFields<Query>
    ? Name
    : never]: Name extends keyof FetchedFields<Query>
    ? undefined extends Query[Name]
      ? Field<Query, Name, Exclude<Query[Name], undefined>> | undefined
      : Field<Query, Name, Query[Name]>
    : never;
};

/** The macro FAST: `fetch(messages, FETCH_FAST)`. @see RFC 9051 section 6.4.5 */
export const FETCH_FAST: { readonly flags: true; readonly internalDate: true; readonly size: true } = Object.freeze({
  flags: true,
  internalDate: true,
  size: true,
});
/** The macro ALL: FAST and the envelope. */
export const FETCH_ALL: typeof FETCH_FAST & { readonly envelope: true } = Object.freeze({
  ...FETCH_FAST,
  envelope: true,
});
/** The macro FULL: ALL and the body structure without its extension data. */
export const FETCH_FULL: typeof FETCH_ALL & { readonly bodyStructure: 'basic' } = Object.freeze({
  ...FETCH_ALL,
  bodyStructure: 'basic',
});

/** The names of a query's items other than sections, in the order they are asked for. */
export type ItemName = Exclude<keyof FetchedFields<FetchQuery>, 'body' | 'sections'>;
const ITEM_NAMES: readonly ItemName[] = [
  'flags',
  'internalDate',
  'size',
  'modSeq',
  'emailId',
  'threadId',
  'saveDate',
  'preview',
  'annotations',
  'gmailMessageId',
  'gmailThreadId',
  'gmailLabels',
  'envelope',
  'bodyStructure',
];
/** What a server must offer for an item. MODSEQ is left to it: some know it without saying so. */
const NEEDED: Partial<Record<ItemName, string>> = {
  emailId: 'OBJECTID',
  threadId: 'OBJECTID',
  saveDate: 'SAVEDATE',
  preview: 'PREVIEW',
  annotations: 'ANNOTATE-EXPERIMENT-1',
  gmailMessageId: 'X-GM-EXT-1',
  gmailThreadId: 'X-GM-EXT-1',
  gmailLabels: 'X-GM-EXT-1',
};
const NO_SECTIONS: readonly WantedSection[] = [];
const GMAIL = { gmailMessageId: 'MSGID', gmailThreadId: 'THRID', gmailLabels: 'LABELS' } as const;

/** A query made ready: what to send, and what an answer must hold. */
export interface PreparedQuery {
  readonly items: readonly FetchItem[];
  readonly names: readonly ItemName[];
  /** What streams, after everything else. */
  readonly body: WantedSection | undefined;
  /** What is kept whole. */
  readonly sections: readonly WantedSection[];
  readonly hasSections: boolean;
  /** Whether a missing body is an answer rather than a fault. */
  readonly isBodyOptional: boolean;
  /** Capabilities without which the server does not know the items. */
  readonly capabilities: readonly string[];
}

/** @throws TypeError when the query has an item that is not known. */
export function prepareQuery(query: FetchQuery): PreparedQuery {
  for (const name of Object.keys(query)) {
    if (name !== 'body' && name !== 'sections' && !ITEM_NAMES.includes(name as ItemName))
      throw new TypeError(`a fetch has no item "${name}"`);
  }
  const body = query.body === undefined ? undefined : prepareSection('body', query.body === true ? {} : query.body);
  const sections = query.sections === undefined ? NO_SECTIONS : prepareSections(query.sections, body);
  const names: ItemName[] = [];
  const items: FetchItem[] = [{ type: 'uid' }];
  const capabilities: string[] = [];
  for (const name of ITEM_NAMES) {
    if (query[name] === undefined) continue;
    names.push(name);
    items.push(itemOf(name, query));
    if (NEEDED[name] !== undefined) capabilities.push(NEEDED[name]);
  }
  for (const { item } of sections) items.push(item);
  // Last, so that all else is known when its octets begin to flow.
  if (body !== undefined) items.push(body.item);
  if (body?.isDecoded || sections.some(({ isDecoded }) => isDecoded)) capabilities.push('BINARY');
  const hasSections = query.sections !== undefined;
  return { items, names, body, sections, hasSections, isBodyOptional: query.body !== true, capabilities };
}

function itemOf(name: ItemName, query: FetchQuery): FetchItem {
  if (name === 'preview') return { type: name, isLazy: query.preview === 'lazy' };
  if (name === 'annotations') return { type: 'annotation', ...query.annotations! };
  if (name === 'gmailMessageId' || name === 'gmailThreadId' || name === 'gmailLabels')
    return { type: 'gmail', what: GMAIL[name] };
  return { type: name === 'bodyStructure' && query.bodyStructure === 'basic' ? 'body' : name };
}

/** The items of a prepared query that an answer lacks, the body excepted. */
export function missingItems({ names, sections }: PreparedQuery, items: FetchItems): readonly string[] {
  return [
    ...names.filter((name) => items[name] === undefined),
    ...sections.filter((section) => !section.isIn(items)).map(({ name }) => `sections.${name}`),
  ];
}

/** Whether an answer has all that was asked for, the body excepted. */
export function hasItems({ names, sections }: PreparedQuery, items: FetchItems): boolean {
  if (items.uid === undefined) return false;
  for (let index = 0; index < names.length; index++) if (items[names[index]!] === undefined) return false;
  for (let index = 0; index < sections.length; index++) if (!sections[index]!.isIn(items)) return false;
  return true;
}
