import { fstatSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Flag } from '@posthorn/core';
import { isMissing } from '../disk/disk.ts';
import { fileIdentity } from '../mailbox/directory-times.ts';
import type { Settings } from '../settings.ts';

/** The keywords of messages for which no letter was left, by base name. Empty for those that have none any more. */
export type KeptKeywords = ReadonlyMap<string, readonly Flag[]>;

export const NO_KEYWORDS: KeptKeywords = new Map<string, readonly Flag[]>();
/** A file with fewer lines is not written anew. */
const MIN_LINES = 100;
const LINE_FEED = 0x0a;

/**
 * The file `posthorn-keywords` of a mailbox: lines of JSON, each a base name and its keywords; a later line of the same
 * name counts. It is written under the lock of the uidlist, and read without it.
 */
export class MoreKeywords {
  readonly #settings: Settings;
  readonly #path: () => string;
  #known = '';
  #lines = 0;
  #byBase = new Map<string, readonly Flag[]>();

  constructor(settings: Settings, path: () => string) {
    this.#settings = settings;
    this.#path = path;
  }

  /** How many messages have any. */
  get size(): number {
    return this.#byBase.size;
  }

  of(base: string): readonly Flag[] | undefined {
    return this.#byBase.size === 0 ? undefined : this.#byBase.get(base);
  }

  /** The keywords in use. */
  names(): Iterable<Flag> {
    return new Set([...this.#byBase.values()].flat());
  }

  /** Reads the file when somebody wrote it. Whether that changed anything. */
  async read(): Promise<boolean> {
    const path = this.#path();
    const identity = fileIdentity(path);
    if (identity === this.#known) return false;
    let text = '';
    try {
      if (identity !== '') text = await readFile(path, 'utf8');
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const lines = text.split('\n');
    // The last line is empty, or its writer died in it.
    lines.pop();
    this.#byBase = new Map();
    for (const line of lines) this.#take(line);
    this.#lines = lines.length;
    this.#known = identity;
    return true;
  }

  /** Sets the keywords of messages, all or none. The caller holds the lock, and has read the file. */
  async keep(kept: KeptKeywords): Promise<void> {
    if (kept.size === 0) return;
    const path = this.#path();
    const { disk } = this.#settings;
    if (this.#lines + kept.size > MIN_LINES + 2 * (this.#byBase.size + kept.size)) {
      const all = new Map([...this.#byBase, ...kept]);
      for (const [base, flags] of kept) if (flags.length === 0) all.delete(base);
      await disk.replace(path, Buffer.from(formatKept(all)));
      this.#lines = all.size;
    } else {
      await appendKept(this.#settings, path, kept);
      this.#lines += kept.size;
    }
    for (const [base, flags] of kept) this.#set(base, flags);
    this.#known = fileIdentity(path);
  }

  /** Makes the file when it is missing. The caller holds the lock. */
  async touch(): Promise<void> {
    const { disk } = this.#settings;
    disk.close(await disk.open(this.#path()));
  }

  /** Drops the keywords of messages that are gone. The caller holds the lock. @returns How many */
  async sweep(isThere: (base: string) => boolean): Promise<number> {
    await this.read();
    const gone = [...this.#byBase.keys()].filter((base) => !isThere(base));
    await this.keep(new Map(gone.map((base) => [base, []])));
    return gone.length;
  }

  #take(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    if (Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string')) {
      this.#set(value[0] as string, Object.freeze(value.slice(1)) as readonly Flag[]);
    } else if (line !== '') this.#settings.logger.warn('a line of keywords makes no sense', { path: this.#path() });
  }

  #set(base: string, flags: readonly Flag[]): void {
    if (flags.length === 0) this.#byBase.delete(base);
    else this.#byBase.set(base, flags);
  }
}

function formatKept(kept: KeptKeywords): string {
  return [...kept].map(([base, flags]) => `${JSON.stringify([base, ...flags])}\n`).join('');
}

/** Appends to the file of keywords. The caller holds the lock. */
export async function appendKept({ disk }: Settings, path: string, kept: KeptKeywords): Promise<void> {
  const descriptor = await disk.open(path);
  const { size } = fstatSync(descriptor);
  try {
    // Who died while writing left half a line.
    const start = size > 0 && lastByte(descriptor, size) !== LINE_FEED ? '\n' : '';
    await disk.write(descriptor, path, Buffer.from(start + formatKept(kept)), size);
  } catch (error) {
    await disk.truncate(descriptor, path, size).catch(() => {});
    throw error;
  } finally {
    disk.close(descriptor);
  }
}

function lastByte(descriptor: number, size: number): number {
  const buffer = Buffer.alloc(1);
  readSync(descriptor, buffer, 0, 1, size - 1);
  return buffer[0]!;
}
