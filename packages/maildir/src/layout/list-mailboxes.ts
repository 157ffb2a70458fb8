import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { MailboxId, MailboxInfo, MailboxPath, SpecialUse } from '@posthorn/core';
import type { AccountState } from '../account/account-state.ts';
import { isMissing } from '../disk/disk.ts';
import { comparePaths, pathKey } from '../format/folder-name.ts';
import { readSubscriptions, subscribedKeys } from '../format/subscriptions.ts';
import { parseHeader } from '../format/uidlist.ts';

export const SPECIAL_USE = 'posthorn-special-use';

/** Every mailbox and every name above one, parents before children. */
export async function listMailboxes(account: AccountState): Promise<readonly MailboxInfo[]> {
  const subscribed = subscribedOf(account);
  const infos = new Map<string, MailboxInfo>();
  for (const { path, directoryName } of [{ path: ['INBOX'] as MailboxPath, directoryName: '' }, ...account.entries()]) {
    infos.set(pathKey(path), await infoOf(account, path, directoryName, subscribed));
  }
  for (const { path } of [...infos.values()]) {
    for (let length = path.length - 1; length > 0; length--) {
      const ancestor = path.slice(0, length) as unknown as MailboxPath;
      const key = pathKey(ancestor);
      if (infos.has(key)) break;
      const isSubscribed = subscribed.has(key);
      infos.set(key, {
        path: ancestor,
        id: undefined,
        isSelectable: false,
        allowsChildren: true,
        isSubscribed,
        specialUse: [],
      });
    }
  }
  return [...infos.values()].sort((left, right) => comparePaths(left.path, right.path));
}

/** The keys of the names that are subscribed. */
export function subscribedOf({ root, settings: { layout } }: AccountState): ReadonlySet<string> {
  return subscribedKeys(readSubscriptions(root, layout), layout);
}

export async function infoOf(
  account: AccountState,
  path: MailboxPath,
  directoryName: string,
  subscribed: ReadonlySet<string>,
): Promise<MailboxInfo> {
  return {
    path,
    id: await idOf(account, path, directoryName),
    isSelectable: true,
    allowsChildren: true,
    isSubscribed: subscribed.has(pathKey(path)),
    specialUse: specialUseOf(account.directoryAt(directoryName)),
  };
}

/** The id stands in the first line of the uidlist; a folder without one is opened, which gives it one. */
async function idOf(account: AccountState, path: MailboxPath, directoryName: string): Promise<MailboxId> {
  const directory = account.directoryAt(directoryName);
  const guid = parseHeader(firstLine(`${directory}/dovecot-uidlist`))?.header.guid;
  return (guid ?? (await account.openFolder(path)).guid) as MailboxId;
}

function firstLine(path: string): string {
  const buffer = Buffer.alloc(512);
  try {
    const descriptor = openSync(path, 'r');
    try {
      const length = readSync(descriptor, buffer, 0, buffer.length, 0);
      return buffer.toString('latin1', 0, length).split('\n', 1)[0]!.replace(/\r$/, '');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}

function specialUseOf(directory: string): readonly SpecialUse[] {
  try {
    const lines = readFileSync(`${directory}/${SPECIAL_USE}`, 'utf8').split('\n');
    return lines.filter((line) => line.startsWith('\\')) as unknown as readonly SpecialUse[];
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
