import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '@posthorn/core';
import { Breath } from '../disk/breath.ts';
import { type Disk, isMissing } from '../disk/disk.ts';
import { BaseIndex } from '../mailbox/base-index.ts';
import {
  formatHeader,
  formatRecord,
  parseHeader,
  parseRecord,
  type UidlistHeader,
  type UidlistRecord,
  type UidlistVersion,
} from './uidlist.ts';

/** What reading the file again found. `broken` is a file whose first line makes no sense. */
export type UidlistNews = 'same' | 'appended' | 'replaced' | 'missing' | 'broken';

interface Identity {
  readonly inode: bigint;
  readonly size: number;
  readonly modified: bigint;
}

/** What is known of a file that was read before. */
export interface KnownUidlist {
  readonly header: UidlistHeader;
  readonly lastUid: number;
  readonly lines: number;
}

/** `dovecot-uidlist` of one mailbox: read on from where reading stopped, appended to under the lock of its owner. */
export class UidlistFile {
  readonly #disk: Disk;
  readonly #logger: Logger;
  #known: Identity | undefined;
  #version: UidlistVersion = 3;
  #header: UidlistHeader | undefined;
  #firstLine = '';
  #lastUid = 0;
  #lines = 0;
  #needsRewrite = false;
  /** Whether the records wait to be read, since the file is known by what was kept of it. */
  #isUnread = false;
  readonly byBase: BaseIndex<UidlistRecord> = new BaseIndex();

  constructor(disk: Disk, logger: Logger) {
    this.#disk = disk;
    this.#logger = logger;
  }

  get header(): UidlistHeader | undefined {
    return this.#header;
  }

  /** The next UID; 2^32 when none is left. The number in the header is only a floor. */
  get nextUid(): number {
    return Math.max(this.#header?.nextUid ?? 1, this.#lastUid + 1);
  }

  /** Lines in the file, dead ones too. */
  get lines(): number {
    return this.#lines;
  }

  /** Whether the file is of an old version, damaged, or without GUID, so that it must be written anew. */
  get needsRewrite(): boolean {
    return this.#needsRewrite || (this.#header !== undefined && this.#header.guid === undefined);
  }

  /** Whether the file is as it was last read or written. */
  isCurrent(path: string): boolean {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return this.#known === undefined;
    return this.#known !== undefined && sameFile(this.#known, identityOf(stat));
  }

  /** What is worth keeping of the file; undefined for one that must be written anew. */
  known(): KnownUidlist | undefined {
    if (this.#header === undefined || this.needsRewrite) return undefined;
    return { header: this.#header, lastUid: this.#lastUid, lines: this.#lines };
  }

  /** Takes the file as it is now for the one that this was known of. Its records are read when somebody asks. */
  assume(path: string, { header, lastUid, lines }: KnownUidlist): void {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return;
    this.#known = identityOf(stat);
    this.#header = header;
    this.#lastUid = lastUid;
    this.#lines = lines;
    this.#isUnread = true;
  }

  async read(path: string): Promise<UidlistNews> {
    const isCurrent = this.isCurrent(path);
    if (isCurrent && this.#isUnread) {
      this.#known = undefined;
      this.#isUnread = false;
      const news = await this.read(path);
      return news === 'replaced' && !this.#needsRewrite ? 'same' : news;
    }
    this.#isUnread = false;
    if (isCurrent) return this.#known === undefined ? 'missing' : 'same';
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#known = undefined;
      return 'missing';
    }
    try {
      return await this.#readOpen(descriptor, path);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Adds records behind the last. The caller holds the lock and has read the file. */
  async append(path: string, records: readonly UidlistRecord[]): Promise<void> {
    if (this.#known === undefined || this.needsRewrite) return this.rewrite(path, { added: records });
    const descriptor = await this.#disk.open(path);
    const { size } = this.#known;
    try {
      await this.#disk.write(descriptor, path, Buffer.from(records.map(formatRecord).join(''), 'latin1'), size);
      await this.#disk.syncData(descriptor, path);
      this.#known = identityOf(fstatSync(descriptor, { bigint: true }));
    } catch (error) {
      await this.#disk.truncate(descriptor, path, size).catch(() => {});
      throw error;
    } finally {
      this.#disk.close(descriptor);
    }
    this.#keep(records);
    this.#lines += records.length;
  }

  /** Writes the file anew, in one step. The caller holds the lock. `isLive` says which records stay. */
  async rewrite(
    path: string,
    {
      header = this.#header,
      added = [],
      isLive = () => true,
    }: {
      readonly header?: UidlistHeader | undefined;
      readonly added?: readonly UidlistRecord[];
      readonly isLive?: (record: UidlistRecord) => boolean;
    } = {},
  ): Promise<void> {
    if (header === undefined) throw new TypeError('a uidlist needs a header');
    const kept: UidlistRecord[] = [];
    for (const record of this.byBase.values()) {
      // The last UID stays when the header cannot hold the one after it.
      if (isLive(record) || record.uid === 0xffff_ffff) kept.push(record);
    }
    for (const record of added) kept.push(record);
    kept.sort((left, right) => left.uid - right.uid);
    const nextUid = Math.max(this.nextUid, (kept.at(-1)?.uid ?? 0) + 1, header.nextUid);
    const written = { ...header, nextUid };
    this.#firstLine = formatHeader(written);
    await this.#disk.replace(path, Buffer.from(formatHeader(written) + kept.map(formatRecord).join(''), 'latin1'));
    // What is appended from now on is of no use in a file whose name may be lost.
    await this.#disk.syncDirectory(dirname(path));
    this.#header = written;
    this.#version = 3;
    this.#needsRewrite = false;
    this.#lastUid = kept.at(-1)?.uid ?? 0;
    this.#lines = kept.length;
    this.replace(kept);
    const stat = statSync(path, { bigint: true });
    this.#known = identityOf(stat);
  }

  async #readOpen(descriptor: number, path: string): Promise<UidlistNews> {
    const identity = identityOf(fstatSync(descriptor, { bigint: true }));
    const isLonger = this.#isLonger(identity, descriptor);
    if (!isLonger) this.#forget();
    const start = isLonger ? this.#known!.size : 0;
    const bytes = Buffer.allocUnsafe(identity.size - start);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, start + length);
      if (count === 0) break;
      length += count;
    }
    const text = bytes.toString('latin1', 0, length);
    const end = text.lastIndexOf('\n') + 1;
    // A line without end is what a program that died left behind: it is written over, or the file written anew.
    if (end < text.length) this.#needsRewrite = true;
    this.#known = { ...identity, size: start + text.length };
    let offset = 0;
    if (!isLonger) {
      offset = text.indexOf('\n') + 1;
      const first = parseHeader(withoutCarriageReturn(text.slice(0, Math.max(0, offset - 1))));
      if (first === undefined) {
        this.#header = undefined;
        this.#known = undefined;
        return 'broken';
      }
      this.#header = first.header;
      this.#firstLine = text.slice(0, offset);
      this.#version = first.version;
      if (first.version !== 3) this.#needsRewrite = true;
    }
    await this.#readRecords(text, offset, end, path);
    return isLonger ? 'appended' : 'replaced';
  }

  /** Whether lines were added, and nothing else; a file that somebody wrote over in place begins otherwise. */
  #isLonger({ inode, size }: Identity, descriptor: number): boolean {
    if (this.#known?.inode !== inode || size <= this.#known.size) return false;
    const start = Buffer.alloc(this.#firstLine.length);
    readSync(descriptor, start, 0, start.length, 0);
    return start.toString('latin1') === this.#firstLine;
  }

  async #readRecords(text: string, start: number, end: number, path: string): Promise<void> {
    let read: UidlistRecord[] = [];
    const breath = new Breath();
    const owners = new Map<number, UidlistRecord>();
    for (let offset = start; offset < end; ) {
      const lineEnd = text.indexOf('\n', offset);
      const record = parseRecord(withoutCarriageReturn(text.slice(offset, lineEnd)), this.#version);
      offset = lineEnd + 1;
      this.#lines++;
      if (breath.isDue()) await breath.pause();
      if (record === undefined) {
        this.#damaged(path, 'a line makes no sense');
        continue;
      }
      if (record.uid <= this.#lastUid) {
        this.#damaged(path, 'UIDs do not ascend');
        this.byBase.add(read);
        read = [];
        if (owners.size === 0) for (const each of this.byBase.values()) owners.set(each.uid, each);
        const owner = owners.get(record.uid);
        // Two names for one UID: neither can be trusted, both get another.
        if (owner !== undefined) {
          this.byBase.delete(owner.base);
          continue;
        }
      }
      if (owners.size > 0) owners.set(record.uid, record);
      this.#lastUid = Math.max(this.#lastUid, record.uid);
      read.push(record);
    }
    this.byBase.add(read);
  }

  /** Takes these for what the file holds. */
  replace(records: readonly UidlistRecord[]): void {
    this.byBase.clear();
    this.byBase.add(records);
  }

  #keep(records: readonly UidlistRecord[]): void {
    this.byBase.add(records);
    for (const { uid } of records) this.#lastUid = Math.max(this.#lastUid, uid);
  }

  #damaged(path: string, reason: string): void {
    if (!this.#needsRewrite)
      this.#logger.warn('the list of UIDs is damaged and will be written anew', { path, reason });
    this.#needsRewrite = true;
  }

  #forget(): void {
    this.byBase.clear();
    this.#lastUid = 0;
    this.#lines = 0;
    this.#needsRewrite = false;
  }
}

function identityOf(stat: { readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }): Identity {
  return { inode: stat.ino, size: Number(stat.size), modified: stat.mtimeNs };
}

function sameFile(left: Identity, right: Identity): boolean {
  return left.inode === right.inode && left.size === right.size && left.modified === right.modified;
}

function withoutCarriageReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
