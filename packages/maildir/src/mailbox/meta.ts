import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { type EmailId, type InternalDate, type MessageMeta, type MetaField, StoreError } from '@posthorn/core';
import { MessageScanner } from '@posthorn/mime';
import { arrivalSeconds, entryPath } from '../format/file-name.ts';
import { HeaderEnd } from '../format/line-ends.ts';
import { recordField } from '../format/uidlist.ts';
import { isOurName } from '../format/unique-name.ts';
import { floorSeconds, type OpenBody, openMessage, ReadingMemory, wholeBody } from './body.ts';
import type { Folder } from './folder.ts';
import { type MessageRecord, summaryOf } from './message-record.ts';
import type { Structure } from './stored-structure.ts';

/** Structures kept in memory where there is no index, and where it may not have the last ones yet. */
const MAX_STRUCTURES = 10_000;
const MAX_UNWRITTEN = 512;
/** Most headers are shorter. */
const HEADER_CHUNK = 16_384;

/** What a scan was asked for. */
export interface MetaPlan {
  readonly fields: readonly MetaField[];
  readonly needsStructure: boolean;
  /** Whether the parts are needed, and not only the header. */
  readonly needsBody: boolean;
  readonly needsDate: boolean;
  readonly needsSize: boolean;
  /** One message is read after the other. */
  readonly memory: ReadingMemory;
}

export function metaPlan(fields: readonly MetaField[]): MetaPlan {
  const needsBody = fields.includes('bodyStructure');
  return {
    fields,
    needsStructure: needsBody || fields.includes('envelope') || fields.includes('references'),
    needsBody,
    needsDate: fields.includes('internalDate'),
    needsSize: fields.includes('size'),
    memory: new ReadingMemory(),
  };
}

/** The fields of a message that were asked for, when they are known without reading it; else undefined. */
export function knownMeta<Field extends MetaField>(
  folder: Folder,
  record: MessageRecord,
  plan: MetaPlan,
): MessageMeta<Field> | undefined {
  if (plan.needsSize && record.size < 0) return undefined;
  const structure = plan.needsStructure ? knownStructure(folder, record, plan.needsBody) : undefined;
  if (plan.needsStructure && structure === undefined) return undefined;
  if (plan.needsDate && record.epochSeconds === undefined && !lookUpDate(folder, record)) return undefined;
  return filled(record, plan.fields, structure);
}

/** The fields of a message that were asked for, reading no more of it than they need; undefined when it is gone. */
export async function readMeta<Field extends MetaField>(
  folder: Folder,
  record: MessageRecord,
  { fields, needsStructure, needsBody, memory }: MetaPlan,
): Promise<MessageMeta<Field> | undefined> {
  try {
    const structure = needsStructure ? knownStructure(folder, record, needsBody) : undefined;
    if (structure === undefined && needsStructure)
      return filled(record, fields, await readStructure(folder, record, needsBody, memory));
    // Opening it tells the size and the date.
    await withBody(folder, record, async () => {});
    return filled(record, fields, structure);
  } catch (error) {
    if (StoreError.is(error) && error.code === 'STORE_EXPUNGED') return undefined;
    throw error;
  }
}

/** Finds out the size of a message whose name does not tell it. */
export async function countSize(folder: Folder, record: MessageRecord): Promise<void> {
  await readMeta(folder, record, metaPlan(['size']));
}

function filled<Field extends MetaField>(
  record: MessageRecord,
  fields: readonly MetaField[],
  structure: Structure | undefined,
): MessageMeta<Field> {
  const { uid, modSeq } = summaryOf(record);
  const meta: Record<string, unknown> = { uid, modSeq };
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

/** What is known of a message without reading it. */
function knownStructure(folder: Folder, record: MessageRecord, needsBody: boolean): Structure | undefined {
  const { structures } = folder.account;
  const known = structures.get(record) ?? keptStructure(folder, record, needsBody);
  return known?.bodyStructure === undefined && needsBody ? undefined : known;
}

/** What the index has of a message. */
function keptStructure(folder: Folder, record: MessageRecord, needsBody: boolean): Structure | undefined {
  const { account, number } = folder;
  return number === undefined ? undefined : account.index?.structures.get(number, record, needsBody);
}

function readStructure(
  folder: Folder,
  record: MessageRecord,
  needsBody: boolean,
  memory: ReadingMemory,
): Promise<Structure> {
  return withBody(folder, record, async (body) => {
    const scanner = new MessageScanner();
    const headerEnd = new HeaderEnd();
    for await (const chunk of wholeBody(body, memory, needsBody ? undefined : HEADER_CHUNK)) {
      scanner.push(chunk);
      if (!needsBody && headerEnd.push(chunk)) break;
    }
    const { envelope, bodyStructure, references = null } = scanner.finish();
    const structure = { envelope, bodyStructure: needsBody ? bodyStructure : undefined, references };
    const { structures, index } = folder.account;
    structures.set(record, structure, index === undefined ? MAX_STRUCTURES : MAX_UNWRITTEN);
    if (folder.number !== undefined) index?.structures.put(folder.number, record, structure);
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

/** False when the file is not where it was. */
function lookUpDate(folder: Folder, record: MessageRecord): boolean {
  const stat = statSync(entryPath(folder.filePlace(record), record.name), { bigint: true, throwIfNoEntry: false });
  if (stat !== undefined) record.epochSeconds = plausible(record, Number(floorSeconds(stat.mtimeNs)));
  return stat !== undefined;
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
