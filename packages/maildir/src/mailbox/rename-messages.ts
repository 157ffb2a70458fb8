import { Breath } from '../disk/breath.ts';
import { isMissing } from '../disk/disk.ts';
import { entryPath } from '../format/file-name.ts';
import { type KeptKeywords, NO_KEYWORDS } from '../sidecar-index/more-keywords.ts';
import type { Folder } from './folder.ts';
import { clearJournal, folderJournal, writeJournal } from './journal.ts';
import type { MessageRecord } from './message-record.ts';
import { step } from './recover.ts';

/** The name that a message is to have in `cur/`, made of the one it has. */
export interface Renaming {
  readonly record: MessageRecord;
  readonly nameAfter: (name: string) => string;
}

interface Done {
  readonly record: MessageRecord;
  readonly name: string;
  readonly oldName: string;
  readonly wasNew: boolean;
}

const MAX_LISTINGS = 10;

/**
 * Renames message files: all, or none when the disk fails. A file that another program renamed meanwhile is found
 * again; one that it removed is in `gone`. The caller holds the mutex and the lock.
 * @param kept - Keywords without a letter that messages are to have in the same step
 */
export async function renameMessages(
  folder: Folder,
  renamings: readonly Renaming[],
  kept: KeptKeywords = NO_KEYWORDS,
): Promise<{ readonly gone: ReadonlySet<MessageRecord> }> {
  const gone = new Set<MessageRecord>();
  if (renamings.length + kept.size === 0) return { gone };
  const { disk } = folder.account.settings;
  const steps = [...renamings.map(journalStep), ...[...kept].map(([base, flags]) => step.keywords(base, flags))];
  if (steps.length > 1) await writeJournal(disk, folderJournal(folder.directory), steps, { isDurable: false });
  const before = new Map([...kept.keys()].map((base) => [base, folder.keywords.moreOf(base)]));
  const done: Done[] = [];
  try {
    await folder.keywords.keep(kept);
    await folder.ownChange(async () => {
      const breath = new Breath();
      for (const renaming of renamings) {
        if (breath.isDue()) await breath.pause();
        const renamed = await renameOne(folder, renaming);
        if (renamed === undefined) gone.add(renaming.record);
        else done.push(renamed);
      }
    });
  } catch (error) {
    for (const each of done.reverse()) await undo(folder, each);
    await folder.keywords.keep(before).catch(() => {});
    if (steps.length > 1) await clearJournal(disk, folderJournal(folder.directory)).catch(() => {});
    throw error;
  }
  if (steps.length > 1) await clearJournal(disk, folderJournal(folder.directory));
  const touched = done.filter(({ record, name }) => folder.rename(record, name, false)).map(({ record }) => record);
  for (const base of kept.keys()) {
    const record = folder.messages.byBase.get(base);
    if (record !== undefined && folder.readFlags(record)) touched.push(record);
  }
  touched.sort((left, right) => left.uid - right.uid);
  if (touched.length + gone.size > 0) {
    folder.messages.apply({ touched, gone: [...gone].sort((left, right) => left.uid - right.uid) });
    folder.account.hub.notify(folder.path);
  }
  return { gone };
}

function journalStep({ record, nameAfter }: Renaming): ReturnType<typeof step.rename> {
  return step.rename(record.isNew ? 'new' : 'cur', record.name, 'cur', nameAfter(record.name));
}

/** Undefined when the file is gone. */
async function renameOne(folder: Folder, { record, nameAfter }: Renaming): Promise<Done | undefined> {
  const { disk } = folder.account.settings;
  const target = folder.filePlace({ isNew: false });
  let { name: oldName, isNew: wasNew } = record;
  for (let round = 0; round < MAX_LISTINGS; round++) {
    const name = nameAfter(oldName);
    try {
      await disk.rename(entryPath(folder.filePlace({ isNew: wasNew }), oldName), entryPath(target, name));
      return { record, name, oldName, wasNew };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const found = await folder.locate(record.base);
    if (found === undefined) return undefined;
    oldName = found.name;
    wasNew = found.isNew;
  }
  return undefined;
}

async function undo(folder: Folder, { name, oldName, wasNew }: Done): Promise<void> {
  const { disk } = folder.account.settings;
  await disk
    .rename(
      entryPath(folder.filePlace({ isNew: false }), name),
      entryPath(folder.filePlace({ isNew: wasNew }), oldName),
    )
    .catch(() => {
      // It stays changed; the next listing finds it so.
    });
}
