import { type CreateMailboxOptions, type MailboxInfo, type MailboxPath, StoreError } from '@posthorn/core';
import { canonicalPath } from '@posthorn/mailbox-name';
import type { AccountState } from '../account/account-state.ts';
import { isBelow, isInboxPath } from '../format/folder-name.ts';
import { rememberValidity } from '../format/uid-validity.ts';
import type { Folder } from '../mailbox/folder.ts';
import { changeTree } from './change-tree.ts';
import { infoOf, subscribedOf } from './list-mailboxes.ts';
import { holdFolders } from './lock-folders.ts';
import { alreadyExists, makeFolder, restartInbox } from './make-folder.ts';
import { moveFolders, moveInbox } from './move-folders.ts';
import { takeAway } from './place-folder.ts';
import { removeTree } from './scratch.ts';

/** One step of `Account.create`. */
export async function createMailbox(
  account: AccountState,
  path: MailboxPath,
  options: CreateMailboxOptions,
): Promise<MailboxInfo> {
  const directoryName = account.settings.layout.directoryOf(path);
  const name = canonicalPath(path);
  await changeTree(account, options.signal, async () => {
    if (account.resolve(name) === undefined) await makeFolder(account, directoryName, options);
    else if (directoryName === '' && options.uidValidity !== undefined)
      await restartInbox(account, options.uidValidity);
    else throw alreadyExists();
  });
  account.hub.notify(name);
  return infoOf(account, name, directoryName, subscribedOf(account));
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
      await rememberValidity(account.settings, account.root, folder.directoryName, folder);
      const target = await takeAway(account, folder.directoryName);
      await account.quota.invalidate();
      account.index?.forget(folder.guid, folder.uidValidity);
      account.index?.forgetListing(folder.directoryName);
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
  account.settings.layout.directoryOf(to);
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
  // Under another name messages may count, or no longer.
  if (account.settings.uncounted.size > 0) await account.quota.invalidate();
}

function below(account: AccountState, ancestor: MailboxPath): readonly MailboxPath[] {
  const top = canonicalPath(ancestor);
  return account
    .entries()
    .map((entry) => entry.path)
    .filter((path) => isBelow(path, top));
}
