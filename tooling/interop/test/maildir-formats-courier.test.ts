import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId, uid } from '@posthorn/core';
import { connect } from '@posthorn/imap-client';
import { openMaildir } from '@posthorn/maildir';
import { rangeSet } from '@posthorn/message-set';
import { expect, it } from 'vitest';
import { canRunPrivately, startCourier } from '../src/index.ts';

const PASSWORD = 'correct horse battery staple';
const EVERY = rangeSet(uid(1), uid(0xffff_ffff));
const mail = (subject: string) => new TextEncoder().encode(`Subject: ${subject}\r\n\r\nHello.\r\n`);

it.skipIf(!(await canRunPrivately('Courier')))(
  "takes over Courier's UIDs, flags, keywords and subscriptions",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ph-'));
    const names = ['INBOX', 'INBOX.Entw&APw-rfe', 'INBOX.Entw&APw-rfe.Alt'] as const;
    const there: Record<string, unknown> = {};
    try {
      const courier = await startCourier({ folder, user: 'alice', password: PASSWORD });
      try {
        const { imapsPort: port, ca } = courier;
        const client = await connect({
          host: 'localhost',
          port,
          tls: { ca },
          auth: { user: 'alice', password: PASSWORD },
        });
        await client.create('INBOX.Entwürfe');
        await client.create('INBOX.Entwürfe.Alt');
        await client.subscribe('INBOX.Entwürfe.Alt');
        for (const listed of await client.list()) {
          await client.append(listed, { body: mail('gone') });
          await client.append(listed, { body: mail('a'), flags: ['\\Seen', '$Forwarded', 'work'] });
          await client.append(listed, { body: mail('b'), flags: ['later'] });
          const mailbox = await client.select(listed);
          await mailbox.store('1', 'add', ['\\Deleted']);
          await mailbox.expunge();
          await mailbox.store('3', 'add', ['work']);
          const rows: string[] = [];
          for await (const message of mailbox.fetch('1:*', { flags: true })) {
            const flags = message.flags.filter((flag) => flag !== '\\Recent').toSorted();
            rows.push(`${message.uid} ${flags.join(' ')}`);
          }
          const path = listed.path.length === 1 ? listed.path : listed.path.slice(1);
          there[path.join('/')] = { uidValidity: mailbox.uidValidity, rows };
        }
        await client.close();
      } finally {
        await courier.stop();
      }
      expect(Object.keys(there).length).toBe(names.length);
      const store = openMaildir(join(folder, 'home', 'Maildir'));
      try {
        const account = await store.open(accountId('alice'));
        const here: Record<string, unknown> = {};
        for (const { path } of await account.list()) {
          const mailbox = await account.mailbox(path);
          const rows: string[] = [];
          for await (const { uid: id, flags } of mailbox.scan(EVERY, ['flags']))
            rows.push(`${id} ${flags.toSorted().join(' ')}`);
          here[path.join('/')] = { uidValidity: mailbox.uidValidity, rows };
        }
        expect(here).toEqual(there);
        expect(JSON.stringify(here)).toContain('work');
        const subscribed = (await account.list()).filter(({ isSubscribed }) => isSubscribed);
        expect(subscribed.map(({ path }) => path.join('/'))).toContain('Entwürfe/Alt');
      } finally {
        await store.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
