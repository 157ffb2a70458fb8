import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidStateError } from '@posthorn/core';
import { connect } from '@posthorn/imap-client';
import { expect, it } from 'vitest';
import { PROFILES, type ProfileName, startTestServer } from '../src/index.ts';
import { logIn, talk } from './log-in.ts';

async function subjects(client: Awaited<ReturnType<typeof logIn>>, mailbox: string): Promise<readonly string[]> {
  const selected = await client.select(mailbox);
  const found: string[] = [];
  for await (const { envelope } of selected.fetch('1:*', { envelope: true })) found.push(envelope.subject ?? '');
  return found;
}

it('has a user, an INBOX and nothing else when nothing is said', async () => {
  await using server = await startTestServer();
  const client = await logIn(server);
  expect((await client.list()).map(({ path }) => path.join('/'))).toEqual(['INBOX']);
  expect(server.connections).toBe(1);
  await client.close();
  await expect(logIn(server, 'test', 'wrong')).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
});

it('gives each user their own mail', async () => {
  await using server = await startTestServer({
    users: [
      { user: 'ann', password: 'a', mailboxes: { INBOX: ['Subject: for ann\n\n'] } },
      { user: 'bob', password: 'b' },
    ],
    mailboxes: {
      INBOX: [{ subject: 'for all' }],
      'Lists/cats': [new TextEncoder().encode('Subject: cats\r\n\r\n')],
      Sent: { specialUse: ['\\Sent'], subscribed: true },
    },
  });
  const ann = await logIn(server, 'ann', 'a');
  const bob = await logIn(server, 'bob', 'b');
  expect(await subjects(ann, 'INBOX')).toEqual(['for ann']);
  expect(await subjects(bob, 'INBOX')).toEqual(['for all']);
  expect(await subjects(bob, 'Lists/cats')).toEqual(['cats']);
  expect((await bob.list()).find(({ path }) => path[0] === 'Sent')).toMatchObject({ specialUse: ['\\Sent'] });
  await Promise.all([ann.close(), bob.close()]);
  await expect(server.account('carol')).rejects.toThrow(TypeError);
});

it('lets users share mailboxes when it is asked to', async () => {
  const users = ['ann', 'bob'].map((user) => ({ user, password: user }));
  await using server = await startTestServer({ users, mailboxes: { Ours: [{ subject: 'hello' }] }, sharing: true });
  const [ann, bob] = [await logIn(server, 'ann', 'ann'), await logIn(server, 'bob', 'bob')];
  await ann.acl.set('Ours', 'bob', 'lr');
  expect(await subjects(bob, 'Other Users/ann/Ours')).toEqual(['hello']);
  await expect(bob.select('Other Users/ann/INBOX')).rejects.toMatchObject({ responseCode: { name: 'NONEXISTENT' } });
  await Promise.all([ann.close(), bob.close()]);
});

it('reads a folder of .eml files', async () => {
  const emlDir = await mkdtemp(join(tmpdir(), 'posthorn-eml-'));
  await mkdir(join(emlDir, 'Archive', '2026'), { recursive: true });
  await writeFile(join(emlDir, 'b.eml'), 'Subject: second\n\ntext\n');
  await writeFile(join(emlDir, 'a.eml'), 'Subject: first\r\n\r\ntext\r\n');
  await writeFile(join(emlDir, 'notes.txt'), 'no mail');
  await writeFile(join(emlDir, 'Archive', '2026', 'x.eml'), 'Subject: old\n\n\xff\n', 'latin1');
  await using server = await startTestServer({ emlDir });
  const client = await logIn(server);
  expect(await subjects(client, 'INBOX')).toEqual(['first', 'second']);
  expect(await subjects(client, 'Archive/2026')).toEqual(['old']);
  const account = await server.account();
  const body = await (await account.mailbox(['Archive', '2026'])).read(1 as never);
  expect(body.size).toBe('Subject: old\r\n\r\n?\r\n'.length);
  await client.close();
  await rm(emlDir, { recursive: true });
});

it('writes drafts out as messages', async () => {
  await using server = await startTestServer({
    mailboxes: {
      INBOX: [
        {
          from: 'Jürgen Groß <j@example.org>',
          to: 'ann@example.org, "Bob, B." <bob@example.org>',
          subject: 'Ein sehr langer Betreff mit Umlauten wie äöü, der in mehrere Wörter zerfällt',
          text: 'Grüße\n',
          html: '<p>Grüße</p>',
          attachments: [{ filename: 'naïve.txt', mediaType: 'text/plain', content: 'x' }],
          flags: ['\\Seen'],
          internalDate: new Date('2020-02-02T00:00:00Z'),
        },
      ],
    },
  });
  const client = await logIn(server);
  const inbox = await client.select('INBOX');
  for await (const message of inbox.fetch('1', {
    envelope: true,
    bodyStructure: true,
    flags: true,
    internalDate: true,
  })) {
    expect(message.flags).toContain('\\Seen');
    expect(message.internalDate.epochSeconds).toBe(Date.UTC(2020, 1, 2) / 1000);
    expect(message.envelope.to.map((address) => ('mailbox' in address ? address.mailbox : ''))).toEqual(['ann', 'bob']);
    const words = message.envelope.subject?.split(/\s+/) ?? [];
    expect(
      words.map((word) => Buffer.from(word.replace(/=\?utf-8\?B\?|\?=/g, ''), 'base64').toString()).join(''),
    ).toContain('äöü');
    expect(words.every((word) => word.length <= 75)).toBe(true);
    expect(message.bodyStructure).toMatchObject({
      type: 'multipart',
      mediaSubtype: 'mixed',
      parts: [{ type: 'multipart' }, {}],
    });
  }
  await client.close();
  await expect(startTestServer({ mailboxes: { INBOX: [{ subject: 'a\nBcc: x' }] } })).rejects.toThrow(RangeError);
});

it('delivers while a client waits', async () => {
  await using server = await startTestServer();
  const client = await logIn(server);
  const inbox = await client.select('INBOX');
  const stop = new AbortController();
  const seen = (async () => {
    for await (const change of inbox.watch({ signal: stop.signal })) return change.type;
    return undefined;
  })();
  const uid = await server.deliver({ subject: 'new' });
  expect(uid).toBe(1);
  expect(await seen).toBe('exists');
  expect(await server.deliver('Subject: filed\n\n', { mailbox: 'Made/by delivery' })).toBe(1);
  await client.close();
});

it('leaves passwords out of the transcript', async () => {
  await using server = await startTestServer({ users: [{ user: 'ann', password: 'hunter2' }] });
  await (await logIn(server, 'ann', 'hunter2')).close();
  await talk(server, ['A1 LOGIN ann hunter2', 'A2 NOOP']);
  await talk(server, ['A1 AUTHENTICATE LOGIN', Buffer.from('ann').toString('base64')]);
  const text = server.transcript.map((entry) => `${entry.connection} ${entry.from} ${entry.text}`).join('\n');
  expect(text).not.toContain('hunter2');
  expect(text).not.toContain(Buffer.from('\0ann\0hunter2').toString('base64'));
  expect(text).not.toContain(Buffer.from('ann').toString('base64'));
  expect(text).toContain('2 client A1 LOGIN ***\n');
  expect(text).toContain('2 client A2 NOOP\n2 server A2 OK');
});

it('begins anew on reset', async () => {
  await using server = await startTestServer({ mailboxes: { INBOX: [{ subject: 'one' }] } });
  const client = await logIn(server);
  await client.create('Made');
  server.inject({ at: 'connect', action: 'reset' });
  await server.reset();
  expect(server.connections).toBe(0);
  await expect(client.list()).rejects.toThrow();
  const again = await logIn(server);
  expect((await again.list()).map(({ path }) => path.join('/'))).toEqual(['INBOX']);
  expect(server.transcript[0]).toMatchObject({ connection: 1, from: 'server' });
  await again.close();
});

it('goes by a clock of its own', async () => {
  await using server = await startTestServer({ now: new Date('2030-01-01T00:00:00Z') });
  server.clock.advance(86_400_000);
  await server.deliver({ subject: 'tomorrow' });
  const client = await logIn(server);
  const inbox = await client.select('INBOX');
  for await (const message of inbox.fetch('1', { internalDate: true }))
    expect(message.internalDate.epochSeconds).toBe(Date.UTC(2030, 0, 2) / 1000);
  server.clock.advance(31 * 60_000);
  await expect(client.noop()).rejects.toThrow();
  await using real = await startTestServer();
  expect(() => real.clock.advance(1)).toThrow(InvalidStateError);
});

it.each(['starttls', 'implicit'] as const)('speaks TLS: %s', async (tls) => {
  await using server = await startTestServer({ tls });
  const auth = { user: 'test', password: 'test' };
  const security = tls === 'implicit' ? 'tls' : 'starttls';
  const { certificate = '' } = server;
  const client = await connect({ host: 'localhost', port: server.port, security, tls: { ca: certificate }, auth });
  expect(server.transcript.map(({ text }) => text).join('\n')).toContain('LOGOUT'.slice(0, 0));
  await client.close();
});

it('refuses octets in clear text behind STARTTLS', async () => {
  await using server = await startTestServer({ tls: 'starttls' });
  const text = await talk(server, ['A1 STARTTLS\r\nA2 NO']);
  expect(text).not.toContain('A2');
});

it('switches capabilities off', async () => {
  await using server = await startTestServer({ without: ['IDLE', 'AUTH=PLAIN'] });
  const text = await talk(server, ['A1 LOGIN test test']);
  expect(text).not.toMatch(/\bIDLE\b|AUTH=PLAIN/);
  expect(text).toContain('UIDPLUS');
});

it('holds the limit of connections of a user, over both protocols, and begins anew on reset', async () => {
  await using server = await startTestServer({ limits: { maxConnectionsPerUser: 1 } });
  await logIn(server);
  expect(await talk(server, ['A1 LOGIN test test'])).toContain('A1 NO [LIMIT]');
  expect(await talk(server, ['USER test', 'PASS test'], 'pop3')).toContain('-ERR [SYS/TEMP] You have too many');
  await server.reset();
  expect(await talk(server, ['A1 LOGIN test test'])).toContain('A1 OK');
});

const profiles = (Object.keys(PROFILES) as ProfileName[]).filter((name) => name !== 'netease');

it.each(profiles)('our client works with a server like %s', async (profile) => {
  await using server = await startTestServer({
    profile,
    mailboxes: { INBOX: [{ subject: 'one' }, { subject: 'two' }] },
  });
  const client = await logIn(server);
  expect(await subjects(client, 'INBOX')).toEqual(['one', 'two']);
  await client.close();
});

it('knows who wants to be told ID first', async () => {
  await using server = await startTestServer({ profile: 'netease' });
  const text = await talk(server, ['A1 LOGIN test test', 'A2 SELECT INBOX', 'A3 ID NIL', 'A4 SELECT INBOX']);
  expect(text).toContain('A2 NO SELECT Unsafe Login');
  expect(text).toContain('A4 OK');
  expect(await talk(server, ['A1 LOGIN test test', 'A2 EXAMINE INBOX'])).toContain('A2 NO');
});
