import { accessSync, constants, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { type Logger, StoreError } from '@posthorn/core';
import type { Settings } from '../settings.ts';

/** Makes `cur`, `new` and `tmp` of a mailbox where they are missing. @throws {@link StoreError} `STORE_CORRUPT` */
export async function makeDirectories({ disk, logger }: Settings, directory: string): Promise<void> {
  for (const name of ['cur', 'new', 'tmp']) {
    const path = `${directory}/${name}`;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) continue;
    if (stat !== undefined) throw new StoreError('STORE_CORRUPT', `${path} is not a directory`);
    logger.info('a missing directory was made', { path });
    await disk.makeDirectory(path);
  }
}

/** The names of the files in `new` or `cur`, as octets. */
export async function listFiles(path: string, logger: Logger): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true, encoding: 'latin1' });
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.isFile()) names.push(entry.name);
    else if (!entry.name.startsWith('.')) {
      logger.warn('something that is no file lies among the messages', { name: entry.name });
    }
  }
  return names;
}

/** Whether this user may change a mailbox. */
export function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    accessSync(`${directory}/cur`, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
