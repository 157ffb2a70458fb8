import { createServer, connect as dial, type Socket } from 'node:net';
import { type Account, type Authenticator, accountId } from '@posthorn/core';
import { openAccount } from '@posthorn/imap-client';
import { serveImap } from '@posthorn/imap-server';
import { memoryStore } from '@posthorn/memory';
import { afterEach, expect, it } from 'vitest';
import { imapSource, memoryState, pull } from '../src/index.ts';
import { contentOf, deliver, finish, freshAccount, INBOX } from './accounts.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const authenticator: Authenticator = { checkPassword: async (user) => accountId(user) };

/** A server of an account, behind a line that breaks after so many octets, counted anew for each connection. */
async function behindBrokenLine(breaksAfter: (connection: number) => number) {
  const store = memoryStore();
  const source: Account = await store.open(accountId('alice'));
  const server = await serveImap({ store, authenticator, allowInsecureAuth: true, compress: false });
  cleanups.push(() => server.close());
  let connections = 0;
  const sockets = new Set<Socket>();
  const line = createServer((near) => {
    let left = breaksAfter(connections++);
    const far = dial(server.port, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
    near.pipe(far);
    far.on('data', (chunk) => {
      near.write(chunk.subarray(0, Math.max(0, left)));
      left -= chunk.length;
      if (left < 0) for (const socket of [near, far]) socket.destroy();
    });
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    line.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = line.address() as { port: number };
  const account = await openAccount({
    host: '127.0.0.1',
    port,
    security: 'none',
    allowInsecureAuth: true,
    compress: false,
    auth: { user: 'alice', password: 'secret' },
    backOff: { initialMs: 1, maxMs: 5 },
    maxRetries: 50,
  });
  cleanups.push(() => account.destroy());
  return { source, account, connections: () => connections };
}

it('a sync over an account goes on when connections break, and loses and doubles nothing', async () => {
  const { source, account, connections } = await behindBrokenLine((connection) => 3000 + connection * 500);
  const texts = Array.from({ length: 60 }, (_, index) => `message ${index}\r\n`.repeat(20));
  await deliver(source, INBOX, texts, ['\\Seen']);
  await source.create(['Archive']);
  await deliver(source, ['Archive'], texts.slice(0, 20));
  const target = await freshAccount();
  const { done } = await finish(pull(imapSource(account, 'alice'), target));
  expect(done).toMatchObject({ added: 80, failed: 0 });
  expect(await contentOf(target)).toEqual(await contentOf(source));
  expect(connections()).toBeGreaterThan(3);
});

it('a second sync over the same account sees what came in between', async () => {
  const { source, account } = await behindBrokenLine(() => Number.POSITIVE_INFINITY);
  await deliver(source, INBOX, ['one', 'two']);
  const target = await freshAccount();
  const state = memoryState();
  const run = async () => (await finish(pull(imapSource(account, 'alice'), target, { state }))).done;
  expect(await run()).toMatchObject({ added: 2 });
  expect(await run()).toMatchObject({ added: 0 });
  await deliver(source, INBOX, ['three']);
  expect(await run()).toMatchObject({ added: 1 });
  expect(await contentOf(target)).toEqual(await contentOf(source));
});

it('a sync over an account that cannot be reached any more ends with an error', async () => {
  const { source, account } = await behindBrokenLine((connection) => (connection === 0 ? 2500 : 0));
  await deliver(
    source,
    INBOX,
    Array.from({ length: 50 }, (_, index) => `message ${index}`.repeat(50)),
  );
  const running = finish(pull(imapSource(account, 'alice'), await freshAccount()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  account.destroy(new Error('enough'));
  await expect(running).rejects.toThrow();
});
