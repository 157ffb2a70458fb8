import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { UsersError } from './users-error.ts';
import { formatUsers, noUsers, parseUsers, type Users } from './users-text.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Tells one version of a file from the next: it is another file, or was written to. */
export type FileVersion = string;

export interface ReadUsers {
  readonly text: string;
  readonly version: FileVersion;
  /** Whether others than its owner may read it. */
  readonly isReadable: boolean;
}

/**
 * Reads a users file.
 * @throws {@link UsersError} `USERS_UNAVAILABLE`; `USERS_INSECURE` when others than its owner may write to it
 */
export async function readUsersFile(path: string): Promise<ReadUsers> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unavailable(path, 'read', error);
  });
  try {
    // Of the open file, so that what is read is what is described.
    const stats = await file.stat({ bigint: true });
    const { mode, size } = stats;
    if (process.platform !== 'win32' && (Number(mode) & 0o022) !== 0) {
      throw new UsersError('USERS_INSECURE', `others may write to ${path}: run chmod 600 on it`);
    }
    if (size > MAX_FILE_BYTES) throw new UsersError('USERS_CORRUPT', `${path} is too large for a users file`);
    const text = await file.readFile('utf8');
    return {
      text,
      version: versionOf(stats),
      isReadable: process.platform !== 'win32' && (Number(mode) & 0o044) !== 0,
    };
  } catch (error) {
    if (error instanceof UsersError) throw error;
    throw unavailable(path, 'read', error);
  } finally {
    await file.close();
  }
}

/** The version of the file that is there now. @throws {@link UsersError} `USERS_UNAVAILABLE` */
export async function usersFileVersion(path: string): Promise<FileVersion> {
  const found = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw unavailable(path, 'read', error);
  });
  return versionOf(found);
}

function versionOf({ ino, dev, size, mtimeNs, ctimeNs }: BigIntStats): FileVersion {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

export interface ChangeOptions {
  /** Whether a file that is not there is one of nobody yet. @defaultValue false */
  readonly create?: boolean;
  /** How long to wait for another program that changes the file. @defaultValue 5_000 */
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Changes a users file. What is new is written to `FILE.lock`, which one program at a time can make, and takes the
 * place of the file in one step: whoever reads it sees all of the old or all of the new. Only its owner can read it.
 * @throws {@link UsersError}
 */
export async function changeUsers(
  path: string,
  change: (users: Users) => Promise<Users>,
  { create = false, waitMs = 5_000, signal }: ChangeOptions = {},
): Promise<void> {
  // A link stays a link.
  const target = await realpath(path).catch(() => path);
  const lock = `${target}.lock`;
  const file = await makeLock(lock, waitMs, signal);
  try {
    const users = await currentUsers(target, create);
    await file.writeFile(formatUsers(await change(users)));
    await keepOwner(target, file);
    await file.sync();
    await file.close();
    await rename(lock, target);
    await syncFolder(target);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(lock, { force: true });
    if (isFileError(error)) throw unavailable(path, 'write', error);
    throw error;
  }
}

async function currentUsers(path: string, create: boolean): Promise<Users> {
  try {
    const { text } = await readUsersFile(path);
    return parseUsers(text, path);
  } catch (error) {
    const isMissing = error instanceof UsersError && codeOf(error.cause) === 'ENOENT';
    if (isMissing && create) return noUsers();
    throw error;
  }
}

async function makeLock(lock: string, waitMs: number, signal: AbortSignal | undefined): Promise<FileHandle> {
  for (let waited = 0; ; waited += 50) {
    signal?.throwIfAborted();
    try {
      return await open(lock, 'wx', 0o600);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw unavailable(lock, 'write', error);
      if (waited >= waitMs) {
        const message = `another program is changing the users: wait for it, or remove ${lock} when there is none`;
        throw new UsersError('USERS_IN_USE', message, { cause: error });
      }
    }
    await wait(50, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}

/** Root may change the file of a server that is not root. */
async function keepOwner(path: string, file: FileHandle): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const old = await stat(path).catch(() => undefined);
  if (old !== undefined) await file.chown(old.uid, old.gid);
}

/** Makes the rename last. Where folders cannot be opened, as on Windows, there is nothing to do. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r').catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

function unavailable(path: string, verb: 'read' | 'write', error: unknown): UsersError {
  const code = codeOf(error) ?? 'unknown';
  return new UsersError('USERS_UNAVAILABLE', `cannot ${verb} ${path}: ${code}`, { cause: error });
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
