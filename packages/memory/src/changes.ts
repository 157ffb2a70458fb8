import type { ChangePage, Cursor } from '@posthorn/core';
import { emptySet } from '@posthorn/message-set';
import { type MailboxState, type MessageRecord, summaryOf } from './mailbox-state.ts';

/** What happened to a mailbox since a cursor, or everything there is. */
export function changesSince(state: MailboxState, cursor: Cursor | undefined): ChangePage {
  const since = cursor === undefined ? undefined : parseCursor(state, cursor);
  const vanished = since && state.vanishedLog.since(since.modSeq, since.uidNext);
  const known = since !== undefined && vanished !== undefined;
  return {
    complete: cursor === undefined || known,
    added: (known ? state.records.slice(state.indexOf(since.uidNext)) : state.records).map(summaryOf),
    changed: known ? changedSince(state, since).map(summaryOf) : [],
    vanished: vanished ?? emptySet(),
    cursor: cursorOf(state),
    highestModSeq: state.modSeq,
    uidNext: state.uidNext,
  };
}

interface Position {
  readonly modSeq: number;
  readonly uidNext: number;
}

function changedSince(state: MailboxState, { modSeq, uidNext }: Position): readonly MessageRecord[] {
  if (modSeq === state.highestModSeq) return [];
  const logged = state.flagLog.since(modSeq, uidNext);
  const candidates = logged === undefined ? state.records.slice(0, state.indexOf(uidNext)) : state.select(logged);
  return candidates.filter((record) => record.modSeq > modSeq);
}

function cursorOf({ id, uidValidity, highestModSeq, uidNext }: MailboxState): Cursor {
  return `${id}.${uidValidity}.${highestModSeq}.${uidNext}` as Cursor;
}

/** The position a cursor stands for, or undefined for one that this mailbox never gave. */
function parseCursor(state: MailboxState, cursor: Cursor): Position | undefined {
  const [id, validity, modSeqText, uidNextText] = cursor.split('.');
  const modSeq = Number(modSeqText);
  const uidNext = Number(uidNextText);
  const isOurs = id === state.id && validity === String(state.uidValidity);
  return isOurs && modSeq <= state.highestModSeq && uidNext <= state.uidNext ? { modSeq, uidNext } : undefined;
}
