import type { MailboxPath } from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import type { AccountState } from './account-state.ts';
import { scratchPath } from './change-tree.ts';
import type { Folder } from './folder.ts';
import { directoryOf } from './folder-name.ts';
import { clearJournal, type JournalStep, treeJournal, writeJournal } from './journal.ts';
import { holdFolders, lockFolders } from './lock-folders.ts';
import { makeFolder } from './make-folder.ts';
import { transfer } from './transfer.ts';
import { formerValidity, rememberValidity } from './uid-validity.ts';

/** Gives folders, whose mutexes are held, the names below `target` that correspond to those they have: all or none. */
export async function moveFolders(
  account: AccountState,
  folders: readonly Folder[],
  depth: number,
  target: MailboxPath,
): Promise<void> {
  const { settings, root } = account;
  const { disk } = settings;
  const moves = folders.map((folder) => {
    const path = [...target, ...folder.path.slice(depth)] as unknown as MailboxPath;
    return { folder, path, from: folder.directoryName, to: directoryOf(path) };
  });
  for (const { folder, from, to } of moves) {
    const former = formerValidity(root, to);
    // A mailbox that comes back to a name it had keeps its UIDVALIDITY: its UIDs still name the same messages.
    if (former !== undefined && former.guid !== folder.guid && former.uidValidity >= folder.uidValidity) {
      const uidValidity = await account.nextValidity(to);
      await folder.withLock(() => folder.writeValidity(uidValidity));
    }
    await rememberValidity(settings, root, from, folder);
  }
  if (moves.length > 1)
    await writeJournal(
      disk,
      treeJournal(root),
      moves.map(({ from, to }): JournalStep => ['move', from, to]),
    );
  const done: typeof moves = [];
  try {
    for (const move of moves) {
      await disk.rename(`${root}/${move.from}`, `${root}/${move.to}`);
      done.push(move);
    }
    await disk.syncDirectory(root);
  } catch (error) {
    for (const { from, to } of done.reverse()) await disk.rename(`${root}/${to}`, `${root}/${from}`).catch(() => {});
    if (moves.length > 1) await clearJournal(disk, treeJournal(root)).catch(() => {});
    throw error;
  }
  if (moves.length > 1) await clearJournal(disk, treeJournal(root));
  for (const { folder, path, to } of moves) {
    const before = folder.path;
    account.moved(folder, to, path);
    account.hub.notify(before);
    account.hub.notify(path);
  }
}

/** Renaming INBOX makes a mailbox and moves all messages there. */
export async function moveInbox(account: AccountState, target: MailboxPath): Promise<void> {
  const { disk } = account.settings;
  const directoryName = directoryOf(target);
  await writeJournal(disk, treeJournal(account.root), [['moveInbox', directoryName]]);
  await makeFolder(account, directoryName, {});
  const [inbox, folder] = [account.folderAt(['INBOX']), account.folderAt(target)];
  await inbox.refresh();
  await folder.refresh();
  try {
    await holdFolders([inbox, folder], () =>
      lockFolders([inbox, folder], () => transfer(inbox, rangeSet(1 as never, 0xffff_ffff as never), folder, 'move')),
    );
  } catch (error) {
    await disk.rename(folder.directory, scratchPath(account));
    folder.markDeleted();
    await clearJournal(disk, treeJournal(account.root));
    throw error;
  }
  await clearJournal(disk, treeJournal(account.root));
  account.hub.notify(target);
}
