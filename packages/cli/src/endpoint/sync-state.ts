import { join } from 'node:path';
import { fileState, memoryState, type SyncState } from '@posthorn/sync';
import { UsageError } from '../failure.ts';
import type { StoreEndpoint } from './endpoint-url.ts';

/**
 * Where a sync remembers what it did: inside the Maildir, in a folder whose name no reader of Maildirs takes for a
 * mailbox; nowhere for a store in memory.
 */
export async function openSyncState(target: StoreEndpoint, source: string, signal: AbortSignal): Promise<SyncState> {
  if (target.type === 'memory') return memoryState();
  if (target.type === 'store')
    throw new UsageError(`a sync remembers what it did in the Maildir: it cannot go to ${target.scheme}:`);
  return fileState(join(target.path, 'posthorn-sync', `${fileName(source)}.jsonl`), { signal });
}

/** A file name for any account name: letters, digits and a few signs stay, all else becomes `%` and hexadecimal digits. */
function fileName(source: string): string {
  return encodeURIComponent(source).replace(/[!'()*~.]/g, (sign) =>
    sign === '.' ? '.' : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
