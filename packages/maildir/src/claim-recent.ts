import type { UidSet } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { infoOf, withLetters } from './file-name.ts';
import type { Folder } from './folder.ts';
import { renameMessages } from './rename-messages.ts';

/** Whether there is anything to claim, without asking for the lock. */
export function hasRecent(folder: Folder): boolean {
  return folder.messages.records.some((record) => record.isRecent);
}

/** One step of `Mailbox.claimRecent`: moves new messages to `cur/`. The caller holds the mutex and the lock. */
export async function claimRecent(folder: Folder): Promise<UidSet> {
  const recent = folder.messages.records.filter((record) => record.isRecent);
  const { infoSeparator } = folder.account.settings;
  const renamings = recent
    .filter((record) => record.isNew)
    .map((record) => ({ record, nameAfter: (name: string) => withLetters(name, infoOf(name).letters, infoSeparator) }));
  const { gone } = await renameMessages(folder, renamings);
  const claimed = recent.filter((record) => !gone.has(record));
  for (const record of claimed) record.isRecent = false;
  return setOf(claimed.map((record) => record.uid));
}
