import { type CreateMailboxOptions, StoreError } from '@posthorn/core';
import type { AccountState } from './account-state.ts';
import { removeTree, scratchPath } from './change-tree.ts';
import { errorCode } from './disk.ts';
import { SPECIAL_USE } from './list-mailboxes.ts';
import { holdFolders } from './lock-folders.ts';
import { randomHex } from './settings.ts';
import { formerValidity } from './uid-validity.ts';
import { formatHeader } from './uidlist.ts';

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
  const scratch = scratchPath(account);
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
