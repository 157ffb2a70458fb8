import { FifoMutex, type MailboxPath, StoreError } from '@posthorn/core';
import { canonicalPath } from '@posthorn/mailbox-name';
import { isInboxPath, pathKey } from '../format/folder-name.ts';
import { formerValidity, takeValidity } from '../format/uid-validity.ts';
import { UniqueNames } from '../format/unique-name.ts';
import { ChangeHub } from '../history/change-hub.ts';
import { Watcher } from '../history/watcher.ts';
import type { FolderEntry } from '../layout/layout.ts';
import { Folder } from '../mailbox/folder.ts';
import { StructureCache } from '../mailbox/structure-cache.ts';
import type { Settings } from '../settings.ts';
import type { AccountIndex } from '../sidecar-index/account-index.ts';
import { type Ledger, volatileLedger } from '../sidecar-index/ledger.ts';
import { QuotaKeeper } from './quota-keeper.ts';

/** What is known of one account, shared by all handles of this process. */
export class AccountState {
  readonly settings: Settings;
  /** The account's Maildir. */
  readonly root: string;
  readonly hub: ChangeHub = new ChangeHub();
  readonly names: UniqueNames;
  /** Held by who creates, deletes or renames mailboxes. */
  readonly treeMutex: FifoMutex = new FifoMutex();
  readonly watcher: Watcher = new Watcher(this);
  readonly quota: QuotaKeeper = new QuotaKeeper(this);
  readonly structures: StructureCache = new StructureCache();
  /** What is kept beside the files, when it is. */
  index: AccountIndex | undefined;
  #isEnded = false;
  readonly #folders = new Map<string, Folder>();
  readonly #removing = new Set<string>();

  constructor(settings: Settings, root: string) {
    this.settings = settings;
    this.root = root;
    this.names = new UniqueNames(settings);
  }

  /** Gives out the mod-sequences of a mailbox. */
  ledgerOf(guid: string, uidValidity: number): Ledger {
    return this.index?.ledgerOf(guid, uidValidity) ?? volatileLedger(this.settings);
  }

  /** The path of a folder's directory. */
  directoryAt(directoryName: string): string {
    return directoryName === '' ? this.root : `${this.root}/${directoryName}`;
  }

  /** The folder of a path, not yet loaded. @throws {@link StoreError} `STORE_NONEXISTENT` */
  folderAt(path: MailboxPath): Folder {
    const name = canonicalPath(path);
    const directoryName = this.resolve(name);
    if (directoryName === undefined) throw new StoreError('STORE_NONEXISTENT', 'there is no such mailbox');
    const known = this.#folders.get(directoryName);
    if (known !== undefined && !known.isDeleted) return known;
    const folder = new Folder(this, name, directoryName);
    this.#folders.set(directoryName, folder);
    return folder;
  }

  /** The folder of a directory, when it is open. */
  folderIfOpen(directoryName: string): Folder | undefined {
    const folder = this.#folders.get(directoryName);
    return folder?.isLoaded === true ? folder : undefined;
  }

  /** The folder of a path, brought up to date. @throws {@link StoreError} `STORE_NONEXISTENT` */
  async openFolder(path: MailboxPath, signal?: AbortSignal): Promise<Folder> {
    for (let round = 0; ; round++) {
      const folder = this.folderAt(path);
      try {
        await folder.refresh(signal);
        return folder;
      } catch (error) {
        if (!folder.isLoaded) this.forget(folder);
        // Deleted and made again by another program: the successor is what the path names now.
        const isSucceeded = folder.isDeleted && round === 0 && this.resolve(path) !== undefined;
        if (!isSucceeded) throw error;
      }
    }
  }

  /** Whether a directory is being removed right now. */
  isRemoving(path: string): boolean {
    return this.#removing.has(path);
  }

  startRemoving(path: string): void {
    this.#removing.add(path);
  }

  endRemoving(path: string): void {
    this.#removing.delete(path);
  }

  forget(folder: Folder): void {
    if (this.#folders.get(folder.directoryName) === folder) this.#folders.delete(folder.directoryName);
  }

  /**
   * Lets changes that are under way come to their end, so that nobody uses the index when it is closed, and keeps what
   * the next process need not list again. What comes later is refused.
   */
  async end(): Promise<void> {
    await this.treeMutex.run(() => {
      this.#isEnded = true;
    });
    for (const folder of this.#folders.values()) await folder.keepListing();
    this.index = undefined;
  }

  /** @throws {@link StoreError} `STORE_CLOSED` */
  assertOpen(): void {
    if (this.#isEnded) throw new StoreError('STORE_CLOSED', 'the store was closed');
  }

  /** A folder got another directory. */
  moved(folder: Folder, directoryName: string, path: MailboxPath): void {
    this.forget(folder);
    this.index?.forgetListing(folder.directoryName);
    folder.directoryName = directoryName;
    folder.path = path;
    this.#folders.set(directoryName, folder);
  }

  /** The directory that holds a path, or undefined when there is none. */
  resolve(path: MailboxPath): string | undefined {
    if (isInboxPath(path)) return '';
    const usual = this.settings.layout.tryDirectoryOf(path);
    if (usual === undefined) return undefined;
    if (this.isFolder(usual)) return usual;
    // A name that another program spelled in its own way, such as raw UTF-8.
    const key = pathKey(path);
    return this.entries().find((entry) => pathKey(entry.path) === key)?.directoryName;
  }

  /** Whether a directory below the root is a mailbox. Links are not followed. */
  isFolder(directoryName: string): boolean {
    return this.settings.layout.isFolder(this.root, directoryName);
  }

  /** All mailboxes but INBOX, in no order. */
  entries(): readonly FolderEntry[] {
    return this.settings.layout.entries(this.root, this.settings.logger);
  }

  /** A UIDVALIDITY that the directory name never had. */
  async nextValidity(directoryName: string): Promise<number> {
    const former = formerValidity(this.root, directoryName)?.uidValidity ?? 0;
    return takeValidity(this.settings, this.root, former);
  }
}
