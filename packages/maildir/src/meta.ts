import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import {
  type BodyStructure,
  type EmailId,
  type InternalDate,
  type MessageMeta,
  type MetaField,
  type ModSeq,
  StoreError,
} from '@posthorn/core';
import { MessageScanner, type ScannedMessage } from '@posthorn/mime';
import { floorSeconds, type OpenBody, openMessage, wholeBody } from './body.ts';
import { arrivalSeconds, entryPath } from './file-name.ts';
import type { Folder } from './folder.ts';
import { HeaderEnd } from './line-ends.ts';
import type { MessageRecord } from './message-record.ts';
import { recordField } from './uidlist.ts';
import { isOurName } from './unique-name.ts';

/** The body structure is there when the whole message was read, and not only its header. */
type Structure = Pick<ScannedMessage, 'envelope'> & {
  readonly bodyStructure: BodyStructure | undefined;
  /** Null for a message without; missing where an older index did not keep it. */
  readonly references?: string | null;
};

const MAX_STRUCTURES = 10_000;
/** Most headers are shorter. */
const HEADER_CHUNK = 16_384;

/** Envelopes and body structures, computed when first asked for; the least recently used are forgotten. */
export class StructureCache {
  readonly #entries = new Map<MessageRecord, Structure>();

  get(record: MessageRecord): Structure | undefined {
    const structure = this.#entries.get(record);
    if (structure !== undefined) this.set(record, structure);
    return structure;
  }

  set(record: MessageRecord, structure: Structure): void {
    this.#entries.delete(record);
    this.#entries.set(record, structure);
    if (this.#entries.size <= MAX_STRUCTURES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** The fields of a message that were asked for, reading no more than they need; undefined when it is gone. */
export async function metaOf<Field extends MetaField>(
  folder: Folder,
  record: MessageRecord,
  fields: readonly Field[],
): Promise<MessageMeta<Field> | undefined> {
  const wanted = new Set<MetaField>(fields);
  let structure: Structure | undefined;
  try {
    if (wanted.has('envelope') || wanted.has('bodyStructure') || wanted.has('references')) {
      structure = await structureOf(folder, record, wanted.has('bodyStructure'), wanted.has('references'));
    } else if (wanted.has('size') && record.size < 0) await withBody(folder, record, async () => {});
    if (wanted.has('internalDate') && record.epochSeconds === undefined) await readDate(folder, record);
  } catch (error) {
    if (StoreError.is(error) && error.code === 'STORE_EXPUNGED') return undefined;
    throw error;
  }
  const meta: Record<string, unknown> = { uid: record.uid, modSeq: BigInt(record.modSeq) as ModSeq };
  for (const field of fields) meta[field] = fieldOf(field, record, structure);
  return meta as MessageMeta<Field>;
}

function fieldOf(field: MetaField, record: MessageRecord, structure: Structure | undefined): unknown {
  switch (field) {
    case 'flags':
      return record.flags;
    case 'internalDate':
      return dateOf(record.epochSeconds ?? 0);
    case 'size':
      return record.size;
    case 'envelope':
      return structure?.envelope;
    case 'bodyStructure':
      return structure?.bodyStructure;
    case 'references':
      return structure?.references ?? undefined;
    case 'emailId':
      return emailIdOf(record);
    case 'threadId':
      return undefined;
    case 'saveDate':
      return savedAt(record);
    case 'pop3UniqueId':
      return uniqueIdOf(record);
    default:
      return field satisfies never;
  }
}

async function structureOf(
  folder: Folder,
  record: MessageRecord,
  needsBody: boolean,
  needsReferences: boolean,
): Promise<Structure> {
  const { structures, index } = folder.account;
  const known = structures.get(record) ?? (index?.structureOf(folder.guid, record.base) as Structure | undefined);
  const isEnough =
    (known?.bodyStructure !== undefined || !needsBody) && (known?.references !== undefined || !needsReferences);
  if (known !== undefined && isEnough) {
    structures.set(record, known);
    return known;
  }
  return withBody(folder, record, async (body) => {
    const scanner = new MessageScanner();
    const headerEnd = new HeaderEnd();
    for await (const chunk of needsBody ? wholeBody(body) : wholeBody(body, HEADER_CHUNK)) {
      scanner.push(chunk);
      if (!needsBody && headerEnd.push(chunk)) break;
    }
    const { envelope, bodyStructure, references = null } = scanner.finish();
    const structure = { envelope, bodyStructure: needsBody ? bodyStructure : known?.bodyStructure, references };
    structures.set(record, structure);
    index?.keepStructure(folder.guid, record.base, structure);
    return structure;
  });
}

async function withBody<Result>(
  folder: Folder,
  record: MessageRecord,
  use: (body: OpenBody) => Promise<Result>,
): Promise<Result> {
  const { body } = await openMessage(folder, record.uid);
  record.epochSeconds ??= plausible(record, body.modifiedSeconds);
  try {
    return await use(body);
  } finally {
    body.file.close();
  }
}

async function readDate(folder: Folder, record: MessageRecord): Promise<void> {
  const stat = statSync(entryPath(folder.filePlace(record), record.name), { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) await withBody(folder, record, async () => {});
  else record.epochSeconds = plausible(record, Number(floorSeconds(stat.mtimeNs)));
}

/** Tools that lose file times leave 1970 behind; then the name tells when the message came. */
function plausible({ base }: MessageRecord, modifiedSeconds: number): number {
  return modifiedSeconds === 0 && !isOurName(base) ? (arrivalSeconds(base) ?? 0) : modifiedSeconds;
}

/** A name for the content, which copies share. */
function emailIdOf({ base, fields }: MessageRecord): EmailId {
  const guid = recordField(fields, 'G') ?? base;
  return `M${createHash('sha1').update(guid, 'latin1').digest('hex')}` as EmailId;
}

/** The UIDL in the uidlist; an empty one stands for the name of the file, as Dovecot has it. */
function uniqueIdOf({ base, fields }: MessageRecord): string | undefined {
  const uniqueId = recordField(fields, 'P');
  return uniqueId === '' ? base : uniqueId;
}

function savedAt({ base }: MessageRecord): InternalDate | undefined {
  const seconds = arrivalSeconds(base);
  return seconds === undefined ? undefined : dateOf(seconds);
}

function dateOf(epochSeconds: number): InternalDate {
  return { epochSeconds, offsetMinutes: 0 };
}
