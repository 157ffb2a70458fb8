import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ImapClient } from '@posthorn/imap-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { finish, start } from './run-command.ts';

let folder: string;
let users: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-cli-'));
  users = join(folder, 'users');
  vi.stubEnv('POSTHORN_PASSWORD', 'open sesame');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const user = (...args: string[]) => finish('user', ...args, '--users', users);

describe('user', () => {
  it('adds, lists and removes users, and changes passwords', async () => {
    expect(await user('add', 'alice')).toEqual({ exitCode: 0, stdout: `added alice to ${users}\n`, stderr: '' });
    expect((await stat(users)).mode & 0o777).toBe(0o600);
    const file = join(folder, 'password');
    await writeFile(file, 'another\n');
    expect((await user('add', 'bob', '--password-file', file, '--scram', 'sha-1, sha-256')).exitCode).toBe(0);
    expect((await user('passwd', 'alice', '--password-command', 'echo third')).exitCode).toBe(0);
    expect(await user('list')).toEqual({ exitCode: 0, stdout: 'alice\nbob\n', stderr: '' });
    expect((await user('remove', 'alice')).exitCode).toBe(0);
    expect((await user('list', '--json')).stdout).toBe('{"event":"user","name":"bob"}\n');
  });

  it.each([
    [['remove', 'nobody'], 1, /there is no user nobody/],
    [['passwd', 'nobody'], 1, /there is no user nobody/],
    [['add', 'alice'], 1, /there is a user alice already/],
    [['add', 'a\nb'], 2, /no control characters/],
  ])('answers %j with what is wrong', async (args, exitCode, says) => {
    await user('add', 'alice');
    const answer = await user(...args);
    expect({ exitCode: answer.exitCode, stdout: answer.stdout }).toEqual({ exitCode, stdout: '' });
    expect(answer.stderr).toMatch(says);
  });

  it('ends with 5 when the file is damaged, and says nothing of what is in it', async () => {
    await writeFile(users, 'hunter2', { mode: 0o600 });
    const { exitCode, stderr } = await user('list');
    expect(exitCode).toBe(5);
    expect(stderr).not.toContain('hunter2');
    expect((await finish('user', 'list', '--users', join(folder, 'none'))).exitCode).toBe(1);
  });
});

describe('serve --users', () => {
  const serve = (...more: string[]) => serveOver(`maildir:${join(folder, 'mail')}`, ...more);
  const serveOver = async (store: string, ...more: string[]) => {
    const server = start(
      'serve',
      '--store',
      store,
      '--users',
      users,
      '--imap',
      '127.0.0.1:0',
      '--allow-insecure-auth',
      '--json',
      ...more,
    );
    const { port } = await server.nextEvent('listening');
    const login = (name: string, password = 'open sesame'): Promise<ImapClient> =>
      connect({
        host: '127.0.0.1',
        port: Number(port),
        security: 'none',
        allowInsecureAuth: true,
        auth: { user: name, password },
      });
    const stop = async (): Promise<void> => {
      server.interrupt();
      expect(await server.exitCode).toBe(0);
    };
    return { login, port, stop };
  };

  it('gives each user an account of their own, and follows the file', async () => {
    await user('add', 'alice');
    await user('add', 'bob');
    const { login, stop } = await serve();
    const alice = await login('alice');
    await alice.create('Private');
    const bob = await login('bob');
    expect((await bob.list()).map(({ path }) => path.join('/'))).toEqual(['INBOX']);
    expect((await alice.list()).map(({ path }) => path.join('/')).toSorted()).toEqual(['INBOX', 'Private']);
    await expect(login('carol')).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    await user('add', 'carol');
    const carol = await login('carol');
    await user('passwd', 'bob', '--password-command', 'echo third');
    await expect(login('bob')).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    await (await login('bob', 'third')).close();
    for (const client of [alice, bob, carol]) await client.close();
    await stop();
    expect((await readdir(join(folder, 'mail'))).toSorted()).toEqual(['alice', 'bob', 'carol']);
  }, 60_000);

  it('lets users use what others share with them', async () => {
    for (const name of ['alice', 'bob']) await user('add', name);
    const { login, stop } = await serveOver(`maildir://${join(folder, 'mail')}?acl=yes`);
    const alice = await login('alice');
    await alice.create('Ours');
    await alice.append('Ours', { body: new TextEncoder().encode('Subject: hi\r\n\r\n') });
    const paths = async (client: ImapClient): Promise<readonly string[]> =>
      (await client.list()).filter(({ isSelectable }) => isSelectable).map(({ path }) => path.join('/'));
    const bob = await login('bob');
    expect(await paths(bob)).toEqual(['INBOX']);
    await alice.acl.set('Ours', 'bob', 'lr');
    expect(await paths(bob)).toEqual(['INBOX', 'Other Users/alice/Ours']);
    expect((await bob.status('Other Users/alice/Ours', ['MESSAGES'])).messages).toBe(1);
    await expect(bob.status('Other Users/alice/INBOX', ['MESSAGES'])).rejects.toMatchObject({
      responseCode: { name: 'NONEXISTENT' },
    });
    for (const client of [alice, bob]) await client.close();
    await stop();
  });

  it('gives each user an account of their own in memory, too', async () => {
    for (const name of ['alice', 'bob']) await user('add', name);
    const { login, stop } = await serveOver('memory:');
    const [alice, bob] = [await login('alice'), await login('bob')];
    await alice.append('INBOX', { body: new TextEncoder().encode('Subject: hi\r\n\r\n') });
    expect((await alice.status('INBOX', ['MESSAGES'])).messages).toBe(1);
    expect((await bob.status('INBOX', ['MESSAGES'])).messages).toBe(0);
    for (const client of [alice, bob]) await client.close();
    await stop();
  });

  it('offers the hashes of SCRAM that all users have keys for', async () => {
    await user('add', 'alice', '--scram', 'SHA-1,SHA-512');
    const { login, port, stop } = await serve('--scram', 'SHA-512,SHA-1');
    const socket = createConnection(Number(port), '127.0.0.1');
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(greeting.toString()).toMatch(/AUTH=SCRAM-SHA-512 AUTH=SCRAM-SHA-1 /);
    expect(greeting.toString()).not.toContain('SHA-256');
    await (await login('alice')).close();
    await stop();
  });

  it('keeps users of hostile names below the root, each for themselves', async () => {
    const names = [
      '..',
      '.',
      '../escape',
      '/tmp/escape',
      'a/b',
      'a\\b',
      '~',
      'con',
      'cur',
      '.hidden',
      'ALICE',
      'a:b',
      '%2e%2e',
      'ü',
    ];
    for (const name of names) expect((await user('add', name)).exitCode).toBe(0);
    await mkdir(join(folder, 'mail'));
    const before = (await readdir(folder)).toSorted();
    const { login, stop } = await serve();
    for (const [index, name] of names.entries()) {
      const client = await login(name);
      expect((await client.list()).map(({ path }) => path.join('/'))).toEqual(['INBOX']);
      await client.create(`Box ${index}`);
      await client.close();
    }
    await stop();
    expect((await readdir(folder)).toSorted()).toEqual(before);
    const folders = await readdir(join(folder, 'mail'));
    expect(folders).toHaveLength(names.length);
    for (const name of folders) {
      expect(name).toMatch(/^[a-z0-9_+@=A-F.-]+$/);
      expect(await readdir(join(folder, 'mail', name))).toEqual(expect.arrayContaining(['cur', 'new', 'tmp']));
    }
  }, 120_000);
});
