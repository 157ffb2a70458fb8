import {
  type AbortOptions,
  type AccountAcl,
  type AccountId,
  type AclEntry,
  type MailboxPath,
  StoreError,
} from '@posthorn/core';
import type { AccountState } from './account-state.ts';

/** @see RFC 4314 section 2.1 */
const ALL_RIGHTS = 'lrswipkxtea';

/** Rights by identifier, kept with the mailbox. The account is that of the owner, who may do everything. */
export function memoryAcl(owner: AccountId, open: (signal?: AbortSignal) => AccountState): AccountAcl {
  const isOwner = (identifier: string): boolean => identifier.replace(/^-/, '') === owner;
  return {
    async entries(path: MailboxPath, { signal }: AbortOptions = {}): Promise<readonly AclEntry[]> {
      const { rights } = open(signal).mailboxAt(path);
      const others = [...rights].map(([identifier, granted]) => ({ identifier, rights: granted }));
      return [{ identifier: owner, rights: ALL_RIGHTS }, ...others];
    },
    change: (path, identifier, rights, { signal }: AbortOptions = {}) =>
      open(signal).change('share', signal, () => {
        const mailbox = open().mailboxAt(path);
        if (isOwner(identifier) || /^-?$/.test(identifier))
          throw new StoreError('STORE_CANNOT', 'the owner keeps all rights, and others need a name');
        if (rights !== undefined && [...rights].some((right) => !ALL_RIGHTS.includes(right)))
          throw new StoreError('STORE_CANNOT', `the rights are ${ALL_RIGHTS}`);
        if (rights === undefined) mailbox.rights.delete(identifier);
        else mailbox.rights.set(identifier, [...ALL_RIGHTS].filter((right) => rights.includes(right)).join(''));
      }),
    async myRights(path, { signal }: AbortOptions = {}) {
      open(signal).mailboxAt(path);
      return ALL_RIGHTS;
    },
    async grantable(path, identifier, { signal }: AbortOptions = {}) {
      open(signal).mailboxAt(path);
      return isOwner(identifier) ? { required: ALL_RIGHTS, optional: [] } : { required: '', optional: [...ALL_RIGHTS] };
    },
  };
}
