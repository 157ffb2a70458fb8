import type { SequenceNumber } from '@posthorn/core';
import type { FetchData, LiteralStart, UidFetchData, UidLiteralStart } from '@posthorn/wire';

/**
 * Where messages have UIDs alone, answers about them look as elsewhere: the UID stands for the number, which tells
 * answers apart and is never shown.
 */
export function withNumber(event: UidFetchData | UidLiteralStart): FetchData | LiteralStart {
  const { uid, items, ...rest } = event;
  const sequenceNumber = Number(uid) as SequenceNumber;
  if (rest.type === 'uidFetch') return { ...rest, type: 'fetch', sequenceNumber, items: { ...items, uid } };
  return { ...rest, type: 'literalStart', sequenceNumber, items: { ...items, uid } };
}
