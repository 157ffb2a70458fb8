import { resolve } from 'node:path';
import {
  type AbortOptions,
  type Account,
  type AccountId,
  type MailStore,
  StoreError,
  type StoreTraits,
} from '@posthorn/core';
import { AccountState } from './account/account-state.ts';
import { MaildirAccount } from './account/maildir-account.ts';
import { SharedAccounts } from './account/shared-accounts.ts';
import { guarded } from './disk/store-failure.ts';
import { encodeAccountName } from './format/account-name.ts';
import { recoverAccount } from './layout/change-tree.ts';
import { MAX_NAMES } from './mailbox/folder-keywords.ts';
import { type MaildirOptions, type Settings, settingsOf } from './settings.ts';
import { AccountIndex } from './sidecar-index/account-index.ts';

/**
 * A mail store of Maildir++ directories, which Dovecot and other programs may use at the same time. An account that
 * is opened and not there is made.
 *
 * @param root - The Maildir of the account, or with `accounts: 'per-user'` the directory that holds one for each.
 */
export function openMaildir(root: string, options: MaildirOptions = {}): MailStore {
  return new MaildirStore(resolve(root), settingsOf(options), options.accounts ?? 'single');
}

/** Where the index of a Maildir lies when nothing else is said. */
const INDEX_DIRECTORY = 'posthorn-index';

class MaildirStore implements MailStore {
  readonly #root: string;
  /** Where each user has an account, and accounts say who may use their mailboxes. */
  readonly sharing: SharedAccounts | undefined;
  readonly #settings: Settings;
  readonly #kind: 'single' | 'per-user';
  readonly #accounts = new Map<string, AccountState>();
  readonly #indexes = new Map<string, Promise<AccountIndex | undefined>>();
  readonly #handles = new Set<MaildirAccount>();
  #hasIndex: boolean;
  #closing: Promise<void> | undefined;

  constructor(root: string, settings: Settings, kind: 'single' | 'per-user') {
    this.#root = root;
    this.#settings = settings;
    this.#kind = kind;
    this.sharing = kind === 'per-user' && settings.acl ? new SharedAccounts(root, settings) : undefined;
    this.#hasIndex = settings.index !== false;
  }

  get traits(): StoreTraits {
    return { durableModSeq: this.#hasIndex, crossProcess: true, maxKeywords: MAX_NAMES, keepsZone: false };
  }

  open(account: AccountId, { signal }: AbortOptions = {}): Promise<Account> {
    return guarded(async () => {
      this.#assertOpen();
      const name = encodeAccountName(account);
      const root = this.#kind === 'single' ? this.#root : `${this.#root}/${name}`;
      const state = this.#accounts.get(root) ?? new AccountState(this.#settingsOfAccount(), root);
      this.#accounts.set(root, state);
      await state.settings.disk.makeDirectory(root);
      this.#assertOpen();
      state.settings.disk.shareLike(root);
      const index = await this.#openIndex(root, name);
      this.#assertOpen();
      state.index = index;
      await recoverAccount(state);
      await state.openFolder(['INBOX'], signal);
      this.#assertOpen();
      const handle = new MaildirAccount(state, account, this.sharing, () => this.#handles.delete(handle));
      this.#handles.add(handle);
      return handle;
    }, signal);
  }

  /** Every caller waits for the end. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    for (const handle of [...this.#handles]) await handle.close();
    for (const account of this.#accounts.values()) await account.end();
    this.#accounts.clear();
    const indexes = await Promise.all(this.#indexes.values());
    this.#indexes.clear();
    for (const index of indexes) await index?.close();
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreError('STORE_CLOSED', 'the store was closed');
  }

  /** Accounts may differ in who shares their files. */
  #settingsOfAccount(): Settings {
    return { ...this.#settings, disk: this.#settings.disk.forAccount() };
  }

  async #openIndex(root: string, account: string): Promise<AccountIndex | undefined> {
    const { index } = this.#settings;
    if (index === false) return undefined;
    const directory =
      index === true
        ? `${root}/${this.#settings.layout.privatePlace}${INDEX_DIRECTORY}`
        : `${resolve(index)}/${account}`;
    const opening = this.#indexes.get(directory) ?? AccountIndex.open(this.#settings, directory);
    this.#indexes.set(directory, opening);
    const opened = await opening;
    if (opened === undefined) this.#hasIndex = false;
    return opened;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
