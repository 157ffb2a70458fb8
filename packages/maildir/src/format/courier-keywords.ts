/**
 * Keywords as Courier keeps them, in the directory `courierimapkeywords` of a mailbox. The file `:list` has names, a line
 * for each, an empty line, and lines `<base>:<index> <index>`, where an index is the position of a name. Since it was
 * written, a file `<base>`, or the one of `.<number>.<base>` with the highest number, has the names of one message.
 * @module
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import type { Flag } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import type { Folder } from '../mailbox/folder.ts';
import { moreKeywordsPath } from '../mailbox/folder-keywords.ts';
import type { MessageRecord } from '../mailbox/message-record.ts';
import { storeFlags } from '../mailbox/store-flags.ts';
import { isKeyword } from './keywords.ts';

const DIRECTORY = 'courierimapkeywords';

/**
 * Gives messages the keywords that Courier knows, once: whether that was done is told by the file of further keywords.
 * Courier's files stay as they are. The caller holds the mutex.
 */
export async function importCourierKeywords(folder: Folder): Promise<void> {
  const directory = `${folder.directory}/${DIRECTORY}`;
  if (!isThere(directory) || isThere(moreKeywordsPath(folder.directory))) return;
  const { logger } = folder.account.settings;
  try {
    const kept = readCourierKeywords(directory);
    await folder.withLock(async () => {
      for (const [flags, records] of grouped(folder, kept))
        await storeFlags(folder, setOf(records.map((record) => record.uid)), 'add', flags, undefined);
      await folder.keywords.touch();
    });
    logger.info("Courier's keywords were taken over", { directory, messages: kept.size });
  } catch (error) {
    // The mail is there all the same; the next who opens the mailbox tries again.
    logger.warn("Courier's keywords could not be taken over", { directory, reason: String(error) });
  }
}

/** Keywords by base name, which has a character for each octet. */
export function readCourierKeywords(directory: string): ReadonlyMap<string, readonly Flag[]> {
  const names = readdirSync(directory, 'latin1');
  const kept = new Map(names.includes(':list') ? parseList(readText(directory, ':list')) : []);
  const newest = new Map<string, number>();
  for (const name of names) {
    const [, number, base = name] = /^\.(\d+)\.(.+)$/s.exec(name) ?? [];
    if (base.startsWith(':') || base.startsWith('.')) continue;
    const age = number === undefined ? Number.POSITIVE_INFINITY : Number(number);
    if (age <= (newest.get(base) ?? -1)) continue;
    newest.set(base, age);
    kept.set(base, keywordsIn(readText(directory, name).split('\n')));
  }
  return kept;
}

function* parseList(text: string): Iterable<readonly [string, readonly Flag[]]> {
  const end = text.indexOf('\n\n');
  const names = (end < 0 ? text : text.slice(0, end)).split('\n');
  for (const line of end < 0 ? [] : text.slice(end + 2).split('\n')) {
    const colon = line.lastIndexOf(':');
    if (colon <= 0) continue;
    const indexes = line.slice(colon + 1).split(' ');
    yield [
      line.slice(0, colon),
      keywordsIn(indexes.map((index) => (/^\d+$/.test(index) ? (names[Number(index)] ?? '') : ''))),
    ];
  }
}

function keywordsIn(words: readonly string[]): readonly Flag[] {
  return words.map((word) => Buffer.from(word, 'latin1').toString('utf8')).filter(isKeyword);
}

/** The messages of each combination of keywords. */
function grouped(
  folder: Folder,
  kept: ReadonlyMap<string, readonly Flag[]>,
): Iterable<readonly [readonly Flag[], readonly MessageRecord[]]> {
  const groups = new Map<string, [readonly Flag[], MessageRecord[]]>();
  for (const record of folder.messages.records) {
    const flags = kept.get(record.base) ?? [];
    if (flags.length === 0) continue;
    const group = groups.get(flags.join(' ')) ?? [flags, []];
    group[1].push(record);
    groups.set(flags.join(' '), group);
  }
  return groups.values();
}

function readText(directory: string, name: string): string {
  return readFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name, 'latin1')]), 'latin1');
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
