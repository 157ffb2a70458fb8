import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '@posthorn/certificates';
import { type Account, accountId, collectBytes, type MailboxPath, uid, utf8Bytes } from '@posthorn/core';
import { connect, type ImapClient } from '@posthorn/imap-client';
import { type ImapServer, serveImap } from '@posthorn/imap-server';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import { setOf } from '@posthorn/message-set';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const AUTH = { user: 'alice', password: 'open sesame' };
const INBOX: MailboxPath = ['INBOX'];

describe.each(['memory', 'maildir'])('our client with our server over %s', (kind) => {
  let folder: string;
  let account: Account;
  let server: ImapServer;
  let client: ImapClient;
  let login: () => Promise<ImapClient>;
  let close: () => Promise<void>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'posthorn-own-'));
    const store = kind === 'memory' ? memoryStore() : openMaildir(folder);
    account = await store.open(accountId('alice'));
    const tls = await makeCertificate({ hosts: ['127.0.0.1'] });
    const checkPassword = async (user: string, password: string) =>
      user === AUTH.user && password === AUTH.password ? accountId(user) : undefined;
    server = await serveImap({ store, authenticator: { checkPassword }, tls });
    const { host, port } = server;
    login = () => connect({ host, port, security: 'starttls', tls: { ca: tls.ca }, auth: AUTH });
    client = await login();
    close = async () => {
      await client.close();
      await server.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    };
  });
  afterEach(() => close());

  it('keeps the octets of what it appends', async () => {
    const body = utf8Bytes('Subject: =?utf-8?Q?gr=C3=BC=C3=9Fe?=\r\n\r\nbare\nand 8 bit: \u00fc\r\n');
    const date = { epochSeconds: 1_234_567_890, offsetMinutes: 0 };
    const appended = await client.append('INBOX', {
      body,
      size: body.length,
      flags: ['\\Seen', 'mine'],
      internalDate: date,
    });
    const inbox = await client.select('INBOX');
    expect(inbox.exists).toBe(1);
    const query = { flags: true, internalDate: true, size: true, envelope: true, body: true } as const;
    for await (const message of inbox.fetch('1:*', query)) {
      expect(message.uid).toBe(appended?.uid);
      expect(message.size).toBe(body.length);
      expect(message.flags.filter((flag) => flag !== '\\Recent').toSorted()).toEqual(['\\Seen', 'mine']);
      expect(message.internalDate.epochSeconds).toBe(date.epochSeconds);
      expect(message.envelope.subject).toBe('=?utf-8?Q?gr=C3=BC=C3=9Fe?=');
      expect(await collectBytes(message.body.stream())).toEqual(body);
    }
  });

  it('manages mailboxes whose names are not ASCII', async () => {
    await client.create('Entwürfe/日本語');
    await client.rename('Entwürfe/日本語', 'Entwürfe/R&D');
    await client.subscribe('Entwürfe/R&D');
    const names = (await client.list()).map(({ path }) => path.join('/'));
    expect(names.toSorted()).toEqual(['Entwürfe', 'Entwürfe/R&D', 'INBOX']);
    expect(await client.status('Entwürfe/R&D', ['MESSAGES', 'UIDNEXT'])).toEqual({ messages: 0, uidNext: 1 });
    await client.delete('Entwürfe/R&D');
    await expect(client.select('Entwürfe/R&D')).rejects.toMatchObject({ code: 'IMAP_NO' });
  });

  it('sees flags, expunges and deliveries that another session makes', async () => {
    const mailbox = await account.mailbox(INBOX);
    await mailbox.append(['one', 'two', 'three'].map((text) => ({ body: [utf8Bytes(text)] })));
    const inbox = await client.select('INBOX');
    const other = await login();
    const theirs = await other.select('INBOX');
    const watched: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const change of inbox.watch({ signal: stop.signal })) {
        watched.push(change.type);
        if (change.type === 'exists' && change.exists === 3) return;
      }
    })();
    await theirs.store(setOf([uid(2)]), 'add', ['\\Deleted', '\\Flagged']);
    await theirs.expunge(setOf([uid(2)]));
    const text = utf8Bytes('four');
    await other.append('INBOX', { body: text, size: text.length });
    await watching;
    stop.abort();
    expect(watched).toContain('expunged');
    expect(inbox.exists).toBe(3);
    const uids: number[] = [];
    for await (const { uid: each } of inbox.fetch('1:*', { flags: true })) uids.push(each);
    expect(uids).toEqual([1, 3, 4]);
    await other.close();
  });

  it('runs a command inside a fetch loop, and survives leaving it', async () => {
    const mailbox = await account.mailbox(INBOX);
    await mailbox.append(Array.from({ length: 200 }, (_, each) => ({ body: [utf8Bytes(`${each}`.repeat(1_000))] })));
    const inbox = await client.select('INBOX');
    let seen = 0;
    for await (const message of inbox.fetch('1:*', { body: true })) {
      await inbox.store(setOf([message.uid]), 'add', ['\\Answered']);
      seen += 1;
      if (seen === 20) break;
    }
    const answered: number[] = [];
    for await (const { uid: each, flags } of inbox.fetch('1:*', { flags: true })) {
      if (flags.includes('\\Answered')) answered.push(each);
    }
    expect(answered).toHaveLength(20);
  });

  it('copies, moves and streams a big body both ways', async () => {
    await client.create('Archive');
    const chunk = new Uint8Array(64 * 1024).fill(0x61);
    const chunks = 160;
    const body = (function* () {
      for (let each = 0; each < chunks; each++) yield chunk;
    })();
    await client.append('INBOX', { body, size: chunks * chunk.length });
    const inbox = await client.select('INBOX');
    await inbox.copy(setOf([uid(1)]), 'Archive');
    await inbox.move(setOf([uid(1)]), 'Archive');
    expect(inbox.exists).toBe(0);
    const archive = await client.select('Archive');
    expect(archive.exists).toBe(2);
    for await (const message of archive.fetch('1:*', { body: true })) {
      let length = 0;
      for await (const part of message.body.stream()) length += part.length;
      expect(length).toBe(chunks * chunk.length);
    }
  });
});
