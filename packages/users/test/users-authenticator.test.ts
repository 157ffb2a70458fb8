import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScramHash } from '@posthorn/core';
import { plain, plainServer, type ServerStep, scram, scramServer } from '@posthorn/sasl';
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, it, vi } from 'vitest';
import { addUser, changePassword, openUsers, removeUser } from '../src/index.ts';
import { usersFolder } from './folder.ts';

const at = usersFolder();
const CONTEXT = { protocol: 'imap', security: 'tls' } as const;
const logger = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() });

describe('logging in', () => {
  it('lets in who gives the right password, to their own account', async () => {
    await addUser(at.file, 'alice', 'correct horse');
    await addUser(at.file, 'bob', 'battery');
    const users = await openUsers(at.file);
    expect(await users.checkPassword('alice', 'correct horse', CONTEXT)).toBe('alice');
    expect(await users.checkPassword('alice', 'correct horse', CONTEXT, 'alice')).toBe('alice');
    expect(await users.checkPassword('alice', 'correct horse', CONTEXT, 'bob')).toBeUndefined();
    for (const [name, password] of [
      ['alice', 'battery'],
      ['alice', ''],
      ['alice', 'correct horse '],
      ['Alice', 'correct horse'],
      ['', ''],
      ['mallory', 'correct horse'],
      ['__proto__', 'x'],
      ['alice\0', 'correct horse'],
      ['x'.repeat(100_000), 'y'.repeat(100_000)],
    ]) {
      expect(await users.checkPassword(name!, password!, CONTEXT)).toBeUndefined();
    }
    expect(await users.authorize('alice', CONTEXT)).toBe('alice');
    expect(await users.authorize('alice', CONTEXT, 'bob')).toBeUndefined();
    expect(await users.authorize('mallory', CONTEXT)).toBeUndefined();
  });

  it('works with PLAIN', async () => {
    await addUser(at.file, 'alice', 'correct horse');
    const users = await openUsers(at.file);
    const step = await plainServer(users, CONTEXT).step(
      plain({ user: 'alice', password: 'correct horse' }).initialResponse,
    );
    expect(step).toMatchObject({ type: 'success', account: 'alice' });
  });

  it.each(['SHA-1', 'SHA-256', 'SHA-512'] as const)('works with SCRAM-%s', async (hash: ScramHash) => {
    await addUser(at.file, 'älice', 'correct hörse', { scramHashes: ['SHA-1', 'SHA-256', 'SHA-512'] });
    const users = await openUsers(at.file);
    const login = async (user: string, password: string): Promise<ServerStep> => {
      const client = scram(hash, { user, password });
      const server = scramServer(hash, users, CONTEXT);
      let step = await server.step(client.initialResponse);
      while (step.type === 'challenge') step = await server.step(await client.respond(step.data));
      return step;
    };
    expect(await login('älice', 'correct hörse')).toMatchObject({ type: 'success', account: 'älice' });
    expect((await login('älice', 'wrong')).type).toBe('failure');
    expect((await login('mallory', 'wrong')).type).toBe('failure');
  });
});

describe('users who do not exist', () => {
  it('have SCRAM keys that stay the same, also after a restart, and differ by name', async () => {
    await addUser(at.file, 'alice', 'x');
    const [users, again] = [await openUsers(at.file), await openUsers(at.file)];
    const keys = await users.scramKeys('mallory', 'SHA-256', CONTEXT);
    expect(await again.scramKeys('mallory', 'SHA-256', CONTEXT)).toEqual(keys);
    expect((await users.scramKeys('eve', 'SHA-256', CONTEXT))?.salt).not.toEqual(keys?.salt);
    const real = await users.scramKeys('alice', 'SHA-256', CONTEXT);
    expect([keys?.iterations, keys?.salt.length, keys?.storedKey.length, keys?.serverKey.length]).toEqual([
      real?.iterations,
      real?.salt.length,
      real?.storedKey.length,
      real?.serverKey.length,
    ]);
    expect((await users.scramKeys('alice', 'SHA-512', CONTEXT))?.storedKey).toHaveLength(64);
  });

  it('cost as much as others', { retry: 4 }, async () => {
    await addUser(at.file, 'alice', 'x');
    const users = await openUsers(at.file);
    const cost = async (name: string): Promise<number> => {
      const start = processorMilliseconds();
      for (let time = 0; time < 4; time++) await users.checkPassword(name, 'wrong', CONTEXT);
      return processorMilliseconds() - start;
    };
    await cost('alice');
    const [known, unknown] = [await cost('alice'), await cost('mallory')];
    expect(unknown / known).toBeGreaterThan(0.7);
    expect(unknown / known).toBeLessThan(1.4);
  });
});

describe('a file that changes', () => {
  it('is read again', async () => {
    await addUser(at.file, 'alice', 'one');
    const log = logger();
    const users = await openUsers(at.file, { logger: log });
    await addUser(at.file, 'bob', 'two');
    expect(await users.checkPassword('bob', 'two', CONTEXT)).toBe('bob');
    await changePassword(at.file, 'bob', 'three');
    expect(await users.checkPassword('bob', 'two', CONTEXT)).toBeUndefined();
    await removeUser(at.file, 'bob');
    expect(await users.authorize('bob', CONTEXT)).toBeUndefined();
    expect(log.info).toHaveBeenCalledTimes(3);
    expect(log.error).not.toHaveBeenCalled();
  });

  it('is read once for logins at the same time', async () => {
    await addUser(at.file, 'alice', 'one');
    const log = logger();
    const users = await openUsers(at.file, { logger: log });
    await addUser(at.file, 'bob', 'two');
    await Promise.all(Array.from({ length: 20 }, () => users.authorize('bob', CONTEXT)));
    expect(log.info).toHaveBeenCalledTimes(1);
  });

  it('stays in force while what is there makes no sense, cut anywhere', async () => {
    await addUser(at.file, 'alice', 'one');
    const log = logger();
    const users = await openUsers(at.file, { logger: log });
    const text = await readFile(at.file, 'utf8');
    for (let end = 0; end < text.length - 1; end += 7) {
      await writeFile(at.file, text.slice(0, end));
      expect(await users.authorize('alice', CONTEXT)).toBe('alice');
    }
    expect(log.error).toHaveBeenCalled();
    await writeFile(at.file, text.replace('"alice"', '"carol"'));
    expect(await users.authorize('alice', CONTEXT)).toBeUndefined();
    expect(await users.authorize('carol', CONTEXT)).toBe('carol');
  });

  it('lets nobody in when it is gone or others may write to it, until that is put right', async () => {
    await addUser(at.file, 'alice', 'one');
    const users = await openUsers(at.file);
    const unavailable = { code: 'AUTH_UNAVAILABLE' };
    await rename(at.file, join(at.folder, 'away'));
    await expect(users.checkPassword('alice', 'one', CONTEXT)).rejects.toMatchObject(unavailable);
    await expect(users.scramKeys('alice', 'SHA-256', CONTEXT)).rejects.toMatchObject(unavailable);
    await rename(join(at.folder, 'away'), at.file);
    expect(await users.authorize('alice', CONTEXT)).toBe('alice');
    if (process.platform !== 'win32') {
      await chmod(at.file, 0o622);
      await expect(users.authorize('alice', CONTEXT)).rejects.toMatchObject(unavailable);
      await chmod(at.file, 0o600);
      expect(await users.authorize('alice', CONTEXT)).toBe('alice');
    }
    await rm(at.file);
    await expect(openUsers(at.file)).rejects.toMatchObject({ code: 'USERS_UNAVAILABLE' });
  });

  it.skipIf(process.platform === 'win32')('warns when others may read it', async () => {
    await addUser(at.file, 'alice', 'one');
    await chmod(at.file, 0o644);
    const log = logger();
    await openUsers(at.file, { logger: log });
    expect(log.warn).toHaveBeenCalledTimes(1);
  });
});

describe('many logins at once', () => {
  it('wait for their turn, and those beyond a bound are told to come again', async () => {
    await addUser(at.file, 'alice', 'one');
    const users = await openUsers(at.file, { maxHashes: 1, maxWaiting: 2 });
    const logins = Array.from({ length: 5 }, () => users.checkPassword('alice', 'one', CONTEXT));
    const settled = await Promise.allSettled(logins);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    for (const result of settled) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'AUTH_UNAVAILABLE' });
    }
    expect(await users.checkPassword('alice', 'one', CONTEXT)).toBe('alice');
  });

  it('leave the queue when their connection ends', async () => {
    await addUser(at.file, 'alice', 'one');
    const users = await openUsers(at.file, { maxHashes: 1 });
    const end = new AbortController();
    const first = users.checkPassword('alice', 'one', CONTEXT);
    const second = users.checkPassword('alice', 'one', { ...CONTEXT, signal: end.signal });
    await new Promise((resolve) => setTimeout(resolve, 10));
    end.abort();
    await expect(second).rejects.toBe(end.signal.reason);
    expect(await first).toBe('alice');
    expect(await users.checkPassword('alice', 'one', CONTEXT)).toBe('alice');
  });
});
