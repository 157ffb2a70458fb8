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
  hasFlag,
  type Mailbox,
  type MailboxId,
  type MailboxInfo,
  type MailboxPath,
  type MailboxStatus,
  type MaintenanceOptions,
  type MaintenanceReport,
  StoreError,
  type UidPairs,
  type UidSet,
} from '@posthorn/core';
import type { RunHandle } from '../disk/run-handle.ts';
import { guarded } from '../disk/store-failure.ts';
import { readSubscriptions, subscribedPaths, writeSubscription } from '../format/subscriptions.ts';
import { listMailboxes } from '../layout/list-mailboxes.ts';
import { holdFolders, lockFolders } from '../layout/lock-folders.ts';
import { createMailbox, deleteMailbox, renameMailbox } from '../layout/tree.ts';
import type { Folder } from '../mailbox/folder.ts';
import { MaildirMailbox } from '../mailbox/maildir-mailbox.ts';
import { countSize } from '../mailbox/meta.ts';
import { transfer } from '../mailbox/transfer.ts';
import { accountAcl } from './account-acl.ts';
import { accountFilters } from './account-filters.ts';
import { accountMetadata } from './account-metadata.ts';
import { accountQuota } from './account-quota.ts';
import type { AccountState } from './account-state.ts';
import { maintain } from './maintain.ts';
import type { SharedAccounts } from './shared-accounts.ts';

/** One handle on an account. */
export class MaildirAccount implements Account {
  readonly #state: AccountState;
  readonly #onClose: () => void;
  readonly metadata: AccountMetadata;
  readonly filters: AccountFilters;
  readonly acl: AccountAcl | undefined;
  readonly #quota: AccountQuota;
  #isClosed = false;

  constructor(state: AccountState, owner: AccountId, shared: SharedAccounts | undefined, onClose: () => void) {
    this.#state = state;
    this.#onClose = onClose;
    const run: RunHandle = (signal, work) => this.#run(signal, work);
    this.#quota = accountQuota(state, run);
    this.metadata = accountMetadata(state, run);
    this.filters = accountFilters(state, run);
    this.acl = state.settings.acl ? accountAcl(state, owner, run, shared) : undefined;
  }

  get quota(): AccountQuota | undefined {
    return this.#state.quota.isKept ? this.#quota : undefined;
  }

  list({ signal }: AbortOptions = {}): Promise<readonly MailboxInfo[]> {
    return this.#run(signal, () => listMailboxes(this.#state));
  }

  create(path: MailboxPath, options: CreateMailboxOptions = {}): Promise<MailboxInfo> {
    return this.#run(options.signal, () => createMailbox(this.#state, path, options));
  }

  delete(path: MailboxPath, { signal }: AbortOptions = {}): Promise<void> {
    return this.#run(signal, () => deleteMailbox(this.#state, path, signal));
  }

  rename(from: MailboxPath, to: MailboxPath, { signal }: AbortOptions = {}): Promise<void> {
    return this.#run(signal, () => renameMailbox(this.#state, from, to, signal));
  }

  subscribe(path: MailboxPath, on: boolean, { signal }: AbortOptions = {}): Promise<void> {
    return this.#run(signal, async () => {
      this.#state.settings.layout.directoryOf(path);
      await writeSubscription(this.#state.settings, this.#state.root, path, on);
    });
  }

  subscriptions({ signal }: AbortOptions = {}): Promise<readonly MailboxPath[]> {
    const { root, settings } = this.#state;
    return this.#run(signal, async () => subscribedPaths(readSubscriptions(root, settings.layout), settings.layout));
  }

  status(path: MailboxPath, { signal }: AbortOptions = {}): Promise<MailboxStatus> {
    return this.#run(signal, async () => statusOf(await this.#state.openFolder(path, signal)));
  }

  mailbox(path: MailboxPath, { signal }: AbortOptions = {}): Promise<Mailbox> {
    return this.#run(
      signal,
      async () => new MaildirMailbox(await this.#state.openFolder(path, signal), () => this.#isClosed),
    );
  }

  transfer(
    from: MailboxPath,
    uids: UidSet,
    to: MailboxPath,
    mode: 'copy' | 'move',
    { signal }: AbortOptions = {},
  ): Promise<UidPairs> {
    return this.#run(signal, async () => {
      const source = await this.#state.openFolder(from, signal);
      const target = await this.#state.openFolder(to, signal);
      const both = [source, target];
      return holdFolders(
        both,
        () =>
          lockFolders(both, async () => {
            for (const folder of new Set(both)) await folder.refreshHeld({ isLocked: true });
            signal?.throwIfAborted();
            return transfer(source, uids, target, mode);
          }),
        signal,
      );
    });
  }

  watch(paths: readonly MailboxPath[] | 'all', options: AbortOptions = {}): AsyncIterable<ChangeHint> {
    const { hub, watcher } = this.#state;
    if (this.#isClosed || options.signal?.aborted)
      return hub.watch(
        paths,
        () => true,
        () => {},
        options,
      );
    const interest = watcher.add(paths);
    const end = (): void => watcher.remove(interest);
    options.signal?.addEventListener('abort', end, { once: true });
    this.#watches.add(end);
    const onEnd = (): void => {
      this.#watches.delete(end);
      end();
    };
    return hub.watch(paths, () => this.#isClosed, onEnd, options);
  }

  maintain(options: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    return this.#run(options.signal, () => maintain(this.#state, options));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#watches) end();
    this.#watches.clear();
    this.#onClose();
    this.#state.hub.wake();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #watches = new Set<() => void>();

  #run<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    return guarded(async () => {
      if (this.#isClosed) throw new StoreError('STORE_CLOSED', 'the account was closed');
      return work();
    }, signal);
  }
}

async function statusOf(folder: Folder): Promise<MailboxStatus> {
  const records = [...folder.messages.records];
  for (const record of records) if (record.size < 0) await countSize(folder, record);
  return {
    id: folder.guid as MailboxId,
    uidValidity: folder.uidValidity,
    uidNext: folder.uidNext,
    highestModSeq: folder.messages.modSeq,
    messages: records.length,
    recent: records.filter((record) => record.isRecent).length,
    unseen: records.filter((record) => !hasFlag(record.flags, '\\Seen')).length,
    deleted: records.filter((record) => hasFlag(record.flags, '\\Deleted')).length,
    size: records.reduce((sum, record) => sum + Math.max(0, record.size), 0),
  };
}
