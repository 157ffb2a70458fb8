import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, accountId, type Mailbox, uid } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { setOf } from '@posthorn/message-set';
import { connect } from '@posthorn/pop3-client';
import { servePop3 } from '@posthorn/pop3-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dovecotPop3, findDovecotPop3, missingServer, pop3Mail } from '../src/index.ts';

if (findDovecotPop3() === undefined) missingServer('The POP3 server of Dovecot', 'dovecot-pop3d');

let folder: string;
let maildir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ph-'));
  maildir = join(folder, 'mail');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Lets somebody work on the Maildir with our store. */
async function withInbox<Result>(work: (inbox: Mailbox, account: Account) => Promise<Result>): Promise<Result> {
  const store = openMaildir(maildir);
  const account = await store.open(accountId('alice'));
  try {
    return await work(await account.mailbox(['INBOX']), account);
  } finally {
    await store.close();
  }
}

interface Told {
  readonly ids: readonly string[];
  readonly sizes: readonly number[];
  readonly messages: readonly string[];
}

async function toldByUs(): Promise<Told> {
  const store = openMaildir(maildir);
  const server = await servePop3({
    store,
    authenticator: { checkPassword: async (user) => accountId(user) },
    allowInsecureAuth: true,
  });
  const auth = { user: 'alice', password: 'x' };
  const client = await connect({
    host: server.host,
    port: server.port,
    security: 'none',
    allowInsecureAuth: true,
    auth,
  });
  const ids = (await client.uniqueIds()).map(({ uniqueId }) => uniqueId);
  const sizes = (await client.list()).map(({ octets }) => octets);
  const messages: string[] = [];
  for await (const message of client.retrieveMany(ids.map((_, index) => index + 1))) {
    messages.push(Buffer.from(await message.bytes()).toString('latin1'));
  }
  await client.quit();
  await server.close();
  await store.close();
  return { ids, sizes, messages };
}

async function toldByDovecot(count: number): Promise<Told> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const lines = await dovecotPop3(folder, maildir, ['UIDL', 'LIST', ...numbers.map((number) => `RETR ${number}`)]);
  const bodies: string[][] = [];
  for (const line of lines) {
    if (line.startsWith('+OK')) bodies.push([]);
    else if (line !== '.') bodies.at(-1)!.push(line.replace(/^\./, ''));
  }
  const [ids = [], sizes = [], ...messages] = bodies;
  return {
    ids: ids.map((line) => line.split(' ')[1]!),
    sizes: sizes.map((line) => Number(line.split(' ')[1])),
    messages: messages.slice(0, count).map((body) => body.map((line) => `${line}\r\n`).join('')),
  };
}

describe.skipIf(findDovecotPop3() === undefined)('a Maildir that we and Dovecot serve in turn', () => {
  // Dovecot counts no CRLF that it adds, and takes "+OK" in a body for what it is.
  const mail = pop3Mail().filter((text) => text.endsWith('\r\n') && !text.includes('\r\n+OK'));

  it('has the same unique ids, sizes and messages for both', async () => {
    await withInbox((inbox) =>
      inbox.append(mail.map((text) => ({ body: [Uint8Array.from(Buffer.from(text, 'latin1'))] }))),
    );
    const ours = await toldByUs();
    expect(ours.messages).toEqual(mail);
    expect(await toldByDovecot(mail.length)).toEqual(ours);
    await withInbox((inbox) => inbox.expunge(setOf([uid(2), uid(5)])));
    const later = await toldByUs();
    expect(later.ids).toEqual(ours.ids.filter((_, index) => index !== 1 && index !== 4));
    expect(await toldByDovecot(later.ids.length)).toEqual(later);
  });

  it('keeps the unique ids that came along with messages', async () => {
    await withInbox((inbox) =>
      inbox.append(mail.slice(0, 4).map((text) => ({ body: [Uint8Array.from(Buffer.from(text, 'latin1'))] }))),
    );
    const uidlist = join(maildir, 'dovecot-uidlist');
    const text = readFileSync(uidlist, 'latin1');
    writeFileSync(uidlist, text.replace(/^1 /m, '1 Pold.server-17 ').replace(/^3 /m, '3 P '), 'latin1');
    const ours = await toldByUs();
    expect(ours.ids[0]).toBe('old.server-17');
    expect(ours.ids[1]).toMatch(/^00000002[0-9a-f]{8}$/);
    expect(await toldByDovecot(4)).toEqual(ours);
    await withInbox((inbox) => inbox.append([{ body: [Uint8Array.from(Buffer.from(mail[5]!, 'latin1'))] }]));
    expect((await toldByUs()).ids.slice(0, 4)).toEqual(ours.ids);
    expect((await toldByDovecot(5)).ids.slice(0, 4)).toEqual(ours.ids);
  });

  it('has the same unique ids for mail that Dovecot numbered first', async () => {
    await withInbox(async () => {});
    writeFileSync(join(maildir, 'new', '1700000000.M1P1.host'), 'Subject: one\n\n.\nx\n');
    writeFileSync(join(maildir, 'new', '1700000001.M1P1.host'), 'Subject: two\r\n\r\n..\r\n');
    const theirs = await toldByDovecot(2);
    expect(theirs.ids).toHaveLength(2);
    expect(await toldByUs()).toEqual(theirs);
  });
});
