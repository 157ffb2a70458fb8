import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileState, memoryState, type SyncState } from '@posthorn/sync';
import type { ForeignStoreEndpoint, StoreEndpoint } from './endpoint-url.ts';

/**
 * Where a sync remembers what it did: inside the Maildir, in a folder whose name no reader of Maildirs takes for a
 * mailbox; nowhere for a store in memory; for one of somebody else's package in the user's folder for the state of
 * programs.
 */
export async function openSyncState(target: StoreEndpoint, source: string, signal: AbortSignal): Promise<SyncState> {
  if (target.type === 'memory') return memoryState();
  const folder = target.type === 'store' ? foreignFolder(target) : join(target.path, 'posthorn-sync');
  return fileState(join(folder, `${fileName(source)}.jsonl`), { signal });
}

/**
 * A folder for each store, told apart by a hash: its URL may be long, or hold a password.
 * @see XDG Base Directory Specification
 */
function foreignFolder({ scheme, location, options }: ForeignStoreEndpoint): string {
  const given = process.env['XDG_STATE_HOME'] ?? '';
  const states = isAbsolute(given) ? given : join(homedir(), '.local', 'state');
  // What the package makes of the location may depend on where the command runs.
  const place = location.startsWith('/') ? '' : process.cwd();
  const hash = createHash('sha256').update(JSON.stringify([place, scheme, location, options]));
  return join(states, 'posthorn', 'sync', `${scheme}-${hash.digest('hex').slice(0, 32)}`);
}

/** A file name for any account name: letters, digits and a few signs stay, all else becomes `%` and hexadecimal digits. */
function fileName(source: string): string {
  return encodeURIComponent(source).replace(/[!'()*~.]/g, (sign) =>
    sign === '.' ? '.' : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
