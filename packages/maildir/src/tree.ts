import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import {
  type CreateMailboxOptions,
  type MailboxId,
  type MailboxInfo,
  type MailboxPath,
  type SpecialUse,
  StoreError,
} from '@posthorn/core';
import { canonicalPath } from '@posthorn/mailbox-name';
import { rangeSet } from '@posthorn/message-set';
import type { AccountState } from './account-state.ts';
import { errorCode, isMissing } from './disk.ts';
import { withDotlock } from './dotlock.ts';
import type { Folder } from './folder.ts';
import { comparePaths, directoryOf, isBelow, isInboxPath, pathKey } from './folder-name.ts';
import {
  clearJournal,
  folderJournal,
  hasJournal,
  type JournalStep,
  readJournal,
  treeJournal,
  writeJournal,
} from './journal.ts';
import { holdFolders, lockFolders } from './lock-folders.ts';
import { recoverFolder } from './recover.ts';
import { randomHex } from './settings.ts';
import { readSubscriptions, subscribedKeys } from './subscriptions.ts';
import { transfer } from './transfer.ts';
import { formerValidity, rememberValidity } from './uid-validity.ts';
import { formatHeader, parseHeader } from './uidlist.ts';

const SPECIAL_USE = 'posthorn-special-use';
/** Directories that begin so are no mailboxes to anybody: they are being made or taken away. */
const SCRATCH = '..posthorn-';

/** Every mailbox and every name above one, parents before children. */
export async function listMailboxes(account: AccountState): Promise<readonly MailboxInfo[]> {
  const subscribed = subscribedKeys(readSubscriptions(account.root));
  const infos = new Map<string, MailboxInfo>();
  for (const { path, directoryName } of [{ path: ['INBOX'] as MailboxPath, directoryName: '' }, ...account.entries()]) {
    infos.set(pathKey(path), await infoOf(account, path, directoryName, subscribed));
  }
  for (const { path } of [...infos.values()]) {
    for (let length = path.length - 1; length > 0; length--) {
      const ancestor = path.slice(0, length) as unknown as MailboxPath;
      const key = pathKey(ancestor);
      if (infos.has(key)) break;
      const isSubscribed = subscribed.has(key);
      infos.set(key, {
        path: ancestor,
        id: undefined,
        isSelectable: false,
        allowsChildren: true,
        isSubscribed,
        specialUse: [],
      });
    }
  }
  return [...infos.values()].sort((left, right) => comparePaths(left.path, right.path));
}

/** One step of `Account.create`. */
export async function createMailbox(
  account: AccountState,
  path: MailboxPath,
  options: CreateMailboxOptions,
): Promise<MailboxInfo> {
  const directoryName = directoryOf(path);
  const name = canonicalPath(path);
  await changeTree(account, options.signal, async () => {
    if (account.resolve(name) === undefined) await makeFolder(account, directoryName, options);
    else if (directoryName === '' && options.uidValidity !== undefined)
      await restartInbox(account, options.uidValidity);
    else throw alreadyExists();
  });
  account.hub.notify(name);
  return infoOf(account, name, directoryName, subscribedKeys(readSubscriptions(account.root)));
}

/** One step of `Account.delete`. */
export async function deleteMailbox(
  account: AccountState,
  path: MailboxPath,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (isInboxPath(path)) throw new StoreError('STORE_CANNOT', 'INBOX cannot be deleted');
  const trash = await changeTree(account, signal, async () => {
    if (account.resolve(path) === undefined && below(account, path).length > 0) {
      throw new StoreError('STORE_HAS_CHILDREN', 'the name holds only children');
    }
    const folder = account.folderAt(path);
    await folder.refresh(signal);
    return holdFolders([folder], async () => {
      signal?.throwIfAborted();
      const { disk } = account.settings;
      const target = `${account.root}/${SCRATCH}${randomHex(account.settings, 8)}`;
      await rememberValidity(account.settings, account.root, folder.directoryName, folder);
      await disk.rename(folder.directory, target);
      await disk.syncDirectory(account.root);
      folder.markDeleted();
      return target;
    });
  });
  await removeTree(account, trash);
}

/** One step of `Account.rename`. */
export async function renameMailbox(
  account: AccountState,
  from: MailboxPath,
  to: MailboxPath,
  signal: AbortSignal | undefined,
): Promise<void> {
  directoryOf(to);
  const target = canonicalPath(to);
  await changeTree(account, signal, async () => {
    const isInbox = isInboxPath(from);
    const source = account.resolve(from);
    const children = isInbox ? [] : below(account, from);
    if (source === undefined && children.length === 0)
      throw new StoreError('STORE_NONEXISTENT', 'there is no such mailbox');
    if (account.resolve(target) !== undefined || below(account, target).length > 0) throw alreadyExists();
    if (isInbox) return moveInbox(account, target);
    if (isBelow(target, canonicalPath(from)))
      throw new StoreError('STORE_CANNOT', 'a mailbox cannot be moved below itself');
    const paths = [...(source === undefined ? [] : [canonicalPath(from)]), ...children];
    const folders: Folder[] = [];
    for (const path of paths) {
      const folder = account.folderAt(path);
      await folder.refresh(signal);
      folders.push(folder);
    }
    await holdFolders(folders, () => moveFolders(account, folders, from.length, target));
  });
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

/** Runs a change of the tree alone, in this process and among those that use this package. */
function changeTree<Result>(
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

async function makeFolder(account: AccountState, directoryName: string, options: CreateMailboxOptions): Promise<void> {
  const { settings, root } = account;
  const { disk } = settings;
  const former = formerValidity(root, directoryName)?.uidValidity ?? 0;
  if (options.uidValidity !== undefined && options.uidValidity <= former) {
    throw new StoreError('STORE_CANNOT', 'this name had that UIDVALIDITY, or a higher one, before');
  }
  const uidValidity = options.uidValidity ?? (await account.nextValidity(directoryName));
  const scratchName = `${SCRATCH}${randomHex(settings, 8)}`;
  const scratch = `${root}/${scratchName}`;
  try {
    for (const name of ['cur', 'new', 'tmp']) await disk.makeDirectory(`${scratch}/${name}`);
    disk.close(await disk.create(`${scratch}/maildirfolder`));
    const header = { uidValidity, nextUid: 1, guid: randomHex(settings, 16), extra: '' };
    await disk.replace(`${scratch}/dovecot-uidlist`, Buffer.from(formatHeader(header)));
    const uses = options.specialUse ?? [];
    if (uses.length > 0)
      await disk.replace(`${scratch}/${SPECIAL_USE}`, Buffer.from(uses.map((use) => `${use}\n`).join('')));
    await disk.syncDirectory(scratch);
    await disk.rename(scratch, `${root}/${directoryName}`);
    await disk.syncDirectory(root);
  } catch (error) {
    await removeTree(account, scratch).catch(() => {});
    if (['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw alreadyExists();
    throw error;
  }
}

/** Gives an INBOX that never held a message the UIDVALIDITY of the mailbox it is to mirror. */
async function restartInbox(account: AccountState, uidValidity: number): Promise<void> {
  const inbox = account.folderAt(['INBOX']);
  await inbox.refresh();
  await holdFolders([inbox], () =>
    inbox.withLock(async () => {
      await inbox.refreshHeld({ isForced: true, isLocked: true });
      if (inbox.uidNext !== 1 || inbox.records.length > 0) throw alreadyExists();
      await inbox.writeValidity(uidValidity);
    }),
  );
}

async function moveFolders(
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
async function moveInbox(account: AccountState, target: MailboxPath): Promise<void> {
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
    await disk.rename(folder.directory, `${account.root}/${SCRATCH}${randomHex(account.settings, 8)}`);
    folder.markDeleted();
    await clearJournal(disk, treeJournal(account.root));
    throw error;
  }
  await clearJournal(disk, treeJournal(account.root));
  account.hub.notify(target);
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
  if (isEmpty) await settings.disk.rename(directory, `${root}/${SCRATCH}${randomHex(settings, 8)}`);
}

async function infoOf(
  account: AccountState,
  path: MailboxPath,
  directoryName: string,
  subscribed: ReadonlySet<string>,
): Promise<MailboxInfo> {
  return {
    path,
    id: await idOf(account, path, directoryName),
    isSelectable: true,
    allowsChildren: true,
    isSubscribed: subscribed.has(pathKey(path)),
    specialUse: specialUseOf(account.directoryAt(directoryName)),
  };
}

/** The id stands in the first line of the uidlist; a folder without one is opened, which gives it one. */
async function idOf(account: AccountState, path: MailboxPath, directoryName: string): Promise<MailboxId> {
  const directory = account.directoryAt(directoryName);
  const guid = parseHeader(firstLine(`${directory}/dovecot-uidlist`))?.header.guid;
  return (guid ?? (await account.openFolder(path)).guid) as MailboxId;
}

function firstLine(path: string): string {
  const buffer = Buffer.alloc(512);
  try {
    const descriptor = openSync(path, 'r');
    try {
      const length = readSync(descriptor, buffer, 0, buffer.length, 0);
      return buffer.toString('latin1', 0, length).split('\n', 1)[0]!.replace(/\r$/, '');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

function specialUseOf(directory: string): readonly SpecialUse[] {
  try {
    const lines = readFileSync(`${directory}/${SPECIAL_USE}`, 'utf8').split('\n');
    return lines.filter((line) => line.startsWith('\\')) as unknown as readonly SpecialUse[];
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function below(account: AccountState, ancestor: MailboxPath): readonly MailboxPath[] {
  const top = canonicalPath(ancestor);
  return account
    .entries()
    .map((entry) => entry.path)
    .filter((path) => isBelow(path, top));
}

async function removeTree(account: AccountState, path: string): Promise<void> {
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

function alreadyExists(): StoreError {
  return new StoreError('STORE_ALREADY_EXISTS', 'the name is taken');
}
