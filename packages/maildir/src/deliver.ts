import { resolve } from 'node:path';
import { type AccountId, accountId, type Flag, type InternalDate, type MailboxPath, StoreError } from '@posthorn/core';
import { AccountState } from './account/account-state.ts';
import { guarded } from './disk/store-failure.ts';
import { encodeAccountName } from './format/account-name.ts';
import { entryPath, sortedLetters, withLetters } from './format/file-name.ts';
import { NOTHING } from './format/maildirsize.ts';
import type { Folder } from './mailbox/folder.ts';
import { stageMessage } from './mailbox/stage.ts';
import { openMaildir } from './maildir-store.ts';
import { type MaildirOptions, settingsOf } from './settings.ts';

export interface DeliverOptions
  extends Pick<
    MaildirOptions,
    | 'layout'
    | 'nameEncoding'
    | 'quota'
    | 'settableQuota'
    | 'exemptFromQuota'
    | 'clock'
    | 'random'
    | 'infoSeparator'
    | 'fsync'
    | 'fault'
    | 'logger'
    | 'lockTimeoutMs'
  > {
  /**
   * Whose mail it is, where the root holds a Maildir for each account, as with `accounts: 'per-user'` of `openMaildir`.
   * @defaultValue the root is the Maildir
   */
  readonly account?: AccountId | undefined;
  /** @defaultValue INBOX */
  readonly path?: MailboxPath | undefined;
  /** @defaultValue none */
  readonly flags?: readonly Flag[] | undefined;
  /** @defaultValue now */
  readonly internalDate?: InternalDate | undefined;
  /** Makes the mailbox when it is missing. @defaultValue false */
  readonly create?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where a delivered message lies. */
export interface Delivery {
  /** The file. Readers may rename it at once. */
  readonly file: string;
  /** Octets written. */
  readonly size: number;
}

/**
 * Delivers one message into a Maildir as a mail delivery agent does: without a lock, so that any number of processes
 * deliver at once. It gets its UID from whoever looks next. When this resolves, the message is on the disk; when it
 * rejects, there is none.
 *
 * Line ends are taken for those of the system: a message with bare line feeds is kept so and read with CRLF.
 *
 * @param root - The Maildir of the account; made when it is missing.
 * @throws {@link StoreError} `STORE_NONEXISTENT` for a mailbox that is not there; `STORE_OVER_QUOTA` when the disk
 *   is full, or the account; what the body throws, unchanged.
 */
export function deliver(
  root: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: DeliverOptions = {},
): Promise<Delivery> {
  const { path = ['INBOX'], flags = [], internalDate, create = false, signal } = options;
  return guarded(async () => {
    const place = options.account === undefined ? root : `${root}/${encodeAccountName(options.account)}`;
    const account = new AccountState(settingsOf(options), resolve(place));
    const { disk } = account.settings;
    await disk.makeDirectory(account.root);
    disk.shareLike(account.root);
    if (create && account.resolve(path) === undefined) await makeMailbox(account.root, path, options);
    const folder = account.folderAt(path);
    await folder.makeDirectories();
    const { letters, more } = await spellFlags(folder, flags);
    const isPlain = letters === '' && more.length === 0;
    const { written, file: open } = await stageMessage(folder, { body, internalDate }, signal, true);
    const temporary = `${folder.directory}/tmp/${written.temporary}`;
    const directory = `${folder.directory}/${isPlain ? 'new' : 'cur'}`;
    const name = isPlain ? written.base : withLetters(written.base, letters, account.settings.infoSeparator);
    const file = `${directory}/${name}`;
    try {
      await open.finish();
      if (more.length > 0) {
        const kept = new Map([[written.base, more]]);
        await folder.mutex.run(() => folder.withLock(() => folder.keywords.keep(kept)));
      }
      signal?.throwIfAborted();
      const usage = account.quota.counts(path) ? { storage: written.size, messages: 1 } : NOTHING;
      await account.quota.check(usage);
      await account.quota.record(
        async () => {
          await disk.rename(temporary, entryPath(directory, name));
          await disk.syncDirectory(directory);
        },
        () => usage,
      );
      return { file, size: written.size };
    } catch (error) {
      for (const left of [temporary, file]) await disk.remove(left).catch(() => {});
      throw error;
    }
  }, signal);
}

async function makeMailbox(root: string, path: MailboxPath, options: DeliverOptions): Promise<void> {
  const store = openMaildir(root, { ...options, index: false });
  try {
    const account = await store.open(accountId('delivery'));
    await account.create(path);
  } catch (error) {
    // Another delivery was first.
    if (!(error instanceof StoreError && error.code === 'STORE_ALREADY_EXISTS')) throw error;
  } finally {
    await store.close();
  }
}

/**
 * The letters of flags in the mailbox's file names, and the keywords that have none. A new keyword is given a letter,
 * as long as there are any, which takes a lock.
 */
async function spellFlags(
  folder: Folder,
  flags: readonly Flag[],
): Promise<{ readonly letters: string; readonly more: readonly Flag[] }> {
  const isKnown = (flag: Flag): boolean => folder.keywords.letterOf(flag) !== undefined;
  if (!flags.every(isKnown)) {
    await folder.refresh();
    if (!flags.every(isKnown)) await folder.mutex.run(() => folder.withLock(() => folder.nameKeywords(flags)));
  }
  const letters = sortedLetters(flags.map((flag) => folder.keywords.letterOf(flag) ?? '').join(''));
  return { letters, more: flags.filter((flag) => !isKnown(flag)) };
}
