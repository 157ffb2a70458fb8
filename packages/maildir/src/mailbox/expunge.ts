import { type ExpungeResult, hasFlag, type UidSet } from '@posthorn/core';
import { fileSize } from '../account/count-usage.ts';
import { Breath } from '../disk/breath.ts';
import { entryPath } from '../format/file-name.ts';
import { minus, NOTHING, type Usage } from '../format/maildirsize.ts';
import type { Folder } from './folder.ts';
import { clearJournal, folderJournal, type JournalStep, writeJournal } from './journal.ts';
import { knownFileSize, type MessageRecord } from './message-record.ts';
import { step } from './recover.ts';

/** The uidlist is written anew when less than three quarters of its lines are messages. */
const MIN_LINES = 100;

/** One step of `Mailbox.expunge`. The caller holds the mutex and the lock. */
export async function expunge(folder: Folder, uids: UidSet, onlyDeleted: boolean): Promise<ExpungeResult> {
  const asked = folder.messages.select(uids);
  const chosen = onlyDeleted ? asked.filter((record) => hasFlag(record.flags, '\\Deleted')) : asked;
  const expunged = await removeMessages(folder, chosen);
  return { expunged, highestModSeq: folder.messages.modSeq };
}

/** Removes messages: all or none; when the disk fails in the middle, the next who takes the lock removes the rest. */
async function removeMessages(folder: Folder, records: readonly MessageRecord[]): Promise<UidSet> {
  const { disk } = folder.account.settings;
  if (records.length > 1) await writeJournal(disk, folderJournal(folder.directory), removalSteps(folder, records));
  if (records.length > 0) {
    try {
      const freed = usageOf(folder, records);
      await folder.account.quota.record(
        () => unlinkMessages(folder, records),
        () => minus(freed),
      );
    } catch (error) {
      const isWhole = (await folder.locate(records[0]!.base)) !== undefined;
      if (isWhole && records.length > 1) await clearJournal(disk, folderJournal(folder.directory));
      throw error;
    }
  }
  if (records.length > 1) await clearJournal(disk, folderJournal(folder.directory));
  const uids = folder.messages.apply({ gone: records });
  if (records.length > 0) folder.account.hub.notify(folder.path);
  if (folder.uidlist.lines > MIN_LINES && folder.messages.records.length < folder.uidlist.lines * 0.75)
    await compact(folder);
  return uids;
}

/** Dead lines do no harm: they can wait for a better day. */
async function compact(folder: Folder): Promise<void> {
  try {
    await folder.compactUidlist();
  } catch (error) {
    const { logger } = folder.account.settings;
    logger.warn('the list of UIDs could not be written anew', { path: folder.uidlistPath, reason: String(error) });
  }
}

/** What messages take up, when anybody wants to know. */
function usageOf(folder: Folder, records: readonly MessageRecord[]): Usage {
  const { quota } = folder.account;
  if (!quota.isKept || !quota.counts(folder.path)) return NOTHING;
  let storage = 0;
  for (const record of records) {
    storage += knownFileSize(record.base, record.fields) ?? fileSize(folder.filePlace(record), record.name);
  }
  return { storage, messages: records.length };
}

export function removalSteps(folder: Folder, records: readonly MessageRecord[]): readonly JournalStep[] {
  return records.map(({ isNew, name }) => step.remove(folder.directoryName, isNew ? 'new' : 'cur', name));
}

/** Removes the files of messages. Fails either before the first is gone, or when some cannot be removed at all. */
export async function unlinkMessages(folder: Folder, records: readonly MessageRecord[]): Promise<void> {
  const breath = new Breath();
  const failed: MessageRecord[] = [];
  let failure: unknown;
  await folder.ownChange(async () => {
    for (const record of records) {
      if (breath.isDue()) await breath.pause();
      try {
        await unlinkMessage(folder, record);
      } catch (error) {
        // Before anything is gone the whole is given up; afterwards it is better finished as far as possible.
        if (record === records[0]) throw error;
        failed.push(record);
        failure = error;
      }
    }
    for (const record of failed.splice(0)) await unlinkMessage(folder, record).catch(() => failed.push(record));
    if (failed.length > 0) throw failure;
  });
}

async function unlinkMessage(folder: Folder, record: MessageRecord): Promise<void> {
  const { disk } = folder.account.settings;
  if (await disk.remove(entryPath(folder.filePlace(record), record.name))) return;
  const found = await folder.locate(record.base);
  if (found !== undefined) await disk.remove(entryPath(folder.filePlace(found), found.name));
}
