import { decodeText, type MetaField, type Uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { decodeWords, parseHeader } from '@posthorn/mime';
import { type SortableMessage, sortableMessage } from '@posthorn/threading';
import type { SortCriterion } from '@posthorn/wire/extensions';
import { storeErrorCode } from '../error-replies.ts';
import { MessageSource, StructureMemory } from '../message-source.ts';
import type { SearchTarget } from './search-target.ts';

/** What must be known of messages to put them in order. */
export interface SortNeeds {
  readonly fields: readonly ('envelope' | 'internalDate' | 'size')[];
  /** Whether the References field is read from the messages. */
  readonly references: boolean;
}

export function needsOfOrder(order: readonly SortCriterion[]): SortNeeds {
  const fields = new Set<Extract<MetaField, 'envelope' | 'internalDate' | 'size'>>();
  for (const { key } of order) {
    if (key === 'SIZE') fields.add('size');
    else if (key === 'ARRIVAL') fields.add('internalDate');
    else fields.add('envelope');
    if (key === 'DATE') fields.add('internalDate');
  }
  return { fields: [...fields], references: false };
}

export function needsOfThreads(algorithm: string): SortNeeds {
  return { fields: ['envelope', 'internalDate'], references: algorithm !== 'ORDEREDSUBJECT' };
}

/** Messages ready to be compared, in the order of the mailbox; those that vanished in the meantime are left out. */
export async function sortableMessages(
  { mailbox }: SearchTarget,
  uids: readonly Uid[],
  { fields, references }: SortNeeds,
  signal: AbortSignal,
): Promise<readonly SortableMessage[]> {
  const messages: SortableMessage[] = [];
  for await (const { uid, ...meta } of mailbox.scan(setOf(uids), fields, { signal })) {
    const { envelope, internalDate, size } = meta as Partial<typeof meta>;
    if (envelope === undefined) messages.push({ number: uid, internalDate, size });
    else {
      const field = references ? await referencesOf(mailbox, uid, signal) : undefined;
      messages.push(sortableMessage({ number: uid, envelope, internalDate, size, references: field }, decodeWords));
    }
  }
  return messages;
}

const REFERENCES = { part: [], text: 'HEADER.FIELDS', fields: ['References'] } as const;

async function referencesOf(
  mailbox: SearchTarget['mailbox'],
  uid: Uid,
  signal: AbortSignal,
): Promise<string | undefined> {
  const source = new MessageSource(mailbox, uid, new StructureMemory(), signal);
  try {
    const range = await source.rangeOf(REFERENCES);
    if (range === undefined) return undefined;
    const [field] = parseHeader(await source.fieldsOf(REFERENCES, range));
    return field === undefined ? undefined : decodeText(field.body);
  } catch (error) {
    if (storeErrorCode(error) === 'STORE_EXPUNGED') return undefined;
    throw error;
  }
}
