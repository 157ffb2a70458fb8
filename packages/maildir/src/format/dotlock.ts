/**
 * Locks as Dovecot's `file-dotlock.c` makes them: a file `<name>.lock` created exclusively, holding `pid:host`.
 * @module
 */
import { closeSync, constants, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '@posthorn/core';
import { errorCode, isMissing } from '../disk/disk.ts';
import { randomHex, type Settings } from '../settings.ts';

const STALE_MS = 120_000;
/** Who makes a lock writes into it at once: one that stays empty was left by a process that was killed in between. */
const EMPTY_MS = 5_000;
const TOUCH_MS = 10_000;
/** How long a lock that looks stale by its age alone is watched before it is broken. */
const WATCH_MS = 1_000;
/** Most locks are held for one change, which takes milliseconds; looks at one that is held for longer become rarer. */
const PATIENT_ROUNDS = 60;

/** Paths of the locks this thread holds. */
const held = new Set<string>();
/** Locks that this thread gave up but could not remove, by path: their inodes. */
const abandoned = new Map<string, bigint>();

interface Sighting {
  readonly inode: bigint;
  readonly changedMs: number;
  readonly owner: string;
  readonly sinceMs: number;
}

/**
 * Runs a task while holding the lock that protects `path`.
 * @throws {@link StoreError} `STORE_IN_USE` when somebody else holds it for longer than `timeoutMs`.
 */
export async function withDotlock<Result>(
  settings: Settings,
  path: string,
  task: () => Promise<Result>,
  { timeoutMs = settings.lockTimeoutMs }: { readonly timeoutMs?: number } = {},
): Promise<Result> {
  const lock = `${path}.lock`;
  await acquire(settings, lock, path, timeoutMs);
  held.add(lock);
  const touching = setInterval(() => keepFresh(settings, lock), TOUCH_MS);
  touching.unref();
  try {
    return await task();
  } finally {
    clearInterval(touching);
    held.delete(lock);
    await release(settings, lock);
  }
}

/** A lock that looks old is kept by its owner's being alive: one that cannot be touched is no reason to give up. */
function keepFresh(settings: Settings, lock: string): void {
  try {
    settings.disk.touch(lock);
  } catch (error) {
    settings.logger.warn('a lock could not be touched', { lock, reason: String(error) });
  }
}

/** What was done under the lock is done, whether the lock can be removed or not. */
async function release(settings: Settings, lock: string): Promise<void> {
  try {
    await settings.disk.remove(lock);
  } catch (error) {
    settings.logger.warn('a lock could not be removed', { lock, reason: String(error) });
    const stat = lstatSync(lock, { bigint: true, throwIfNoEntry: false });
    if (stat !== undefined) abandoned.set(lock, stat.ino);
  }
}

async function acquire(settings: Settings, lock: string, path: string, timeoutMs: number): Promise<void> {
  const start = performance.now();
  let sighting: Sighting | undefined;
  for (let round = 0; ; round++) {
    if (await tryCreate(settings, lock)) return;
    sighting = look(lock, sighting);
    if (sighting !== undefined && isStale(sighting, lock, path)) {
      await breakLock(settings, lock, sighting);
      continue;
    }
    const left = timeoutMs - (performance.now() - start);
    if (left <= 0) {
      const owner = /^\d+:[\w.-]+$/.test(sighting?.owner ?? '') ? sighting?.owner : 'another program';
      throw new StoreError(
        'STORE_IN_USE',
        `${owner} holds the lock ${lock}; try again, or remove it if that program is gone`,
      );
    }
    const pause = Math.min(left, round < PATIENT_ROUNDS ? 2 ** Math.min(round, 3) : 50);
    await sleep(pause / 2 + Math.random() * pause);
  }
}

async function tryCreate(settings: Settings, lock: string): Promise<boolean> {
  let descriptor: number;
  try {
    descriptor = await settings.disk.create(lock);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await settings.disk.write(descriptor, lock, Buffer.from(`${process.pid}:${hostname()}`));
    return true;
  } catch (error) {
    await release(settings, lock);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** What the lock looks like now; how long it has looked so is carried over. */
function look(lock: string, before: Sighting | undefined): Sighting | undefined {
  const stat = lstatSync(lock, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const changedMs = Math.max(Number(stat.mtimeNs / 1_000_000n), Number(stat.ctimeNs / 1_000_000n));
  if (before?.inode === stat.ino && before.changedMs === changedMs && before.owner !== '') return before;
  const owner = ownerOf(lock);
  if (owner === undefined) return undefined;
  const isSame = before?.inode === stat.ino && before.changedMs === changedMs;
  return { inode: stat.ino, changedMs, owner, sinceMs: isSame ? before.sinceMs : performance.now() };
}

/** What is written into a lock; nothing for a link, whose target is no business of who asks; undefined when it is gone. */
function ownerOf(lock: string): string | undefined {
  try {
    const descriptor = openSync(lock, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const text = Buffer.alloc(300);
      return text.toString('latin1', 0, readSync(descriptor, text));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (errorCode(error) === 'ELOOP') return '';
    throw error;
  }
}

function isStale(sighting: Sighting, lock: string, path: string): boolean {
  // What was to be written into it, as far as that went.
  const isOurs = `${process.pid}:${hostname()}`.startsWith(sighting.owner);
  if (isOurs && abandoned.get(lock) === sighting.inode && !held.has(lock)) return true;
  const [, pidText, host] = /^(\d+):(.*)$/.exec(sighting.owner) ?? [];
  if (host === hostname()) {
    const pid = Number(pidText);
    if (pid !== process.pid) return !isAlive(pid);
    // A process of an earlier life of this container may have had our number.
    return !held.has(lock) && sighting.changedMs < Date.now() - process.uptime() * 1_000 - 1_000;
  }
  const protectedMs = Number(statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const isOld =
    sighting.owner === ''
      ? Date.now() - sighting.changedMs > EMPTY_MS
      : Date.now() - Math.max(sighting.changedMs, protectedMs) > STALE_MS;
  return isOld && performance.now() - sighting.sinceMs > WATCH_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** Removes a stale lock, and only that one: another waiter may have broken it and made its own in the meantime. */
async function breakLock(settings: Settings, lock: string, stale: Sighting): Promise<void> {
  settings.logger.warn('a lock left behind was removed', { lock, owner: stale.owner });
  const aside = `${lock}.${randomHex(settings, 8)}`;
  try {
    await settings.disk.rename(lock, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  if (lstatSync(aside, { bigint: true, throwIfNoEntry: false })?.ino !== stale.inode) {
    await settings.disk.link(aside, lock).catch(() => {});
  }
  abandoned.delete(lock);
  await settings.disk.remove(aside);
  // Others may just have done the same: whoever is late finds the new lock.
  await sleep(Math.random() * 20);
}
