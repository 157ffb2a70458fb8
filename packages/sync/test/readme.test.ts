import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId } from '@posthorn/core';
import { generateMessages } from '@posthorn/corpus';
import { type ImapServer, serveImap } from '@posthorn/imap-server';
import { memoryStore } from '@posthorn/memory';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

let server: ImapServer;
let folder: string;
const auth = { user: 'alice', password: 'secret' };

// The README talks to a server of its reader and writes into the folder it stands in; here both are ours.
vi.mock('@posthorn/imap-client', async (original) => {
  const { connect } = await original<typeof import('@posthorn/imap-client')>();
  const mine = () => connect({ host: '127.0.0.1', port: server.port, security: 'none', allowInsecureAuth: true, auth });
  return { connect: mine };
});
vi.mock('@posthorn/maildir', async (original) => {
  const { openMaildir } = await original<typeof import('@posthorn/maildir')>();
  return { openMaildir: (path: string) => openMaildir(join(folder, path)) };
});
vi.mock('../src/index.ts', async (original) => {
  const index = await original<typeof import('../src/index.ts')>();
  return { ...index, fileState: (path: string) => index.fileState(join(folder, path)) };
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-readme-'));
  const store = memoryStore();
  const inbox = await (await store.open(accountId('alice'))).mailbox(['INBOX']);
  const mail = [...generateMessages({ seed: 1, count: 7 })];
  await inbox.append(mail.map(({ bytes, flags, internalDate }) => ({ body: [bytes], flags, internalDate })));
  const checkPassword = async (user: string) => accountId(user);
  server = await serveImap({ store, authenticator: { checkPassword }, allowInsecureAuth: true });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

it('the example of the README does what it says', async () => {
  const example = await readFile(new URL('../examples/back-up.ts', import.meta.url), 'utf8');
  expect(await readFile(new URL('../README.md', import.meta.url), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../examples/back-up.ts');
  expect(log.mock.calls).toEqual([['7 messages added']]);
  expect(await readdir(join(folder, 'Mail', 'posthorn-sync'))).toEqual(['alice.jsonl']);
});
