import { MailError } from '@posthorn/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fault, startTestServer, type TestServer } from '../src/index.ts';
import { logIn, talk } from './log-in.ts';

const LOGIN = 'A1 LOGIN test test';
const BODY = `Subject: long\n\n${'0123456789\n'.repeat(1000)}`;

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ mailboxes: { INBOX: [BODY, 'Subject: two\n\n2\n'] } });
});
afterEach(() => server.close());

it('refuses faults that make no sense', () => {
  expect(() => server.inject({ at: 'connect', action: { reply: 'NO' } })).toThrow(TypeError);
  expect(() => server.inject({ at: { sent: 1 }, action: 'drop' })).toThrow(TypeError);
  expect(() => server.inject({ at: { command: 'NOOP' }, action: { replaceWith: 'x' } })).toThrow(TypeError);
});

it('resets, closes or stalls at the greeting', async () => {
  for (const action of ['reset', 'close'] as const) {
    server.inject({ at: 'connect', action });
    await expect(logIn(server)).rejects.toSatisfy(MailError.is);
  }
  server.inject({ at: 'connect', action: 'stall' });
  const stalled = server.connect();
  await expect(stalled.read({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'TRANSPORT_TIMEOUT' });
  server.disconnect();
  await expect(stalled.read({ timeoutMs: 5_000 }).then((chunk) => chunk ?? 'end'))
    .resolves.toBe('end')
    .catch(() => {});
  const client = await logIn(server);
  await client.close();
});

it('answers a command in the place of the server, once, after letting some pass', async () => {
  const fault = server.inject({ at: { command: 'noop' }, action: { reply: 'NO [UNAVAILABLE] later' }, skip: 1 });
  const text = await talk(server, [LOGIN, 'A2 NOOP', 'A3 NOOP', 'A4 NOOP']);
  expect(text).toContain('A2 OK');
  expect(text).toContain('A3 NO [UNAVAILABLE] later\r\n');
  expect(text).toContain('A4 OK');
  expect(fault.count).toBe(1);
});

it('knows a command behind UID, and drops the literals of one it answers', async () => {
  server.inject({ at: { command: 'FETCH' }, action: { reply: 'BAD no' } });
  expect(await talk(server, [LOGIN, 'A2 SELECT INBOX', 'A3 UID FETCH 1 FLAGS'])).toContain('A3 BAD no\r\n');
  server.inject({ at: { command: 'APPEND' }, action: { reply: 'NO [OVERQUOTA] full' } });
  const transport = server.connect();
  await transport.read();
  await transport.write(new TextEncoder().encode(`${LOGIN}\r\nA2 APPEND INBOX {5+}\r\nA9 NO\r\nA3 NOOP\r\n`));
  let text = '';
  while (!text.includes('A3 OK')) text += new TextDecoder().decode((await transport.read({ timeoutMs: 5_000 }))!);
  expect(text).toContain('A2 NO [OVERQUOTA] full\r\n');
  expect(text).not.toContain('A9');
  transport.destroy();
});

it('replaces, drops and precedes lines', async () => {
  server.inject({ at: { line: /^\* (\d+) EXISTS/ }, action: { replaceWith: '* 77 EXISTS' } });
  server.inject({ at: { line: 'RECENT' }, action: 'drop' });
  server.inject({ at: { line: '[UIDNEXT' }, action: { send: '* OK [ALERT] hello\r\n' } });
  const text = await talk(server, [LOGIN, 'A2 SELECT INBOX', 'A3 NOOP']);
  expect(text).toContain('* 77 EXISTS\r\n');
  expect(text).not.toContain('RECENT\r\n');
  expect(text).toContain('* OK [ALERT] hello\r\n* OK [UIDNEXT 3]');
});

it('removes a fault', async () => {
  server.inject({ at: { command: 'NOOP' }, action: { reply: 'NO' }, times: 9 }).remove();
  expect(await talk(server, [LOGIN, 'A2 NOOP'])).toContain('A2 OK');
});

it.each([0, 1, 100, 10_000])('breaks a literal after %i octets', async (literal) => {
  for (const action of ['reset', 'close'] as const) {
    server.inject({ at: { literal }, action });
    const client = await logIn(server);
    const inbox = await client.select('INBOX');
    const read = async () => {
      for await (const message of inbox.fetch('1', { body: true })) for await (const _ of message.body.stream());
    };
    await expect(read()).rejects.toMatchObject({ name: expect.stringMatching(/Connection|Transport/) });
    await client.close().catch(() => {});
  }
});

it('breaks at every octet of a short session', async () => {
  const whole = (await talk(server, [LOGIN, 'A2 SELECT INBOX'])).length;
  for (let sent = 0; sent < whole - 20; sent += 7) {
    const fault = server.inject({ at: { sent }, action: 'close' });
    const text = await talk(server, [LOGIN, 'A2 SELECT INBOX']);
    expect(text).toHaveLength(sent);
    expect(fault.count).toBe(1);
  }
});

it('sends slowly from a point on', async () => {
  const pace: Fault = { at: { command: 'SELECT' }, action: { octetsPerSecond: 20_000 } };
  server.inject(pace);
  const text = await talk(server, [LOGIN, 'A2 SELECT INBOX']);
  expect(text).toContain('A2 OK');
});

it('waits before a line', async () => {
  const timed = await startTestServer({ now: new Date(0) });
  timed.inject({ at: { line: 'A2 OK' }, action: { delayMs: 60_000 } });
  const transport = timed.connect();
  await transport.read();
  await transport.write(new TextEncoder().encode(`${LOGIN}\r\nA2 NOOP\r\n`));
  let text = '';
  while (!text.includes('A1 OK')) text += new TextDecoder().decode((await transport.read({ timeoutMs: 5_000 }))!);
  await expect(transport.read({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'TRANSPORT_TIMEOUT' });
  timed.clock.advance(60_000);
  text = new TextDecoder().decode((await transport.read({ timeoutMs: 5_000 }))!);
  expect(text).toContain('A2 OK');
  transport.destroy();
  await timed.close();
});
