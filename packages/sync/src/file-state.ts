import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreError, uidValidity } from '@posthorn/core';
import { acquireLock } from './file-lock.ts';
import { formatPairs, parsePairs } from './pair-text.ts';
import { applyRecord, type MailboxState, type SeenState, type StateRecord, type SyncState } from './state.ts';

const FORMAT = 1;
const HEADER = `${JSON.stringify({ posthornSync: FORMAT })}\n`;

export interface FileStateOptions {
  /** How long to wait for another sync that holds the file. @defaultValue 30_000 */
  readonly lockTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a sync remembers, in one file: JSON lines that are only ever appended to, and folded into few when the sync
 * ends. A line that a crash cut short is dropped.
 *
 * @param path - The file. Its folder is created when missing.
 * @throws {@link StoreError} `STORE_IN_USE` when another process keeps the file locked, `STORE_CORRUPT` when the file is
 *   not one of ours, `STORE_NO_PERMISSION` or `STORE_UNAVAILABLE` when it cannot be written.
 */
export async function fileState(
  path: string,
  { lockTimeoutMs = 30_000, signal }: FileStateOptions = {},
): Promise<SyncState> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const unlock = await acquireLock(`${path}.lock`, { timeoutMs: lockTimeoutMs, signal });
    try {
      const { mailboxes, lines } = await load(path);
      return new FileState(path, await open(path, 'a'), mailboxes, lines, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  } catch (error) {
    throw stateError(error, path);
  }
}

class FileState implements SyncState {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #mailboxes: Map<string, MailboxState>;
  readonly #unlock: () => Promise<void>;
  #lines: number;
  #recorded = false;
  #closed: Promise<void> | undefined;

  constructor(
    path: string,
    file: FileHandle,
    mailboxes: Map<string, MailboxState>,
    lines: number,
    unlock: () => Promise<void>,
  ) {
    this.#path = path;
    this.#file = file;
    this.#mailboxes = mailboxes;
    this.#lines = lines;
    this.#unlock = unlock;
  }

  mailbox(key: string): MailboxState | undefined {
    return this.#mailboxes.get(key);
  }

  async record(step: StateRecord): Promise<void> {
    applyRecord(this.#mailboxes, step);
    this.#recorded = true;
    const line = `${JSON.stringify(toLine(step))}\n`;
    const text = this.#lines === 0 ? HEADER + line : line;
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
    } catch (error) {
      throw stateError(error, this.#path);
    }
    this.#lines += this.#lines === 0 ? 2 : 1;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      if (this.#recorded) await rewrite(this.#path, this.#mailboxes);
    } catch (error) {
      throw stateError(error, this.#path);
    } finally {
      await this.#file.close();
      await this.#unlock();
    }
  }
}

async function load(path: string): Promise<{ mailboxes: Map<string, MailboxState>; lines: number }> {
  const mailboxes = new Map<string, MailboxState>();
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // Behind the last line end stands nothing, or what a crash cut short.
  const lines = text.split('\n').slice(0, -1);
  if (text === '') return { mailboxes, lines: 0 };
  if (lines.length === 0 && !HEADER.startsWith(text)) lines.push(text);
  try {
    if (lines.length === 0) lines.push(HEADER.trimEnd());
    if ((JSON.parse(lines[0]!) as { posthornSync?: unknown }).posthornSync !== FORMAT)
      throw new SyntaxError('no header');
    for (const line of lines.slice(1)) {
      const step = fromLine(line);
      if (step !== undefined) applyRecord(mailboxes, step);
    }
  } catch (error) {
    const advice = 'it is not what a sync wrote; move it away to start anew, no mail is lost by that';
    throw new StoreError('STORE_CORRUPT', `cannot read ${path}: ${advice}`, { cause: error });
  }
  if (!text.endsWith('\n')) await rewrite(path, mailboxes);
  return { mailboxes, lines: lines.length };
}

/** Writes what is known anew, in the fewest lines, and puts it in place of the file in one step. */
async function rewrite(path: string, mailboxes: ReadonlyMap<string, MailboxState>): Promise<void> {
  const lines: object[] = [];
  for (const [mailbox, { sourceUidValidity, targetUidValidity, pairs, seen }] of mailboxes) {
    lines.push(toLine({ type: 'begin', mailbox, sourceUidValidity, targetUidValidity }));
    if (pairs.size > 0) lines.push(toLine({ type: 'paired', mailbox, pairs: [...pairs] }));
    if (seen !== undefined) lines.push(toLine({ type: 'seen', mailbox, seen }));
  }
  const draft = `${path}.tmp`;
  try {
    const file = await open(draft, 'w');
    try {
      await file.writeFile(HEADER + lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
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

interface Line {
  readonly mailbox: string;
  /** Source and target UIDVALIDITY. */
  readonly begin?: readonly [number, number];
  readonly pairs?: string;
  readonly seen?: SeenState;
}

function toLine(step: StateRecord): Line {
  const { mailbox } = step;
  switch (step.type) {
    case 'begin':
      return { mailbox, begin: [step.sourceUidValidity, step.targetUidValidity] };
    case 'paired':
      return { mailbox, pairs: formatPairs(step.pairs) };
    case 'seen':
      return { mailbox, seen: step.seen };
  }
}

/** Undefined for a line of a later version that adds something unknown here. */
function fromLine(text: string): StateRecord | undefined {
  const { mailbox, begin, pairs, seen } = JSON.parse(text) as Line;
  if (begin) {
    return {
      type: 'begin',
      mailbox,
      sourceUidValidity: uidValidity(begin[0]),
      targetUidValidity: uidValidity(begin[1]),
    };
  }
  if (pairs !== undefined) return { type: 'paired', mailbox, pairs: parsePairs(pairs) };
  return seen && { type: 'seen', mailbox, seen };
}

function stateError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StoreError('STORE_NO_PERMISSION', `cannot write ${path}: permission denied`, { cause: error });
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError('STORE_OVER_QUOTA', `cannot write ${path}: the disk is full`, { cause: error });
  }
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) {
    return new StoreError('STORE_UNAVAILABLE', `cannot write ${path}: ${code}`, { cause: error });
  }
  return error;
}
