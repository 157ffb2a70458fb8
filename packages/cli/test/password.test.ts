import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findPassword, type PasswordOptions } from '../src/endpoint/password.ts';
import { UsageError } from '../src/failure.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-password-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const find = (options: PasswordOptions, signal = new AbortController().signal) =>
  findPassword('alice', options, { variables: ['POSTHORN_TEST_FIRST', 'POSTHORN_TEST_SECOND'], signal });

describe('a password', () => {
  it('is the first variable that says something', async () => {
    vi.stubEnv('POSTHORN_TEST_FIRST', '');
    vi.stubEnv('POSTHORN_TEST_SECOND', 'two');
    expect(await find({})).toBe('two');
    vi.stubEnv('POSTHORN_TEST_FIRST', ' one ');
    expect(await find({})).toBe(' one ');
  });

  it('is the first line of a file', async () => {
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'pässword \r\nnot this\n');
    expect(await find({ passwordFile })).toBe('pässword ');
    await writeFile(passwordFile, '\n');
    await expect(find({ passwordFile })).rejects.toThrow('the password is empty');
    await expect(find({ passwordFile: folder })).rejects.toThrow(/cannot read .*EISDIR/);
  });

  it('is the first line that a command prints', async () => {
    expect(await find({ passwordCommand: 'echo secret; echo more' })).toBe('secret');
  });

  it.each(['true', 'false', 'echo secret; exit 3', 'no-such-command-here', 'yes'])(
    'is not there when the command is %j, which is said',
    async (passwordCommand) => {
      await expect(find({ passwordCommand })).rejects.toThrow(UsageError);
    },
  );

  it('is not waited for at our own standard input', async () => {
    await expect(find({ passwordCommand: 'cat' })).rejects.toThrow('the password is empty');
  });

  it('is not waited for when the wait was interrupted', async () => {
    const interruption = new AbortController();
    const found = find({ passwordCommand: 'sleep 60 | cat' }, interruption.signal);
    interruption.abort();
    await expect(found).rejects.toBe(interruption.signal.reason);
    await expect(find({}, interruption.signal)).rejects.toBe(interruption.signal.reason);
  });
});
