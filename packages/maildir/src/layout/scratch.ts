import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { AccountState } from '../account/account-state.ts';
import { randomHex } from '../settings.ts';

/** Directories that begin so are no mailboxes to anybody: they are being made or taken away. */
const SCRATCH = '..posthorn-';

export async function removeTree(account: AccountState, path: string): Promise<void> {
  account.startRemoving(path);
  try {
    await account.settings.disk.fault('unlink', path);
    await rm(path, { recursive: true, force: true });
  } finally {
    account.endRemoving(path);
  }
}

/** What is left of directories that were made or taken away. */
export function scratchIn({ root, settings }: AccountState): readonly string[] {
  const place = `${root}/${settings.layout.privatePlace}`;
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .filter((name) => name.startsWith(SCRATCH))
    .map((name) => `${place}${name}`);
}

/** A directory that is no mailbox to anybody. */
export function scratchPath(account: AccountState): string {
  return `${account.root}/${account.settings.layout.privatePlace}${SCRATCH}${randomHex(account.settings, 8)}`;
}
