import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { StoreError } from '@posthorn/core';
import type { AccountState } from './account-state.ts';
import { withDotlock } from './dotlock.ts';
import { clearJournal, folderJournal, hasJournal, readJournal, treeJournal } from './journal.ts';
import { recoverFolder } from './recover.ts';
import { randomHex } from './settings.ts';

/** Directories that begin so are no mailboxes to anybody: they are being made or taken away. */
const SCRATCH = '..posthorn-';

/** Runs a change of the tree alone, in this process and among those that use this package. */
export function changeTree<Result>(
  account: AccountState,
  signal: AbortSignal | undefined,
  change: () => Promise<Result>,
): Promise<Result> {
  const { settings, root } = account;
  return account.treeMutex.run(
    () =>
      withDotlock(settings, `${root}/posthorn-tree`, async () => {
        if (hasJournal(treeJournal(root))) await finishTree(account);
        // Whoever made these held this lock, and does not any more.
        for (const name of scratchIn(root)) if (!account.isRemoving(name)) await removeTree(account, `${root}/${name}`);
        signal?.throwIfAborted();
        return change();
      }),
    signal,
  );
}

/** Finishes what a program that died had begun to do to the folders, and removes what it left. */
export async function recoverAccount(account: AccountState): Promise<void> {
  if (hasJournal(treeJournal(account.root)) || scratchIn(account.root).length > 0) {
    await changeTree(account, undefined, async () => {});
  }
  // A move that was interrupted is known to its target alone, but the source must not be read before it is finished.
  for (const directoryName of ['', ...account.entries().map((entry) => entry.directoryName)]) {
    if (hasJournal(folderJournal(account.directoryAt(directoryName)))) await recoverIfIdle(account, directoryName);
  }
}

/** Finishes an interrupted change of messages, unless another program is just making it. */
async function recoverIfIdle(account: AccountState, directoryName: string): Promise<void> {
  const { settings, root } = account;
  const directory = account.directoryAt(directoryName);
  const recover = async (): Promise<void> => {
    if (hasJournal(folderJournal(directory))) await recoverFolder(settings, root, directory);
  };
  try {
    await withDotlock(settings, `${directory}/dovecot-uidlist`, recover, {
      timeoutMs: Math.min(2_000, settings.lockTimeoutMs),
    });
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'STORE_IN_USE')) throw error;
  }
}

async function finishTree(account: AccountState): Promise<void> {
  const { settings, root } = account;
  const { disk } = settings;
  for (const [type, ...values] of readJournal(treeJournal(root)) ?? []) {
    const [first, second] = values.map(String) as [string, string];
    if (type === 'move' && account.isFolder(first) && !account.isFolder(second))
      await disk.rename(`${root}/${first}`, `${root}/${second}`);
    if (type === 'moveInbox') await finishMoveInbox(account, first);
  }
  await disk.syncDirectory(root);
  await clearJournal(disk, treeJournal(root));
}

/** A new mailbox that holds nothing was not moved into: then the rename did not happen. */
async function finishMoveInbox(account: AccountState, directoryName: string): Promise<void> {
  const { settings, root } = account;
  const directory = `${root}/${directoryName}`;
  if (!account.isFolder(directoryName)) return;
  if (hasJournal(folderJournal(directory))) {
    await withDotlock(settings, `${directory}/dovecot-uidlist`, () => recoverFolder(settings, root, directory));
  }
  const isEmpty = ['new', 'cur'].every((place) => readdirSync(`${directory}/${place}`).length === 0);
  if (isEmpty) await settings.disk.rename(directory, scratchPath(account));
}

export async function removeTree(account: AccountState, path: string): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  account.startRemoving(name);
  try {
    await account.settings.disk.fault('unlink', path);
    await rm(path, { recursive: true, force: true });
  } finally {
    account.endRemoving(name);
  }
}

function scratchIn(root: string): readonly string[] {
  return readdirSync(root).filter((name) => name.startsWith(SCRATCH));
}

/** A directory that is no mailbox to anybody. */
export function scratchPath(account: AccountState): string {
  return `${account.root}/${SCRATCH}${randomHex(account.settings, 8)}`;
}
