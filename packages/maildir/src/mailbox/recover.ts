import { readdirSync } from 'node:fs';
import { invalidateUsage } from '../account/quota-keeper.ts';
import { isMissing } from '../disk/disk.ts';
import { baseOf, entryPath } from '../format/file-name.ts';
import type { UidlistRecord } from '../format/uidlist.ts';
import { UidlistFile } from '../format/uidlist-file.ts';
import type { Settings } from '../settings.ts';
import { appendKept } from '../sidecar-index/more-keywords.ts';
import { moreKeywordsPath } from './folder-keywords.ts';
import { clearJournal, folderJournal, type JournalStep, readJournal } from './journal.ts';

/** Steps of a folder's journal. Places are directories relative to the root, such as `.A/cur`. */
export const step = {
  /** A staged file becomes a message with this UID. */
  publish: (
    temporary: string,
    place: 'new' | 'cur',
    name: string,
    { uid, fields, base }: Pick<UidlistRecord, 'uid' | 'fields' | 'base'>,
  ): JournalStep => ['publish', temporary, place, name, uid, fields, base],
  /** A message gets another name, within its folder. */
  rename: (fromPlace: string, from: string, toPlace: string, to: string): JournalStep => [
    'rename',
    fromPlace,
    from,
    toPlace,
    to,
  ],
  /** A message has these keywords for which there is no letter. */
  keywords: (base: string, flags: readonly string[]): JournalStep => ['keywords', base, ...flags],
  /** A message is removed; `folder` is the directory of its folder below the root. */
  remove: (folder: string, place: 'new' | 'cur', name: string): JournalStep => ['remove', folder, place, name],
};

/** Finishes what a program that died had begun. The caller holds the lock of the folder. Doing it twice does no harm. */
export async function recoverFolder(settings: Settings, root: string, directory: string): Promise<void> {
  const steps = readJournal(folderJournal(directory));
  if (steps !== undefined) {
    settings.logger.info('a change that was interrupted is finished', { directory, steps: steps.length });
    for (const each of steps) await finishFiles(settings, root, directory, each);
    const kept = steps.filter(([type]) => type === 'keywords').map(([, ...words]) => words.map(String));
    if (kept.length > 0)
      await appendKept(settings, moreKeywordsPath(directory), new Map(kept.map(([base, ...flags]) => [base!, flags])));
    await finishUidlist(settings, directory, steps);
    if (steps.some(([type]) => type === 'publish' || type === 'remove')) await invalidateUsage(settings, root);
  }
  await clearJournal(settings.disk, folderJournal(directory));
}

async function finishFiles(
  settings: Settings,
  root: string,
  directory: string,
  [type, ...values]: JournalStep,
): Promise<void> {
  const words = values.map(String);
  if (type === 'publish')
    await move(settings, entryPath(`${directory}/tmp`, words[0]!), entryPath(`${directory}/${words[1]}`, words[2]!));
  if (type === 'rename') {
    await move(
      settings,
      entryPath(`${directory}/${words[0]}`, words[1]!),
      entryPath(`${directory}/${words[2]}`, words[3]!),
    );
  }
  if (type === 'remove')
    await removeMessage(settings, words[0] === '' ? root : `${root}/${words[0]}`, words[1]!, words[2]!);
}

async function finishUidlist(settings: Settings, directory: string, steps: readonly JournalStep[]): Promise<void> {
  const path = `${directory}/dovecot-uidlist`;
  const uidlist = new UidlistFile(settings.disk, settings.logger);
  const news = await uidlist.read(path);
  if (news === 'missing' || news === 'broken') return;
  let { nextUid } = uidlist;
  const added: UidlistRecord[] = [];
  const present = new Set([...namesIn(`${directory}/new`), ...namesIn(`${directory}/cur`)]);
  for (const [type, , , name, uid, fields, base] of steps) {
    if (type !== 'publish' || uidlist.byBase.has(String(base)) || Number(uid) < nextUid) continue;
    if (!present.has(String(name))) continue;
    added.push({ uid: Number(uid), fields: String(fields), base: String(base), seenIn: 0 });
    nextUid = Number(uid) + 1;
  }
  if (added.length > 0) await uidlist.append(path, added);
}

async function move(
  settings: Settings,
  from: Parameters<Settings['disk']['rename']>[0],
  to: typeof from,
): Promise<void> {
  try {
    await settings.disk.rename(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Removes a message whose flags may have changed since. */
async function removeMessage(settings: Settings, directory: string, place: string, name: string): Promise<void> {
  if (await settings.disk.remove(entryPath(`${directory}/${place}`, name))) return;
  for (const each of ['new', 'cur']) {
    const found = namesIn(`${directory}/${each}`).find((candidate) => baseOf(candidate) === baseOf(name));
    if (found !== undefined) await settings.disk.remove(entryPath(`${directory}/${each}`, found));
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, 'latin1');
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
