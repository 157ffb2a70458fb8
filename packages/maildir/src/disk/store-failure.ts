import { constants } from 'node:os';
import { StoreError } from '@posthorn/core';
import { errorCode } from './disk.ts';

/** Carries a failure of the caller's message body past the code that explains failures of the disk. */
export class BodyFailure extends Error {
  override readonly name = 'BodyFailure';
}

/** What the caller of the store is told about a failure. */
export function storeFailure(error: unknown): unknown {
  if (error instanceof BodyFailure) return error.cause;
  const code = errorCode(error) ?? indexErrorCode(error);
  if (code === undefined) return error;
  const path = pathOf(error);
  const options = { cause: error };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreError('STORE_OVER_QUOTA', `the disk is full${path}; free some space and try again`, options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StoreError(
        'STORE_NO_PERMISSION',
        `no permission to use the Maildir${path}; let this user read and write it, or choose another directory`,
        options,
      );
    case 'ENOTDIR':
    case 'ELOOP':
    case 'EISDIR':
      return new StoreError('STORE_CORRUPT', `something other than a Maildir is in its place${path}`, options);
    case 'ENAMETOOLONG':
      return new StoreError('STORE_CANNOT', 'the file system cannot hold a name of that length', options);
    default:
      return new StoreError('STORE_UNAVAILABLE', `the Maildir could not be read or written${path}: ${code}`, options);
  }
}

/** Runs a public method: its failures become errors of the store, but an abort and a broken body stay as they are. */
export async function guarded<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
  signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error;
    throw storeFailure(error);
  }
}

/** LMDB gives the number of an error of the system, or one of its own, which are negative. */
function indexErrorCode(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  if (!(error instanceof Error) || typeof code !== 'number') return undefined;
  const [name] = Object.entries(constants.errno).find(([, number]) => number === code) ?? [];
  return name ?? `the index says: ${error.message}`;
}

function pathOf(error: unknown): string {
  const { path, dest } = error as { path?: unknown; dest?: unknown };
  return path === undefined ? '' : ` (${String(dest ?? path)})`;
}
