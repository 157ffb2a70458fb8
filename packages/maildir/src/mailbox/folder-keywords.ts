import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Flag, hasFlag, StoreError } from '@posthorn/core';
import { isMissing } from '../disk/disk.ts';
import { withDotlock } from '../format/dotlock.ts';
import { formatKeywords, Keywords, parseKeywords } from '../format/keywords.ts';
import type { Settings } from '../settings.ts';
import { type KeptKeywords, MoreKeywords } from '../sidecar-index/more-keywords.ts';
import { fileIdentity } from './directory-times.ts';

/** Keywords of one mailbox, with and without a letter. */
export const MAX_NAMES = 4_096;
/** Combinations of letters and further keywords that are made only once. */
const MAX_COMBINATIONS = 4_096;

/** What the letters of file names mean. */
export interface FlagNames {
  flagsOf(letters: string, base: string): readonly Flag[];
}

/**
 * The keywords of a mailbox: 26 have letters, which `dovecot-keywords` names and every program knows; further ones are
 * kept in a file of our own.
 */
export class FolderKeywords implements FlagNames {
  readonly #settings: Settings;
  readonly #directory: () => string;
  readonly #more: MoreKeywords;
  readonly #combinations = new Map<string, readonly Flag[]>();
  #letters = new Keywords();
  #known = '';

  constructor(settings: Settings, directory: () => string) {
    this.#settings = settings;
    this.#directory = directory;
    this.#more = new MoreKeywords(settings, () => moreKeywordsPath(directory()));
  }

  get #path(): string {
    return `${this.#directory()}/dovecot-keywords`;
  }

  /** The letter that stands for a flag; undefined for a keyword without one, empty for `\\Recent`. */
  letterOf(flag: Flag): string | undefined {
    return this.#letters.letterOf(flag);
  }

  /** The flags of a message. Equal ones are one array most of the time. */
  flagsOf(letters: string, base: string): readonly Flag[] {
    const flags = this.#letters.flagsOf(letters);
    const more = this.#more.of(base);
    if (more === undefined) return flags;
    const key = `${letters} ${more.join(' ')}`;
    const known = this.#combinations.get(key);
    if (known !== undefined) return known;
    const combined = Object.freeze([...flags, ...more.filter((flag) => !hasFlag(flags, flag))]);
    if (this.#combinations.size === MAX_COMBINATIONS) this.#combinations.clear();
    this.#combinations.set(key, combined);
    return combined;
  }

  /** The keywords of a message that have no letter. */
  moreOf(base: string): readonly Flag[] {
    return this.#more.of(base) ?? [];
  }

  /** Whether any message has a keyword without a letter. */
  get hasMore(): boolean {
    return this.#more.size > 0;
  }

  /** The keywords there are. */
  list(): readonly Flag[] {
    const names = new Map<string, Flag>();
    for (const flag of [...this.#letters.list(), ...this.#more.names()]) {
      const key = flag.toLowerCase();
      if (!names.has(key)) names.set(key, flag);
    }
    return [...names.values()];
  }

  /** Reads what another program wrote. Whether letters or messages may mean something else now. */
  async read(): Promise<boolean> {
    const isMoreNew = await this.#more.read();
    const identity = fileIdentity(this.#path);
    if (identity === this.#known) return isMoreNew;
    try {
      this.#letters = identity === '' ? new Keywords() : parseKeywords(await readFile(this.#path, 'utf8'));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    this.#combinations.clear();
    this.#known = identity;
    return true;
  }

  /**
   * Gives letters to keywords as long as there are any. The caller holds the lock and has read the files.
   * @param usedLetters - Those that stand in file names, although nobody may have named them
   * @throws {@link StoreError} `STORE_CANNOT` for what is no keyword, `STORE_LIMIT` for too many
   */
  async name(flags: Iterable<Flag>, usedLetters: () => ReadonlySet<string>): Promise<void> {
    const wanted = [...flags].filter((flag) => this.letterOf(flag) === undefined);
    if (wanted.length === 0) return;
    const all = new Set([...this.list(), ...wanted].map((flag) => flag.toLowerCase()));
    if (all.size > MAX_NAMES)
      throw new StoreError('STORE_LIMIT', `a mailbox holds ${MAX_NAMES} keywords, and all are taken`);
    const used = usedLetters();
    const named = this.#letters.with(wanted, (letter) => used.has(letter));
    if (named.list().length > this.#letters.list().length) await this.#write(named);
  }

  /** Sets the keywords of messages for which there is no letter, all or none. The caller holds the lock. */
  keep(kept: KeptKeywords): Promise<void> {
    return this.#more.keep(kept);
  }

  /** Makes the file of further keywords when it is missing. The caller holds the lock. */
  touch(): Promise<void> {
    return this.#more.touch();
  }

  /** Drops what is kept of messages that are gone. The caller holds the lock. @returns How many */
  sweep(isThere: (base: string) => boolean): Promise<number> {
    return this.#more.sweep(isThere);
  }

  async #write(named: Keywords): Promise<void> {
    const path = this.#path;
    await withDotlock(this.#settings, path, async () => {
      const before = statSync(path, { throwIfNoEntry: false });
      // Readers compare whole seconds: the time must grow by one at the least.
      const modifiedSeconds = Math.max(Math.floor(Date.now() / 1_000), Math.floor((before?.mtimeMs ?? 0) / 1_000) + 1);
      await this.#settings.disk.replace(path, Buffer.from(formatKeywords(named)), { modifiedSeconds });
    });
    this.#known = fileIdentity(path);
    this.#letters = named;
    this.#combinations.clear();
  }
}

export function moreKeywordsPath(directory: string): string {
  return `${directory}/posthorn-keywords`;
}
