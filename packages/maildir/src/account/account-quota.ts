import {
  type AbortOptions,
  type AccountQuota,
  type MailboxPath,
  type QuotaResourceName,
  type QuotaRoot,
  StoreError,
} from '@posthorn/core';
import type { RunHandle } from '../disk/run-handle.ts';
import type { AccountState } from './account-state.ts';

const COUNTED: ReadonlySet<QuotaResourceName> = new Set(['STORAGE', 'MESSAGE']);

/** The one root of an account, which its mailboxes share. */
export function accountQuota(account: AccountState, run: RunHandle): AccountQuota {
  const quota: AccountQuota = {
    roots: (path: MailboxPath, { signal }: AbortOptions = {}) =>
      run(signal, async () => (account.quota.counts(account.folderAt(path).path) ? [''] : [])),
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
  if (!account.settings.settableQuota) return quota;
  return {
    ...quota,
    limit: (name, limits, { signal }: AbortOptions = {}) =>
      run(signal, async () => {
        if (name !== '') throw new StoreError('STORE_NONEXISTENT', 'there is no such quota root');
        for (const resource of limits.keys())
          if (!COUNTED.has(resource)) throw new StoreError('STORE_CANNOT', `${resource} is not counted`);
        await account.quota.limit({ storage: limits.get('STORAGE'), messages: limits.get('MESSAGE') });
      }),
  };
}
