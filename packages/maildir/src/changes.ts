import type { ChangePage, Cursor } from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import type { Folder } from './folder.ts';
import { type MessageRecord, summaryOf } from './message-record.ts';

/** What happened to a mailbox since a cursor, or everything there is. */
export function changesSince(folder: Folder, cursor: Cursor | undefined): ChangePage {
  const since = cursor === undefined ? undefined : parseCursor(folder, cursor);
  const vanished = since === undefined ? undefined : folder.vanishedLog.since(since.modSeq);
  const isKnown = since !== undefined && vanished !== undefined;
  const isQuiet = isKnown && since.modSeq === folder.highestModSeq;
  const after = (record: MessageRecord): boolean => isKnown && record.addedModSeq > since.modSeq;
  const before = (record: MessageRecord): boolean => isKnown && record.modSeq > since.modSeq && !after(record);
  return {
    complete: cursor === undefined || isKnown,
    added: (isQuiet ? [] : isKnown ? folder.records.filter(after) : folder.records).map(summaryOf),
    changed: (isQuiet ? [] : folder.records.filter(before)).map(summaryOf),
    vanished: vanished ?? emptySet(),
    cursor: `${folder.guid}.${folder.uidValidity}.${folder.epoch}.${folder.highestModSeq}` as Cursor,
    highestModSeq: folder.modSeq,
    uidNext: folder.uidNext,
  };
}

/** The mod-sequence a cursor stands for, or undefined for one that this process never gave. */
function parseCursor(folder: Folder, cursor: Cursor): { readonly modSeq: number } | undefined {
  const [guid, validity, epoch, modSeqText] = cursor.split('.');
  const modSeq = Number(modSeqText);
  const isOurs = guid === folder.guid && validity === String(folder.uidValidity) && epoch === folder.epoch;
  return isOurs && modSeq <= folder.highestModSeq ? { modSeq } : undefined;
}
