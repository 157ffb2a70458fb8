import { readFile } from 'node:fs/promises';
import {
  type AbortOptions,
  type AccountMetadata,
  type MailboxPath,
  type MetadataEntries,
  StoreError,
} from '@posthorn/core';
import { isMissing } from '../disk/disk.ts';
import type { RunHandle } from '../disk/run-handle.ts';
import { withDotlock } from '../format/dotlock.ts';
import type { AccountState } from './account-state.ts';

/** Most octets that the entries of one mailbox take up. */
const MAX_OCTETS = 4_194_304;

/** Annotations, in a file of JSON beside the messages they are about, with which it moves and goes. */
export function accountMetadata(account: AccountState, run: RunHandle): AccountMetadata {
  return {
    entries: (path: MailboxPath | undefined, { signal }: AbortOptions = {}) =>
      run(signal, async (): Promise<MetadataEntries> => {
        if (path === undefined) return readEntries(accountFile(account));
        const folder = await account.openFolder(path, signal);
        return readEntries(mailboxFile(folder.directory));
      }),
    change: (path, entries, { signal }: AbortOptions = {}) =>
      run(signal, async () => {
        if (path === undefined) return changeAccount(account, entries);
        const folder = await account.openFolder(path, signal);
        await folder.mutex.run(
          () =>
            folder.withLock(async () => {
              await folder.refreshHeld({ isLocked: true });
              signal?.throwIfAborted();
              if (!(await changeFile(account, mailboxFile(folder.directory), entries))) return;
              // RFC 7162 section 3.2: a client that comes back is to learn of it.
              folder.messages.raise();
              account.hub.notify(folder.path);
            }),
          signal,
        );
      }),
  };
}

/** The annotations of INBOX stay, and go with its messages too, when it is renamed. @see RFC 5464 section 4.1 */
export async function copyAnnotations(account: AccountState, from: string, to: string): Promise<void> {
  await changeFile(account, mailboxFile(to), await readEntries(mailboxFile(from)));
}

async function changeAccount(account: AccountState, entries: ReadonlyMap<string, string | null>): Promise<void> {
  const path = accountFile(account);
  const isChanged = await withDotlock(account.settings, path, () => changeFile(account, path, entries));
  // There is no hint about an account: who watches it looks at everything.
  if (isChanged) account.hub.notify(['INBOX']);
}

/** Whether anything became different. */
async function changeFile(
  { settings: { disk } }: AccountState,
  path: string,
  changes: ReadonlyMap<string, string | null>,
): Promise<boolean> {
  const before = await readEntries(path);
  const after = new Map(before);
  for (const [name, value] of changes) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  const isSame = after.size === before.size && [...after].every(([name, value]) => before.get(name) === value);
  if (isSame) return false;
  if (after.size === 0) {
    await disk.remove(path);
    return true;
  }
  const lines = [...after].map((entry) => `${JSON.stringify(entry)}\n`);
  const bytes = Buffer.from(lines.join(''));
  if (bytes.length > MAX_OCTETS)
    throw new StoreError('STORE_LIMIT', `the annotations of a mailbox take up ${MAX_OCTETS} octets at the most`);
  await disk.replace(path, bytes);
  return true;
}

async function readEntries(path: string): Promise<MetadataEntries> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw error;
  }
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => parseEntry(line, path)),
  );
}

function parseEntry(line: string, path: string): readonly [string, string] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (Array.isArray(value) && value.length === 2 && value.every((word) => typeof word === 'string'))
    return value as unknown as readonly [string, string];
  throw new StoreError('STORE_CORRUPT', `${path} holds no annotations; mend it, or move it away`);
}

function mailboxFile(directory: string): string {
  return `${directory}/posthorn-metadata`;
}

function accountFile({ root }: AccountState): string {
  return `${root}/posthorn-account-metadata`;
}
