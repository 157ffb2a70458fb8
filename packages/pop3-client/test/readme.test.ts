import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { afterEach, expect, test, vi } from 'vitest';
import { drainAccount } from '../examples/drain-account.ts';
import { listSubjects } from '../examples/list-subjects.ts';
import { AUTH, login, QUIT } from './support.ts';

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

afterEach(() => {
  vi.restoreAllMocks();
});

test('the README shows the examples as they are', async () => {
  for (const name of ['drain-account', 'list-subjects'])
    expect(await read('../README.md')).toContain(`\`\`\`ts\n${await read(`../examples/${name}.ts`)}\`\`\``);
});

test('draining an account', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pop3-readme-'));
  const listing = `
    C: STAT
    C: LIST
    C: UIDL
    S: +OK 1 6
    S: +OK
    S: 1 6
    S: .
    S: +OK
    S: 1 abc
    S: .`;
  try {
    for (const retr of ['C: RETR 1\nS: +OK\nS: ..hi\nS: .', '']) {
      const [transport, theirs] = memoryPair();
      const server = playServer(theirs, `${login()}${listing}\n${retr}${QUIT}`);
      await drainAccount({ transport, auth: AUTH, allowInsecureAuth: true }, folder);
      expect((await server).outcome).toBe('done');
    }
    const saved = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
    expect(saved).toHaveLength(1);
    expect(await readFile(join(folder, saved[0]!), 'utf8')).toBe('.hi\r\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('listing subjects', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const [transport, theirs] = memoryPair();
  const server = playServer(
    theirs,
    `${login()}
    C: LIST
    S: +OK
    S: 1 100
    S: 2 200
    S: .
    C: TOP 1 0
    C: TOP 2 0
    S: +OK
    S: Subject: one
    S:
    S: .
    S: +OK
    S: From: nobody
    S:
    S: .${QUIT}`,
  );
  await listSubjects({ transport, auth: AUTH, allowInsecureAuth: true });
  expect(log.mock.calls).toEqual([
    [1, 100, 'one'],
    [2, 200, '(none)'],
  ]);
  expect((await server).outcome).toBe('done');
});
