import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { type AbortOptions, type AccountFilters, StoreError } from '@posthorn/core';
import { errorCode, isMissing } from '../disk/disk.ts';
import type { RunHandle } from '../disk/run-handle.ts';
import { withDotlock } from '../format/dotlock.ts';
import { scriptFile, scriptName } from '../format/script-name.ts';
import type { AccountState } from './account-state.ts';

/** What was active and no script of this directory is kept under this name, as Pigeonhole does. */
const ORIGINAL = 'dovecot.orig';

/**
 * Sieve scripts as Pigeonhole keeps them, told `file:MAILDIR/sieve;active=MAILDIR/.dovecot.sieve`: a file for each, and
 * a link to the active one.
 */
export function accountFilters(account: AccountState, run: RunHandle): AccountFilters {
  const scripts = new ScriptDirectory(account);
  const change = (signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> =>
    run(signal, () =>
      withDotlock(account.settings, `${account.root}/posthorn-sieve`, async () => {
        signal?.throwIfAborted();
        await work();
      }),
    );
  return {
    list: ({ signal }: AbortOptions = {}) =>
      run(signal, async () => {
        const active = scripts.active();
        return [...scripts.files()]
          .map(([name, file]) => ({ name, isActive: file === active }))
          .sort((left, right) => (left.name < right.name ? -1 : 1));
      }),
    read: (name, { signal }: AbortOptions = {}) =>
      run(signal, async () => new Uint8Array(await readFile(scripts.path(scripts.existing(name))))),
    put: (name, script, { signal }: AbortOptions = {}) => change(signal, () => scripts.put(name, script)),
    delete: (name, { signal }: AbortOptions = {}) => change(signal, () => scripts.delete(name)),
    rename: (from, to, { signal }: AbortOptions = {}) => change(signal, () => scripts.rename(from, to)),
    activate: (name, { signal }: AbortOptions = {}) => change(signal, () => scripts.activate(name)),
  };
}

class ScriptDirectory {
  readonly #account: AccountState;

  constructor(account: AccountState) {
    this.#account = account;
  }

  /** Where mailboxes are plain directories, none can be in its place. */
  get #name(): string {
    return this.#account.settings.layout.nests ? 'posthorn-sieve' : 'sieve';
  }

  get #link(): string {
    return `${this.#account.root}/.dovecot.sieve`;
  }

  path(file: string): string {
    return `${this.#account.root}/${this.#name}/${file}`;
  }

  /** Files by the names of their scripts. */
  files(): ReadonlyMap<string, string> {
    const files = new Map<string, string>();
    const [active, inode] = this.#sharedInode();
    for (const entry of this.#entries()) {
      const name = entry.isFile() ? scriptName(entry.name) : undefined;
      if (name === undefined) continue;
      // A rename that was interrupted left the active script under two names: the one that is active counts.
      if (inode !== undefined && entry.name !== active && this.#inodeOf(entry.name) === inode) continue;
      files.set(name, entry.name);
    }
    return files;
  }

  /** The file of the active script and its inode, when it has another name as well. */
  #sharedInode(): readonly [file: string | undefined, inode: bigint | undefined] {
    const file = this.active();
    const stat = file && lstatSync(this.path(file), { bigint: true, throwIfNoEntry: false });
    return stat && stat.nlink > 1n ? [file, stat.ino] : [file, undefined];
  }

  #inodeOf(file: string): bigint | undefined {
    return lstatSync(this.path(file), { bigint: true, throwIfNoEntry: false })?.ino;
  }

  /** The file of the active script. */
  active(): string | undefined {
    try {
      const target = resolve(this.#account.root, readlinkSync(this.#link));
      return dirname(target) === resolve(this.#account.root, this.#name) ? basename(target) : undefined;
    } catch (error) {
      if (isMissing(error) || errorCode(error) === 'EINVAL') return undefined;
      throw error;
    }
  }

  existing(name: string): string {
    const file = this.files().get(name);
    if (file === undefined) throw new StoreError('STORE_NONEXISTENT', 'there is no such script');
    return file;
  }

  async put(name: string, script: Uint8Array): Promise<void> {
    const { disk } = this.#account.settings;
    const path = this.path(this.files().get(name) ?? scriptFile(name));
    await disk.makeDirectory(this.path('').slice(0, -1));
    await disk.replace(path, script);
  }

  async delete(name: string): Promise<void> {
    const file = this.existing(name);
    if (this.active() === file) throw new StoreError('STORE_IN_USE', 'the script is the active one');
    await this.#account.settings.disk.remove(this.path(file));
  }

  async rename(from: string, to: string): Promise<void> {
    const { disk } = this.#account.settings;
    const file = this.existing(from);
    if (this.files().has(to)) throw new StoreError('STORE_ALREADY_EXISTS', 'there is a script of that name');
    const target = scriptFile(to);
    if (this.active() !== file) return disk.rename(this.path(file), this.path(target));
    // At no moment is none active.
    await disk.remove(this.path(target));
    await disk.link(this.path(file), this.path(target));
    await disk.replaceLink(`${this.#name}/${target}`, this.#link);
    // Whoever lists them passes over the old name.
    await disk.remove(this.path(file)).catch(() => {});
  }

  async activate(name: string | undefined): Promise<void> {
    const { disk } = this.#account.settings;
    const file = name === undefined ? undefined : this.existing(name);
    await this.#keepOriginal();
    if (file === undefined) await disk.remove(this.#link);
    else await disk.replaceLink(`${this.#name}/${file}`, this.#link);
  }

  /** A script that somebody wrote in the place of the link is not lost. */
  async #keepOriginal(): Promise<void> {
    if (lstatSync(this.#link, { throwIfNoEntry: false })?.isFile() !== true) return;
    await this.put(ORIGINAL, await readFile(this.#link));
  }

  #entries() {
    try {
      return readdirSync(this.path(''), { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}
