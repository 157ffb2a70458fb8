import type { ChangePage, Cursor } from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import type { Folder } from './folder.ts';
import { type MessageRecord, summaryOf } from './message-record.ts';

/** What happened to a mailbox since a cursor, or everything there is. */
export function changesSince(folder: Folder, cursor: Cursor | undefined): ChangePage {
  const since = cursor === undefined ? undefined : parseCursor(folder, cursor);
  const vanished = since === undefined ? undefined : folder.vanishedLog.since(since.modSeq);
  const isKnown = since !== undefined && vanished !== undefined;
  const { added, changed } = isKnown
    ? touchedSince(folder, since.modSeq)
    : { added: folder.records, changed: [] as readonly MessageRecord[] };
  return {
    complete: cursor === undefined || isKnown,
    added: added.map(summaryOf),
    changed: changed.map(summaryOf),
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

function touchedSince(
  folder: Folder,
  modSeq: number,
): { readonly added: readonly MessageRecord[]; readonly changed: readonly MessageRecord[] } {
  const touched = folder.touchedLog.since(modSeq);
  const there =
    touched === undefined
      ? folder.records.filter((record) => record.modSeq > modSeq)
      : [...touched]
          .filter((record) => folder.byBase.get(record.base) === record)
          .sort((left, right) => left.uid - right.uid);
  return {
    added: there.filter((record) => record.addedModSeq > modSeq),
    changed: there.filter((record) => record.addedModSeq <= modSeq),
  };
}
