import { readdirSync, type Stats, statSync } from 'node:fs';
import type { AbortOptions, AccountId, StoreSharing } from '@posthorn/core';
import { errorCode, isMissing } from '../disk/disk.ts';
import { guarded } from '../disk/store-failure.ts';
import { decodeAccountName, encodeAccountName } from '../format/account-name.ts';
import type { Settings } from '../settings.ts';

/** Beside the accounts: an empty file for each of which mailboxes were shared. No account begins with a dot. */
const NOTES = '.posthorn-shared';
/** Says that every account was looked through for what Dovecot shares. */
const COMPLETE = '.complete';

/**
 * The accounts below a directory of which mailboxes were shared. They are noted as they begin to share, so that nobody
 * has to look into all of them; once, when nothing was noted yet, all are looked through for the files `dovecot-acl`.
 */
export class SharedAccounts implements StoreSharing {
  readonly #root: string;
  readonly #settings: Settings;

  /** @param root - The directory that holds a Maildir for each account. */
  constructor(root: string, settings: Settings) {
    this.#root = root;
    this.#settings = settings;
  }

  owners({ signal }: AbortOptions = {}): Promise<readonly AccountId[]> {
    return guarded(async () => {
      const noted = namesIn(this.#notes);
      const names = noted.includes(COMPLETE) ? noted : await this.#lookThrough();
      return names.flatMap((name) => decodeAccountName(name) ?? []);
    }, signal);
  }

  /** Notes that an account is about to share a mailbox. */
  async note(owner: AccountId): Promise<void> {
    await this.#write(encodeAccountName(owner));
  }

  get #notes(): string {
    return `${this.#root}/${NOTES}`;
  }

  async #lookThrough(): Promise<readonly string[]> {
    for (const name of namesIn(this.#root)) {
      if (decodeAccountName(name) !== undefined && this.#isShared(`${this.#root}/${name}`)) await this.#write(name);
    }
    await this.#write(COMPLETE);
    return namesIn(this.#notes);
  }

  #isShared(root: string): boolean {
    const { layout, logger } = this.#settings;
    if (at(root)?.isDirectory() !== true) return false;
    const hasFile = (directory: string): boolean => at(`${directory}/dovecot-acl`)?.isFile() === true;
    return (
      hasFile(root) || layout.entries(root, logger).some(({ directoryName }) => hasFile(`${root}/${directoryName}`))
    );
  }

  async #write(name: string): Promise<void> {
    const { disk } = this.#settings;
    const path = `${this.#notes}/${name}`;
    if (at(path) !== undefined) return;
    await disk.makeDirectory(this.#notes);
    disk.close(await disk.open(path));
    await disk.syncDirectory(this.#notes);
  }
}

/** What is at a path, links followed: undefined for nothing. */
function at(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isMissing(error) || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** What is in a directory; nothing in one that is not there. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error) || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
