import type { Flag, MessageSummary, ModSeq, Uid } from '@posthorn/core';
import { infoOf, isVerbatim, sizeField } from '../format/file-name.ts';
import { recordField } from '../format/uidlist.ts';
import type { FlagNames } from './folder-keywords.ts';

/** One message of a mailbox. Small: there may be a hundred thousand. */
export interface MessageRecord {
  readonly uid: Uid;
  readonly base: string;
  /** The fields of its line in the uidlist. */
  readonly fields: string;
  /** The whole file name, with the flags. */
  name: string;
  /** Whether the file is in `new/` rather than `cur/`. */
  isNew: boolean;
  letters: string;
  flags: readonly Flag[];
  modSeq: number;
  /** The mod-sequence at which it became visible. */
  addedModSeq: number;
  /** The mod-sequence at which it became visible to a process that saw it before this one; else the same. */
  firstModSeq: number;
  /** Octets as `read` gives them, or -1 when the name does not tell. */
  size: number;
  /** INTERNALDATE, or undefined until the file was looked at. */
  epochSeconds: number | undefined;
  /** Whether no session claimed it yet. */
  isRecent: boolean;
  /** The listing that saw it last. */
  seenIn: number;
}

/**
 * Mod-sequences are beyond what an engine keeps as a small integer. A field that begins with a small one has to be
 * made over in every record when the first large one comes, which took half a second for 100,000 records.
 */
const NONE_YET = Number.MIN_VALUE;

export interface FoundFile {
  readonly base: string;
  readonly name: string;
  readonly isNew: boolean;
}

export function recordOf(uid: number, file: FoundFile, fields: string, keywords: FlagNames): MessageRecord {
  return recordWith(uid, file, fields, keywords, infoOf(file.name).letters, knownSize(file.base, fields));
}

/** A record of a message whose name need not be looked into. */
export function recordWith(
  uid: number,
  { base, name, isNew }: FoundFile,
  fields: string,
  keywords: FlagNames,
  letters: string,
  size: number,
): MessageRecord {
  return {
    uid: uid as Uid,
    base,
    fields,
    name,
    isNew,
    letters,
    flags: keywords.flagsOf(letters, base),
    modSeq: NONE_YET,
    addedModSeq: NONE_YET,
    firstModSeq: NONE_YET,
    size,
    epochSeconds: undefined,
    isRecent: isNew,
    seenIn: 0,
  };
}

/** Neighbours often have the same mod-sequence. */
let lastModSeq = 0;
let lastBigModSeq = 0n;

export function summaryOf({ uid, modSeq, flags }: MessageRecord): MessageSummary {
  if (modSeq !== lastModSeq) [lastModSeq, lastBigModSeq] = [modSeq, BigInt(modSeq)];
  return { uid, modSeq: lastBigModSeq as ModSeq, flags };
}

/** Octets of a message as its name, or the uidlist, tells them; -1 when neither does. */
export function knownSize(base: string, fields: string): number {
  if (isVerbatim(base)) return sizeField(base, ',S=') ?? -1;
  return sizeField(base, ',W=') ?? numberField(fields, 'W') ?? -1;
}

/** Octets of the file as its name, or the uidlist, tells them. */
export function knownFileSize(base: string, fields: string): number | undefined {
  return sizeField(base, ',S=') ?? numberField(fields, 'S');
}

function numberField(fields: string, letter: string): number | undefined {
  const text = recordField(fields, letter);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
