import { chmod, mkdtemp, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, accountId, uid } from '@posthorn/core';
import { connect, type ImapClient } from '@posthorn/imap-client';
import { openMaildir } from '@posthorn/maildir';
import { rangeSet } from '@posthorn/message-set';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dovecot, findDovecot, missingServer, startDovecot } from '../src/index.ts';

const PASSWORD = 'correct horse battery staple';
const EVERY = rangeSet(uid(1), uid(0xffff_ffff));
const LIMITS = { storage: 10_240, messages: 100 };
const hasDovecot = findDovecot() !== undefined;
if (!hasDovecot) missingServer('Dovecot', 'dovecot-imapd');

const mail = (subject: string) => new TextEncoder().encode(`Subject: ${subject}\r\n\r\nHello.\r\n`);

/** Mailboxes with UIDVALIDITY, UIDs and flags, as our store has them. */
async function ours(account: Account): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { path, isSelectable } of await account.list()) {
    if (!isSelectable) continue;
    const mailbox = await account.mailbox(path);
    const rows: string[] = [];
    for await (const { uid: id, flags } of mailbox.scan(EVERY, ['flags']))
      rows.push(`${id} ${flags.toSorted().join(' ')}`);
    found[path.join('/')] = `${mailbox.uidValidity}: ${rows.join(', ')}`;
  }
  return found;
}

/** As Dovecot has them. */
async function theirs(client: ImapClient): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const listed of await client.list()) {
    if (!listed.isSelectable) continue;
    const mailbox = await client.select(listed, { readOnly: true });
    const rows: string[] = [];
    if (mailbox.exists > 0) {
      for await (const message of mailbox.fetch('1:*', { flags: true })) {
        const flags = message.flags.filter((flag) => flag !== '\\Recent');
        rows.push(`${message.uid} ${flags.toSorted().join(' ')}`);
      }
    }
    found[listed.path.join('/')] = `${mailbox.uidValidity}: ${rows.join(', ')}`;
  }
  return found;
}

describe.skipIf(!hasDovecot)(
  'a Maildir with names in UTF-8, many keywords and shared mailboxes, beside Dovecot',
  () => {
    it('means the same to both', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'ph-'));
      await chmod(folder, 0o755);
      const maildir = join(folder, 'mail');
      const settings = `
mail_location = maildir:${maildir}:UTF-8
mail_plugins = acl
protocol imap {
  mail_plugins = acl imap_acl
}
plugin {
  acl = vfile
}
`;
      const user = 'alice';
      const words = Array.from({ length: 28 }, (_, index) => `word-${index}`);
      const dovecot = await startDovecot({ folder, maildir, user, password: PASSWORD, settings });
      const store = openMaildir(maildir, { nameEncoding: 'utf-8', acl: true });
      try {
        const account = await store.open(accountId(user));
        await account.create(['Entwürfe', 'Äpfel']);
        await account.subscribe(['Entwürfe', 'Äpfel'], true);
        const inbox = await account.mailbox(['INBOX']);
        await inbox.append([{ body: [mail('a')], flags: words }]);
        await dovecot.own();
        const { imapsPort: port, ca } = dovecot;
        const client = await connect({ host: 'localhost', port, tls: { ca }, auth: { user, password: PASSWORD } });
        await client.create('Größe');
        const listed = await client.list();
        expect((await account.list()).map(({ path }) => path.join('/')).toSorted()).toEqual(
          listed.map(({ path }) => path.join('/')).toSorted(),
        );
        const subscribed = await client.list({ subscribedOnly: true });
        expect(subscribed.map(({ path }) => path)).toEqual([['Entwürfe', 'Äpfel']]);
        // What has no letter is ours alone, and stays so whatever Dovecot does to the rest.
        const selected = await client.select('INBOX');
        const seen = [];
        for await (const { flags } of selected.fetch('1:*', { flags: true })) seen.push(...flags);
        expect(seen.filter((flag) => flag.startsWith('word-')).toSorted()).toEqual(words.slice(0, 26).toSorted());
        await selected.store('1', 'remove', ['word-0']);
        await selected.store('1', 'add', ['\\Seen']);
        await dovecot.own();
        for await (const { flags } of inbox.scan(EVERY, ['flags']))
          expect(flags.toSorted()).toEqual(['\\Seen', ...words.slice(1)].toSorted());
        // Rights that either gives.
        const path = ['Entwürfe', 'Äpfel'] as const;
        const name = path.join('/');
        await account.acl!.change(path, 'bob', 'lrs');
        await account.acl!.change(path, '$staff', 'l');
        await account.acl!.change(path, 'anyone', 'l');
        await dovecot.own();
        await client.acl.set(name, 'carol', 'lr');
        await client.acl.set(name, '-carol', 'r');
        const there = new Map((await client.acl.get(name)).map(({ identifier, rights }) => [identifier, rights]));
        const here = new Map((await account.acl!.entries(path)).map(({ identifier, rights }) => [identifier, rights]));
        expect([...there.keys()].toSorted()).toEqual([...here.keys()].toSorted());
        for (const who of ['bob', 'carol', '-carol', '$staff', 'anyone']) {
          const [left, right] = [there, here].map((entries) => [...entries.get(who)!].toSorted().join(''));
          expect(left).toBe(right);
        }
        await client.close();
        expect(await dovecot.log()).not.toMatch(/Error|Panic|Warning/);
      } finally {
        await store.close();
        await dovecot.stop();
        await rm(folder, { recursive: true, force: true });
      }
    }, 60_000);
  },
);

describe.skipIf(!hasDovecot)('a Maildir with the layout fs and a quota, beside Dovecot', () => {
  let folder: string;
  let maildir: string;
  let dovecot: Dovecot;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    await chmod(folder, 0o755);
    maildir = join(folder, 'mail');
    const settings = `
mail_location = maildir:${maildir}:LAYOUT=fs
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = maildir:User quota
  quota_rule = *:bytes=${LIMITS.storage}:messages=${LIMITS.messages}
}
`;
    dovecot = await startDovecot({ folder, maildir, user: 'alice', password: PASSWORD, settings });
  }, 60_000);

  afterAll(async () => {
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const withBoth = async (work: (account: Account, client: ImapClient) => Promise<void>): Promise<void> => {
    const store = openMaildir(maildir, { layout: 'fs', quota: LIMITS });
    try {
      const account = await store.open(accountId('alice'));
      await dovecot.own();
      const { imapsPort: port, ca } = dovecot;
      const client = await connect({
        host: 'localhost',
        port,
        tls: { ca },
        auth: { user: 'alice', password: PASSWORD },
      });
      try {
        await work(account, client);
      } finally {
        await client.close();
      }
    } finally {
      await store.close();
    }
  };

  it('shows the same mailboxes, UIDs and flags to both', async () => {
    await withBoth(async (account, client) => {
      await account.create(['Ours', 'Entwürfe', 'x.y']);
      await account.create(['Ours']);
      await dovecot.own();
      await client.create('Theirs/Entwürfe/.z');
      await client.create('Theirs');
      await (await account.mailbox(['Ours'])).append([{ body: [mail('a')], flags: ['\\Seen', '$Ours'] }]);
      await dovecot.own();
      await client.append('Theirs/Entwürfe/.z', { body: mail('b'), flags: ['\\Flagged', '$Theirs'] });
      await account.transfer(['Ours'], EVERY, ['Theirs', 'Entwürfe', '.z'], 'copy');
      await account.subscribe(['Ours', 'Entwürfe', 'x.y'], true);
      await dovecot.own();
      await client.subscribe('Theirs/Entwürfe/.z');
      const both = await theirs(client);
      expect(await ours(account)).toEqual(both);
      expect(Object.keys(both).toSorted()).toEqual([
        'INBOX',
        'Ours',
        'Ours/Entwürfe/x.y',
        'Theirs',
        'Theirs/Entwürfe/.z',
      ]);
      expect(both['Theirs/Entwürfe/.z']).toMatch(/^\d+: 1 \$Theirs \\Flagged, 2 \$Ours \\Seen$/);
      const subscribed = (await account.list()).filter(({ isSubscribed }) => isSubscribed);
      const subscribedThere = await client.list({ subscribedOnly: true });
      expect(subscribed.map(({ path }) => path.join('/')).toSorted()).toEqual(
        subscribedThere.map(({ path }) => path.join('/')).toSorted(),
      );
      expect(subscribed.length).toBe(2);
    });
  });

  it('lets each rename and delete what the other made', async () => {
    await withBoth(async (account, client) => {
      await account.rename(['Theirs'], ['Moved', 'Here']);
      await dovecot.own();
      await client.rename('Ours', 'Also');
      expect(await ours(account)).toEqual(await theirs(client));
      await account.delete(['Moved', 'Here']);
      await dovecot.own();
      await client.delete('Also/Entwürfe/x.y');
      const both = await theirs(client);
      expect(await ours(account)).toEqual(both);
      expect(Object.keys(both).toSorted()).toEqual(['Also', 'INBOX', 'Moved/Here/Entwürfe/.z']);
    });
  });

  it('has one maildirsize that both keep', async () => {
    await withBoth(async (account, client) => {
      const inbox = await account.mailbox(['INBOX']);
      const asked = async () => {
        const { usages } = (await account.quota!.root(''))!;
        return usages.map(({ usage }) => usage);
      };
      const lines = async () => (await readFile(join(maildir, 'maildirsize'), 'utf8')).split('\n').slice(0, -1);
      const [octets = 0, messages = 0] = await asked();
      expect(messages).toBe(3);
      await dovecot.own();
      // Dovecot believes a file that is not too old.
      await utimes(join(maildir, 'maildirsize'), new Date(), new Date());
      await inbox.append([{ body: [mail('c')] }, { body: [mail('d')] }]);
      await dovecot.own();
      await client.append('INBOX', { body: mail('e') });
      const size = mail('c').length;
      const written = await lines();
      expect(written[0]).toBe(`${LIMITS.storage}S,${LIMITS.messages}C`);
      expect(written.slice(-2)).toEqual([`${2 * size} 2`, `${mail('e').length - 3} 1`]);
      await inbox.expunge(rangeSet(uid(1), uid(1)));
      const [octetsAfter, messagesAfter] = await asked();
      expect([octetsAfter, messagesAfter]).toEqual([octets + 2 * size - 3, messages + 2]);
      await dovecot.own();
      const [root] = await client.quota.of('INBOX');
      const resources = new Map(root!.resources.map(({ name, usage }) => [name, usage]));
      expect(resources.get('MESSAGE')).toBe(messagesAfter);
      const big = new Uint8Array(2 * LIMITS.storage).fill(0x61);
      await expect(inbox.append([{ body: [big] }])).rejects.toMatchObject({ code: 'STORE_OVER_QUOTA' });
      await dovecot.own();
      await expect(client.append('INBOX', { body: big })).rejects.toMatchObject({ reason: 'OVERQUOTA' });
      expect(await dovecot.log()).not.toMatch(/Error|Panic|Warning/);
    });
  });
});
