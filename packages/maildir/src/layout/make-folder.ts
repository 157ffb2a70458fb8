import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CreateMailboxOptions, StoreError } from '@posthorn/core';
import type { AccountState } from '../account/account-state.ts';
import { errorCode } from '../disk/disk.ts';
import { formerValidity } from '../format/uid-validity.ts';
import { formatHeader } from '../format/uidlist.ts';
import { randomHex } from '../settings.ts';
import { SPECIAL_USE } from './list-mailboxes.ts';
import { holdFolders } from './lock-folders.ts';
import { makeParents, removeEmptyParents } from './place-folder.ts';
import { removeTree, scratchPath } from './scratch.ts';

/** Makes a folder beside its place and puts it there in one step. */
export async function makeFolder(
  account: AccountState,
  directoryName: string,
  options: CreateMailboxOptions,
): Promise<void> {
  const { settings, root } = account;
  const { disk } = settings;
  const former = formerValidity(root, directoryName)?.uidValidity ?? 0;
  if (options.uidValidity !== undefined && options.uidValidity <= former) {
    throw new StoreError('STORE_CANNOT', 'this name had that UIDVALIDITY, or a higher one, before');
  }
  const uidValidity = options.uidValidity ?? (await account.nextValidity(directoryName));
  const files: FolderFiles = {
    header: formatHeader({ uidValidity, nextUid: 1, guid: randomHex(settings, 16), extra: '' }),
    specialUse: (options.specialUse ?? []).map((use) => `${use}\n`).join(''),
  };
  const directory = account.directoryAt(directoryName);
  if (settings.layout.nests && lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true)
    return fillFolder(account, directory, files);
  const scratch = scratchPath(account);
  try {
    await fillFolder(account, scratch, files);
    await makeParents(account, directoryName);
    await disk.rename(scratch, directory);
    await disk.syncDirectory(dirname(directory));
  } catch (error) {
    await removeTree(account, scratch).catch(() => {});
    await removeEmptyParents(account, directoryName).catch(() => {});
    if (['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(errorCode(error) ?? '')) throw alreadyExists();
    throw error;
  }
}

interface FolderFiles {
  readonly header: string;
  readonly specialUse: string;
}

/** Makes what a mailbox has in its directory; `cur` comes last, since it makes a mailbox of a directory. */
async function fillFolder({ settings }: AccountState, directory: string, files: FolderFiles): Promise<void> {
  const { disk, layout } = settings;
  for (const name of ['new', 'tmp']) await disk.makeDirectory(`${directory}/${name}`);
  if (!layout.nests) disk.close(await disk.create(`${directory}/maildirfolder`));
  await disk.replace(`${directory}/dovecot-uidlist`, Buffer.from(files.header));
  if (files.specialUse !== '') await disk.replace(`${directory}/${SPECIAL_USE}`, Buffer.from(files.specialUse));
  await disk.makeDirectory(`${directory}/cur`);
  await disk.syncDirectory(directory);
}

/** Gives an INBOX that never held a message the UIDVALIDITY of the mailbox it is to mirror. */
export async function restartInbox(account: AccountState, uidValidity: number): Promise<void> {
  const inbox = account.folderAt(['INBOX']);
  await inbox.refresh();
  await holdFolders([inbox], () =>
    inbox.withLock(async () => {
      await inbox.refreshHeld({ isForced: true, isLocked: true });
      if (inbox.uidNext !== 1 || inbox.messages.records.length > 0) throw alreadyExists();
      await inbox.writeValidity(uidValidity);
    }),
  );
}

/** The refusal of a name that is taken. */
export function alreadyExists(): StoreError {
  return new StoreError('STORE_ALREADY_EXISTS', 'the name is taken');
}
