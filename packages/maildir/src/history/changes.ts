import type { ChangePage, Cursor } from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import type { Folder } from '../mailbox/folder.ts';
import { type MessageRecord, summaryOf } from '../mailbox/message-record.ts';

/** What happened to a mailbox since a cursor, or everything there is. */
export function changesSince(folder: Folder, cursor: Cursor | undefined): ChangePage {
  const since = cursor === undefined ? undefined : parseCursor(folder, cursor);
  const vanished = since === undefined ? undefined : folder.messages.vanishedLog.since(since.modSeq);
  const isKnown = since !== undefined && vanished !== undefined;
  const { added, changed } = isKnown
    ? touchedSince(folder, since.modSeq)
    : { added: folder.messages.records, changed: [] as readonly MessageRecord[] };
  return {
    complete: cursor === undefined || isKnown,
    added: added.map(summaryOf),
    changed: changed.map(summaryOf),
    vanished: vanished ?? emptySet(),
    cursor: `${folder.guid}.${folder.uidValidity}.${folder.epoch}.${folder.messages.highestModSeq}` as Cursor,
    highestModSeq: folder.messages.modSeq,
    uidNext: folder.uidNext,
  };
}

/** The mod-sequence a cursor stands for, or undefined for one that this process never gave. */
function parseCursor(folder: Folder, cursor: Cursor): { readonly modSeq: number } | undefined {
  const [guid, validity, epoch, modSeqText] = cursor.split('.');
  const modSeq = Number(modSeqText);
  const isOurs = guid === folder.guid && validity === String(folder.uidValidity) && epoch === folder.epoch;
  return isOurs && modSeq <= folder.messages.highestModSeq ? { modSeq } : undefined;
}

function touchedSince(
  folder: Folder,
  modSeq: number,
): { readonly added: readonly MessageRecord[]; readonly changed: readonly MessageRecord[] } {
  const touched = folder.messages.touchedLog.since(modSeq);
  const there =
    touched === undefined
      ? folder.messages.records.filter((record) => record.modSeq > modSeq)
      : [...touched].filter((record) => folder.messages.has(record)).sort((left, right) => left.uid - right.uid);
  return {
    added: there.filter((record) => record.addedModSeq > modSeq),
    changed: there.filter((record) => record.addedModSeq <= modSeq),
  };
}
