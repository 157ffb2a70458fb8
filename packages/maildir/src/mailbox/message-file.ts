import { closeSync, constants, fstatSync, openSync, type PathLike, read, readSync } from 'node:fs';
import { promisify } from 'node:util';

const readLater = promisify(read);
/** A read that takes longer waited for the disk. */
const SLOW_MS = 2;
/** How long others then go through the thread pool, which costs more and lets nobody wait. */
const CAREFUL_MS = 100;

let carefulUntil = 0;

/** A message file that is open for reading. */
export class MessageFile {
  readonly size: number;
  readonly isRegular: boolean;
  readonly modifiedNanoseconds: bigint;
  readonly #descriptor: number;
  #readers = 0;
  #isClosed = false;

  /** Links are not followed, and a pipe is not waited for. */
  constructor(path: PathLike) {
    this.#descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(this.#descriptor, { bigint: true });
    this.size = Number(stat.size);
    this.isRegular = stat.isFile();
    this.modifiedNanoseconds = stat.mtimeNs;
  }

  /**
   * Fills a buffer from a position on; fewer octets come only at the end of the file. What the kernel has in memory is
   * read at once: a trip through the thread pool costs more.
   */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (this.#isClosed) throw new Error('the file was closed');
    const start = performance.now();
    if (start >= carefulUntil) {
      const bytesRead = readSync(this.#descriptor, buffer, 0, buffer.length, position);
      const end = performance.now();
      if (end - start > SLOW_MS) carefulUntil = end + CAREFUL_MS;
      return bytesRead;
    }
    this.#readers++;
    try {
      return (await readLater(this.#descriptor, buffer, 0, buffer.length, position)).bytesRead;
    } finally {
      this.#readers--;
      if (this.#isClosed) this.#closeIfIdle();
    }
  }

  /** Closes the file, after the read that is under way. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    if (this.#readers === 0) closeSync(this.#descriptor);
  }
}
