import { readFileSync } from 'node:fs';
import {
  type AbortOptions,
  type AccountAcl,
  type AccountId,
  type AclEntry,
  type MailboxPath,
  StoreError,
} from '@posthorn/core';
import { isMissing } from '../disk/disk.ts';
import type { RunHandle } from '../disk/run-handle.ts';
import { ALL_RIGHTS, inOrder, parseAcl, withEntry } from '../format/acl-text.ts';
import { withDotlock } from '../format/dotlock.ts';
import type { AccountState } from './account-state.ts';
import type { SharedAccounts } from './shared-accounts.ts';

/**
 * Whom Dovecot lets use a mailbox: the file `dovecot-acl` in it. The account is that of the owner, who may do everything.
 *
 * @param shared - Where it is noted that the account shares something; undefined where it is the only one.
 */
export function accountAcl(
  account: AccountState,
  owner: AccountId,
  run: RunHandle,
  shared: SharedAccounts | undefined,
): AccountAcl {
  const fileOf = (path: MailboxPath): string => `${account.folderAt(path).directory}/dovecot-acl`;
  const isOwner = (identifier: string): boolean => ['owner', owner].includes(identifier.replace(/^-/, ''));
  return {
    entries: (path, { signal }: AbortOptions = {}) =>
      run(signal, async (): Promise<readonly AclEntry[]> => {
        const entries = parseAcl(readText(fileOf(path)));
        return [{ identifier: owner, rights: ALL_RIGHTS }, ...entries.filter(({ identifier }) => !isOwner(identifier))];
      }),
    change: (path, identifier, rights, { signal }: AbortOptions = {}) =>
      run(signal, async () => {
        const file = fileOf(path);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters refused
        if (isOwner(identifier) || /^-?$|[\u0000-\u001f\u007f]/.test(identifier))
          throw new StoreError('STORE_CANNOT', 'the owner keeps all rights, and others need a name');
        if (rights !== undefined && [...rights].some((right) => !ALL_RIGHTS.includes(right)))
          throw new StoreError('STORE_CANNOT', `the rights are ${ALL_RIGHTS}`);
        const { settings } = account;
        if (rights !== undefined) await shared?.note(owner);
        await withDotlock(settings, file, async () => {
          const before = readText(file);
          const after = withEntry(before, identifier, rights === undefined ? undefined : inOrder(rights));
          signal?.throwIfAborted();
          if (after === '') await settings.disk.remove(file);
          else if (after !== before) await settings.disk.replace(file, Buffer.from(after));
        });
      }),
    myRights: (path, { signal }: AbortOptions = {}) =>
      run(signal, async () => {
        account.folderAt(path);
        return ALL_RIGHTS;
      }),
    grantable: (path, identifier, { signal }: AbortOptions = {}) =>
      run(signal, async () => {
        account.folderAt(path);
        return isOwner(identifier)
          ? { required: ALL_RIGHTS, optional: [] }
          : { required: '', optional: [...ALL_RIGHTS] };
      }),
  };
}

/** At once, since the kernel mostly has it: a list of shared mailboxes reads one for each. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
