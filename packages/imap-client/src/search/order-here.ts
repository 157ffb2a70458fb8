/**
 * SORT and THREAD for servers that have none: what they look at is fetched, and put in order here.
 * @module
 */
import { decodeText } from '@posthorn/core';
import type { MessageId } from '@posthorn/message-set';
import { decodeWords, parseHeader } from '@posthorn/mime';
import {
  type SortableMessage,
  type SortCriterion,
  sortableMessage,
  sortMessages,
  type ThreadAlgorithm,
  type ThreadNode,
  threadMessages,
} from '@posthorn/threading';
import { ImapError } from '../errors.ts';
import type { MessageReader } from '../fetch/message-reader.ts';
import type { SectionQuery } from '../fetch/section-query.ts';
import type { MessageThread, SortOrder } from './sort-messages.ts';

const KEYS = ['ARRIVAL', 'CC', 'DATE', 'DISPLAYFROM', 'DISPLAYTO', 'FROM', 'SIZE', 'SUBJECT', 'TO'] as const;
const ALGORITHMS: readonly ThreadAlgorithm[] = ['ORDEREDSUBJECT', 'REFERENCES', 'REFS'];
/** What one message costs in memory makes more than these no sensible thing to ask for. */
const MOST_MESSAGES = 200_000;

/** Sorts messages. @throws ImapError `IMAP_UNSUPPORTED` for a key that only a server can know */
export async function sortHere<Id extends MessageId>(
  reader: MessageReader,
  order: readonly SortOrder[],
  isUid: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly Id[]> {
  const criteria = order.map(criterionOf);
  const messages = await readMessages(reader, isUid, false, signal);
  return sortMessages(messages, criteria).map(({ number }) => number as Id);
}

/** Threads messages. @throws ImapError `IMAP_UNSUPPORTED` for an algorithm that is not known here either */
export async function threadHere<Id extends MessageId>(
  reader: MessageReader,
  algorithm: string,
  isUid: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly MessageThread<Id>[]> {
  const known = ALGORITHMS.find((each) => each === algorithm.toUpperCase());
  if (known === undefined) throw new ImapError('IMAP_UNSUPPORTED', `messages cannot be threaded by ${algorithm}`);
  const messages = await readMessages(reader, isUid, true, signal);
  return threadMessages(messages, known).map((thread) => threadOf<Id>(thread));
}

async function readMessages(
  reader: MessageReader,
  isUid: boolean,
  withReferences: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly SortableMessage[]> {
  const found = await reader.search(signal);
  const messages: SortableMessage[] = [];
  const field = { text: 'HEADER.FIELDS', fields: ['REFERENCES'] } as const;
  const wanted: Readonly<Record<string, SectionQuery>> = withReferences ? { references: field } : {};
  const query = { envelope: true, internalDate: true, size: true, sections: wanted } as const;
  for await (const message of reader.fetch(found, query, { signal })) {
    if (messages.length >= MOST_MESSAGES)
      throw new ImapError(
        'IMAP_UNSUPPORTED',
        `the server cannot sort, and ${MOST_MESSAGES} messages are the most here`,
      );
    const { uid, sequenceNumber, envelope, internalDate, size } = message;
    const header = message.sections['references'];
    const references = header ? referencesOf(header) : undefined;
    const number = isUid ? uid : (sequenceNumber ?? noNumbers());
    messages.push(sortableMessage({ number, envelope, internalDate, size, references }, decodeWords));
  }
  return messages;
}

function noNumbers(): never {
  throw new ImapError('IMAP_UNSUPPORTED', 'messages have UIDs alone here (UIDONLY), and no sequence numbers');
}

function referencesOf(header: Uint8Array): string | undefined {
  const field = parseHeader(header).find(({ name }) => name.toLowerCase() === 'references');
  return field && decodeText(field.body);
}

function criterionOf(order: SortOrder): SortCriterion {
  const { key, reverse = false } = typeof order === 'string' ? { key: order } : order;
  const known = KEYS.find((each) => each === key);
  if (known === undefined) throw new ImapError('IMAP_UNSUPPORTED', `messages cannot be sorted by ${key} here`);
  return { key: known, isReverse: reverse };
}

function threadOf<Id extends MessageId>({ number, children }: ThreadNode): MessageThread<Id> {
  return { id: number as Id | null, children: children.map((child) => threadOf<Id>(child)) };
}
