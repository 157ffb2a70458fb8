import { inspect } from 'node:util';
import { AuthenticationError, MailError, TransportError } from '@posthorn/core';
import { count, formatSet } from '@posthorn/message-set';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AccountOptions, type Auth, type AuthRequest, type ImapAccount, openAccount } from '../src/index.ts';
import { ModelServer, type ModelServerOptions } from './account-server.ts';
import { collect, outcome, settle, TestTimers } from './support.ts';

const AUTH = { user: 'alice', password: 'secret' };
const QUICK = { initialMs: 1, maxMs: 4 };
const accounts: ImapAccount[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeEach(() => void process.on('unhandledRejection', onUnhandled));
afterEach(async () => {
  for (const account of accounts.splice(0)) account.destroy();
  await settle();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

async function opened(server: ModelServer, options: AccountOptions = {}): Promise<ImapAccount> {
  const account = await openAccount({
    transport: server.connect,
    auth: AUTH,
    allowInsecureAuth: true,
    backOff: QUICK,
    ...options,
  });
  accounts.push(account);
  return account;
}

function serverWith(messages: number, options: ModelServerOptions = {}): ModelServer {
  const server = new ModelServer(options);
  for (let uid = 1; uid <= messages; uid++) server.append(uid % 2 === 0 ? ['\\Seen'] : []);
  return server;
}

describe('opening', () => {
  test('connects once, logs in, and works', async () => {
    const server = serverWith(3);
    const account = await opened(server);
    expect([account.connections, server.connections]).toEqual([1, 1]);
    expect((await account.list()).map(({ name }) => name.text)).toEqual(['INBOX']);
    expect(await account.status('INBOX', ['MESSAGES'])).toEqual({ messages: 3 });
    const inbox = await account.mailbox('inbox');
    expect([inbox.name, inbox.uidValidity, inbox.isReadOnly]).toEqual(['INBOX', 42, false]);
    expect(formatSet(await inbox.search({ type: 'all' }))).toBe('1:3');
    expect(server.connections).toBe(1);
    await account.close();
    await account.close();
    await settle();
    expect(server.sessions).toBe(0);
  });

  test('a wrong password is said at once, and not tried again', async () => {
    const server = serverWith(0, { logins: ['NO [AUTHENTICATIONFAILED] no', 'NO never'] });
    await expect(opened(server)).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    await settle();
    expect(server.connections).toBe(1);
  });

  test('what may pass is tried again, until the time is over', async () => {
    const server = serverWith(0, { cuts: (connection) => (connection < 3 ? { at: 5, how: 'end' } : undefined) });
    const account = await opened(server);
    expect(server.connections).toBe(4);
    await account.close();
    const down = serverWith(0, { cuts: () => ({ at: 5, how: 'reset' }) });
    const timers = new TestTimers();
    const opening = outcome(opened(down, { timers, acquireMs: 30 }));
    await timers.advance(30);
    const error = await opening;
    expect(error).toMatchObject({ code: 'CONNECTION_TIMEOUT', cause: { code: 'CONNECTION_CLOSED' } });
    expect(down.connections).toBeGreaterThan(1);
  });

  test('a host that is not there is told of soon, unless it was there before', async () => {
    const refusal = new TransportError('TRANSPORT_CONNECT', 'cannot connect to 127.0.0.1: ECONNREFUSED');
    let attempts = 0;
    const nowhere = async (): Promise<never> => {
      attempts++;
      throw refusal;
    };
    const timers = new TestTimers();
    const opening = outcome(openAccount({ transport: nowhere, auth: AUTH, timers }));
    await timers.advance(3_000);
    expect([await opening, attempts, timers.pending]).toEqual([refusal, 3, 0]);
    const once = outcome(openAccount({ transport: nowhere, auth: AUTH, timers, firstAttempts: 1 }));
    await settle();
    expect([await once, attempts]).toEqual([refusal, 4]);
    const server = serverWith(1);
    let isThere = true;
    const sometimes = async () => (isThere || attempts === 8 ? server.connect() : nowhere());
    const account = await opened(server, { transport: sometimes, idleMs: 0 });
    isThere = false;
    while (account.connections > 0) await settle();
    expect(await account.status('INBOX', ['MESSAGES'])).toEqual({ messages: 1 });
    expect(attempts).toBe(8);
  });

  test('rejects with the reason of its signal, and leaves no connection behind', async () => {
    const reason = new Error('changed my mind');
    const server = serverWith(0, { greetings: [''] });
    const abort = new AbortController();
    const opening = openAccount({ transport: server.connect, auth: AUTH, signal: abort.signal });
    await settle();
    abort.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await settle();
    expect(server.sessions).toBe(0);
  });

  test('refuses options that make no sense', async () => {
    await expect(openAccount({ host: 'a', maxConnections: 0 })).rejects.toThrow(RangeError);
    await expect(openAccount({ host: 'a', backOff: { jitter: 2 } })).rejects.toThrow(RangeError);
  });
});

describe('credentials', () => {
  test('are asked for at each attempt (pain 13)', async () => {
    const server = serverWith(1);
    let asked = 0;
    const account = await opened(server, { auth: () => ({ ...AUTH, password: `token ${++asked}` }) });
    server.cut();
    await account.list();
    expect(server.commands.filter((command) => command.startsWith('LOGIN'))).toEqual([
      'LOGIN alice "token 1"',
      'LOGIN alice "token 2"',
    ]);
  });

  test('that were refused are asked for once more, with the reason', async () => {
    const server = serverWith(1, { logins: ['NO [AUTHENTICATIONFAILED] expired'] });
    const requests: AuthRequest[] = [];
    const provider = async (request: AuthRequest): Promise<Auth> => {
      requests.push(request);
      return AUTH;
    };
    await opened(server, { auth: provider });
    expect(requests.map(({ refused }) => refused?.code)).toEqual([undefined, 'AUTH_REFUSED']);
    const always = serverWith(1, { logins: ['NO one', 'NO two', 'NO three'] });
    const error = await outcome(opened(always, { auth: provider }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(always.connections).toBe(2);
  });

  test('that cannot be had fail with their own error', async () => {
    const broken = new Error('the token server is down');
    await expect(opened(serverWith(0), { auth: () => Promise.reject(broken) })).rejects.toBe(broken);
  });

  test('are in no error', async () => {
    const server = serverWith(0, { logins: ['NO [AUTHENTICATIONFAILED] secret is wrong'] });
    expect(inspect(await outcome(opened(server)), { depth: 9, showHidden: true })).not.toMatch(/secret/);
  });
});

describe('the pool', () => {
  test('shares one connection among those who use the same mailbox, and bounds their number', async () => {
    const server = serverWith(2);
    const account = await opened(server, { maxConnections: 2 });
    const [inbox, again] = await Promise.all([account.mailbox('INBOX'), account.mailbox('INBOX')]);
    await Promise.all([inbox.search({ type: 'all' }), again.search({ type: 'all' }), inbox.store('1', 'add', ['x'])]);
    expect([server.connections, server.commands.filter((command) => command.startsWith('SELECT')).length]).toEqual([
      1, 1,
    ]);
    const readOnly = await account.mailbox('INBOX', { readOnly: true });
    let used = 0;
    await Promise.all(
      Array.from({ length: 6 }, () =>
        account.use(async (client) => {
          expect(++used).toBeLessThanOrEqual(2);
          await client.noop();
          used--;
        }),
      ),
    );
    expect(server.connections).toBe(2);
    expect(readOnly.isReadOnly).toBe(true);
  });

  test('a command inside a fetch loop works on a single connection (pain 3)', async () => {
    const server = serverWith(4);
    const account = await opened(server, { maxConnections: 1 });
    const inbox = await account.mailbox('INBOX');
    for await (const { uid } of inbox.fetch('1:*', { body: true })) {
      await inbox.store(`${uid}`, 'add', ['\\Flagged']);
      await account.status('INBOX', ['MESSAGES']);
    }
    expect(server.messages.every(({ flags }) => flags.includes('\\Flagged'))).toBe(true);
  });

  test('says so when no connection is free in time', async () => {
    const account = await opened(serverWith(1), { maxConnections: 1 });
    const inbox = await account.mailbox('INBOX');
    await account.use(async () => {
      await expect(inbox.search({ type: 'all' }, { acquireMs: 5 })).rejects.toMatchObject({
        code: 'CONNECTION_TIMEOUT',
        message: 'no connection could be had within 5 ms: the only connection is in use',
      });
      const reason = new Error('changed my mind');
      const abort = new AbortController();
      const waiting = inbox.search({ type: 'all' }, { signal: abort.signal });
      abort.abort(reason);
      await expect(waiting).rejects.toBe(reason);
    });
  });

  test('closes a connection that nobody uses for a while, and opens another when it is needed', async () => {
    const timers = new TestTimers();
    const server = serverWith(1);
    const account = await opened(server, { timers, idleMs: 1000 });
    await timers.advance(1001);
    expect([account.connections, server.sessions]).toEqual([0, 0]);
    await account.list();
    expect(server.connections).toBe(2);
  });

  test('has fewer connections when the server says they are too many (pain 12)', async () => {
    const server = serverWith(1, { greetings: ['* OK [CAPABILITY IMAP4rev1 IDLE] one', '* BYE Too many connections'] });
    const account = await opened(server, { maxConnections: 2 });
    let used = 0;
    const work = () =>
      account.use(async (client) => {
        expect(++used).toBe(1);
        await client.noop();
        used--;
      });
    await Promise.all([work(), work(), work()]);
    expect(server.connections).toBe(2);
  });
});

describe('throttling', () => {
  test('a hint of the server is waited for before the next attempt', async () => {
    const timers = new TestTimers();
    const server = serverWith(0, {
      logins: ['NO [UNAVAILABLE] Request is throttled. Suggested Backoff Time: 90000 milliseconds'],
    });
    const opening = opened(server, { timers, acquireMs: 600_000 });
    await timers.advance(89_000);
    expect(server.connections).toBe(1);
    await timers.advance(2000);
    await opening;
    expect(server.connections).toBe(2);
  });

  test('a command that is refused for now is given again, once the server has had its time', async () => {
    const timers = new TestTimers();
    const stores = [
      'NO [INUSE] somebody else has it',
      'BAD Request is throttled. Suggested Backoff Time: 30000 milliseconds',
      'NO [CANNOT] never',
    ];
    const server = serverWith(1, { stores });
    const account = await opened(server, { timers });
    const inbox = await account.mailbox('INBOX');
    const storing = outcome(inbox.store('1', 'add', ['\\Seen']));
    await timers.advance(20_000);
    expect(stores).toHaveLength(1);
    await timers.advance(20_000);
    expect(await storing).toMatchObject({ code: 'IMAP_NO', reason: 'CANNOT' });
    expect(server.connections).toBe(1);
  });

  test('waits grow, up to a limit, and chance takes part of them away', async () => {
    const timers = new TestTimers();
    const server = serverWith(0, { cuts: () => ({ at: 0, how: 'reset' }) });
    const attempts: number[] = [];
    const transport: AccountOptions['transport'] = (signal) => {
      attempts.push(timers.now());
      signal.throwIfAborted();
      return server.connect();
    };
    const backOff = { initialMs: 1000, maxMs: 8000, factor: 2, jitter: 0.5 };
    const opening = outcome(opened(server, { timers, transport, backOff, random: () => 0.5, acquireMs: 40_000 }));
    await timers.advance(40_000);
    expect(await opening).toMatchObject({ code: 'CONNECTION_TIMEOUT' });
    expect(attempts).toEqual([0, 750, 2250, 5250, 11_250, 17_250, 23_250, 29_250, 35_250]);
    await timers.advance(600_000);
    expect(attempts).toHaveLength(9);
    expect(timers.pending).toBe(0);
  });
});

describe('a mailbox', () => {
  test('refuses to work on another UIDVALIDITY, whatever is asked of it (pain 10)', async () => {
    const server = serverWith(3);
    const account = await opened(server);
    const inbox = await account.mailbox('INBOX');
    const { cursor } = (await collect(inbox.changes())).at(-1) as { cursor: string };
    server.uidValidity = 43;
    server.cut();
    const other = { code: 'IMAP_UIDVALIDITY_CHANGED' };
    await expect(inbox.search({ type: 'all' })).rejects.toMatchObject(other);
    await expect(inbox.store('1', 'add', ['\\Deleted'])).rejects.toMatchObject(other);
    await expect(inbox.use(async () => {})).rejects.toMatchObject(other);
    await expect(collect(inbox.fetch('1:*', {}))).rejects.toMatchObject(other);
    await expect(collect(inbox.changes())).rejects.toMatchObject(other);
    await expect(collect(inbox.watch())).rejects.toMatchObject(other);
    await expect(account.mailbox('INBOX', { uidValidity: 42 })).rejects.toMatchObject(other);
    const anew = await account.mailbox('INBOX');
    expect(anew.uidValidity).toBe(43);
    expect(() => anew.changes({ cursor })).toThrow(/had UIDVALIDITY 42 and has 43/);
    expect(server.commands.some((command) => command.startsWith('UID STORE'))).toBe(false);
  });

  test('fetches each message once, across connections that break (pain 5)', async () => {
    for (const reference of ['1:*', '2:7,9', '5:*']) {
      const server = serverWith(10);
      const account = await opened(server);
      const inbox = await account.mailbox('INBOX');
      const came: number[] = [];
      for await (const { uid, body } of inbox.fetch(reference, { flags: true, body: true })) {
        came.push(uid);
        await body.bytes();
        if (came.length % 2 === 0) server.cut();
      }
      expect(came).toEqual(
        { '1:*': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], '2:7,9': [2, 3, 4, 5, 6, 7, 9], '5:*': [5, 6, 7, 8, 9, 10] }[
          reference
        ],
      );
    }
  });

  test('gives up on a connection that breaks again and again', async () => {
    const server = serverWith(1);
    const account = await opened(server, { maxRetries: 2 });
    const inbox = await account.mailbox('INBOX');
    let attempts = 0;
    const failing = inbox.use(async () => {
      attempts++;
      server.cut();
      await inbox.search({ type: 'all' });
    });
    await failing.catch(() => {});
    expect(attempts).toBe(1);
    const cutting = new ModelServer({ cuts: (connection) => (connection === 0 ? undefined : { at: 300, how: 'end' }) });
    const other = await opened(cutting, { maxRetries: 2 });
    cutting.cut();
    await settle();
    const error = await outcome(other.mailbox('INBOX'));
    expect(MailError.is(error) && error.code).toBe('CONNECTION_CLOSED');
    expect(cutting.connections).toBe(4);
  });
});

describe('closing', () => {
  test('lets work end, ends watches without an error, and lets nothing new begin', async () => {
    const server = serverWith(2);
    const account = await opened(server);
    const inbox = await account.mailbox('INBOX');
    const watched = collect(inbox.watch());
    const working = account.use(async (client) => {
      await settle();
      await client.noop();
      return 'done';
    });
    await settle();
    const closing = account.close();
    await expect(account.list()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await working).toBe('done');
    expect((await watched).map(({ type }) => type)).toEqual(['message', 'message', 'cursor']);
    await closing;
    await settle();
    expect([account.connections, server.sessions]).toEqual([0, 0]);
  });

  test('does not wait for those who never end', async () => {
    const timers = new TestTimers();
    const server = serverWith(2);
    const account = await opened(server, { timers, timeouts: { closeMs: 1000 } });
    void account.use(() => new Promise(() => {}));
    await settle();
    const closing = account.close();
    await timers.advance(2001);
    await closing;
    expect(server.sessions).toBe(0);
  });

  test('destroying fails what is in progress with the reason', async () => {
    const account = await opened(serverWith(2));
    const inbox = await account.mailbox('INBOX');
    const reason = new Error('enough');
    const waiting = outcome(collect(inbox.watch()));
    await settle();
    account.destroy(reason);
    expect(await waiting).toBe(reason);
    await expect(account.list()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  });
});

test('nothing is read twice when nothing changed', async () => {
  const server = serverWith(50);
  const account = await opened(server);
  const inbox = await account.mailbox('INBOX');
  const first = await collect(inbox.changes());
  expect(first).toHaveLength(51);
  const { cursor } = first.at(-1) as { cursor: string };
  const before = server.commands.length;
  expect((await collect(inbox.changes({ cursor }))).map(({ type }) => type)).toEqual(['cursor']);
  expect(server.commands.slice(before)).toEqual(['NOOP', expect.stringMatching(/^UID FETCH .* \(CHANGEDSINCE 51\)$/)]);
  expect(count(await inbox.search({ type: 'all' }))).toBe(50);
});
