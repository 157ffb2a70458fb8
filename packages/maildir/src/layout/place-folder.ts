/**
 * Where the layout nests, the directory of a mailbox lies in that of its parent, which may hold no messages, and holds
 * those of its children, which stay when it goes.
 * @module
 */
import { lstatSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '@posthorn/core';
import type { AccountState } from '../account/account-state.ts';
import { errorCode } from '../disk/disk.ts';
import { clearJournal, treeJournal, writeJournal } from '../mailbox/journal.ts';
import { scratchPath } from './scratch.ts';

/** Makes the directories above that of a mailbox. @throws {@link StoreError} `STORE_CANNOT` */
export async function makeParents(account: AccountState, directoryName: string): Promise<void> {
  const parts = directoryName.split('/').slice(0, -1);
  for (let length = 1; length <= parts.length; length++) {
    const path = account.directoryAt(parts.slice(0, length).join('/'));
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) await account.settings.disk.makeDirectory(path);
    else if (!stat.isDirectory()) throw new StoreError('STORE_CANNOT', `${path} is not a directory`);
  }
}

/** Removes the directories above that of a mailbox which hold nothing any more. */
export async function removeEmptyParents(account: AccountState, directoryName: string): Promise<void> {
  for (let parent = dirname(directoryName); parent !== '.'; parent = dirname(parent)) {
    try {
      await account.settings.disk.removeDirectory(account.directoryAt(parent));
    } catch (error) {
      // Something is in it, or came into it just now.
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return;
      throw error;
    }
  }
}

/** Takes a mailbox without its children out of the tree, in one step. @returns What is to be removed. */
export async function takeAway(account: AccountState, directoryName: string): Promise<string> {
  const { settings, root } = account;
  const { disk } = settings;
  const target = scratchPath(account);
  const directory = account.directoryAt(directoryName);
  if (account.entries().some((entry) => entry.directoryName.startsWith(`${directoryName}/`))) {
    await disk.makeDirectory(target);
    await writeJournal(disk, treeJournal(root), [['empty', directoryName, target.slice(root.length + 1)]]);
    await disk.rename(`${directory}/cur`, `${target}/cur`);
    await emptyDirectory(account, directory, target);
    await clearJournal(disk, treeJournal(root));
    return target;
  }
  await disk.rename(directory, target);
  await disk.syncDirectory(dirname(directory));
  await removeEmptyParents(account, directoryName);
  return target;
}

/** Goes on with taking a mailbox away, when it was begun: then it has no `cur` any more. */
export async function finishTakingAway(account: AccountState, directoryName: string, scratch: string): Promise<void> {
  const [directory, target] = [account.directoryAt(directoryName), `${account.root}/${scratch}`];
  if (!isThere(`${target}/cur`) || isThere(`${directory}/cur`)) return;
  await emptyDirectory(account, directory, target);
}

/** Moves everything but the directories of children. */
async function emptyDirectory({ settings }: AccountState, directory: string, target: string): Promise<void> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const isChild = entry.isDirectory() && !settings.layout.isReserved(entry.name);
    if (!isChild) await settings.disk.rename(`${directory}/${entry.name}`, `${target}/${entry.name}`);
  }
  await settings.disk.syncDirectory(directory);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
