import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { StoreError } from '@posthorn/core';

interface LockOptions {
  /** How long to wait for another holder. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Lock files that this process holds. */
const held = new Set<string>();

const RETRY_MS = 50;
/** A lock without content is being written, or was left by a process that died right then. */
const UNFILLED_MS = 2_000;

/**
 * Takes a lock file that holds `pid:host`, and returns what releases it. A lock whose process is gone is taken over.
 * @throws {@link StoreError} `STORE_IN_USE` when another process kept it for the whole time.
 */
export async function acquireLock(path: string, { timeoutMs, signal }: LockOptions): Promise<() => Promise<void>> {
  const owner = `${process.pid}:${hostname()}`;
  for (let waited = 0; ; waited += RETRY_MS) {
    signal?.throwIfAborted();
    if (await create(path, owner)) {
      return () => {
        held.delete(path);
        return rm(path, { force: true });
      };
    }
    const holder = await readFile(path, 'utf8').catch(() => '');
    if (await isAbandoned(path, holder)) await remove(path, holder);
    else if (waited >= timeoutMs) {
      const advice = `when no other sync runs, remove ${path}`;
      throw new StoreError('STORE_IN_USE', `another sync (${holder}) is at work on this target; ${advice}`);
    } else await wait(RETRY_MS, undefined, { signal });
  }
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    // Known before it is filled, so that nobody here takes it for one that another process left.
    held.add(path);
    await file.writeFile(owner).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the lock away in one step, so that of several who find it abandoned only one removes it. */
async function remove(path: string, holder: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readFile(aside, 'utf8').catch(() => '');
  // Somebody was faster and holds the lock by now: give it back.
  if (moved !== holder) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Whether the lock names a process of this host that is no longer alive, or was never filled in. */
async function isAbandoned(path: string, holder: string): Promise<boolean> {
  const colon = holder.indexOf(':');
  if (colon === -1) {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    return Date.now() - mtimeMs > UNFILLED_MS;
  }
  const pid = Number.parseInt(holder, 10);
  if (!(pid > 0) || holder.slice(colon + 1) !== hostname()) return false;
  // In a container every run has the same number: then it is one of ours only when we know of it.
  if (pid === process.pid) return !held.has(path);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
