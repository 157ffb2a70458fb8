import {
  type AbortOptions,
  type AccountQuota,
  type MailboxPath,
  type QuotaResourceName,
  type QuotaRoot,
  StoreError,
} from '@posthorn/core';
import type { AccountState } from './account-state.ts';

/** Most that one account may hold. */
export interface AccountLimits {
  /** Octets of all messages. @defaultValue no limit */
  readonly storage?: number | undefined;
  /** @defaultValue no limit */
  readonly messages?: number | undefined;
}

interface Usage {
  readonly storage: number;
  readonly messages: number;
}

const COUNTED: ReadonlySet<QuotaResourceName> = new Set(['STORAGE', 'MESSAGE']);

/** @throws {@link StoreError} `STORE_OVER_QUOTA` when there is no room for so much more. */
export function checkRoom(account: AccountState, more: Usage): void {
  if (more.storage <= 0 && more.messages <= 0) return;
  const { storage = Number.POSITIVE_INFINITY, messages = Number.POSITIVE_INFINITY } = account.limits;
  const used = usageOf(account);
  if (used.storage + more.storage > storage || used.messages + more.messages > messages) {
    throw new StoreError('STORE_OVER_QUOTA', 'the account has no room for that');
  }
}

/**
 * The one root of an account, which its mailboxes share.
 * @param isSettable - Whether users may set limits.
 */
export function memoryQuota(open: (signal?: AbortSignal) => AccountState, isSettable: boolean): AccountQuota {
  const quota: AccountQuota = {
    async roots(path: MailboxPath, { signal }: AbortOptions = {}) {
      const account = open(signal);
      return account.counts(account.mailboxAt(path)) ? [''] : [];
    },
    async root(name: string, { signal }: AbortOptions = {}): Promise<QuotaRoot | undefined> {
      const account = open(signal);
      if (name !== '') return undefined;
      const { storage, messages } = usageOf(account);
      const { limits } = account;
      return {
        name,
        usages: [
          { resource: 'STORAGE', usage: storage, limit: limits.storage },
          { resource: 'MESSAGE', usage: messages, limit: limits.messages },
        ],
      };
    },
  };
  if (!isSettable) return quota;
  return {
    ...quota,
    limit: async (name, limits, { signal }: AbortOptions = {}) =>
      open(signal).change('limit', signal, () => {
        if (name !== '') throw new StoreError('STORE_NONEXISTENT', 'there is no such quota root');
        for (const resource of limits.keys())
          if (!COUNTED.has(resource)) throw new StoreError('STORE_CANNOT', `${resource} is not counted`);
        open().ownLimits = { storage: limits.get('STORAGE'), messages: limits.get('MESSAGE') };
      }),
  };
}

function usageOf(account: AccountState): Usage {
  let storage = 0;
  let messages = 0;
  for (const mailbox of account.mailboxes.values()) {
    if (!account.counts(mailbox)) continue;
    storage += mailbox.size;
    messages += mailbox.records.length;
  }
  return { storage, messages };
}
