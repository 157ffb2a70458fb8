import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { accountId } from '@posthorn/core';
import { connect } from '@posthorn/imap-client';
import { openMaildir } from '@posthorn/maildir';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { finish, start } from './run-command.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-cli-'));
  vi.stubEnv('POSTHORN_PASSWORD', 'open sesame');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe('the command line', () => {
  it('tells its version and how it is used', async () => {
    expect(await finish('--version')).toEqual({ exitCode: 0, stdout: '1.2.3\n', stderr: '' });
    for (const command of [[], ['sync'], ['serve'], ['demo'], ['user'], ['user', 'add'], ['user', 'list']]) {
      const { exitCode, stdout } = await finish(...command, '--help');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^Usage: posthorn/);
    }
  });

  it.each([
    [[], /Usage/],
    [['fly'], /unknown command 'fly'/],
    [['sync'], /missing required argument 'source'/],
    [['sync', 'memory:', 'memory:', '--wings'], /unknown option '--wings'/],
    [['sync', 'memory:', 'memory:'], /source must be an IMAP account or a POP3 maildrop/],
    [['sync', 'imap://a@b', 'imap://c@d'], /target must be a store, such as maildir:DIR/],
    [['sync', 'imaps://a@b', 'memory:', '--plaintext'], /contradicts/],
    [['sync', 'pop3s://a@b', 'memory:', '--plaintext'], /contradicts/],
    [['sync', 'memory:', 'pop3://c@d'], /source must be/],
    [['sync', 'pop3://a@b', 'pop3://c@d'], /target must be a store, such as maildir:DIR/],
    [['sync', 'imaps://a@b', 'memory:', '--max-expunge', '30'], /--max-expunge goes with --expunge/],
    [['sync', 'imaps://a@b', 'memory:', '--expunge', '--max-expunge', '101'], /from 0 to 100/],
    [['sync', 'pop3s://a@b', 'memory:', '--expunge'], /--expunge is for IMAP/],
    [['sync', 'pop3s://a@b', 'memory:', '--delete-after', 'soon'], /--delete-after takes days/],
    [['sync', 'pop3s://a@b', 'memory:', '--delete-after', '1', '--leave-on-server'], /cannot be used with/],
    [['sync', 'imaps://a@b', 'memory:', '--delete-after', '1'], /are for POP3/],
    [['sync', 'imaps://a@b', 'memory:', '--leave-on-server'], /are for POP3/],
    [['sync', 'imaps://a@b', 'memory:', '--password-file', 'f', '--password-command', 'c'], /cannot be used with/],
    [['serve', '--store', 'memory:', '--user', 'a'], /--imap HOST:PORT/],
    [['serve', '--store', 'memory:', '--imap', '127.0.0.1:0', '--allow-insecure-auth'], /--user NAME .* --users FILE/],
    [
      ['serve', '--store', 'memory:', '--imap', '127.0.0.1:0', '--allow-insecure-auth', '--user', 'a', '--users', 'f'],
      /--user NAME .* --users FILE/,
    ],
    [
      ['serve', '--store', 'memory:', '--imap', '127.0.0.1:0', '--allow-insecure-auth', '--users', 'f', '--seed', 'd'],
      /--seed goes with --user/,
    ],
    [['user', 'add', '--users', 'f'], /missing required argument 'name'/],
    [['user', 'add', 'alice'], /--users <file>/],
    [['user', 'add', 'alice', '--users', 'f', '--scram', 'MD5'], /--scram takes SHA-1, SHA-256, SHA-512/],
    [['serve', '--store', 'memory:', '--user', 'a', '--imap', '127.0.0.1:0'], /--allow-insecure-auth/],
    [['serve', '--store', 'memory:', '--user', 'a', '--imaps', '127.0.0.1:0'], /--tls-cert FILE/],
    [['serve', '--store', 'memory:', '--user', 'a', '--pop3s', '127.0.0.1:0'], /--pop3s needs --tls-cert FILE/],
    [['serve', '--store', 'memory:', '--user', 'a', '--pop3', 'x', '--allow-insecure-auth'], /--pop3 takes HOST:PORT/],
    [
      ['serve', '--store', 'memory:', '--user', 'a', '--imap', '127.0.0.1:0', '--pop3-mailbox', 'A'],
      /goes with --pop3/,
    ],
    [
      ['serve', '--store', 'memory:', '--user', 'a', '--pop3', '127.0.0.1:0', '--pop3-mailbox', 'A//B'],
      /a name such as/,
    ],
    [
      [
        'serve',
        '--store',
        'memory:',
        '--user',
        'a',
        '--pop3',
        '127.0.0.1:0',
        '--allow-insecure-auth',
        '--pop3-mailbox',
        'A',
      ],
      /no mailbox A/,
    ],
    [['serve', '--store', 'imap://a@b', '--user', 'a', '--imap', '127.0.0.1:0'], /--store takes/],
  ])('answers %j with exit code 2 and what to do', async (args, says) => {
    const { exitCode, stdout, stderr } = await finish(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(says);
  });

  it('takes no password from the command line, and needs one', async () => {
    vi.stubEnv('POSTHORN_PASSWORD', '');
    const { exitCode, stderr } = await finish('sync', 'imaps://a@b', 'memory:');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no password for a: set POSTHORN_PASSWORD/);
  });
});

describe('serve and sync', () => {
  const serve = (...more: string[]) =>
    start(
      'serve',
      '--store',
      'memory:',
      '--imap',
      '127.0.0.1:0',
      '--user',
      'alice',
      '--allow-insecure-auth',
      '--json',
      ...more,
    );

  it('serves a folder of messages until interrupted, and brings them into a Maildir', async () => {
    const mail = join(folder, 'mail');
    await mkdir(mail);
    for (const number of [1, 2, 3]) await writeFile(join(mail, `${number}.eml`), `Subject: ${number}\r\n\r\nhello\r\n`);
    const server = serve('--seed', mail);
    const listening = await server.nextEvent('listening');
    expect(listening).toEqual({ event: 'listening', protocol: 'imap', host: '127.0.0.1', port: expect.any(Number) });
    const source = `imap://alice@127.0.0.1:${listening['port']}`;
    const args = ['sync', source, `maildir:${join(folder, 'target')}`, '--plaintext', '--json'];

    const first = await finish(...args);
    expect(first.exitCode).toBe(0);
    expect(JSON.parse(first.stdout.trimEnd().split('\n').at(-1)!)).toEqual({
      ...{ event: 'done', mailboxes: 1, added: 3, flagsChanged: 0, removed: 0, failed: 0, bytes: 3 * 21 },
    });
    const again = await finish(...args);
    expect(JSON.parse(again.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ event: 'done', added: 0 });

    // A session under way is told good-bye.
    const auth = { user: 'alice', password: 'open sesame' };
    const port = Number(listening['port']);
    const client = await connect({ host: '127.0.0.1', port, security: 'none', allowInsecureAuth: true, auth });
    server.interrupt();
    expect(await server.exitCode).toBe(0);
    await expect(client.noop()).rejects.toMatchObject({ code: expect.stringMatching(/^CONNECTION_/) });
    await client.close();
  });

  it('serves POP3 beside IMAP: a mailbox, and what is deleted is gone', async () => {
    const maildir = join(folder, 'mail');
    const account = await openMaildir(maildir).open(accountId('alice'));
    await account.create(['Archive', '2026']);
    await (await account.mailbox(['Archive', '2026'])).append([{ body: [Buffer.from('Subject: 1\r\n\r\nhello\r\n')] }]);
    await account.close();
    const args = ['--store', `maildir:${maildir}`, '--user', 'alice', '--allow-insecure-auth', '--json'];
    const server = start('serve', ...args, '--pop3', '127.0.0.1:0', '--pop3-mailbox', 'Archive/2026');
    const { protocol, port } = await server.nextEvent('listening');
    expect(protocol).toBe('pop3');
    const socket = createConnection(Number(port), '127.0.0.1');
    socket.write('USER alice\r\nPASS open sesame\r\nSTAT\r\nDELE 1\r\nQUIT\r\n');
    expect(await text(socket)).toMatch(/^\+OK .*\r\n\+OK .*\r\n\+OK .*\r\n\+OK 1 21\r\n\+OK .*\r\n\+OK .*\r\n$/);
    expect(await readdir(join(maildir, '.Archive.2026', 'cur'))).toEqual([]);
    expect(await readdir(join(maildir, '.Archive.2026', 'new'))).toEqual([]);
    server.interrupt();
    expect(await server.exitCode).toBe(0);
  });

  it('brings a POP3 maildrop into a Maildir once, and deletes it there when asked', async () => {
    const mail = join(folder, 'mail');
    await mkdir(mail);
    for (const number of [1, 2, 3]) await writeFile(join(mail, `${number}.eml`), `Subject: ${number}\r\n\r\nhello\r\n`);
    const args = ['--store', 'memory:', '--user', 'alice', '--allow-insecure-auth', '--json', '--seed', mail];
    const server = start('serve', ...args, '--pop3', '127.0.0.1:0');
    const { port } = await server.nextEvent('listening');
    const target = join(folder, 'target');
    const sync = async (...more: string[]) => {
      const args = [`pop3://alice@127.0.0.1:${port}`, `maildir:${target}`, '--plaintext', '--json', ...more];
      const { exitCode, stdout } = await finish('sync', ...args);
      expect(exitCode).toBe(0);
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    expect((await sync('--leave-on-server')).at(-1)).toMatchObject({ event: 'done', added: 3, bytes: 3 * 21 });
    expect((await sync()).at(-1)).toMatchObject({ event: 'done', added: 0 });
    const deleting = await sync('--delete-after', '0');
    expect(deleting).toContainEqual({ event: 'deletedAtSource', path: ['INBOX'], messages: 3 });
    expect((await sync('--delete-after', '30')).find(({ event }) => event === 'mailboxStart')).toMatchObject({
      messages: 0,
    });
    expect(await readdir(join(target, 'new'))).toHaveLength(3);
    server.interrupt();
    expect(await server.exitCode).toBe(0);
  });

  it('shows the protocol with --verbose, and no secret', async () => {
    const server = serve();
    const { port } = await server.nextEvent('listening');
    const { exitCode, stderr } = await finish(
      'sync',
      `imap://alice@127.0.0.1:${port}`,
      'memory:',
      '--plaintext',
      '--verbose',
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/EXAMINE INBOX.*OK/);
    expect(stderr).not.toContain('open sesame');
    expect(stderr).not.toContain(Buffer.from('\0alice\0open sesame').toString('base64'));
    server.interrupt();
    await server.exitCode;
  });

  it('asks for the password of another account, and gets 3 for the wrong one', async () => {
    const server = serve();
    const { port } = await server.nextEvent('listening');
    const file = join(folder, 'password');
    await writeFile(file, 'wrong\n');
    const source = `imap://alice@127.0.0.1:${port}`;
    const target = join(folder, 'target');
    const refused = await finish('sync', source, `maildir:${target}`, '--plaintext', '--password-file', file, '--json');
    expect(refused.exitCode).toBe(3);
    expect(JSON.parse(refused.stdout)).toMatchObject({ event: 'error', code: 'AUTH_REFUSED' });
    await expect(readdir(target)).rejects.toThrow();
    const right = await finish(
      'sync',
      source,
      `maildir:${target}`,
      '--plaintext',
      '--password-command',
      "echo 'open sesame'",
    );
    expect(right).toMatchObject({ exitCode: 0, stderr: '' });
    expect(right.stdout).toMatch(/^1 mailbox in step: 0 messages added/);
    server.interrupt();
    expect(await server.exitCode).toBe(0);
  });

  it('says that a port is taken', async () => {
    const server = serve();
    const { port } = await server.nextEvent('listening');
    const second = await finish(
      'serve',
      '--store',
      'memory:',
      '--imap',
      `127.0.0.1:${port}`,
      '--user',
      'a',
      '--allow-insecure-auth',
    );
    expect(second.exitCode).toBe(4);
    expect(second.stderr).toMatch(/in use/);
    server.interrupt();
    await server.exitCode;
  });
});

describe('demo', () => {
  it('ends with every octet the same', async () => {
    const { exitCode, stdout, stderr } = await finish('demo', '--keep', join(folder, 'mail'));
    expect(exitCode).toBe(0);
    expect(stderr).not.toMatch(/posthorn:/);
    expect(stdout).toMatch(/Every octet, UID, flag and date is the same on both sides/);
    expect(stdout).toContain(join(folder, 'mail'));
  }, 60_000);

  it('tells programs the same', async () => {
    const { exitCode, stdout } = await finish('demo', '--keep', join(folder, 'mail'), '--json');
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(exitCode).toBe(0);
    expect(events.filter(({ event }) => event === 'mailbox').length).toBeGreaterThanOrEqual(5);
    expect(events.at(-1)).toMatchObject({ event: 'done', identical: true });
  }, 60_000);
});
