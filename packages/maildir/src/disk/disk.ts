import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  type PathLike,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** A write to the file system that is about to happen. */
export interface FileWrite {
  readonly operation:
    | 'create'
    | 'write'
    | 'truncate'
    | 'utimes'
    | 'sync'
    | 'rename'
    | 'link'
    | 'unlink'
    | 'mkdir'
    | 'rmdir';
  readonly path: string;
}

const syncWhole = promisify(fsync);
const syncData = promisify(fdatasync);

/**
 * All writes to the file system, so that a test can stop at each. Calls that the kernel answers from memory are made
 * at once, which was measured to cost a fifth of a trip through the thread pool; only waiting for the disk is not.
 */
export class Disk {
  readonly #fault: ((write: FileWrite) => void | Promise<void>) | undefined;
  /** Whether data is forced to the disk. */
  readonly isDurable: boolean;
  #fileMode = 0o600;
  #directoryMode = 0o700;
  /** Then what is made is opened to the group, although the process may be told (umask) to keep groups out. */
  #isShared = false;

  constructor(fault: ((write: FileWrite) => void | Promise<void>) | undefined, isDurable: boolean) {
    this.#fault = fault;
    this.isDurable = isDurable;
  }

  /** Another for the same disk, whose files somebody else may share. */
  forAccount(): Disk {
    return new Disk(this.#fault, this.isDurable);
  }

  /** Lets a group share what is made, when it may write to this directory. */
  shareLike(directory: string): void {
    const { mode } = statSync(directory);
    if ((mode & 0o020) === 0) return;
    this.#isShared = true;
    this.#fileMode = 0o660;
    this.#directoryMode = 0o770 | (mode & 0o2000);
  }

  /** Creates a file that was not there and opens it for writing. */
  async create(path: PathLike): Promise<number> {
    if (this.#fault !== undefined) await this.fault('create', path);
    return this.#shared(
      openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, this.#fileMode),
    );
  }

  /** Opens a file for writing, creating it when it is not there. */
  async open(path: PathLike): Promise<number> {
    if (this.#fault !== undefined) await this.fault('create', path);
    return this.#shared(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, this.#fileMode));
  }

  /** Gives an opened file the mode it was to be made with, when it is ours. */
  #shared(descriptor: number): number {
    if (!this.#isShared) return descriptor;
    const { mode, uid } = fstatSync(descriptor);
    if ((mode & 0o777) !== this.#fileMode && uid === process.geteuid?.()) fchmodSync(descriptor, this.#fileMode);
    return descriptor;
  }

  /** Writes all octets, at a position or at the end of what was written before. */
  async write(descriptor: number, path: PathLike, bytes: Uint8Array, position?: number): Promise<void> {
    if (this.#fault !== undefined) await this.fault('write', path);
    let written = 0;
    while (written < bytes.length) {
      const at = position === undefined ? null : position + written;
      written += writeSync(descriptor, bytes, written, bytes.length - written, at);
    }
  }

  async truncate(descriptor: number, path: PathLike, length: number): Promise<void> {
    await this.fault('truncate', path);
    ftruncateSync(descriptor, length);
  }

  async setTimes(descriptor: number, path: PathLike, epochSeconds: number): Promise<void> {
    if (this.#fault !== undefined) await this.fault('utimes', path);
    // A Date, since Node takes a negative number of seconds for "now".
    const time = new Date(epochSeconds * 1_000);
    futimesSync(descriptor, time, time);
  }

  /** Touches a file that may be gone. */
  touch(path: PathLike): void {
    const now = new Date();
    ignoreMissing(() => utimesSync(path, now, now));
  }

  /** Waits until content and metadata of a file are on the disk. */
  async sync(descriptor: number, path: PathLike): Promise<void> {
    if (!this.isDurable) return;
    await this.fault('sync', path);
    await syncWhole(descriptor);
  }

  /** Waits until the content of a file is on the disk. */
  async syncData(descriptor: number, path: PathLike): Promise<void> {
    if (!this.isDurable) return;
    await this.fault('sync', path);
    await syncData(descriptor);
  }

  /** Waits until the names in a directory are on the disk. */
  async syncDirectory(path: string): Promise<void> {
    if (!this.isDurable) return;
    await this.fault('sync', path);
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await syncData(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  close(descriptor: number): void {
    closeSync(descriptor);
  }

  async rename(from: PathLike, to: PathLike): Promise<void> {
    if (this.#fault !== undefined) await this.fault('rename', to);
    renameSync(from, to);
  }

  async link(existing: PathLike, path: PathLike): Promise<void> {
    if (this.#fault !== undefined) await this.fault('link', path);
    linkSync(existing, path);
  }

  /** Makes a symbolic link, in the place of what is there. */
  async replaceLink(target: string, path: string): Promise<void> {
    const temporary = `${path}.tmp`;
    await this.remove(temporary);
    if (this.#fault !== undefined) await this.fault('link', temporary);
    symlinkSync(target, temporary);
    await this.rename(temporary, path);
  }

  async unlink(path: PathLike): Promise<void> {
    if (this.#fault !== undefined) await this.fault('unlink', path);
    unlinkSync(path);
  }

  /** Removes a file; false when it was gone. */
  async remove(path: PathLike): Promise<boolean> {
    if (this.#fault !== undefined) await this.fault('unlink', path);
    return ignoreMissing(() => unlinkSync(path));
  }

  /** Makes a directory; one that is there already is fine. */
  async makeDirectory(path: string): Promise<void> {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
    await this.fault('mkdir', path);
    try {
      mkdirSync(path, { mode: this.#directoryMode });
      if (this.#isShared) chmodSync(path, this.#directoryMode);
    } catch (error) {
      // Another program was first.
      if (errorCode(error) === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
      if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
      await this.makeDirectory(dirname(path));
      return this.makeDirectory(path);
    }
  }

  async removeDirectory(path: PathLike): Promise<void> {
    await this.fault('rmdir', path);
    rmdirSync(path);
  }

  /** Writes a whole file beside its place and puts it there in one step. */
  async replace(
    path: string,
    bytes: Uint8Array,
    { modifiedSeconds }: { readonly modifiedSeconds?: number } = {},
  ): Promise<void> {
    const temporary = `${path}.tmp`;
    await this.remove(temporary);
    const descriptor = await this.create(temporary);
    try {
      await this.write(descriptor, temporary, bytes);
      if (modifiedSeconds !== undefined) await this.setTimes(descriptor, temporary, modifiedSeconds);
      await this.sync(descriptor, temporary);
    } catch (error) {
      this.close(descriptor);
      await this.remove(temporary).catch(() => {});
      throw error;
    }
    this.close(descriptor);
    await this.rename(temporary, path);
  }

  /** Announces a write that is made elsewhere. */
  async fault(operation: FileWrite['operation'], path: PathLike): Promise<void> {
    if (this.#fault !== undefined) await this.#fault({ operation, path: String(path) });
  }
}

/** Runs a call on a file that may be gone; false when it was. */
export function ignoreMissing(call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

/** The code of an error of the operating system. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
}
