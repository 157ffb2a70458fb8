import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modSeq, type Uid, uid, utf8Bytes } from '@posthorn/core';
import { type ConnectOptions, connect, type ImapClient, type SelectedMailbox } from '@posthorn/imap-client';
import { formatSet, ids, setOf } from '@posthorn/message-set';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, findDovecot, missingServer, startDovecot } from '../src/index.ts';

const PASSWORD = 'correct horse battery staple';
const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

/** Everything that the Debian package can do and does not by itself. */
const PLUGINS = `
mail_plugins = acl quota zlib
imap_metadata = yes
mail_attribute_dict = file:%h/attributes
protocol imap {
  mail_plugins = acl quota zlib imap_acl imap_quota imap_zlib
}
plugin {
  acl = vfile
  quota = maildir:User quota
  quota_rule = *:storage=1M
}
`;

describe.skipIf(!hasDovecot)('the client and Dovecot', () => {
  let folder: string;
  let dovecot: Dovecot;
  const clients: ImapClient[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    const maildir = join(folder, 'mail');
    const at = join(folder, 'd');
    dovecot = await startDovecot({
      folder: at,
      maildir,
      user: 'alice',
      password: PASSWORD,
      settings: PLUGINS.replaceAll('%h', maildir),
    });
  }, 60_000);

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });

  afterAll(async () => {
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function login(options: Partial<ConnectOptions> = {}): Promise<ImapClient> {
    const client = await connect({
      host: '127.0.0.1',
      port: dovecot.imapsPort,
      auth: { user: 'alice', password: PASSWORD },
      tls: { ca: dovecot.ca },
      ...options,
    });
    clients.push(client);
    return client;
  }

  /** A new mailbox with messages of these subjects. */
  async function filled(client: ImapClient, name: string, subjects: readonly string[]): Promise<SelectedMailbox> {
    await client.create(name);
    await client.appendAll(
      name,
      subjects.map((subject, index) => ({ body: message(subject, index) })),
    );
    return client.select(name);
  }

  it('compresses, and says who it is', async () => {
    const client = await login({ id: { name: 'posthorn' } });
    expect(client.isCompressed).toBe(true);
    expect((await client.id(null))?.get('name')).toBe('Dovecot');
    const inbox = await filled(client, 'Compressed', ['a'.repeat(60_000)]);
    for await (const { body } of inbox.fetch('1', { body: true })) expect((await body.bytes()).length).toBe(body.size);
    const plain = await login({ compress: false });
    expect(plain.isCompressed).toBe(false);
    expect(client.isEnabled('CONDSTORE')).toBe(true);
  });

  it('tells its namespaces, quotas, rights and notes', async () => {
    const client = await login();
    await client.create('Noted');
    const { personal } = await client.namespaces();
    expect(personal.map(({ prefix, delimiter }) => [prefix.text, delimiter])).toEqual([['', '/']]);
    const [root] = await client.quota.of('Noted');
    expect(root).toMatchObject({ root: 'User quota', resources: [{ name: 'STORAGE', limit: 1024 }] });
    expect(await client.quota.get('User quota')).toMatchObject({ root: 'User quota' });
    expect(await client.acl.mine('Noted')).toMatch(/^(?=.*l)(?=.*r)/);
    await client.acl.set('Noted', 'bob', 'lr');
    expect(await client.acl.get('Noted')).toContainEqual({ identifier: 'bob', rights: 'lr' });
    await client.acl.delete('Noted', 'bob');
    expect((await client.acl.grantable('Noted', 'bob')).optional.join('')).toContain('l');
    await client.metadata.set('Noted', { '/private/comment': 'Grüße\r\nvon hier' });
    const { entries } = await client.metadata.get('Noted', ['/private/comment', '/private/none']);
    expect(entries.get('/private/comment')).toBe('Grüße\r\nvon hier');
    await client.metadata.set('Noted', { '/private/comment': null });
  });

  it('lists with figures, subscriptions and uses, and knows names of any kind', async () => {
    const client = await login();
    await client.create('Entwürfe & Co');
    await client.subscribe('Entwürfe & Co');
    const listed = await client.list({ statusItems: ['MESSAGES', 'SIZE', 'HIGHESTMODSEQ'] });
    const drafts = listed.find(({ path }) => path[0] === 'Entwürfe & Co');
    expect(drafts).toMatchObject({ isSubscribed: true, status: { messages: 0, size: 0 } });
    expect((await client.list({ subscribedOnly: true })).map(({ path }) => path)).toContainEqual(['Entwürfe & Co']);
    await client.rename(drafts!, 'Drafts');
    await client.delete('Drafts');
  });

  it('searches, sorts and threads by UID and by number', async () => {
    const client = await login();
    const mailbox = await filled(client, 'Ordered', ['b', 'a', 'Re: b', 'c']);
    await mailbox.store('3', 'add', ['\\Flagged']);
    await mailbox.store('1', 'add', ['\\Deleted']);
    await mailbox.expunge('1');
    const flagged = { type: 'flag', flag: '\\Flagged' } as const;
    expect(formatSet(await mailbox.search(flagged))).toBe('3');
    expect(formatSet(await mailbox.search(flagged, { by: 'sequenceNumbers' }))).toBe('2');
    const figures = { min: true, max: true, count: true, all: true } as const;
    expect(await mailbox.searchFor({ type: 'all' }, figures)).toMatchObject({ min: 2, max: 4, count: 3 });
    expect(await mailbox.sort([{ key: 'SUBJECT', reverse: true }], { type: 'all' })).toEqual([4, 3, 2]);
    expect(await mailbox.sort(['SIZE', 'ARRIVAL'], { type: 'all' }, { by: 'sequenceNumbers' })).toEqual([1, 3, 2]);
    expect(await mailbox.thread('REFERENCES', { type: 'all' })).toHaveLength(3);
    expect(await mailbox.searchFor(flagged, { save: true })).toEqual({ modSeq: undefined });
    const saved: Uid[] = [];
    for await (const { uid } of mailbox.fetch('$', {})) saved.push(uid);
    expect(saved).toEqual([uid(3)]);
  });

  it('stores, copies and moves by UID and by number', async () => {
    const client = await login();
    await client.create('Elsewhere');
    const mailbox = await filled(client, 'Here', ['a', 'b', 'c', 'd']);
    const { messages } = await mailbox.store({ sequenceNumbers: '1:2' }, 'add', ['$Label']);
    expect(messages.map(({ sequenceNumber, flags }) => [sequenceNumber, flags?.includes('$Label')])).toEqual([
      [1, true],
      [2, true],
    ]);
    const before = messages.at(-1)?.modSeq;
    await mailbox.store('1', 'replace', ['\\Seen']);
    const { modified } = await mailbox.store('1:2', 'add', ['\\Answered'], { unchangedSince: before });
    expect(modified).toEqual({ ranges: [{ first: 1, last: 1 }] });
    expect(await mailbox.copy({ sequenceNumbers: '3' }, 'Elsewhere')).toMatchObject({
      from: { ranges: [{ first: 3 }] },
    });
    expect(await mailbox.move({ sequenceNumbers: '1,4' }, 'Elsewhere')).toMatchObject({ isExpunged: true });
    expect([...ids(await mailbox.uids())]).toEqual([2, 3]);
    await mailbox.store(setOf([uid(3)]), 'add', ['\\Deleted']);
    expect((await mailbox.expunge()).sequenceNumbers).toEqual([2]);
    await mailbox.check();
    await mailbox.close();
    expect(await client.status('Elsewhere', ['MESSAGES', 'SIZE', 'DELETED'])).toMatchObject({ messages: 3 });
  });

  it.each([
    ['QRESYNC', ['QRESYNC']],
    ['CONDSTORE', ['CONDSTORE']],
  ])('tells what has changed since a cursor, by %s', async (name, enable) => {
    const client = await login({ enable });
    const other = await login();
    const mailbox = await filled(client, `Changing ${name}`, ['a', 'b', 'c']);
    const first = await told(mailbox);
    expect(first.rows).toEqual(['new 1', 'new 2', 'new 3']);
    const theirs = await other.select(mailbox.name);
    await theirs.store('2', 'add', ['\\Flagged']);
    await theirs.store('1', 'add', ['\\Deleted']);
    await theirs.expunge('1');
    await other.append(mailbox.name, { body: message('d', 4) });
    await client.noop();
    const again = await client.select(mailbox.name, { readOnly: true });
    const second = await told(again, first.cursor);
    expect(second.rows).toEqual(['changed 2 \\Flagged', 'new 4', 'vanished 1']);
    expect((await told(again, second.cursor)).rows).toEqual([]);
    const states = [first.cursor, second.cursor].map((cursor) => JSON.parse(cursor) as { readonly modSeq: string });
    if (name !== 'QRESYNC') return;
    const point = { uidValidity: again.uidValidity, modSeq: modSeq(BigInt(states[0]!.modSeq)) };
    const { resync } = await client.select(mailbox.name, { resync: point });
    expect(formatSet(resync!.vanished)).toBe('1');
    expect(resync!.changed.map(({ uid }) => uid)).toEqual([2, 4]);
  });

  // A process of Dovecot's said once that it was shutting down, while its master went on.
  it('hears of other mailboxes as things happen (NOTIFY)', { retry: 2 }, async () => {
    const client = await login();
    const other = await login();
    const [noisy, made] = [`Noisy ${randomUUID()}`, `Made ${randomUUID()}`];
    await client.create(noisy);
    const changes: unknown[] = [];
    for await (const change of client.watch({ tellStatus: true })) {
      if (change.type === 'mailbox') changes.push([change.mailbox.name.text, change.mailbox.isSelectable]);
      if (change.type === 'status' && change.mailbox.text === noisy) {
        changes.push([noisy, change.status.messages]);
        if (changes.length === 1) await other.append(noisy, { body: message('x', 1) });
        else await other.create(made);
      }
      if (changes.length === 3) break;
    }
    expect(changes).toEqual([
      [noisy, 0],
      [noisy, 1],
      [made, true],
    ]);
  });

  it('previews, reads and decodes', async () => {
    const client = await login();
    const mailbox = await filled(client, 'Read', ['a', 'b']);
    const previews: unknown[] = [];
    for await (const { uid, preview } of mailbox.previews('1:*')) previews.push([uid, preview]);
    expect(previews).toEqual([
      [1, 'Grüße'],
      [2, 'Grüße'],
    ]);
    expect(await mailbox.readText(uid(2))).toEqual({ text: 'Grüße\r\n', mediaType: 'text/plain' });
    expect(await mailbox.totalSize()).toBe(2 * message('a', 0).length);
    const { appended, isExpunged } = await mailbox.replace(uid(1), { body: message('new', 5) });
    expect([appended?.uid, isExpunged]).toEqual([3, true]);
    expect(formatSet(await mailbox.uids())).toBe('2:3');
  });
});

/** What differs, in short, and the cursor. */
async function told(
  mailbox: SelectedMailbox,
  since?: string,
): Promise<{ readonly rows: string[]; readonly cursor: string }> {
  const rows: string[] = [];
  let cursor = '';
  for await (const change of mailbox.changes(since)) {
    if (change.type === 'message') {
      const flags = change.flags.filter((flag) => flag !== '\\Recent');
      rows.push([change.isNew ? 'new' : 'changed', change.uid, ...flags].join(' '));
    } else if (change.type === 'vanished') rows.push(`vanished ${formatSet(change.uids)}`);
    else if (change.type === 'cursor') cursor = change.cursor;
  }
  return { rows, cursor };
}

function message(subject: string, index: number): Uint8Array {
  return utf8Bytes(
    [
      `Date: Tue, 0${index + 1} Jan 2030 10:00:00 +0000`,
      `Subject: ${subject}`,
      `Message-ID: <${index}@example.org>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=BC=C3=9Fe',
      '',
    ].join('\r\n'),
  );
}
