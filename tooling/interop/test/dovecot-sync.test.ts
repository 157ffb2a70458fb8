import { chmod, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId, collectBytes, uid } from '@posthorn/core';
import { generateMailboxes } from '@posthorn/corpus';
import { connect, type ImapClient } from '@posthorn/imap-client';
import { openMaildir } from '@posthorn/maildir';
import { rangeSet, setOf } from '@posthorn/message-set';
import { fileState, imapSource, pull, type SyncEvent } from '@posthorn/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, findDovecot, missingServer, startDovecot } from '../src/index.ts';

const PASSWORD = 'correct horse battery staple';
const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

interface Snapshot {
  readonly uidValidity: number;
  readonly messages: Record<
    number,
    { readonly octets: string; readonly flags: readonly string[]; readonly seconds: number }
  >;
}

/** Everything a server says about an account. */
async function snapshot(client: ImapClient): Promise<Record<string, Snapshot>> {
  const account: Record<string, Snapshot> = {};
  for (const listed of await client.list()) {
    if (!listed.isSelectable) continue;
    const mailbox = await client.select(listed, { readOnly: true });
    const messages: Record<number, Snapshot['messages'][number]> = {};
    if (mailbox.exists > 0) {
      for await (const message of mailbox.fetch('1:*', { flags: true, internalDate: true, body: true })) {
        const octets = Buffer.from(await collectBytes(message.body!.stream())).toString('latin1');
        const flags = message.flags.filter((flag) => flag !== '\\Recent').toSorted();
        messages[message.uid] = { octets, flags, seconds: message.internalDate.epochSeconds };
      }
    }
    account[listed.path.join('/')] = { uidValidity: mailbox.uidValidity, messages };
  }
  return account;
}

describe.skipIf(!hasDovecot)('a Maildir of 1,000 messages served by Dovecot', () => {
  let folder: string;
  let dovecot: Dovecot;
  let source: string;
  let target: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    source = join(folder, 'source');
    target = join(folder, 'target');
    await fillMaildir(source);
    dovecot = await startDovecot({ folder: join(folder, 'd1'), maildir: source, user: 'alice', password: PASSWORD });
  }, 120_000);

  afterAll(async () => {
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const login = (port: number, security: 'tls' | 'starttls' | 'none', ca: string) =>
    connect({
      host: '127.0.0.1',
      port,
      security,
      auth: { user: 'alice', password: PASSWORD },
      tls: { ca },
      allowInsecureAuth: security === 'none',
    });

  async function sync(expunge = false): Promise<Extract<SyncEvent, { type: 'done' }>> {
    const client = await login(dovecot.imapsPort, 'tls', dovecot.ca);
    const store = openMaildir(target);
    const state = await fileState(join(target, 'posthorn-sync', 'alice.jsonl'));
    try {
      const account = await store.open(accountId('alice'));
      for await (const event of pull(imapSource(client, 'alice'), account, { state, expunge })) {
        if (event.type === 'done') return event;
      }
      throw new Error('the sync did not end');
    } finally {
      await state.close();
      await store.close();
      await client.close();
    }
  }

  /** What a second Dovecot says of our Maildir. */
  async function readBack(): Promise<Record<string, Snapshot>> {
    const second = await startDovecot({
      folder: await mkdtemp(join(folder, 'd')),
      maildir: target,
      user: 'alice',
      password: PASSWORD,
    });
    const client = await login(second.imapPort, 'none', second.ca);
    try {
      const answer = await snapshot(client);
      expect(await second.log()).not.toMatch(/corrupt|broken|duplicate|Error:|Warning:/i);
      return answer;
    } finally {
      await client.close();
      await second.stop();
    }
  }

  async function compare(): Promise<Record<string, Snapshot>> {
    const client = await login(dovecot.imapPort, 'starttls', dovecot.ca);
    try {
      const there = await snapshot(client);
      expect(await readBack()).toEqual(there);
      return there;
    } finally {
      await client.close();
    }
  }

  it('is synced octet by octet, with UIDs, flags and dates, and read back by Dovecot', async () => {
    const done = await sync();
    expect(done).toMatchObject({ added: 1_000, failed: 0, flagsChanged: 0, removed: 0 });
    const there = await compare();
    const messages = Object.values(there).reduce((sum, each) => sum + Object.keys(each.messages).length, 0);
    expect(messages).toBe(1_000);
  }, 120_000);

  it('is not fetched again', async () => {
    expect(await sync()).toMatchObject({ added: 0, flagsChanged: 0, removed: 0, bytes: 0 });
  }, 60_000);

  it('is followed when flags change and mail comes behind the server', async () => {
    const client = await login(dovecot.imapPort, 'starttls', dovecot.ca);
    const inbox = await client.select('INBOX');
    await inbox.store(setOf([1, 2, 3, 10].map(uid)), 'replace', ['\\Seen', '\\Flagged', '$Forwarded', 'mine']);
    await inbox.store(rangeSet(uid(20), uid(29)), 'add', ['\\Answered']);
    await client.append('INBOX', {
      body: Buffer.from('Subject: new\r\n\r\nfrom a client\r\n'),
      size: 31,
      flags: ['\\Draft'],
    });
    await client.close();
    const delivered = join(source, 'new', `1800000000.M1P1.example`);
    await writeFile(delivered, 'Subject: delivered\n\nwith bare line feeds\n');
    await utimes(delivered, 1_700_000_001, 1_700_000_001);
    await dovecot.own();
    const done = await sync();
    expect(done.added).toBe(2);
    expect(done.flagsChanged).toBeGreaterThan(0);
    await compare();
    expect(await sync()).toMatchObject({ added: 0, flagsChanged: 0, removed: 0 });
  }, 120_000);

  it('is expunged only when asked', async () => {
    const client = await login(dovecot.imapPort, 'starttls', dovecot.ca);
    const inbox = await client.select('INBOX');
    const gone = rangeSet(uid(5), uid(9));
    await inbox.store(gone, 'add', ['\\Deleted']);
    await inbox.expunge(gone);
    await client.close();
    expect((await sync()).removed).toBe(0);
    expect((await sync(true)).removed).toBe(5);
    await compare();
  }, 120_000);

  it('leaves nothing behind in tmp', async () => {
    const entries = await readdir(target, { recursive: true });
    expect(entries.filter((entry) => /(^|\/)tmp\/./.test(entry))).toEqual([]);
  });
});

/** Writes generated mail into a Maildir. */
async function fillMaildir(root: string): Promise<void> {
  const store = openMaildir(root);
  const account = await store.open(accountId('alice'));
  for (const { path, messages } of generateMailboxes({ seed: 11, messages: 1_000 })) {
    if (path.length > 1 || path[0] !== 'INBOX') await account.create(path);
    const mailbox = await account.mailbox(path);
    const batch = Array.from(messages, ({ bytes, flags, internalDate }) => ({ body: [bytes], flags, internalDate }));
    await mailbox.append(batch);
  }
  await store.close();
}
