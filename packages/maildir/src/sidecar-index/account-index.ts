import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Database, RootDatabase } from 'lmdb';
import { errorCode } from '../disk/disk.ts';
import type { Settings } from '../settings.ts';
import { type FolderHeader, FolderLedger } from './folder-ledger.ts';
import { IndexRoom, makeLockFile } from './index-room.ts';
import { type Ledger, volatileLedger } from './ledger.ts';
import { StructureShelf } from './structure-shelf.ts';

/** Raised when what the index holds is written in another way. */
const FORMAT = 6;
/** What stands in the first page of a database of LMDB, behind a header whose size depends on the version. */
const MAGIC = Uint32Array.of(0xbeef_c0de);
const MAGIC_BYTES = 64;
/** Two pages. */
const MIN_SIZE = 8_192;
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const MARKER = /^in-use\.([0-9a-f-]+)\.(\d+)\.\d+$/;

let openings = 0;

type Lmdb = typeof import('lmdb');

/** The databases of an index. */
export interface IndexDatabases {
  readonly root: RootDatabase;
  /** Every write goes through it. */
  readonly room: IndexRoom;
  /** The format, and how many folders there were. */
  readonly figures: Database<number, 'format' | 'folders'>;
  /** By GUID and UIDVALIDITY. */
  readonly folders: Database<FolderHeader, string>;
  /** By number of the folder and of a block of UIDs: a `LedgerBlock`. */
  readonly messages: Database<Uint8Array, [number, number]>;
  /** By number of the folder and mod-sequence of going: UIDs, and mod-sequences of first coming. */
  readonly vanished: Database<readonly (readonly [uid: number, firstModSeq: number])[], [number, number]>;
  /** By directory of the mailbox: what `encodeListing` makes. */
  readonly listings: Database<Uint8Array, string>;
  /** By number of the mailbox and UID in one number: the base name, a line feed, and what `encodeStructure` makes. */
  readonly structures: Database<string, number>;
}

/**
 * What is worth keeping of a Maildir beside its files: mod-sequences, what vanished, envelopes and structures. All of
 * it can be lost without losing mail. Several processes share it.
 */
export class AccountIndex {
  readonly #settings: Settings;
  readonly #directory: string;
  readonly #databases: IndexDatabases;
  readonly #marker: string | undefined;
  /** Envelopes and body structures. */
  readonly structures: StructureShelf;

  private constructor(settings: Settings, directory: string, databases: IndexDatabases, marker: string | undefined) {
    this.#settings = settings;
    this.#directory = directory;
    this.#databases = databases;
    this.#marker = marker;
    this.structures = new StructureShelf(databases, (error) => this.#tellFailure(error));
  }

  /** Opens the index of a directory; undefined where none can be had, which costs time and durable mod-sequences. */
  static async open(settings: Settings, directory: string): Promise<AccountIndex | undefined> {
    try {
      // As a module it is many files, which take twice as long to load.
      const lmdb = createRequire(import.meta.url)('lmdb') as Lmdb;
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const marker = claim(settings, directory);
      const databases = openOrMakeAnew(settings, lmdb, directory, marker !== undefined);
      return new AccountIndex(settings, directory, databases, marker);
    } catch (error) {
      const reason = reasonOf(error);
      settings.logger.warn('there is no index; mod-sequences last as long as the process', { directory, reason });
      return undefined;
    }
  }

  /** The ledger of a mailbox. */
  ledgerOf(guid: string, uidValidity: number): Ledger {
    try {
      return FolderLedger.open(this.#settings, this.#databases, `${guid}.${uidValidity}`);
    } catch (error) {
      this.#tellFailure(error);
      return volatileLedger(this.#settings);
    }
  }

  /** What is not in the index costs time, and no more. */
  #tellFailure(error: unknown): void {
    const reason = reasonOf(error);
    this.#settings.logger.warn('the index could not be written', { directory: this.#directory, reason });
  }

  /** The listing that was kept of a directory. */
  listingOf(directoryName: string): Uint8Array | undefined {
    return this.#databases.listings.get(`/${directoryName}`);
  }

  keepListing(directoryName: string, listing: Uint8Array): void {
    const { room, listings } = this.#databases;
    room.transaction(() => {
      room.expect(listing.length);
      listings.putSync(`/${directoryName}`, listing);
    });
  }

  /** Drops the listing of a directory that has another name now, or is gone. */
  forgetListing(directoryName: string): void {
    const { room, listings } = this.#databases;
    try {
      room.transaction(() => listings.removeSync(`/${directoryName}`));
    } catch (error) {
      // Nobody takes it for that of another directory.
      this.#tellFailure(error);
    }
  }

  /** Drops all that was kept of a mailbox. */
  forget(guid: string, uidValidity: number): void {
    try {
      const key = `${guid}.${uidValidity}`;
      const number = this.#databases.folders.get(key)?.id;
      if (number === undefined) return;
      this.structures.sweep(number, () => false);
      this.#databases.room.transaction(() => this.#forgetLedger(key, number));
    } catch (error) {
      // The GUID is never used again.
      this.#tellFailure(error);
    }
  }

  #forgetLedger(key: string, id: number): void {
    const { room, folders, messages, vanished } = this.#databases;
    for (const database of [messages, vanished]) {
      for (const each of [...database.getKeys({ start: [id, 0], end: [id + 1, 0] })]) {
        room.expect(0);
        database.removeSync(each);
      }
    }
    folders.removeSync(key);
  }

  /** Never rejects: what could not be kept is found out when the index is opened again. */
  async close(): Promise<void> {
    try {
      this.structures.write();
      this.#databases.room.close();
      await this.#databases.root.close();
      if (this.#marker === undefined) return;
      if (this.#settings.disk.isDurable) syncFile(`${this.#directory}/data.mdb`);
      unlinkSync(this.#marker);
    } catch (error) {
      const reason = reasonOf(error);
      this.#settings.logger.info('the index was not closed in good order', { directory: this.#directory, reason });
    }
  }
}

/** A file that is no database is removed. */
function openOrMakeAnew(settings: Settings, lmdb: Lmdb, directory: string, isMarked: boolean): IndexDatabases {
  try {
    if (isDatabase(`${directory}/data.mdb`)) return openDatabases(lmdb, directory, isMarked);
  } catch (error) {
    if (NO_ROOM.has(errorCode(error) ?? '')) throw error;
    settings.logger.info('the index cannot be opened', { directory, reason: reasonOf(error) });
  }
  settings.logger.warn('the index is damaged; it is made anew', { directory });
  for (const name of ['data.mdb', 'lock.mdb']) rmSync(`${directory}/${name}`, { force: true });
  return openDatabases(lmdb, directory, isMarked);
}

/** Whether a file is a database, or not there yet. The library trusts what it opens, to the death of the process. */
function isDatabase(path: string): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return true;
  const start = Buffer.alloc(MAGIC_BYTES);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, start, 0, start.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return size >= MIN_SIZE && start.includes(Buffer.from(MAGIC.buffer));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

function openDatabases({ open }: Lmdb, directory: string, isMarked: boolean): IndexDatabases {
  const lockFile = `${directory}/lock.mdb`;
  if (!existsSync(lockFile)) makeLockFile(lockFile, `${lockFile}.${process.pid}.${++openings}`);
  const root = open({
    path: directory,
    maxDbs: 8,
    // What a crash of the whole machine leaves half written is found out by the marker, and thrown away.
    noSync: isMarked,
  });
  const room = new IndexRoom(root, `${directory}/data.mdb`);
  try {
    return openEach(root, room, statSync(`${directory}/data.mdb`).size);
  } catch (error) {
    room.close();
    root.close().catch(() => {});
    throw error;
  }
}

function openEach(root: RootDatabase, room: IndexRoom, octets: number): IndexDatabases {
  // Each database that is new is written at once.
  room.transaction(() => {});
  const databases: IndexDatabases = {
    root,
    room,
    figures: root.openDB({ name: 'figures' }),
    folders: root.openDB({ name: 'folders' }),
    messages: root.openDB({ name: 'messages', encoding: 'binary' }),
    vanished: root.openDB({ name: 'vanished' }),
    listings: root.openDB({ name: 'listings', encoding: 'binary' }),
    structures: root.openDB({ name: 'structures', encoding: 'string' }),
  };
  const { figures, folders, messages, vanished, listings, structures } = databases;
  const format = figures.get('format');
  if (format === FORMAT) return databases;
  room.transaction(() => {
    // The pages that become free are listed, in eight octets each.
    room.expect(octets / 512);
    if (format !== undefined)
      for (const each of [figures, folders, messages, vanished, listings, structures]) each.clearSync();
    figures.putSync('format', FORMAT);
  });
  return databases;
}

/**
 * Leaves a mark for as long as this process uses the index. A mark of an earlier start of the machine means that it
 * went down in the middle: the index may be half written, and is removed.
 * @returns The mark, or undefined where the machine does not tell its starts apart: every write then waits for the disk.
 */
function claim(settings: Settings, directory: string): string | undefined {
  const boot = bootId();
  if (boot === undefined) return undefined;
  const marks = readdirSync(directory).flatMap((name) => {
    const [, markedBoot, pid] = MARKER.exec(name) ?? [];
    return markedBoot === undefined ? [] : [{ name, boot: markedBoot, pid: Number(pid) }];
  });
  if (marks.some((mark) => mark.boot !== boot)) {
    settings.logger.warn('the index was in use when the machine went down; it is made anew', { directory });
    for (const name of readdirSync(directory)) rmSync(`${directory}/${name}`, { recursive: true, force: true });
  } else {
    for (const { name, pid } of marks) if (!isAlive(pid)) rmSync(`${directory}/${name}`, { force: true });
  }
  const marker = `${directory}/in-use.${boot}.${process.pid}.${++openings}`;
  writeFileSync(marker, '', { mode: 0o600 });
  return marker;
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function bootId(): string | undefined {
  try {
    return readFileSync(BOOT_ID, 'latin1').trim();
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
