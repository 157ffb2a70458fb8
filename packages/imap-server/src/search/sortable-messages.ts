import type { MetaField, Uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { decodeWords } from '@posthorn/mime';
import { type SortableMessage, sortableMessage } from '@posthorn/threading';
import type { SortCriterion } from '@posthorn/wire/extensions';
import type { SearchTarget } from './search-target.ts';

/** What must be known of messages to put them in order. */
export interface SortNeeds {
  readonly fields: readonly SortField[];
}

type SortField = Extract<MetaField, 'envelope' | 'internalDate' | 'size' | 'references'>;

export function needsOfOrder(order: readonly SortCriterion[]): SortNeeds {
  const fields = new Set<SortField>();
  for (const { key } of order) {
    if (key === 'SIZE') fields.add('size');
    else if (key === 'ARRIVAL') fields.add('internalDate');
    else fields.add('envelope');
    if (key === 'DATE') fields.add('internalDate');
  }
  return { fields: [...fields] };
}

export function needsOfThreads(algorithm: string): SortNeeds {
  const fields: readonly SortField[] = ['envelope', 'internalDate'];
  return { fields: algorithm === 'ORDEREDSUBJECT' ? fields : [...fields, 'references'] };
}

/** Messages ready to be compared, in the order of the mailbox; those that vanished in the meantime are left out. */
export async function sortableMessages(
  { mailbox }: SearchTarget,
  uids: readonly Uid[],
  { fields }: SortNeeds,
  signal: AbortSignal,
): Promise<readonly SortableMessage[]> {
  const messages: SortableMessage[] = [];
  for await (const { uid, ...meta } of mailbox.scan(setOf(uids), fields, { signal })) {
    const { envelope, internalDate, size, references } = meta as Partial<typeof meta>;
    if (envelope === undefined) messages.push({ number: uid, internalDate, size });
    else messages.push(sortableMessage({ number: uid, envelope, internalDate, size, references }, decodeWords));
  }
  return messages;
}
