import { closeSync, fstatSync, linkSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';
import { errorCode } from '../disk/disk.ts';

/** What a transaction may write beside its values: the ways down to them, and the list of what became free. */
const PAGES_PER_TRANSACTION = 16;
/** What a value may change beside its own pages: the page that names it. */
const PAGES_PER_VALUE = 1;
/** How much room is made at a time. */
const PAGES_AT_ONCE = 32;
/** Places for some 250 processes. */
const LOCK_OCTETS = 16_384;

/**
 * Room in the file of an index, made before a transaction needs it. When LMDB itself finds the disk full (lmdb 3.5), it
 * spoils the memory of the process, which dies of it sooner or later; so it never gets to write where the file does not
 * reach yet.
 */
export class IndexRoom {
  readonly #root: RootDatabase;
  readonly #descriptor: number;
  /** The transaction that `#left` was reckoned in. */
  #transaction = -1;
  /** Pages between the last one in use, as far as known, and the end of the file. */
  #left = 0;
  #pageSize = 0;

  /** @param path - The file of the database, which is open. */
  constructor(root: RootDatabase, path: string) {
    this.#root = root;
    this.#descriptor = openSync(path, 'r+');
  }

  /**
   * Runs a transaction that writes.
   * @throws An error of the file system, such as `ENOSPC`; nothing is written then
   */
  transaction<Result>(work: () => Result): Result {
    return this.#root.transactionSync(() => {
      const transaction = this.#root.getWriteTxnId();
      // Another process, or thread, may have used what was left.
      if (transaction !== this.#transaction + 1 || this.#left < PAGES_PER_TRANSACTION) this.#look();
      this.#transaction = transaction;
      this.#take(PAGES_PER_TRANSACTION);
      return work();
    });
  }

  /** Announces, within a transaction, a value that is to be written or removed. @throws As {@link transaction} */
  expect(octets: number): void {
    this.#take(PAGES_PER_VALUE + Math.ceil(octets / this.#pageSize));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #take(pages: number): void {
    this.#left -= pages;
    if (this.#left < 0) this.#extend(-this.#left);
  }

  #look(): void {
    const { pageSize, lastPageNumber } = this.#root.getStats() as { pageSize: number; lastPageNumber: number };
    this.#pageSize = pageSize;
    this.#left = Math.floor(fstatSync(this.#descriptor).size / pageSize) - 1 - lastPageNumber;
  }

  /** With zeros rather than a hole, which would find the disk full later. */
  #extend(pages: number): void {
    const { size } = fstatSync(this.#descriptor);
    const zeros = Buffer.alloc(Math.max(pages, PAGES_AT_ONCE) * this.#pageSize);
    let written = 0;
    try {
      while (written < zeros.length)
        written += writeSync(this.#descriptor, zeros, written, zeros.length - written, size + written);
    } catch (error) {
      if (written < pages * this.#pageSize) throw error;
    }
    this.#left += Math.floor(written / this.#pageSize);
  }
}

/**
 * Makes the file of locks of an index with all the room it needs, where there is none yet: LMDB would leave holes in it,
 * and a process that fills one through its memory dies when the disk is full.
 * @param path - Of the file
 * @param temporary - A name beside it that nobody else uses
 */
export function makeLockFile(path: string, temporary: string): void {
  writeFileSync(temporary, Buffer.alloc(LOCK_OCTETS), { mode: 0o600 });
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    unlinkSync(temporary);
  }
}
