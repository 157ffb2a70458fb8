import { accountId } from '@posthorn/core';
import { TestTimers } from '@posthorn/testkit';
import { expect, test } from 'vitest';
import { LoginGuard } from '../src/index.ts';
import { loggedIn, RawClient, testServer } from './harness.ts';

const ALICE = accountId('alice');

test('failed logins of a user wait longer each time, wherever they come from, up to a limit', () => {
  const guard = new LoginGuard({ timers: new TestTimers() });
  const waits = Array.from({ length: 7 }, (_, index) => {
    guard.failed(`192.0.2.${index}`, 'alice');
    return guard.delayAfter('alice');
  });
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  expect(guard.delayAfter('bob')).toBe(1_000);
  expect(guard.delayAfter(undefined)).toBe(0);
  guard.succeeded('alice');
  expect(guard.delayAfter('alice')).toBe(1_000);
});

test('an address that fails too often waits before it is listened to; others do not; it is forgotten in time', async () => {
  const timers = new TestTimers();
  const guard = new LoginGuard({ timers, limits: { loginFailureDelayMs: 10, maxLoginDelayMs: 50 } });
  const waits = Array.from({ length: 7 }, (_, index) => {
    guard.failed('192.0.2.1', `user${index}`);
    return guard.delayBefore('192.0.2.1');
  });
  expect(waits).toEqual([0, 0, 10, 20, 40, 50, 50]);
  expect(guard.delayBefore('192.0.2.2')).toBe(0);
  guard.succeeded('user1');
  expect(guard.delayBefore('192.0.2.1')).toBe(50);
  await timers.advance(15 * 60_000 + 1);
  expect(guard.delayBefore('192.0.2.1')).toBe(0);
});

test('what it remembers is bounded', () => {
  const guard = new LoginGuard({ timers: new TestTimers() });
  for (let index = 0; index < 3; index++) guard.failed('first', undefined);
  for (let index = 0; index < 20_000; index++) guard.failed(`${index}`, undefined);
  expect(guard.delayBefore('first')).toBe(0);
});

test('a user has so many connections at the most', async () => {
  const guard = new LoginGuard({ limits: { maxConnectionsPerUser: 2 } });
  expect([guard.enter(ALICE), guard.enter(ALICE), guard.enter(ALICE)]).toEqual([true, true, false]);
  guard.leave(ALICE);
  expect(guard.enter(ALICE)).toBe(true);

  const limits = { maxConnectionsPerUser: 2 };
  const server = testServer({ limits, loginGuard: new LoginGuard({ limits }) });
  const first = await loggedIn(server);
  await loggedIn(server);
  const third = new RawClient(server.connect());
  await third.line();
  expect(await third.run('LOGIN alice secret')).toEqual(['NO [LIMIT] You have too many connections']);
  expect((await third.run('LOGIN bob other'))[0]).toMatch(/^OK /);
  await first.run('UNAUTHENTICATE');
  expect((await first.run('LOGIN alice secret'))[0]).toMatch(/^OK /);
  await first.run('LOGOUT');
  // A connection counts until it ends.
  expect(await first.line()).toBeUndefined();
  await first.transport.close();
  await third.run('UNAUTHENTICATE');
  expect((await third.run('LOGIN alice secret'))[0]).toMatch(/^OK /);
});

test('guards in several processes tell each other, and forget one that is gone', () => {
  const limits = { maxConnectionsPerUser: 2 };
  const timers = new TestTimers();
  const guards: LoginGuard[] = [];
  const made = (name: string): LoginGuard => {
    const guard = new LoginGuard({
      timers,
      limits,
      tell: (event) => {
        for (const other of guards) if (other !== guard) other.learn(name, event);
      },
    });
    guards.push(guard);
    return guard;
  };
  const [first, second] = [made('first'), made('second')];
  expect([first.enter(ALICE), second.enter(ALICE), first.enter(ALICE), second.enter(ALICE)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  first.leave(ALICE);
  expect(second.enter(ALICE)).toBe(true);
  expect(first.enter(ALICE)).toBe(false);
  first.forget('second');
  expect(first.enter(ALICE)).toBe(true);
  first.failed('192.0.2.1', 'alice');
  first.failed('192.0.2.1', 'alice');
  second.failed('192.0.2.1', 'alice');
  expect([first.delayAfter('alice'), second.delayAfter('alice')]).toEqual([4_000, 4_000]);
  expect(second.delayBefore('192.0.2.1')).toBe(1_000);
  second.succeeded('alice');
  expect(first.delayAfter('alice')).toBe(1_000);
});

test('connections of one server share what is remembered', async () => {
  const timers = new TestTimers();
  const limits = { loginFailureDelayMs: 1_000 };
  const server = testServer({ timers, limits, loginGuard: new LoginGuard({ timers, limits }) });
  const guess = async (ms: number): Promise<boolean> => {
    const client = new RawClient(server.connect());
    await client.line();
    let isAnswered = false;
    const answer = client.run('LOGIN alice wrong').then(() => {
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
  // From the fourth on, the address waits before its password is looked at, too.
  expect(await guess(8_000)).toBe(false);
});

test('a client that leaves while it waits for the answer to a failed login gives its place back', async () => {
  for (const leave of ['close', 'destroy'] as const) {
    const server = testServer({ timers: new TestTimers() });
    const client = new RawClient(server.connect());
    await client.line();
    await client.write('a LOGIN alice wrong\r\n');
    await client.transport[leave]();
    // The time of the wait never comes.
    await server.idle();
  }
});

test('what a client sends while it waits is done after the wait', async () => {
  const timers = new TestTimers();
  const server = testServer({ timers });
  const client = new RawClient(server.connect());
  await client.line();
  await client.write('a LOGIN alice wrong\r\n');
  await timers.advance(500);
  await client.write('b LOGIN alice secret\r\n');
  await timers.advance(20_000);
  expect(await client.until('a')).toEqual([expect.stringMatching(/^NO \[AUTHENTICATIONFAILED\] /)]);
  expect(await client.until('b')).toEqual([expect.stringMatching(/^OK /)]);
  await client.transport.close();
  await server.idle();
});
