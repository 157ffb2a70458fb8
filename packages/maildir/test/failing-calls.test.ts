import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError, silentLogger } from '@posthorn/core';
import { describe, expect, it, vi } from 'vitest';
import { CRASH_CASES, expectGoesOn, pictureOf, populate } from './crash-cases.ts';
import { type FsCall, systemError, watchFs } from './fs-shim.ts';
import { mail, openAccount, rows, scratchDirectory } from './support.ts';

vi.mock('node:fs', async (original) => (await import('./fs-shim.ts')).wrapFs(await original()));
vi.mock('node:fs/promises', async (original) => (await import('./fs-shim.ts')).wrapFs(await original()));

/** What a failure of the disk is called. */
const CODES = {
  ENOSPC: 'STORE_OVER_QUOTA',
  EDQUOT: 'STORE_OVER_QUOTA',
  EIO: 'STORE_UNAVAILABLE',
  EMFILE: 'STORE_UNAVAILABLE',
  EROFS: 'STORE_NO_PERMISSION',
} as const;
const OF_WRITES: readonly (keyof typeof CODES)[] = ['ENOSPC', 'EIO', 'EROFS', 'EMFILE'];
const OF_READS: readonly (keyof typeof CODES)[] = ['EIO', 'EMFILE'];
/** Messages whose mod-sequences take up some 40 pages of the index. */
const MANY = 3_000;
/** With `POSTHORN_EVERY_FAULT`, every call fails in every way; else each write in one of them, and half of the reads. */
const isThorough = process.env['POSTHORN_EVERY_FAULT'] !== undefined;

describe('a file system that fails at any call', () => {
  for (const [name, { act, options = {} }] of Object.entries(CRASH_CASES)) {
    it(`has ${name} refused clearly, or done, and nothing is lost`, { timeout: 600_000 }, async () => {
      const [start, copies] = [scratchDirectory(), scratchDirectory()];
      await populate(start, options);
      const whole = await tried(start, join(copies, 'whole'), () => undefined);
      expect(whole.error).toBe(undefined);
      const unlike: string[] = [];
      let runs = 0;
      const fail = async (index: number, code: keyof typeof CODES, stays: boolean): Promise<void> => {
        runs++;
        const what = `${code} ${stays ? 'from' : 'at'} call ${index} ${stays ? 'on' : ''}, ${whole.calls[index]!.name}`;
        const { error, picture, reopened } = await tried(start, join(copies, 'run'), (call, at) => {
          if (at === index || (stays && at > index && call.isWrite)) throw systemError(code, call);
        });
        if (error !== undefined && !(error instanceof StoreError)) unlike.push(`${what} ended with ${String(error)}`);
        if (error instanceof StoreError && error.code !== CODES[code])
          unlike.push(`${what} was said to be ${error.code}: ${error.message}`);
        const allowed = error === undefined ? [whole.picture] : [whole.before, whole.picture];
        if (!allowed.includes(reopened)) unlike.push(`${what}, opened again: ${reopened}`);
        // What cannot be put back while the disk stays bad is put back by who opens the account, or takes the lock.
        if (!stays && !allowed.includes(picture)) unlike.push(`${what}, then: ${picture}`);
      };
      for (const [index, { isWrite }] of whole.calls.entries()) {
        const codes = isWrite ? OF_WRITES : OF_READS;
        if (!isThorough && !isWrite && index % 2 === 0) continue;
        for (const code of isThorough ? codes : [codes[Math.floor(index / 2) % codes.length]!])
          await fail(index, code, false);
        if (isWrite && (isThorough || index % 3 === 0)) await fail(index, index % 2 === 0 ? 'ENOSPC' : 'EROFS', true);
      }
      if (process.env['POSTHORN_FIGURES'] !== undefined)
        process.stderr.write(`${name}: ${whole.calls.length} calls, ${runs} failures\n`);
      expect(unlike, `either ${whole.before} or ${whole.picture}`).toEqual([]);
    });

    const tried = async (start: string, root: string, onCall: (call: FsCall, at: number) => void) => {
      cpSync(start, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      const account = await openAccount(root, { lockTimeoutMs: 100, ...options });
      const before = JSON.stringify(await pictureOf(account));
      const calls: FsCall[] = [];
      watchFs((call) => {
        calls.push(call);
        onCall(call, calls.length - 1);
        return undefined;
      });
      let error: unknown;
      try {
        await act(account, root);
      } catch (reason) {
        error = reason;
      } finally {
        watchFs(undefined);
      }
      const picture = JSON.stringify(await pictureOf(account));
      await expectGoesOn(account);
      await account.close();
      const again = await openAccount(root, options);
      const reopened = JSON.stringify(await pictureOf(again));
      await again.close();
      rmSync(root, { recursive: true });
      return { calls, before, error, picture, reopened };
    };
  }
});

it('tells a full disk, a missing permission and a failing disk apart, and where', async () => {
  for (const [code, expected] of Object.entries({ ...CODES, EACCES: 'STORE_NO_PERMISSION' })) {
    const root = scratchDirectory();
    const account = await openAccount(root);
    const inbox = await account.mailbox(['INBOX']);
    watchFs((call) => {
      if (call.isWrite) throw systemError(code, call);
      return undefined;
    });
    const error = await inbox.append([{ body: [mail('a')] }]).catch((reason: unknown) => reason);
    watchFs(undefined);
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ code: expected });
    expect((error as Error).message).toContain(join(root, 'tmp'));
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    expect(await rows(inbox)).toEqual([]);
  }
});

it('goes on without the index when the disk has no room for it, and takes it up again later', async () => {
  const root = scratchDirectory();
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => warnings.push(message) };
  const account = await openAccount(root, { logger });
  const inbox = await account.mailbox(['INBOX']);
  await inbox.append([{ body: [mail('a')] }]);
  const before = await inbox.changes(undefined);
  // Only the index writes zeros.
  watchFs(({ name, args }) => {
    if (name === 'writeSync' && (args[1] as Uint8Array).every((octet) => octet === 0)) throw new Error('no room');
    return undefined;
  });
  const appended: bigint[] = [];
  // One change that takes up more than is left, and some that would not.
  for (const count of [MANY, 1, 1, 1]) {
    const batch = Array.from({ length: count }, (_, index) => ({ body: [mail(`${index}`)] }));
    appended.push((await inbox.append(batch)).modSeq);
  }
  watchFs(undefined);
  expect(warnings).toEqual(['the index cannot be written; new mod-sequences last as long as the process']);
  expect(appended).toEqual([...appended].sort((left, right) => Number(left - right)));
  const after = await inbox.changes(before.cursor);
  expect([after.complete, after.added.length]).toEqual([false, MANY + 4]);
  expect((await inbox.changes(after.cursor)).added).toEqual([]);
  await account.close();
  const again = await (await openAccount(root, { logger })).mailbox(['INBOX']);
  const later = await again.changes(after.cursor);
  expect([later.complete, later.added.length]).toEqual([false, MANY + 4]);
  expect(later.highestModSeq).toBeGreaterThan(after.highestModSeq);
  expect((await again.changes(later.cursor)).complete).toBe(true);
  expect(warnings).toHaveLength(1);
});
