import { dirname } from 'node:path';
import type { MailboxPath } from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import { copyAnnotations } from '../account/account-metadata.ts';
import type { AccountState } from '../account/account-state.ts';
import { errorCode } from '../disk/disk.ts';
import { formerValidity, rememberValidity } from '../format/uid-validity.ts';
import type { Folder } from '../mailbox/folder.ts';
import { clearJournal, type JournalStep, treeJournal, writeJournal } from '../mailbox/journal.ts';
import { transfer } from '../mailbox/transfer.ts';
import { finishMoveInbox } from './change-tree.ts';
import { holdFolders, lockFolders } from './lock-folders.ts';
import { alreadyExists, makeFolder } from './make-folder.ts';
import { makeParents, removeEmptyParents } from './place-folder.ts';

/** Gives folders, whose mutexes are held, the names below `target` that correspond to those they have: all or none. */
export async function moveFolders(
  account: AccountState,
  folders: readonly Folder[],
  depth: number,
  target: MailboxPath,
): Promise<void> {
  const { settings, root } = account;
  const moves = folders.map((folder) => {
    const path = [...target, ...folder.path.slice(depth)] as unknown as MailboxPath;
    return { folder, path, ...directoriesOf(account, folder.directoryName, depth, target, path) };
  });
  const renames = [...new Map(moves.map(({ rename }) => [rename.from, rename])).values()];
  for (const { folder, from, to } of moves) {
    const former = formerValidity(root, to);
    // A mailbox that comes back to a name it had keeps its UIDVALIDITY: its UIDs still name the same messages.
    if (former !== undefined && former.guid !== folder.guid && former.uidValidity >= folder.uidValidity) {
      const uidValidity = await account.nextValidity(to);
      await folder.withLock(() => folder.writeValidity(uidValidity));
    }
    await rememberValidity(settings, root, from, folder);
  }
  await renameAll(account, renames);
  for (const { folder, path, to } of moves) {
    const before = folder.path;
    account.moved(folder, to, path);
    account.hub.notify(before);
    account.hub.notify(path);
  }
}

interface Rename {
  readonly from: string;
  readonly to: string;
}

/** The directories of a mailbox before and after, and the rename that brings it there: its own, or one above it. */
function directoriesOf(
  { settings: { layout } }: AccountState,
  from: string,
  depth: number,
  target: MailboxPath,
  path: MailboxPath,
): Rename & { readonly rename: Rename } {
  if (!layout.nests) {
    const rename = { from, to: layout.directoryOf(path) };
    return { ...rename, rename };
  }
  const top = from.split('/').slice(0, depth).join('/');
  const rename = { from: top, to: layout.directoryOf(target) };
  return { from, to: `${rename.to}${from.slice(top.length)}`, rename };
}

/** Renames directories below the root, all or none. */
async function renameAll(account: AccountState, renames: readonly Rename[]): Promise<void> {
  const { settings, root } = account;
  const { disk } = settings;
  const isJournaled = renames.length > 1;
  if (isJournaled)
    await writeJournal(
      disk,
      treeJournal(root),
      renames.map(({ from, to }): JournalStep => ['move', from, to]),
    );
  const done: Rename[] = [];
  try {
    for (const rename of renames) {
      await makeParents(account, rename.to);
      await disk.rename(account.directoryAt(rename.from), account.directoryAt(rename.to));
      done.push(rename);
    }
    const changed = renames.flatMap(({ from, to }) => [from, to].map((name) => dirname(account.directoryAt(name))));
    for (const directory of new Set(changed)) await disk.syncDirectory(directory);
  } catch (error) {
    for (const { from, to } of done.reverse()) {
      await disk.rename(account.directoryAt(to), account.directoryAt(from)).catch(() => {});
    }
    for (const { to } of renames) await removeEmptyParents(account, to).catch(() => {});
    if (isJournaled) await clearJournal(disk, treeJournal(root)).catch(() => {});
    if (['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw alreadyExists();
    throw error;
  }
  if (isJournaled) await clearJournal(disk, treeJournal(root));
  for (const { from } of renames) await removeEmptyParents(account, from);
}

/** Renaming INBOX makes a mailbox and moves all messages there. */
export async function moveInbox(account: AccountState, target: MailboxPath): Promise<void> {
  const { disk } = account.settings;
  const directoryName = account.settings.layout.directoryOf(target);
  await writeJournal(disk, treeJournal(account.root), [['moveInbox', directoryName]]);
  await makeFolder(account, directoryName, {});
  try {
    const [inbox, folder] = [account.folderAt(['INBOX']), account.folderAt(target)];
    await copyAnnotations(account, inbox.directory, folder.directory);
    await inbox.refresh();
    await folder.refresh();
    await holdFolders([inbox, folder], () =>
      lockFolders([inbox, folder], () => transfer(inbox, rangeSet(1 as never, 0xffff_ffff as never), folder, 'move')),
    );
  } catch (error) {
    // What was moved stays moved: only a mailbox that holds nothing is taken away again, now or by who changes the tree next.
    await finishMoveInbox(account, directoryName)
      .then(() => clearJournal(disk, treeJournal(account.root)))
      .catch(() => {});
    if (!account.isFolder(directoryName)) account.folderIfOpen(directoryName)?.markDeleted();
    throw error;
  }
  await clearJournal(disk, treeJournal(account.root));
  account.hub.notify(target);
}
