import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreError, uidValidity } from '@posthorn/core';
import type { SeenMessage } from '@posthorn/pop3-client';
import { acquireLock } from './file-lock.ts';
import type { MaildropState } from './maildrop-state.ts';
import { formatPairs, parsePairs } from './pair-text.ts';
import { type MailboxState, Memory, type SeenState, type StateRecord, type SyncState } from './state.ts';

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
      const { memory, lines } = await load(path);
      return new FileState(path, await open(path, 'a'), memory, lines, unlock);
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
  readonly #memory: Memory;
  readonly #unlock: () => Promise<void>;
  #lines: number;
  #recorded = false;
  #closed: Promise<void> | undefined;

  constructor(path: string, file: FileHandle, memory: Memory, lines: number, unlock: () => Promise<void>) {
    this.#path = path;
    this.#file = file;
    this.#memory = memory;
    this.#lines = lines;
    this.#unlock = unlock;
  }

  mailbox(key: string): MailboxState | undefined {
    return this.#memory.mailboxes.get(key);
  }

  maildrop(): MaildropState | undefined {
    return this.#memory.maildrop;
  }

  async record(step: StateRecord): Promise<void> {
    this.#memory.apply(step);
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
      if (this.#recorded) await rewrite(this.#path, this.#memory);
    } catch (error) {
      throw stateError(error, this.#path);
    } finally {
      await this.#file.close();
      await this.#unlock();
    }
  }
}

async function load(path: string): Promise<{ memory: Memory; lines: number }> {
  const memory = new Memory();
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // Behind the last line end stands nothing, or what a crash cut short.
  const lines = text.split('\n').slice(0, -1);
  if (text === '') return { memory, lines: 0 };
  if (lines.length === 0 && !HEADER.startsWith(text)) lines.push(text);
  try {
    if (lines.length === 0) lines.push(HEADER.trimEnd());
    if ((JSON.parse(lines[0]!) as { posthornSync?: unknown }).posthornSync !== FORMAT)
      throw new SyntaxError('no header');
    for (const line of lines.slice(1)) {
      const step = fromLine(line);
      if (step !== undefined) memory.apply(step);
    }
  } catch (error) {
    const advice = 'it is not what a sync wrote; move it away to start anew, no mail is lost by that';
    throw new StoreError('STORE_CORRUPT', `cannot read ${path}: ${advice}`, { cause: error });
  }
  if (!text.endsWith('\n')) await rewrite(path, memory);
  return { memory, lines: lines.length };
}

/** Writes what is known anew, in the fewest lines, and puts it in place of the file in one step. */
async function rewrite(path: string, { mailboxes, maildrop }: Memory): Promise<void> {
  const lines: object[] = [];
  for (const [mailbox, { sourceUidValidity, targetUidValidity, pairs, seen }] of mailboxes) {
    lines.push(toLine({ type: 'begin', mailbox, sourceUidValidity, targetUidValidity }));
    if (pairs.size > 0) lines.push(toLine({ type: 'paired', mailbox, pairs: [...pairs] }));
    if (seen !== undefined) lines.push(toLine({ type: 'seen', mailbox, seen }));
  }
  if (maildrop !== undefined)
    lines.push(toLine({ type: 'stored', messages: [...maildrop.stored.values()], target: maildrop.target }));
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
  readonly mailbox?: string;
  /** Source and target UIDVALIDITY. */
  readonly begin?: readonly [number, number];
  readonly pairs?: string;
  readonly seen?: SeenState;
  readonly stored?: readonly StoredRow[];
  /** UIDVALIDITY, and the UID up to which it is known. */
  readonly target?: readonly [number, number];
  readonly forgotten?: readonly string[];
}

type StoredRow = readonly [key: string, storedAt: number, octets: number, missingSince?: number];

function toLine(step: StateRecord): Line {
  switch (step.type) {
    case 'begin':
      return { mailbox: step.mailbox, begin: [step.sourceUidValidity, step.targetUidValidity] };
    case 'paired':
      return { mailbox: step.mailbox, pairs: formatPairs(step.pairs) };
    case 'seen':
      return { mailbox: step.mailbox, seen: step.seen };
    case 'stored': {
      const { messages, target } = step;
      return { stored: messages.map(toRow), ...(target && { target: [target.uidValidity, target.upTo] }) };
    }
    case 'forgotten':
      return { forgotten: step.keys };
  }
}

function toRow({ key, storedAt, octets, missingSince }: SeenMessage): StoredRow {
  return missingSince === undefined ? [key, storedAt, octets] : [key, storedAt, octets, missingSince];
}

function fromRow([key, storedAt, octets, missingSince]: StoredRow): SeenMessage {
  return { key, storedAt, octets, ...(missingSince === undefined ? {} : { missingSince }) };
}

/** Undefined for a line of a later version that adds something unknown here. */
function fromLine(text: string): StateRecord | undefined {
  const { mailbox, begin, pairs, seen, stored, target, forgotten } = JSON.parse(text) as Line;
  if (stored) {
    const known = target && { uidValidity: uidValidity(target[0]), upTo: target[1] };
    return { type: 'stored', messages: stored.map(fromRow), target: known };
  }
  if (forgotten) return { type: 'forgotten', keys: forgotten };
  if (mailbox === undefined) return undefined;
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
