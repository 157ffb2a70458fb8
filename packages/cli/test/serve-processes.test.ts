import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '@posthorn/certificates';
import { connect, type ImapClient } from '@posthorn/imap-client';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';

/** The command from the sources, as a program of its own. */
const COMMAND = fileURLToPath(new URL('../../../tooling/scripts/src/posthorn.js', import.meta.url));
const PASSWORD = 'open sesame';
const PATIENT = { timeout: 20_000, interval: 20 };

let folder: string;
let child: ChildProcess | undefined;
let printed = { stdout: '', stderr: '' };
const clients: ImapClient[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-processes-'));
  const { cert, key } = await makeCertificate({ hosts: ['localhost'] });
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close().catch(() => {});
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = undefined;
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** Starts two processes over one Maildir, and waits until they serve. */
async function serve(...args: string[]) {
  printed = { stdout: '', stderr: '' };
  const tls = ['--tls-cert', join(folder, 'cert.pem'), '--tls-key', join(folder, 'key.pem')];
  child = spawn(
    process.execPath,
    [
      COMMAND,
      ...['serve', '--store', `maildir:${join(folder, 'mail')}`, '--user', 'alice', '--processes', '2', '--json'],
      ...['--imap', '127.0.0.1:0', '--imaps', '127.0.0.1:0', '--allow-insecure-auth', '--metrics', '0', ...tls],
      ...['--log-format', 'json', '--log-level', 'info', ...args],
    ],
    { env: { PATH: process.env['PATH'], POSTHORN_PASSWORD: PASSWORD }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
    });
  }
  await vi.waitFor(() => expect(events('listening'), printed.stderr).toHaveLength(3), PATIENT);
}

function events(name: string): Record<string, unknown>[] {
  return linesOf(printed.stdout).filter(({ event }) => event === name);
}

function linesOf(text: string): Record<string, unknown>[] {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return complete.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}

function port(protocol: string): number {
  return Number(events('listening').find((event) => event['protocol'] === protocol)?.['port']);
}

/** The processes that let clients in, in the order of the logins. */
function processes(): readonly number[] {
  return linesOf(printed.stderr)
    .filter(({ message }) => message === 'logged in')
    .map((line) => Number(line['process']));
}

async function login(): Promise<ImapClient> {
  const before = processes().length;
  const client = await connect({
    host: '127.0.0.1',
    port: port('imap'),
    security: 'none',
    allowInsecureAuth: true,
    auth: { user: 'alice', password: PASSWORD },
  });
  clients.push(client);
  await vi.waitFor(() => expect(processes()).toHaveLength(before + 1), PATIENT);
  return client;
}

/** A client at each of two processes. */
async function loginAtBoth(): Promise<[ImapClient, ImapClient]> {
  const [first, ...others] = [await login(), await login(), await login(), await login()];
  const at = processes();
  const other = at.findIndex((each) => each !== at[0]);
  expect(other, 'the system gave all connections to one process').toBeGreaterThan(0);
  return [first, others[other - 1]!];
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child!, 'exit');
  child!.kill(signal);
  return ((await exit) as [number | null])[0];
}

function message(subject: string) {
  return { body: new TextEncoder().encode(`Subject: ${subject}\r\n\r\nhello\r\n`) };
}

async function metric(line: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port('metrics')}/metrics`)).text();
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? Number.NaN);
}

it('two processes show one Maildir alike, tell each other what changes, and end together', async () => {
  await serve();
  const [one, two] = await loginAtBoth();
  const [left, right] = [await one.select('INBOX'), await two.select('INBOX')];
  const watching = new AbortController();
  const arrived = (async () => {
    for await (const change of right.watch({ signal: watching.signal }))
      if (change.type === 'exists') return change.exists;
    return undefined;
  })();
  const { uid } = (await one.append('INBOX', message('hi')))!;
  expect(await arrived).toBe(1);
  watching.abort();
  await right.store(`${uid}`, 'add', ['\\Flagged', '$Kept']);
  const flagsAt = async (box: typeof left): Promise<readonly string[]> => {
    for await (const message of box.fetch(`${uid}`, { flags: true })) return [...message.flags].toSorted();
    return [];
  };
  await vi.waitFor(async () => {
    await one.noop();
    expect(await flagsAt(left)).toEqual(await flagsAt(right));
  }, PATIENT);
  expect(await flagsAt(left)).toEqual(expect.arrayContaining(['$Kept', '\\Flagged']));
  // Both number what both add without a clash.
  const added = await Promise.all(
    Array.from({ length: 20 }, (_, index) => [one, two][index % 2]!.append('INBOX', message(`${index}`))),
  );
  expect(new Set(added.map((each) => each?.uid)).size).toBe(20);
  const uidsAt = async (client: ImapClient, box: typeof left): Promise<readonly number[]> => {
    await client.noop();
    const uids: number[] = [];
    for await (const message of box.fetch('1:*', { flags: true })) uids.push(message.uid);
    return uids;
  };
  await vi.waitFor(async () => {
    const seen = await uidsAt(one, left);
    expect(seen).toHaveLength(21);
    expect(await uidsAt(two, right)).toEqual(seen);
  }, PATIENT);
  expect(await metric('posthorn_logins_total{protocol="imap",result="accepted"}')).toBe(4);
  expect(await metric('posthorn_connections{protocol="imap"}')).toBe(4);
  const pids = new Set(processes());
  expect(await end('SIGTERM')).toBe(0);
  await expect(one.noop()).rejects.toMatchObject({ code: expect.stringMatching(/^CONNECTION_/) });
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
}, 60_000);

it('a new certificate and the limit of a user reach all processes, and one that dies is replaced', async () => {
  await serve('--max-connections-per-user', '4');
  await loginAtBoth();
  // Each process has two of the four, and knows of the others.
  await expect(login()).rejects.toMatchObject({ code: expect.any(String) });

  const next = await makeCertificate({ hosts: ['localhost'] });
  await writeFile(join(folder, 'cert.pem'), next.cert);
  await writeFile(join(folder, 'key.pem'), next.key);
  child!.kill('SIGHUP');
  await vi.waitFor(() => expect(events('reloaded')).toEqual([{ event: 'reloaded', what: 'certificate' }]), PATIENT);
  for (let round = 0; round < 4; round++) {
    const socket = connectTls({ port: port('imaps'), host: '127.0.0.1', servername: 'localhost', ca: next.ca });
    await once(socket, 'secureConnect');
    socket.destroy();
  }

  const [victim] = processes();
  process.kill(victim!, 'SIGKILL');
  const replaced = 'a process ended by itself and is replaced';
  await vi.waitFor(
    () =>
      expect(linesOf(printed.stderr)).toContainEqual(expect.objectContaining({ message: replaced, how: 'SIGKILL' })),
    PATIENT,
  );
  // Its connections count no longer.
  await (await login()).noop();
  await vi.waitFor(async () => {
    const client = await login();
    await client.close();
    expect(new Set(processes()).size).toBe(3);
  }, PATIENT);
  // When the first process is gone, so are the others.
  await end('SIGKILL');
  await vi.waitFor(() => {
    for (const pid of new Set(processes())) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  }, PATIENT);
}, 60_000);

it('what keeps one process from serving ends all of them, and is said once', async () => {
  await serve();
  const args = ['serve', '--store', `maildir:${join(folder, 'other')}`, '--user', 'alice', '--processes', '2'];
  const second = spawn(
    process.execPath,
    [COMMAND, ...args, '--imap', `127.0.0.1:${port('imap')}`, '--allow-insecure-auth'],
    { env: { PATH: process.env['PATH'], POSTHORN_PASSWORD: PASSWORD }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  onTestFinished(() => void second.kill('SIGKILL'));
  let said = '';
  second.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [exitCode] = (await once(second, 'close')) as [number];
  expect(said).toMatch(/^posthorn: [^\n]*in use[^\n]*\n$/);
  expect(exitCode).toBe(4);
  expect(await end('SIGTERM')).toBe(0);
}, 60_000);
