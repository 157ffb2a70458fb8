import { readdirSync } from 'node:fs';
import { StoreError } from '@posthorn/core';
import type { AccountState } from '../account/account-state.ts';
import { withDotlock } from '../format/dotlock.ts';
import { clearJournal, folderJournal, hasJournal, readJournal, treeJournal } from '../mailbox/journal.ts';
import { recoverFolder } from '../mailbox/recover.ts';
import { finishTakingAway, takeAway } from './place-folder.ts';
import { removeTree, scratchIn } from './scratch.ts';

/** Runs a change of the tree alone, in this process and among those that use this package. */
export function changeTree<Result>(
  account: AccountState,
  signal: AbortSignal | undefined,
  change: () => Promise<Result>,
): Promise<Result> {
  const { settings, root } = account;
  return account.treeMutex.run(() => {
    account.assertOpen();
    return withDotlock(settings, `${root}/posthorn-tree`, async () => {
      if (hasJournal(treeJournal(root))) await finishTree(account);
      // Whoever made these held this lock, and does not any more.
      for (const path of scratchIn(account)) if (!account.isRemoving(path)) await removeTree(account, path);
      signal?.throwIfAborted();
      return change();
    });
  }, signal);
}

/** Finishes what a program that died had begun to do to the folders, and removes what it left. */
export async function recoverAccount(account: AccountState): Promise<void> {
  if (hasJournal(treeJournal(account.root)) || scratchIn(account).length > 0) {
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
    if (type === 'empty') await finishTakingAway(account, first, second);
  }
  await disk.syncDirectory(root);
  await clearJournal(disk, treeJournal(root));
}

/** A new mailbox that holds nothing was not moved into: then the rename of INBOX did not happen. */
export async function finishMoveInbox(account: AccountState, directoryName: string): Promise<void> {
  const { settings, root } = account;
  const directory = `${root}/${directoryName}`;
  if (!account.isFolder(directoryName)) return;
  if (hasJournal(folderJournal(directory))) {
    await withDotlock(settings, `${directory}/dovecot-uidlist`, () => recoverFolder(settings, root, directory));
  }
  const isEmpty = ['new', 'cur'].every((place) => readdirSync(`${directory}/${place}`).length === 0);
  if (isEmpty) await takeAway(account, directoryName);
}
