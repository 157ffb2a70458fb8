import { resolve } from 'node:path';
import { accountId, type Flag, type InternalDate, type MailboxPath, StoreError } from '@posthorn/core';
import { AccountState } from './account-state.ts';
import { entryPath, sortedLetters, withLetters } from './file-name.ts';
import type { Folder } from './folder.ts';
import { openMaildir } from './maildir-store.ts';
import { type MaildirOptions, settingsOf } from './settings.ts';
import { stageMessage } from './stage.ts';
import { guarded } from './store-failure.ts';

export interface DeliverOptions
  extends Pick<
    MaildirOptions,
    | 'layout'
    | 'nameEncoding'
    | 'quota'
    | 'clock'
    | 'random'
    | 'infoSeparator'
    | 'fsync'
    | 'fault'
    | 'logger'
    | 'lockTimeoutMs'
  > {
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
    const account = new AccountState(settingsOf(options), resolve(root));
    const { disk } = account.settings;
    await disk.makeDirectory(account.root);
    disk.shareLike(account.root);
    if (create && account.resolve(path) === undefined) await makeMailbox(root, path, options);
    const folder = account.folderAt(path);
    await folder.makeDirectories();
    const letters = await lettersOf(folder, flags);
    const { written, sync } = await stageMessage(folder, { body, internalDate }, signal, true);
    const temporary = `${folder.directory}/tmp/${written.temporary}`;
    const directory = `${folder.directory}/${letters === '' ? 'new' : 'cur'}`;
    const name = letters === '' ? written.base : withLetters(written.base, letters, account.settings.infoSeparator);
    const file = `${directory}/${name}`;
    try {
      await sync();
      signal?.throwIfAborted();
      const usage = { storage: written.size, messages: 1 };
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

/** The letters of flags in the mailbox's file names. A keyword that has none yet is given one, which takes a lock. */
async function lettersOf(folder: Folder, flags: readonly Flag[]): Promise<string> {
  const isKnown = (): boolean => flags.every((flag) => folder.keywords.letterOf(flag) !== undefined);
  if (!isKnown()) {
    await folder.refresh();
    if (!isKnown()) await folder.mutex.run(() => folder.withLock(() => folder.nameKeywords(flags)));
  }
  return sortedLetters(flags.map((flag) => folder.keywords.letterOf(flag) ?? '').join(''));
}
