import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreError } from '@posthorn/core';
import type { SeenMessage, SeenMessages } from './seen-messages.ts';

const HEADER = `${JSON.stringify({ posthornSeen: 1 })}\n`;

/** A {@link SeenMessages} in a file. */
export interface SeenFile extends SeenMessages {
  /** Folds the file into its fewest lines and closes it. Idempotent. */
  close(): Promise<void>;
}

/** One line: messages put, or keys deleted. */
interface Line {
  readonly put?: readonly (readonly [key: string, storedAt: number, octets: number, missingSince?: number])[];
  readonly delete?: readonly string[];
}

/**
 * Remembers downloaded messages in a file: JSON lines that are only ever appended to. A line that a crash cut short is
 * dropped.
 *
 * @param path - The file. Its folder is created when missing. One process at a time.
 * @throws {@link StoreError} `STORE_CORRUPT` when the file is not one of ours; `STORE_UNAVAILABLE` when it cannot be
 *   read or written.
 */
export async function openSeenFile(path: string): Promise<SeenFile> {
  const seen = new Map<string, SeenMessage>();
  try {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch(emptyWhenMissing);
    load(path, text, seen);
    // What a crash cut short must not run into the next line.
    if (text !== '' && !text.endsWith('\n')) await rewrite(path, seen);
    const file = await open(path, 'a');
    if ((await file.stat()).size === 0) await append(file, HEADER);
    return seenFile(path, file, seen);
  } catch (error) {
    throw unavailable(error, path);
  }
}

function seenFile(path: string, file: FileHandle, seen: Map<string, SeenMessage>): SeenFile {
  let closed: Promise<void> | undefined;
  let written = false;
  // One line at a time, in the order in which they were given.
  let last: Promise<void> = Promise.resolve();
  const record = (line: Line): Promise<void> => {
    apply(seen, line);
    written = true;
    const write = (): Promise<void> => append(file, `${JSON.stringify(line)}\n`);
    last = last.then(write, write);
    return last.catch((error: unknown) => {
      throw unavailable(error, path);
    });
  };
  const close = async (): Promise<void> => {
    await last.catch(() => {});
    await file.close();
    if (written) await rewrite(path, seen);
  };
  return {
    entries: () => seen.values(),
    put: (messages) => record({ put: messages.map(toRow) }),
    delete: (keys) => record({ delete: keys }),
    close: () => {
      closed ??= close().catch((error: unknown) => {
        throw unavailable(error, path);
      });
      return closed;
    },
  };
}

function toRow({ key, storedAt, octets, missingSince }: SeenMessage): NonNullable<Line['put']>[number] {
  return missingSince === undefined ? [key, storedAt, octets] : [key, storedAt, octets, missingSince];
}

function apply(seen: Map<string, SeenMessage>, line: Line): void {
  for (const [key, storedAt, octets, missingSince] of line.put ?? [])
    seen.set(key, { key, storedAt, octets, missingSince });
  for (const key of line.delete ?? []) seen.delete(key);
}

function load(path: string, text: string, seen: Map<string, SeenMessage>): void {
  // A header that a crash cut short is a file without anything.
  if (HEADER.startsWith(text)) return;
  const lines = text.split('\n').slice(0, -1);
  try {
    if (`${lines[0]}\n` !== HEADER) throw new SyntaxError('no header');
    for (const line of lines.slice(1)) apply(seen, JSON.parse(line) as Line);
  } catch (cause) {
    const advice = 'it is not a list of downloaded messages; move it away to download everything again';
    throw new StoreError('STORE_CORRUPT', `cannot read ${path}: ${advice}`, { cause });
  }
}

async function append(file: FileHandle, text: string): Promise<void> {
  await file.appendFile(text);
  await file.datasync();
}

/** Writes what is known anew and puts it in place of the file in one step. */
async function rewrite(path: string, seen: ReadonlyMap<string, SeenMessage>): Promise<void> {
  const draft = `${path}.tmp`;
  try {
    const file = await open(draft, 'w');
    try {
      await file.writeFile(`${HEADER}${JSON.stringify({ put: [...seen.values()].map(toRow) } satisfies Line)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

function emptyWhenMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}

function unavailable(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof StoreError || typeof code !== 'string') return error;
  return new StoreError('STORE_UNAVAILABLE', `cannot use ${path}: ${code}`, { cause: error });
}
