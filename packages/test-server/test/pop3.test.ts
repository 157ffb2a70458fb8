import { connect } from '@posthorn/pop3-client';
import { expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../src/index.ts';
import { talk } from './log-in.ts';

function logIn(server: TestServer, auth: { readonly user: string; readonly password: string } = TEST) {
  return connect({ host: server.host, port: server.pop3Port, security: 'none', allowInsecureAuth: true, auth });
}
const TEST = { user: 'test', password: 'test' };
const LOGIN = ['USER test', 'PASS test'];

it('serves the same mail over POP3', async () => {
  await using server = await startTestServer({ mailboxes: { INBOX: ['Subject: one\n\n.\n', { subject: 'two' }] } });
  const client = await logIn(server);
  const found: string[] = [];
  for await (const message of client.retrieveMany([1, 2])) found.push(new TextDecoder().decode(await message.bytes()));
  expect(found[0]).toBe('Subject: one\r\n\r\n.\r\n');
  expect(found[1]).toContain('Subject: two\r\n');
  await client.delete(1);
  await client.quit();
  const inbox = await (await server.account()).mailbox(['INBOX']);
  expect((await inbox.changes(undefined)).added).toHaveLength(1);
});

it('lets faults happen in POP3 alone', async () => {
  await using server = await startTestServer({ mailboxes: { INBOX: [{ subject: 'one' }] } });
  server.inject({ protocol: 'imap', at: { command: 'NOOP' }, action: { reply: 'NO' }, times: 9 });
  server.inject({ protocol: 'pop3', at: { command: 'STAT' }, action: { reply: '-ERR [SYS/TEMP] later' } });
  server.inject({ at: { line: 'Subject' }, action: 'reset' });
  const text = await talk(server, [...LOGIN, 'NOOP', 'STAT', 'STAT', 'RETR 1'], 'pop3');
  expect(text).toContain('-ERR [SYS/TEMP] later\r\n+OK 1 ');
  expect(text).toContain('[TRANSPORT_BROKEN]');
  expect(text).not.toContain('Subject');
});

it('breaks at every octet of a message', async () => {
  await using server = await startTestServer({ mailboxes: { INBOX: ['Subject: one\n\nhello\n'] } });
  const whole = (await talk(server, [...LOGIN, 'RETR 1'], 'pop3')).length;
  for (let sent = 30; sent < whole; sent += 3) {
    server.inject({ protocol: 'pop3', at: { sent }, action: 'close' });
    const read = async () => {
      const client = await logIn(server);
      for await (const message of client.retrieveMany([1])) await message.bytes();
    };
    await expect(read()).rejects.toThrow();
  }
});

it('leaves passwords out of the transcript', async () => {
  await using server = await startTestServer({ users: [{ user: 'ann', password: 'hunter2' }], pop3: { apop: true } });
  await (await logIn(server, { user: 'ann', password: 'hunter2' })).quit();
  await talk(server, ['USER ann', 'PASS hunter2', 'NOOP'], 'pop3');
  const plain = Buffer.from('\0ann\0hunter2').toString('base64');
  await talk(server, [`AUTH PLAIN ${plain}`, 'NOOP'], 'pop3');
  await talk(server, ['AUTH PLAIN', plain, 'NOOP'], 'pop3');
  const lines = server.transcript.map(({ protocol, from, text }) => `${protocol} ${from} ${text}`);
  expect(lines.join('\n')).not.toMatch(new RegExp(`hunter2|${plain}`));
  expect(lines).toContain('pop3 client PASS ***');
  expect(lines).toContain('pop3 client AUTH PLAIN ***');
  expect(lines.filter((line) => line === 'pop3 client NOOP')).toHaveLength(3);
  expect(lines[0]).toMatch(/^pop3 server \+OK .*<.+@.+>/);
});

it('has a maildrop for one at a time, and another mailbox, when asked to', async () => {
  const mailboxes = { INBOX: [{ subject: 'one' }], Drop: ['Subject: dropped\n\n', 'Subject: too\n\n'] };
  await using server = await startTestServer({ mailboxes, pop3: { mailbox: 'Drop', exclusive: true } });
  const client = await logIn(server);
  expect((await client.stat()).messages).toBe(2);
  await expect(logIn(server)).rejects.toMatchObject({ code: expect.stringMatching(/AUTH|POP3/) });
  await client.quit();
});

it('speaks TLS', async () => {
  for (const tls of ['starttls', 'implicit'] as const) {
    await using server = await startTestServer({ tls });
    const security = tls === 'implicit' ? 'tls' : 'stls';
    const { pop3Port: port, certificate: ca = '' } = server;
    const client = await connect({ host: 'localhost', port, security, tls: { ca }, auth: TEST });
    await client.quit();
  }
});
