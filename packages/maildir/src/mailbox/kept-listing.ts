/**
 * What a mailbox looked like when it was last listed, as one value of the index: who opens it again and finds the
 * directories as they were need not list them. In it are a line of JSON, the UIDs, the lengths of the names, and the
 * names one after the other.
 * @module
 */
import { type BigIntStats, statSync } from 'node:fs';
import { baseOf } from '../format/file-name.ts';
import type { KnownUidlist } from '../format/uidlist-file.ts';
import { fileIdentity, sameTimes, type Times } from './directory-times.ts';
import { type FlagNames, moreKeywordsPath } from './folder-keywords.ts';
import { type MessageRecord, recordOf } from './message-record.ts';

/** What stands before the columns. */
interface Head {
  /** Tells that directories and uidlist are those that were listed. */
  readonly identity: string;
  readonly uidlist: KnownUidlist;
  readonly messages: number;
  /** Fields of the uidlist, where a message has any, by position. */
  readonly fields: readonly (readonly [position: number, fields: string])[];
  readonly highestModSeq: number;
  /** Mod-sequences of neighbours that have the same; missing where there would be many. */
  readonly runs?: readonly Run[];
}

type Run = readonly [messages: number, modSeq: number, addedModSeq: number, firstModSeq: number];

/** A listing that is worth keeping. */
export interface Listing {
  readonly identity: string;
  readonly uidlist: KnownUidlist;
  readonly records: readonly MessageRecord[];
  /** The highest mod-sequence of the mailbox, which tells whether those of the records are still right. */
  readonly highestModSeq: number;
}

const MAX_RUNS = 4_096;
const IS_NEW = 0x8000;
const LF = 0x0a;

/**
 * Changes whenever something in `cur/`, `new/`, the uidlist or the keywords does, or one is replaced; undefined when the directories
 * have other times than those given, or something is missing.
 */
export function listingIdentity(directory: string, uidlistPath: string, known: Times): string | undefined {
  const [fresh, current, uidlist] = [`${directory}/new`, `${directory}/cur`, uidlistPath].map(statOf);
  if (fresh === undefined || current === undefined || uidlist === undefined) return undefined;
  if (!sameTimes({ new: fresh.mtimeNs, cur: current.mtimeNs }, known)) return undefined;
  const keywords = [`${directory}/dovecot-keywords`, moreKeywordsPath(directory)].map(fileIdentity);
  const times = [fresh, current, uidlist].flatMap(({ ino, size, mtimeNs, ctimeNs }) => [ino, size, mtimeNs, ctimeNs]);
  return [...times, ...keywords].join(' ');
}

export function encodeListing({ identity, uidlist, records, highestModSeq }: Listing): Uint8Array {
  const messages = records.length;
  const fields: [position: number, fields: string][] = [];
  const uids = new Uint32Array(messages);
  const lengths = new Uint16Array(messages);
  const names = new Array<string>(messages);
  for (let index = 0; index < messages; index++) {
    const record = records[index]!;
    if (record.fields !== '') fields.push([index, record.fields]);
    uids[index] = record.uid;
    lengths[index] = record.name.length | (record.isNew ? IS_NEW : 0);
    names[index] = record.name;
  }
  const runs = runsOf(records);
  const head: Head = { identity, uidlist, messages, fields, highestModSeq, ...(runs && { runs }) };
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    new Uint8Array(uids.buffer),
    new Uint8Array(lengths.buffer),
    Buffer.from(names.join(''), 'latin1'),
  ]);
}

/** What a kept listing gives. */
export interface Kept extends Pick<Listing, 'uidlist' | 'records'> {
  /** Undefined when the records have no mod-sequences. */
  readonly highestModSeq: number | undefined;
}

/** The uidlist that belonged to a listing and its messages, or undefined when something changed since. */
export function decodeListing(stored: Uint8Array, identity: string, keywords: FlagNames): Kept | undefined {
  const end = stored.indexOf(LF) + 1;
  const head = JSON.parse(Buffer.from(stored.subarray(0, end)).toString()) as Head;
  if (head.identity !== identity) return undefined;
  const { messages } = head;
  // Copies begin where numbers may begin.
  const uids = new Uint32Array(new Uint8Array(stored.subarray(end, end + 4 * messages)).buffer);
  const lengths = new Uint16Array(new Uint8Array(stored.subarray(end + 4 * messages, end + 6 * messages)).buffer);
  const names = Buffer.from(stored.buffer, stored.byteOffset, stored.length).toString('latin1', end + 6 * messages);
  const fields = new Map(head.fields);
  const records: MessageRecord[] = [];
  let offset = 0;
  for (let index = 0; index < messages; index++) {
    const length = lengths[index]! & ~IS_NEW;
    const name = names.slice(offset, offset + length);
    offset += length;
    const file = { base: baseOf(name), name, isNew: (lengths[index]! & IS_NEW) !== 0 };
    records.push(recordOf(uids[index]!, file, fields.size === 0 ? '' : (fields.get(index) ?? ''), keywords));
  }
  let first = 0;
  for (const [length, modSeq, addedModSeq, firstModSeq] of head.runs ?? []) {
    for (const end = first + length; first < end; first++) {
      const record = records[first]!;
      record.modSeq = modSeq;
      record.addedModSeq = addedModSeq;
      record.firstModSeq = firstModSeq;
    }
  }
  return { uidlist: head.uidlist, records, highestModSeq: head.runs && head.highestModSeq };
}

function runsOf(records: readonly MessageRecord[]): readonly Run[] | undefined {
  const runs: Run[] = [];
  let length = 0;
  for (let index = 0; index < records.length; index++) {
    const { modSeq, addedModSeq, firstModSeq } = records[index]!;
    length++;
    const next = records[index + 1];
    if (next?.modSeq === modSeq && next.addedModSeq === addedModSeq && next.firstModSeq === firstModSeq) continue;
    runs.push([length, modSeq, addedModSeq, firstModSeq]);
    if (runs.length > MAX_RUNS) return undefined;
    length = 0;
  }
  return runs;
}

function statOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}
