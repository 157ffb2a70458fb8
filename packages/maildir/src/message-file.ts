import { closeSync, constants, fstatSync, openSync, type PathLike, read, readSync } from 'node:fs';
import { promisify } from 'node:util';

const readLater = promisify(read);
/** Reads up to this length are made at once: a trip through the thread pool costs more. */
const AT_ONCE = 65_536;

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

  /** Fills a buffer from a position on; fewer octets come only at the end of the file. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (this.#isClosed) throw new Error('the file was closed');
    if (buffer.length <= AT_ONCE) return readSync(this.#descriptor, buffer, 0, buffer.length, position);
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
