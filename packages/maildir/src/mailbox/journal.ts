/**
 * The journal of a directory: what is about to happen to several files, so that it happens wholly even when the
 * program dies in the middle. It is written under the lock; who takes the lock and finds a journal finishes it.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { Breath } from '../disk/breath.ts';
import { type Disk, isMissing } from '../disk/disk.ts';

/** The journal of the messages of a folder. */
export function folderJournal(directory: string): string {
  return `${directory}/posthorn-journal`;
}

/** The journal of the folders of an account. */
export function treeJournal(root: string): string {
  return `${root}/posthorn-tree-journal`;
}

/** One line: what kind of step, and its arguments. */
export type JournalStep = readonly [string, ...(string | number)[]];

/** Writes the steps and, when `isDurable`, waits until they are on the disk. */
export async function writeJournal(
  disk: Disk,
  path: string,
  steps: readonly JournalStep[],
  { isDurable = true }: { readonly isDurable?: boolean } = {},
): Promise<void> {
  const hash = createHash('sha1');
  const chunks: Buffer[] = [];
  const breath = new Breath();
  for (let index = 0; index < steps.length; index += 256) {
    const lines = steps.slice(index, index + 256).map((step) => `${JSON.stringify(step)}\n`);
    const chunk = Buffer.from(lines.join(''));
    hash.update(chunk);
    chunks.push(chunk);
    if (breath.isDue()) await breath.pause();
  }
  chunks.push(Buffer.from(`end ${hash.digest('hex')}\n`));
  const descriptor = await disk.open(path);
  try {
    await disk.truncate(descriptor, path, 0);
    await disk.write(descriptor, path, Buffer.concat(chunks), 0);
    if (isDurable) await disk.syncData(descriptor, path);
  } finally {
    disk.close(descriptor);
  }
}

/** A journal that cannot be removed does no harm: finishing it again changes nothing. */
export async function clearJournal(disk: Disk, path: string): Promise<void> {
  await disk.remove(path).catch(() => {});
}

export function hasJournal(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** The steps to finish, or undefined when there are none, or their writing was not finished: then nothing was begun. */
export function readJournal(path: string): readonly JournalStep[] | undefined {
  const text = readIfThere(path);
  const match = /(?:^|\n)end ([0-9a-f]{40})\n$/.exec(text.slice(-46));
  if (match === null) return undefined;
  const body = text.slice(0, -45);
  if (createHash('sha1').update(body).digest('hex') !== match[1]) return undefined;
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalStep);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
