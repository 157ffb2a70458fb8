import { type BigIntStats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { MailboxPath } from '@posthorn/core';
import { isMissing } from '../disk/disk.ts';
import { baseOf, entryPath, isMessageName, sizeField } from '../format/file-name.ts';
import { NOTHING, plus, type Usage } from '../format/maildirsize.ts';
import type { AccountState } from './account-state.ts';

const MAX_COUNTS = 3;
const INBOX: MailboxPath = ['INBOX'];

/** What the messages of an account take up, and whether nothing came or went while they were counted. */
export async function countUsage(account: AccountState): Promise<{ readonly used: Usage; readonly isStable: boolean }> {
  let used = NOTHING;
  for (let round = 0; round < MAX_COUNTS; round++) {
    const places = messagePlaces(account);
    const before = timesOf(places);
    used = NOTHING;
    for (const place of places) used = plus(used, await usageOf(place));
    if (before === timesOf(messagePlaces(account))) return { used, isStable: true };
  }
  return { used, isStable: false };
}

/** When something last came, went or got other flags, in nanoseconds since 1970. */
export function lastChange(account: AccountState): bigint {
  let last = 0n;
  for (const place of messagePlaces(account)) {
    const { mtimeNs = 0n } = statOf(place) ?? {};
    if (mtimeNs > last) last = mtimeNs;
  }
  return last;
}

/** Octets of a file as its name tells them, or the file itself. */
export function fileSize(place: string, name: string): number {
  return sizeField(baseOf(name), ',S=') ?? statSync(entryPath(place, name), { throwIfNoEntry: false })?.size ?? 0;
}

async function usageOf(place: string): Promise<Usage> {
  const names = await namesIn(place);
  let storage = 0;
  for (const name of names) storage += fileSize(place, name);
  return { storage, messages: names.length };
}

async function namesIn(place: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(place, { withFileTypes: true, encoding: 'latin1' });
    return entries.filter((entry) => entry.isFile() && isMessageName(entry.name)).map((entry) => entry.name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function messagePlaces(account: AccountState): readonly string[] {
  const all = [{ path: INBOX, directoryName: '' }, ...account.entries()];
  return all
    .filter(({ path }) => account.quota.counts(path))
    .flatMap(({ directoryName }) => ['new', 'cur'].map((place) => `${account.directoryAt(directoryName)}/${place}`));
}

function timesOf(places: readonly string[]): string {
  return places.map((place) => `${place} ${statOf(place)?.mtimeNs}`).join('\n');
}

function statOf(place: string): BigIntStats | undefined {
  return statSync(place, { bigint: true, throwIfNoEntry: false });
}
