import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { makeCertificate } from '@posthorn/certificates';
import { connect } from '@posthorn/imap-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { finish, start } from './run-command.ts';

const PASSWORD = 'open sesame';
const PATIENT = { timeout: 20_000, interval: 20 };
let folder: string;
let running: ReturnType<typeof start> | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-serve-'));
  vi.stubEnv('POSTHORN_PASSWORD', PASSWORD);
});
afterEach(async () => {
  running?.interrupt();
  await running?.exitCode;
  running = undefined;
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a server, and gives its ports by protocol. */
async function serve(...args: string[]) {
  running = start('serve', '--store', 'memory:', '--json', ...args);
  const server = running;
  const ports = (protocol: string): number => {
    for (const line of server.printed.stdout.split('\n')) {
      if (line.includes('"listening"') && line.includes(`"protocol":"${protocol}"`))
        return Number((JSON.parse(line) as { port: number }).port);
    }
    throw new Error(`nobody listens for ${protocol}: ${server.printed.stderr}`);
  };
  await server.nextEvent('listening');
  return { server, ports };
}

const forAlice = ['--user', 'alice', '--allow-insecure-auth'];

/** Says everything at once, and hears everything until the end. */
async function converse(port: number, ...lines: string[]): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  socket.write(lines.map((line) => `${line}\r\n`).join(''));
  return text(socket);
}

function login(port: number, password = PASSWORD) {
  const auth = { user: 'alice', password };
  return connect({ host: '127.0.0.1', port, security: 'none', allowInsecureAuth: true, auth });
}

describe('serve --metrics', () => {
  it('counts connections, logins, commands, octets and errors, and names nobody', async () => {
    const { ports } = await serve(...forAlice, '--imap', '127.0.0.1:0', '--pop3', '127.0.0.1:0', '--metrics', '0');
    const metrics = `http://127.0.0.1:${ports('metrics')}/metrics`;
    await converse(ports('imap'), `a LOGIN alice "${PASSWORD}"`, 'b SELECT INBOX', 'c SECRETWORD alice', 'd LOGOUT');
    await converse(ports('imap'), 'a LOGIN alice wrong-guess', 'b LOGOUT');
    await converse(ports('pop3'), 'USER alice', `PASS ${PASSWORD}`, 'STAT', 'QUIT');
    const client = await login(ports('imap'));
    // Those that said good-bye may take a moment to be gone.
    await vi.waitFor(
      async () => expect(await (await fetch(metrics)).text()).toContain('posthorn_connections{protocol="imap"} 1\n'),
      PATIENT,
    );
    const response = await fetch(metrics);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const said = await response.text();
    const value = (line: string): number =>
      Number(
        said
          .split('\n')
          .find((each) => each.startsWith(`${line} `))
          ?.slice(line.length + 1) ?? Number.NaN,
      );
    expect(value('posthorn_connections_opened_total{protocol="imap"}')).toBe(3);
    expect(value('posthorn_logins_total{protocol="imap",result="accepted"}')).toBe(2);
    expect(value('posthorn_logins_total{protocol="imap",result="refused"}')).toBe(1);
    expect(value('posthorn_logins_total{protocol="pop3",result="accepted"}')).toBe(1);
    expect(value('posthorn_commands_total{protocol="imap",command="SELECT",status="OK"}')).toBe(1);
    expect(value('posthorn_commands_total{protocol="imap",command="invalid",status="BAD"}')).toBe(1);
    expect(value('posthorn_command_duration_seconds_count{protocol="imap",command="SELECT"}')).toBe(1);
    expect(value('posthorn_command_duration_seconds_bucket{le="+Inf",protocol="pop3",command="STAT"}')).toBe(1);
    // The answers of the second connection alone are longer than this.
    expect(value('posthorn_sent_bytes_total{protocol="imap"}')).toBeGreaterThan(100);
    expect(value('posthorn_received_bytes_total{protocol="pop3"}')).toBe(
      `USER alice\r\nPASS ${PASSWORD}\r\nSTAT\r\nQUIT\r\n`.length,
    );
    expect(value('process_start_time_seconds')).toBeGreaterThan(0);
    for (const secret of ['alice', PASSWORD, 'wrong-guess', 'SECRETWORD', 'INBOX', '127.0.0.1'])
      expect(said).not.toContain(secret);
    await client.close();
  });

  it('answers nothing but /metrics, and only to GET and HEAD', async () => {
    const { ports } = await serve(...forAlice, '--imap', '127.0.0.1:0', '--metrics', '127.0.0.1:0');
    const root = `http://127.0.0.1:${ports('metrics')}`;
    expect((await fetch(root)).status).toBe(404);
    expect((await fetch(`${root}/metrics/..`)).status).toBe(404);
    expect((await fetch(`${root}/metrics`, { method: 'POST' })).status).toBe(405);
    const head = await fetch(`${root}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const other = await finish(
      'serve',
      '--store',
      'memory:',
      ...forAlice,
      '--imap',
      '127.0.0.1:0',
      '--metrics',
      `${ports('metrics')}`,
    );
    expect(other).toMatchObject({ exitCode: 4, stdout: '' });
    expect(other.stderr).toMatch(/it is in use/);
  });
});

describe('the log of serve', () => {
  it('is one object a line, and holds no secret, however a login goes', async () => {
    const { server, ports } = await serve(
      ...forAlice,
      ...['--imap', '127.0.0.1:0', '--pop3', '127.0.0.1:0', '--log-format', 'json', '--log-level', 'debug'],
    );
    const base64 = (secret: string): string => Buffer.from(secret, 'latin1').toString('base64');
    const secrets = [PASSWORD, 'hunter2', 'letmein', 'Tr0ub4dor', 'token-of-mine'];
    const plain = [`\0alice\0${PASSWORD}`, '\0evil\0letmein'].map(base64);
    const bearer = base64(`n,a=alice,\x01auth=Bearer token-of-mine\x01\x01`);
    const [imap, pop3] = [ports('imap'), ports('pop3')];
    // At the same time, for each failed login is answered later than the one before.
    await Promise.all([
      converse(imap, `a LOGIN alice "${PASSWORD}"`, 'b SELECT INBOX', 'c LOGOUT'),
      converse(imap, 'a LOGIN "evil\\"\\\\" hunter2', 'c LOGOUT'),
      ...plain.map((response) => converse(imap, `a AUTHENTICATE PLAIN ${response}`, 'c LOGOUT')),
      converse(imap, 'a AUTHENTICATE LOGIN', base64('alice'), base64('Tr0ub4dor'), 'c LOGOUT'),
      converse(imap, `a AUTHENTICATE OAUTHBEARER ${bearer}`, `b LOGIN ${PASSWORD}`, `c ${PASSWORD}`, 'd LOGOUT'),
      converse(pop3, 'USER alice', `PASS ${PASSWORD}`, `${PASSWORD}`, 'QUIT'),
      converse(pop3, `AUTH PLAIN ${plain[0]}`, 'QUIT'),
    ]);
    server.interrupt();
    expect(await server.exitCode).toBe(0);
    const log = server.printed.stderr;
    const lines = log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'info', message: 'logged in', account: 'alice' }));
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'login failed' }));
    expect(lines.filter(({ level }) => level === 'debug').length).toBeGreaterThan(10);
    for (const line of lines) {
      expect(Object.keys(line).slice(0, 4)).toEqual(['time', 'level', 'process', 'message']);
      expect(line).toMatchObject({ time: expect.stringMatching(/^\d{4}-.*Z$/), process: process.pid });
    }
    const forbidden = [...secrets, ...secrets.map(base64), ...plain, bearer, 'evil', base64('Tr0ub4dor')];
    for (const secret of forbidden) expect(log + server.printed.stdout).not.toContain(secret);
  }, 30_000);

  it('says what is wrong at least, and more when asked', async () => {
    const { server, ports } = await serve(...forAlice, '--imap', '127.0.0.1:0');
    await converse(ports('imap'), 'a LOGIN alice wrong', `b LOGIN alice "${PASSWORD}"`, 'c LOGOUT');
    server.interrupt();
    await server.exitCode;
    expect(server.printed.stderr).toMatch(
      /^warn login failed session="[^"]+" remoteAddress="127\.0\.0\.1:\d+" failures=1\n$/,
    );
  });
});

describe('serve and SIGHUP', () => {
  const files = () => ({ cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') });
  const install = async (): Promise<string> => {
    const { cert, key } = await makeCertificate({ hosts: ['localhost'] });
    await writeFile(files().cert, cert);
    await writeFile(files().key, key);
    return cert;
  };
  const handshake = async (port: number, ca: string): Promise<TLSSocket> => {
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
    await once(socket, 'secureConnect');
    return socket;
  };
  const events = ({ printed }: ReturnType<typeof start>, name: string): Record<string, unknown>[] =>
    printed.stdout
      .split('\n')
      .filter((line) => line.includes(`"event":"${name}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('gives new connections a new certificate, leaves old ones, and keeps what it has when files are broken', async () => {
    const first = await install();
    const { cert, key } = files();
    const tls = ['--imaps', '127.0.0.1:0', '--imap', '127.0.0.1:0', '--tls-cert', cert, '--tls-key', key];
    const { server, ports } = await serve('--user', 'alice', ...tls);
    const old = await handshake(ports('imaps'), first);
    const second = await install();
    server.hangUp();
    await vi.waitFor(
      () => expect(events(server, 'reloaded')).toEqual([{ event: 'reloaded', what: 'certificate' }]),
      PATIENT,
    );
    (await handshake(ports('imaps'), second)).destroy();
    old.write('a NOOP\r\n');
    await vi.waitFor(() => expect(String(old.read() ?? '')).toMatch(/a OK/), PATIENT);
    old.destroy();

    await writeFile(key, 'not a key');
    server.hangUp();
    await vi.waitFor(() => expect(events(server, 'reloadFailed')).toHaveLength(1), PATIENT);
    expect(server.printed.stderr).toMatch(
      /^posthorn: kept the certificate from before: --tls-key: .*key\.pem is not in PEM form\n$/,
    );
    await writeFile(key, (await makeCertificate({ hosts: ['localhost'] })).key);
    server.hangUp();
    await vi.waitFor(() => expect(events(server, 'reloadFailed')).toHaveLength(2), PATIENT);
    expect(server.printed.stderr).toMatch(/are not a certificate and its key\n$/);
    (await handshake(ports('imaps'), second)).destroy();
  });

  it('reads the users file again, and keeps those it has when it is damaged or gone', async () => {
    const users = join(folder, 'users');
    await finish('user', 'add', 'alice', '--users', users);
    const { server, ports } = await serve('--users', users, '--allow-insecure-auth', '--imap', '127.0.0.1:0');
    server.hangUp();
    await vi.waitFor(() => expect(events(server, 'reloaded')).toEqual([{ event: 'reloaded', what: 'users' }]), PATIENT);
    await writeFile(users, 'hunter2');
    server.hangUp();
    await vi.waitFor(() => expect(events(server, 'reloadFailed')).toHaveLength(1), PATIENT);
    expect(server.printed.stderr).toContain('posthorn: kept the users from before: ');
    expect(server.printed.stderr).not.toContain('hunter2');
    await (await login(ports('imap'))).close();
  });
});

describe('the limits of serve', () => {
  it('hold connections in all, of an address and of a user', async () => {
    const limits = ['--max-connections-per-user', '1', '--max-connections-per-address', '2'];
    const { ports } = await serve(...forAlice, '--imap', '127.0.0.1:0', '--pop3', '127.0.0.1:0', ...limits);
    const client = await login(ports('imap'));
    expect(await converse(ports('imap'), `a LOGIN alice "${PASSWORD}"`, 'b LOGOUT')).toContain('a NO [LIMIT] ');
    // A user's connections count whatever the protocol.
    expect(await converse(ports('pop3'), 'USER alice', `PASS ${PASSWORD}`, 'QUIT')).toContain('-ERR [SYS/TEMP] ');
    // The connection that was refused may take a moment to be gone.
    const idle = await vi.waitFor(async () => {
      const socket = createConnection(ports('imap'), '127.0.0.1');
      const [greeting] = (await once(socket, 'data')) as [Buffer];
      expect(greeting.toString()).toMatch(/^\* OK/);
      return socket;
    }, PATIENT);
    expect(await converse(ports('imap'))).toMatch(/^\* BYE \[UNAVAILABLE\]/);
    idle.destroy();
    await client.close();
  });

  it.each([
    [['--max-connections', '0'], /--max-connections takes a number from 1/],
    [['--processes', 'many'], /--processes takes a number from 1/],
    [['--processes', '2'], /what is in memory belongs to one process/],
    [['--log-format', 'xml'], /--log-format takes text or json/],
    [['--log-level', 'all'], /--log-level takes debug, info, warn, error/],
    [['--metrics', 'here'], /--metrics takes HOST:PORT/],
  ])('are refused when they make no sense: %j', async (args, says) => {
    const { exitCode, stderr } = await finish(
      'serve',
      '--store',
      'memory:',
      ...forAlice,
      '--imap',
      '127.0.0.1:0',
      ...args,
    );
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(says);
  });
});
