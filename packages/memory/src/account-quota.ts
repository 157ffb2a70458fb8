import { type AbortOptions, type AccountQuota, type MailboxPath, type QuotaRoot, StoreError } from '@posthorn/core';
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

/** @throws {@link StoreError} `STORE_OVER_QUOTA` when there is no room for so much more. */
export function checkRoom(account: AccountState, more: Usage): void {
  const { storage = Number.POSITIVE_INFINITY, messages = Number.POSITIVE_INFINITY } = account.settings.limits;
  const used = usageOf(account);
  if (used.storage + more.storage > storage || used.messages + more.messages > messages) {
    throw new StoreError('STORE_OVER_QUOTA', 'the account has no room for that');
  }
}

/** The one root of an account, which all its mailboxes share. */
export function memoryQuota(open: (signal?: AbortSignal) => AccountState): AccountQuota {
  return {
    async roots(path: MailboxPath, { signal }: AbortOptions = {}) {
      open(signal).mailboxAt(path);
      return [''];
    },
    async root(name: string, { signal }: AbortOptions = {}): Promise<QuotaRoot | undefined> {
      const account = open(signal);
      if (name !== '') return undefined;
      const { storage, messages } = usageOf(account);
      const { limits } = account.settings;
      return {
        name,
        usages: [
          { resource: 'STORAGE', usage: storage, limit: limits.storage },
          { resource: 'MESSAGE', usage: messages, limit: limits.messages },
        ],
      };
    },
  };
}

function usageOf(account: AccountState): Usage {
  let storage = 0;
  let messages = 0;
  for (const mailbox of account.mailboxes.values()) {
    storage += mailbox.size;
    messages += mailbox.records.length;
  }
  return { storage, messages };
}
