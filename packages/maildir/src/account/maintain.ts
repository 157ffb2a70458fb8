import { readdirSync, statSync } from 'node:fs';
import type { MailboxPath, MaintenanceOptions, MaintenanceReport } from '@posthorn/core';
import { arrivalSeconds, entryPath } from '../format/file-name.ts';
import { isAbandonedName } from '../format/unique-name.ts';
import { recoverAccount } from '../layout/change-tree.ts';
import type { Folder } from '../mailbox/folder.ts';
import type { AccountState } from './account-state.ts';

/** Deliveries take less than this: what lies in `tmp/` for longer is of no use to anybody. */
const MAX_DELIVERY_MS = 36 * 3_600_000;

/** Removes what crashed deliveries left in `tmp/` and the index knows of messages that are gone, and finishes interrupted changes. */
export async function maintain(
  account: AccountState,
  { budgetMs = 1_000, signal }: MaintenanceOptions,
): Promise<MaintenanceReport> {
  const end = performance.now() + budgetMs;
  await recoverAccount(account);
  let removed = 0;
  for (const { path, directoryName } of [{ path: ['INBOX'] as MailboxPath, directoryName: '' }, ...account.entries()]) {
    if (performance.now() > end) return { more: true, removed };
    signal?.throwIfAborted();
    removed += await cleanTemporary(account, account.directoryAt(directoryName));
    const folder = await account.openFolder(path, signal);
    removed += await sweepKeywords(folder);
    if (folder.number !== undefined)
      removed += account.index?.structures.sweep(folder.number, (uid) => folder.messages.find(uid) !== undefined) ?? 0;
  }
  return { more: false, removed };
}

/** Those of a message that is being delivered stay. */
function sweepKeywords(folder: Folder): Promise<number> {
  const oldest = (Date.now() - MAX_DELIVERY_MS) / 1_000;
  const isThere = (base: string): boolean => folder.messages.byBase.has(base) || (arrivalSeconds(base) ?? 0) > oldest;
  if (!folder.keywords.hasMore) return Promise.resolve(0);
  return folder.mutex.run(() => folder.withLock(() => folder.keywords.sweep(isThere)));
}

async function cleanTemporary(account: AccountState, directory: string): Promise<number> {
  let removed = 0;
  const oldest = Date.now() - MAX_DELIVERY_MS;
  for (const name of readdirSync(`${directory}/tmp`, 'latin1')) {
    const path = entryPath(`${directory}/tmp`, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile()) continue;
    // A message of long ago is written with its date: only the change of its inode tells when that was.
    if (Math.max(stat.mtimeMs, stat.ctimeMs) > oldest && !isAbandonedName(name)) continue;
    if (await account.settings.disk.remove(path)) removed++;
  }
  return removed;
}
