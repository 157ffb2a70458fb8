import type { UidSet } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { infoOf, withLetters } from '../format/file-name.ts';
import type { Folder } from './folder.ts';
import type { MessageRecord } from './message-record.ts';
import { renameMessages } from './rename-messages.ts';

/** Whether there is anything to claim, without asking for the lock. */
export function hasRecent(folder: Folder): boolean {
  return folder.messages.records.some((record) => record.isRecent);
}

/** Whether a message to claim has to be moved, which needs the lock. */
export function hasRecentInNew(folder: Folder): boolean {
  return folder.messages.records.some((record) => record.isRecent && record.isNew);
}

/** Messages that nobody claimed yet. */
export function recentOf(folder: Folder): UidSet {
  return setOf(folder.messages.records.filter((record) => record.isRecent).map((record) => record.uid));
}

/** Claims messages that are in `cur/` already: that is between the sessions of this process. */
export function claimInPlace(folder: Folder): UidSet {
  return claimed(folder.messages.records.filter((record) => record.isRecent));
}

/** One step of `Mailbox.claimRecent`: moves new messages to `cur/`. The caller holds the mutex and the lock. */
export async function claimRecent(folder: Folder): Promise<UidSet> {
  const recent = folder.messages.records.filter((record) => record.isRecent);
  const { infoSeparator } = folder.account.settings;
  const renamings = recent
    .filter((record) => record.isNew)
    .map((record) => ({ record, nameAfter: (name: string) => withLetters(name, infoOf(name).letters, infoSeparator) }));
  const { gone } = await renameMessages(folder, renamings);
  return claimed(recent.filter((record) => !gone.has(record)));
}

function claimed(records: readonly MessageRecord[]): UidSet {
  for (const record of records) record.isRecent = false;
  return setOf(records.map((record) => record.uid));
}
