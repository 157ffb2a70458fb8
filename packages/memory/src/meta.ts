import { assertNever, type MessageMeta, type MetaField, type ModSeq } from '@posthorn/core';
import type { MessageRecord } from './mailbox-state.ts';
import type { StructureCache } from './structure-cache.ts';

/** The fields of a message that were asked for. */
export function metaOf<Field extends MetaField>(
  record: MessageRecord,
  fields: readonly Field[],
  structures: StructureCache,
): MessageMeta<Field> {
  const meta: Record<string, unknown> = { uid: record.uid, modSeq: BigInt(record.modSeq) as ModSeq };
  for (const field of fields) meta[field] = fieldOf(record, field, structures);
  return meta as MessageMeta<Field>;
}

function fieldOf(record: MessageRecord, field: MetaField, structures: StructureCache): unknown {
  switch (field) {
    case 'flags':
      return record.flags;
    case 'internalDate':
      return { epochSeconds: record.epochSeconds, offsetMinutes: record.offsetMinutes };
    case 'saveDate':
      return { epochSeconds: record.savedSeconds, offsetMinutes: 0 };
    case 'size':
      return record.content.size;
    case 'emailId':
      return record.content.emailId;
    case 'threadId':
    case 'pop3UniqueId':
      return undefined;
    case 'envelope':
      return structures.get(record.content).envelope;
    case 'bodyStructure':
      return structures.get(record.content).bodyStructure;
    case 'references':
      return structures.get(record.content).references;
    default:
      return assertNever(field);
  }
}
