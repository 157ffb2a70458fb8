import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { accountId, utf8Bytes } from '@posthorn/core';
import { randomNumbers } from '@posthorn/testkit';
import { connectTcp } from '@posthorn/transport';
import { expect, test } from 'vitest';
import { type ImapServer, serveImap } from '../src/index.ts';
import { deliver, message, RawClient, testStore, USERS } from './harness.ts';

/** 10,000 tell what the server costs; a few hundred tell whether it lives. */
const CONNECTIONS = Number(process.env['POSTHORN_GARBAGE_CONNECTIONS'] ?? 400);
const AT_ONCE = 50;

const random = randomNumbers(20_26);
const octets = (length: number): Buffer => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

/** What those send who are no clients, or no honest ones. */
const GARBAGE: readonly (() => string | Uint8Array)[] = [
  () => octets(2_000),
  () => 'x'.repeat(100_000),
  () => 'GET / HTTP/1.1\r\nHost: mail.example.org\r\n\r\n'.repeat(10),
  // The first octets of TLS.
  () => Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), octets(500)]),
  () => `a LOGIN ${'('.repeat(4_000)}\r\n`,
  () => 'a LOGIN {4294967295+}\r\n',
  () => `a LOGIN {4000+}\r\n${'y'.repeat(4_000)} {4000+}\r\n${'z'.repeat(4_000)}\r\n`,
  () => 'a APPEND INBOX {999999999+}\r\nSubject: never',
  () => '\r\n'.repeat(5_000),
  () => '\n\n\r\r\0\0 * + a\r\n'.repeat(50),
  () => 'a AUTHENTICATE PLAIN\r\n*\r\nb AUTHENTICATE PLAIN\r\n!!!\r\nc AUTHENTICATE SCRAM-SHA-256 =\r\n',
  () => 'a CAPABILITY\r\n'.repeat(500),
  () => 'a NOO',
  () => '',
];

/** Sends garbage and goes away: politely, at once, or when the server hangs up. */
async function disturb({ host, port }: ImapServer, round: number): Promise<void> {
  const socket: Socket = connect({ host, port });
  // Whether the server resets the connection is its business.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.resume();
  socket.write(GARBAGE[round % GARBAGE.length]!());
  const manner = round % 3;
  // Some of it is a command that goes on, which the server waits for.
  const patience = setTimeout(() => socket.destroy(), 100);
  if (manner === 0) socket.end();
  else if (manner === 1) setTimeout(() => socket.destroy(), 20);
  else setTimeout(() => socket.resetAndDestroy(), 5);
  await once(socket, 'close');
  clearTimeout(patience);
}

test('garbage leaves the server healthy, and honest clients served', { timeout: 600_000 }, async () => {
  const store = testStore();
  // Who guesses passwords waits longer and longer, which would be most of the time this takes.
  const limits = { loginFailureDelayMs: 10, maxLoginDelayMs: 10 };
  const server = await serveImap({ store, authenticator: USERS, allowInsecureAuth: true, limits });
  const honest = new RawClient(await connectTcp({ host: server.host, port: server.port }));
  await honest.line();
  await honest.run('LOGIN alice secret');
  await deliver(await store.open(accountId('alice')), ['INBOX'], message('one'));
  await honest.run('SELECT INBOX');

  let isOver = false;
  const waits: number[] = [];
  const work = async (): Promise<void> => {
    while (!isOver) {
      const started = performance.now();
      expect(await honest.run('FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]')).toHaveLength(2);
      waits.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const working = work();
  const before = process.memoryUsage();
  for (let done = 0; done < CONNECTIONS; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, each) => disturb(server, done + each)));
  }
  isOver = true;
  await working;
  while (server.sessions > 1) await new Promise((resolve) => setTimeout(resolve, 10));

  expect(waits.length).toBeGreaterThan(1);
  const [answer, completion] = await honest.run('FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]');
  expect(answer).toContain('Subject: one');
  expect(completion).toBe('OK Fetched');
  const after = process.memoryUsage();
  // Garbage of a garbage collector that did not run yet is in it: what was kept for good would be far more.
  expect((after.rss - before.rss) / CONNECTIONS).toBeLessThan(CONNECTIONS < 1_000 ? 512 * 1024 : 16 * 1024);
  if (process.env['POSTHORN_GARBAGE_CONNECTIONS'] !== undefined) {
    const sorted = waits.toSorted((left, right) => left - right);
    const at = (share: number): string => sorted[Math.floor(share * (sorted.length - 1))]!.toFixed(1);
    const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
    process.stdout.write(
      `${CONNECTIONS} connections of garbage; ${waits.length} honest answers, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
        `most ${at(1)} ms; RSS ${mebibytes(before.rss)} -> ${mebibytes(after.rss)} MiB, ` +
        `heap ${mebibytes(before.heapUsed)} -> ${mebibytes(after.heapUsed)} MiB\n`,
    );
  }
  const newcomer = new RawClient(await connectTcp({ host: server.host, port: server.port }));
  expect(await newcomer.line()).toMatch(/^\* OK /);
  for (const client of [honest, newcomer]) await client.transport.write(utf8Bytes('x LOGOUT\r\n'));
  await Promise.all([honest, newcomer].map(({ transport }) => transport.close()));
  await server.close();
  await store.close();
});
