/**
 * What a mailbox looked like when it was last listed, as one value of the index: who opens it again and finds the
 * directories as they were need not list them, nor look into the names. In it are a line of JSON, columns of numbers, and
 * the names one after the other.
 * @module
 */
import { type BigIntStats, statSync } from 'node:fs';
import type { KnownUidlist } from '../format/uidlist-file.ts';
import { fileIdentity, sameTimes, type Times } from './directory-times.ts';
import { type FlagNames, moreKeywordsPath } from './folder-keywords.ts';
import { knownSize, type MessageRecord, recordWith } from './message-record.ts';

/** What stands before the columns. */
interface Head {
  /** Tells that directories and uidlist are those that were listed. */
  readonly identity: string;
  readonly uidlist: KnownUidlist;
  readonly messages: number;
  /** Fields of the uidlist, where a message has any, by position. */
  readonly fields: readonly (readonly [position: number, fields: string])[];
  readonly highestModSeq: number;
  /** Letters in names, each combination once. */
  readonly letters: readonly string[];
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

/** Another one for each way of writing listings. */
const FORMAT = 2;
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
  return [FORMAT, ...times, ...keywords].join(' ');
}

/** What is kept of each message in numbers, in columns. */
interface Columns {
  readonly uids: Uint32Array;
  /** Octets of the messages, where they are known. */
  readonly sizes: Uint32Array;
  readonly nameLengths: Uint16Array;
  /** By position in the head. */
  readonly letters: Uint16Array;
  readonly baseLengths: Uint8Array;
}

const OCTETS_EACH = 4 + 4 + 2 + 2 + 1;
const UNKNOWN_SIZE = 0xffff_ffff;
const MAX_LETTERS = 0xffff;

/** The columns of so many messages; those that hold the widest numbers come first, so that each begins where it may. */
function columnsIn(octets: Uint8Array<ArrayBuffer>, messages: number): Columns {
  const { buffer } = octets;
  return {
    uids: new Uint32Array(buffer, 0, messages),
    sizes: new Uint32Array(buffer, 4 * messages, messages),
    nameLengths: new Uint16Array(buffer, 8 * messages, messages),
    letters: new Uint16Array(buffer, 10 * messages, messages),
    baseLengths: new Uint8Array(buffer, 12 * messages, messages),
  };
}

/** Undefined for a mailbox whose names have more combinations of letters than are ever seen. */
export function encodeListing({ identity, uidlist, records, highestModSeq }: Listing): Uint8Array | undefined {
  const messages = records.length;
  const octets = new Uint8Array(OCTETS_EACH * messages);
  const { uids, sizes, nameLengths, letters, baseLengths } = columnsIn(octets, messages);
  const fields: [position: number, fields: string][] = [];
  const combinations = new Map<string, number>();
  const names = new Array<string>(messages);
  for (let index = 0; index < messages; index++) {
    const record = records[index]!;
    if (record.fields !== '') fields.push([index, record.fields]);
    let combination = combinations.get(record.letters);
    if (combination === undefined) {
      combination = combinations.size;
      if (combination > MAX_LETTERS) return undefined;
      combinations.set(record.letters, combination);
    }
    uids[index] = record.uid;
    sizes[index] = record.size < 0 || record.size > UNKNOWN_SIZE ? UNKNOWN_SIZE : record.size;
    nameLengths[index] = record.name.length | (record.isNew ? IS_NEW : 0);
    letters[index] = combination;
    baseLengths[index] = record.base.length;
    names[index] = record.name;
  }
  const runs = runsOf(records);
  const head: Head = {
    identity,
    uidlist,
    messages,
    fields,
    letters: [...combinations.keys()],
    highestModSeq,
    ...(runs && { runs }),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), octets, Buffer.from(names.join(''), 'latin1')]);
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
  const { messages, letters } = head;
  const columnsEnd = end + OCTETS_EACH * messages;
  // A copy begins where numbers may begin.
  const columns = columnsIn(new Uint8Array(stored.subarray(end, columnsEnd)), messages);
  const names = Buffer.from(stored.buffer, stored.byteOffset, stored.length).toString('latin1', columnsEnd);
  const fieldsAt = new Map(head.fields);
  const records = new Array<MessageRecord>(messages);
  let offset = 0;
  for (let index = 0; index < messages; index++) {
    const nameLength = columns.nameLengths[index]! & ~IS_NEW;
    const name = names.slice(offset, offset + nameLength);
    const base = names.slice(offset, offset + columns.baseLengths[index]!);
    offset += nameLength;
    const file = { base, name, isNew: (columns.nameLengths[index]! & IS_NEW) !== 0 };
    const fields = fieldsAt.size === 0 ? '' : (fieldsAt.get(index) ?? '');
    const keptSize = columns.sizes[index]!;
    const size = keptSize === UNKNOWN_SIZE ? knownSize(base, fields) : keptSize;
    const ownLetters = letters[columns.letters[index]!]!;
    records[index] = recordWith(columns.uids[index]!, file, fields, keywords, ownLetters, size);
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
