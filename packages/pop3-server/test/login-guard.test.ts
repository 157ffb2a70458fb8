import { utf8Bytes } from '@posthorn/core';
import { TestTimers } from '@posthorn/testkit';
import { expect, test } from 'vitest';
import { LoginGuard } from '../src/index.ts';
import { RawClient, testServer } from './harness.ts';

type Server = ReturnType<typeof testServer>;

async function greeted(server: Server): Promise<RawClient> {
  const client = new RawClient(server.connect());
  await client.line();
  return client;
}

async function login(client: RawClient, password = 'secret'): Promise<string | undefined> {
  await client.run('USER alice');
  return client.run(`PASS ${password}`);
}

test('a user has so many connections at the most, and fewer when some end', async () => {
  const limits = { maxConnectionsPerUser: 1 };
  const server = testServer({ limits, loginGuard: new LoginGuard({ limits }) });
  const first = await greeted(server);
  expect(await login(first)).toBe('+OK Logged in');
  const second = await greeted(server);
  expect(await login(second)).toBe('-ERR [SYS/TEMP] You have too many connections');
  await first.run('QUIT');
  await first.line();
  await first.transport.close();
  expect(await login(second)).toBe('+OK Logged in');
});

test('failed logins of an address and a user count for all connections', async () => {
  const timers = new TestTimers();
  const limits = { loginFailureDelayMs: 1_000 };
  const server = testServer({ timers, limits, loginGuard: new LoginGuard({ timers, limits }) });
  const guess = async (ms: number, password = 'wrong'): Promise<boolean> => {
    const client = await greeted(server);
    let isAnswered = false;
    const answer = login(client, password).then(() => {
      isAnswered = true;
    });
    await timers.advance(ms);
    const wasEarly = isAnswered;
    await timers.advance(60_000);
    await answer;
    client.transport.destroy();
    return wasEarly;
  };
  expect(await guess(1_000)).toBe(true);
  expect(await guess(1_000)).toBe(false);
  expect(await guess(4_000)).toBe(true);
  // From the fourth on, the address waits, and the right password with it.
  expect(await guess(0, 'secret')).toBe(false);
});

test('a client that leaves while it waits for the answer to a failed login gives its place back', async () => {
  for (const leave of ['close', 'destroy'] as const) {
    const server = testServer({ timers: new TestTimers() });
    const client = await greeted(server);
    await client.run('USER alice');
    await client.transport.write(utf8Bytes('PASS wrong\r\n'));
    await client.transport[leave]();
    // The time of the wait never comes.
    await server.idle();
  }
});

test('what a client sends while it waits is done after the wait', async () => {
  const timers = new TestTimers();
  const server = testServer({ timers });
  const client = await greeted(server);
  await client.run('USER alice');
  await client.transport.write(utf8Bytes('PASS wrong\r\n'));
  await timers.advance(500);
  await client.transport.write(utf8Bytes('USER alice\r\nPASS secret\r\n'));
  await timers.advance(20_000);
  expect(await client.line()).toMatch(/^-ERR \[AUTH\] /);
  expect(await client.line()).toMatch(/^\+OK /);
  expect(await client.line()).toBe('+OK Logged in');
  await client.transport.close();
  await server.idle();
});
