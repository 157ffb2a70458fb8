import type { AbortOptions, AccountQuota, MailboxPath, QuotaRoot } from '@posthorn/core';
import type { RunHandle } from '../disk/run-handle.ts';
import type { AccountState } from './account-state.ts';

/** The one root of an account, which all its mailboxes share. */
export function accountQuota(account: AccountState, run: RunHandle): AccountQuota {
  return {
    roots: (path: MailboxPath, { signal }: AbortOptions = {}) =>
      run(signal, async () => {
        account.folderAt(path);
        return [''];
      }),
    root: (name: string, { signal }: AbortOptions = {}) =>
      run(signal, async (): Promise<QuotaRoot | undefined> => {
        if (name !== '') return undefined;
        const { limits, used } = await account.quota.read();
        return {
          name,
          usages: [
            { resource: 'STORAGE', usage: used.storage, limit: limits.storage },
            { resource: 'MESSAGE', usage: used.messages, limit: limits.messages },
          ],
        };
      }),
  };
}
