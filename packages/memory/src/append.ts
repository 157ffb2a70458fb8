import { MAX_ID, type NewMessage, StoreError, type Uid } from '@posthorn/core';
import type { MailboxState, NewRecord } from './mailbox-state.ts';
import type { MessageContent } from './message-content.ts';

/** Adds a batch whose bodies were read before, in one step. */
export function appendStaged(
  state: MailboxState,
  batch: readonly NewMessage[],
  contents: readonly MessageContent[],
  now: number,
): readonly Uid[] {
  const nowSeconds = Math.floor(now / 1_000);
  const fresh: NewRecord[] = [];
  let { uidNext } = state;
  for (const [index, message] of batch.entries()) {
    const uid = message.uid ?? uidNext;
    if (uid < uidNext) throw new StoreError('STORE_UID_TAKEN', `UID ${uid} is below the next UID, ${uidNext}`);
    if (uid > MAX_ID) throw new StoreError('STORE_LIMIT', 'no UID is left in the mailbox');
    uidNext = uid + 1;
    fresh.push({
      uid: uid as Uid,
      flags: state.flagsOf(message.flags ?? []),
      epochSeconds: message.internalDate?.epochSeconds ?? nowSeconds,
      offsetMinutes: message.internalDate?.offsetMinutes ?? 0,
      savedSeconds: nowSeconds,
      content: contents[index]!,
    });
  }
  state.add(fresh);
  return fresh.map((record) => record.uid);
}
