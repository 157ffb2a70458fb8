import { type FSWatcher, statSync, watch } from 'node:fs';
import type { MailboxPath } from '@posthorn/core';
import type { AccountState } from '../account/account-state.ts';
import { isInboxPath, pathKey } from '../format/folder-name.ts';

/** Most directories that the operating system is asked to watch; the rest is found by looking. */
const MAX_WATCHED = 256;
const HINT_DELAY_MS = 20;

/** Looks for changes by other programs as long as anybody watches. The system's hints only make it look sooner. */
export class Watcher {
  readonly #account: AccountState;
  readonly #interests = new Map<symbol, ReadonlySet<string> | undefined>();
  readonly #signatures = new Map<string, string>();
  readonly #watched = new Map<string, readonly FSWatcher[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLooking = false;

  constructor(account: AccountState) {
    this.#account = account;
  }

  /** Begins to look at mailboxes; what is there now is the state that later looks are compared with. */
  add(paths: readonly MailboxPath[] | 'all'): symbol {
    const key = Symbol('watch');
    this.#interests.set(key, paths === 'all' ? undefined : new Set(paths.map(pathKey)));
    for (const { path, directoryName } of this.#wanted()) {
      if (!this.#signatures.has(pathKey(path)))
        this.#signatures.set(pathKey(path), signatureOf(this.#directory(directoryName)));
      this.#watchDirectory(directoryName);
    }
    this.#schedule(this.#account.settings.pollIntervalMs);
    return key;
  }

  remove(key: symbol): void {
    this.#interests.delete(key);
    if (this.#interests.size > 0) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#signatures.clear();
    for (const watchers of this.#watched.values()) for (const each of watchers) each.close();
    this.#watched.clear();
  }

  #schedule(delayMs: number): void {
    if (this.#interests.size === 0) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), delayMs);
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const wanted = this.#wanted();
      const seen = new Set<string>();
      for (const entry of wanted) {
        // The last who watched may have left while we looked.
        if (this.#interests.size === 0) return;
        seen.add(pathKey(entry.path));
        await this.#lookAt(entry.path, entry.directoryName);
      }
      for (const [key] of [...this.#signatures]) {
        if (seen.has(key)) continue;
        this.#signatures.delete(key);
        this.#account.hub.notify(key.split('\0') as unknown as MailboxPath);
      }
    } catch (error) {
      this.#account.settings.logger.debug('looking for changes failed', { reason: String(error) });
    } finally {
      this.#isLooking = false;
      this.#schedule(this.#account.settings.pollIntervalMs);
    }
  }

  async #lookAt(path: MailboxPath, directoryName: string): Promise<void> {
    const key = pathKey(path);
    const before = this.#signatures.get(key);
    this.#watchDirectory(directoryName);
    const folder = this.#account.folderIfOpen(directoryName);
    const signature = signatureOf(this.#directory(directoryName));
    this.#signatures.set(key, signature);
    if (folder === undefined) {
      if (signature !== before) this.#account.hub.notify(path);
      return;
    }
    // The folder tells the hub itself when it finds that something changed.
    await folder.refresh().catch((error: unknown) => {
      this.#account.settings.logger.debug('looking at a mailbox failed', { reason: String(error) });
      if (signature !== before) this.#account.hub.notify(path);
    });
  }

  #wanted(): readonly { readonly path: MailboxPath; readonly directoryName: string }[] {
    const interests = [...this.#interests.values()];
    const isAll = interests.includes(undefined);
    const all = [{ path: ['INBOX'] as MailboxPath, directoryName: '' }, ...this.#account.entries()];
    if (isAll) return all;
    return all.filter(({ path }) => interests.some((keys) => keys?.has(pathKey(isInboxPath(path) ? ['INBOX'] : path))));
  }

  #watchDirectory(directoryName: string): void {
    if (this.#watched.has(directoryName) || this.#watched.size >= MAX_WATCHED) return;
    const hint = (): void => this.#schedule(HINT_DELAY_MS);
    const watchers: FSWatcher[] = [];
    for (const place of ['new', 'cur']) {
      try {
        const watcher = watch(`${this.#directory(directoryName)}/${place}`, { persistent: false }, hint);
        watcher.on('error', () => watcher.close());
        watchers.push(watcher);
      } catch {
        // No more watches to be had, or none on this file system: looking is enough.
      }
    }
    this.#watched.set(directoryName, watchers);
  }

  #directory(directoryName: string): string {
    return this.#account.directoryAt(directoryName);
  }
}

function signatureOf(directory: string): string {
  return ['new', 'cur', 'dovecot-uidlist']
    .map((name) => statSync(`${directory}/${name}`, { bigint: true, throwIfNoEntry: false }))
    .map((stat) => (stat === undefined ? '' : `${stat.ino}.${stat.mtimeNs}`))
    .join(' ');
}
