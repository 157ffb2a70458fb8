import {
  type AbortOptions,
  type Account,
  type AccountAcl,
  type AccountFilters,
  type AccountId,
  type AccountMetadata,
  type AccountQuota,
  type ChangeHint,
  type CreateMailboxOptions,
  type Mailbox,
  type MailboxInfo,
  type MailboxPath,
  type MailboxStatus,
  type MaintenanceOptions,
  type MaintenanceReport,
  StoreError,
  type UidPairs,
  type UidSet,
} from '@posthorn/core';
import { memoryAcl } from './account-acl.ts';
import { memoryFilters } from './account-filters.ts';
import { memoryMetadata } from './account-metadata.ts';
import { memoryQuota } from './account-quota.ts';
import type { AccountState } from './account-state.ts';
import { pathOfKey } from './mailbox-names.ts';
import { createMailbox, deleteMailbox, listMailboxes, renameMailbox, subscribe } from './mailbox-tree.ts';
import { MemoryMailbox } from './memory-mailbox.ts';
import { transfer } from './transfer.ts';

/** One handle on an account. */
export class MemoryAccount implements Account {
  readonly quota: AccountQuota;
  readonly metadata: AccountMetadata = memoryMetadata((signal) => this.#open(signal));
  readonly filters: AccountFilters = memoryFilters((signal) => this.#open(signal));
  readonly acl: AccountAcl | undefined;
  readonly #state: AccountState;
  readonly #onClose: () => void;
  #isClosed = false;

  constructor(state: AccountState, owner: AccountId, onClose: () => void) {
    this.quota = memoryQuota((signal) => this.#open(signal), state.settings.settableLimits);
    this.acl = state.settings.acl ? memoryAcl(owner, (signal) => this.#open(signal)) : undefined;
    this.#state = state;
    this.#onClose = onClose;
  }

  async list({ signal }: AbortOptions = {}): Promise<readonly MailboxInfo[]> {
    return listMailboxes(this.#open(signal));
  }

  async create(path: MailboxPath, { signal, ...options }: CreateMailboxOptions = {}): Promise<MailboxInfo> {
    return this.#open(signal).change('create', signal, () => createMailbox(this.#open(), path, options));
  }

  async delete(path: MailboxPath, { signal }: AbortOptions = {}): Promise<void> {
    return this.#open(signal).change('delete', signal, () => deleteMailbox(this.#open(), path));
  }

  async rename(from: MailboxPath, to: MailboxPath, { signal }: AbortOptions = {}): Promise<void> {
    return this.#open(signal).change('rename', signal, () => renameMailbox(this.#open(), from, to));
  }

  async subscribe(path: MailboxPath, on: boolean, { signal }: AbortOptions = {}): Promise<void> {
    return this.#open(signal).change('subscribe', signal, () => subscribe(this.#open(), path, on));
  }

  async subscriptions({ signal }: AbortOptions = {}): Promise<readonly MailboxPath[]> {
    return [...this.#open(signal).subscriptions].map(pathOfKey);
  }

  async status(path: MailboxPath, { signal }: AbortOptions = {}): Promise<MailboxStatus> {
    return this.#open(signal).mailboxAt(path).status();
  }

  async mailbox(path: MailboxPath, { signal }: AbortOptions = {}): Promise<Mailbox> {
    const account = this.#open(signal);
    return new MemoryMailbox(account, account.mailboxAt(path), () => this.#isClosed);
  }

  async transfer(
    from: MailboxPath,
    uids: UidSet,
    to: MailboxPath,
    mode: 'copy' | 'move',
    { signal }: AbortOptions = {},
  ): Promise<UidPairs> {
    return this.#open(signal).change('transfer', signal, () => transfer(this.#open(), from, uids, to, mode));
  }

  watch(paths: readonly MailboxPath[] | 'all', options: AbortOptions = {}): AsyncIterable<ChangeHint> {
    return this.#state.hub.watch(paths, () => this.#isClosed, options);
  }

  async maintain({ signal }: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    this.#open(signal);
    return { more: false, removed: 0 };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClose();
    this.#state.hub.wakeClosed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(signal?: AbortSignal): AccountState {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'the account was closed');
    return this.#state;
  }
}
