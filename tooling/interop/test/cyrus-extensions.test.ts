import { modSeq, utf8Bytes } from '@posthorn/core';
import { formatSet } from '@posthorn/message-set';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ImapTrial, numbered, startTrial, told } from '../src/imap-trial/session.ts';
import { canRunPrivately, startCyrus } from '../src/index.ts';

const isThere = await canRunPrivately('Cyrus');

describe.skipIf(!isThere)('what Cyrus alone offers', () => {
  let trial: ImapTrial;

  beforeAll(async () => {
    trial = await startTrial(startCyrus);
  }, 120_000);
  afterEach(() => trial.leave());
  afterAll(() => trial?.stop());

  it('compresses, and says who it is', async () => {
    const client = await trial.login({ id: { name: 'posthorn' } });
    expect(client.isCompressed).toBe(true);
    expect((await client.id(null))?.get('name')).toMatch(/Cyrus/);
    expect(client.appendLimit).toBe(104_857_600);
    expect((await trial.login({ compress: false })).isCompressed).toBe(false);
  });

  it("lets an administrator take others' places, compressed anew for each (UNAUTHENTICATE)", async () => {
    const { user, password } = trial;
    const administrator = { user: 'cyrus', password, mechanisms: ['PLAIN'] };
    const client = await trial.login({ auth: administrator });
    expect([client.isCompressed, client.capabilities.has('UNAUTHENTICATE')]).toEqual([true, true]);
    for (const auth of [administrator, { ...administrator, authorizeAs: user }]) {
      await client.reauthenticate(auth);
      expect(client.isCompressed).toBe(true);
      await client.noop();
    }
    expect((await client.select('INBOX', { readOnly: true })).isReadOnly).toBe(true);
    await client.close();
  });

  it('is logged in to at the first attempt, with SCRAM', async () => {
    const attempts = (await trial.login()).transcript.match(/AUTHENTICATE \S+/g);
    expect(attempts).toEqual(['AUTHENTICATE SCRAM-SHA-256']);
  });

  it('names messages for good, and tells when they were saved', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Named', ['a', 'b']);
    const query = { emailId: true, threadId: true, saveDate: true, preview: true, modSeq: true } as const;
    const named = new Set<string>();
    for await (const message of mailbox.fetch('1:*', query)) {
      named.add(message.emailId);
      expect(message.saveDate?.epochSeconds).toBeGreaterThan(1_700_000_000);
      // Cyrus makes none of messages that were not delivered; `previews` of a mailbox does.
      expect(message.preview).toBeNull();
      expect(message.modSeq > 0n).toBe(true);
      const found = await mailbox.search({ type: 'emailId', id: message.emailId });
      expect(formatSet(found)).toBe(String(message.uid));
    }
    expect(named.size).toBe(2);
    expect(mailbox.mailboxId).toBe((await client.status(mailbox.name, ['MAILBOXID'])).mailboxId);
    expect(formatSet(await mailbox.search({ type: 'age', compare: 'younger', seconds: 3_600 }))).toBe('1:2');
  });

  it('puts a message together of what it has (CATENATE)', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Catenated', ['a']);
    const url = `/Catenated;UIDVALIDITY=${mailbox.uidValidity}/;UID=1/;SECTION=TEXT`;
    const place = await client.append(mailbox.name, { parts: [{ body: utf8Bytes('Subject: c\r\n\r\n') }, { url }] });
    await mailbox.check();
    for await (const { body } of mailbox.fetch(`${place!.uid}`, { body: true }))
      expect(new TextDecoder().decode(await body.bytes())).toBe('Subject: c\r\n\r\nGr=C3=BC=C3=9Fe\r\n');
    await expect(
      client.append(mailbox.name, { parts: [{ url: url.replace('UID=1', 'UID=9') }] }),
    ).rejects.toMatchObject({ code: 'IMAP_NO' });
    await client.noop();
  });

  it('signs URLs, and takes them back (URLAUTH)', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Signed', ['a']);
    const [url] = await client.urlAuth.sign(['imap://alice@localhost/Signed/;UID=1;URLAUTH=user+alice']);
    expect(url).toMatch(/URLAUTH=user\+alice:INTERNAL:/i);
    expect((await client.urlAuth.fetch([url!])).get(url!)).toEqual(numbered('a', 0));
    await client.urlAuth.reset(mailbox.name);
    expect((await client.urlAuth.fetch([url!])).get(url!)).toBeNull();
  });

  it('lists with rights, notes and uses', async () => {
    const client = await trial.login();
    await client.create('Old', { specialUse: ['\\Archive'] });
    await client.metadata.set('Old', { '/private/comment': 'kept' });
    const listed = await client.list({
      myRights: true,
      metadataEntries: ['/private/comment'],
      statusItems: ['MESSAGES', 'SIZE', 'HIGHESTMODSEQ'],
    });
    const old = listed.find(({ name }) => name.text === 'Old');
    expect(old).toMatchObject({ specialUse: ['\\Archive'], status: { messages: 0, size: 0 } });
    expect(old?.myRights).toMatch(/^(?=.*l)(?=.*r)/);
    expect(old?.metadata?.get('/private/comment')).toBe('kept');
  });

  it('tells what changed while it selects (QRESYNC)', async () => {
    const client = await trial.login({ enable: ['QRESYNC'] });
    const mailbox = await trial.filled(client, 'Resynced', ['a', 'b', 'c']);
    const { cursor } = await told(mailbox);
    const state = JSON.parse(cursor) as { readonly modSeq: string };
    await mailbox.store('2', 'add', ['\\Flagged']);
    await mailbox.store('1', 'add', ['\\Deleted']);
    expect(formatSet((await mailbox.expunge('1')).vanished)).toBe('1');
    await client.append(mailbox.name, { body: numbered('d', 3) });
    const point = { uidValidity: mailbox.uidValidity, modSeq: modSeq(BigInt(state.modSeq)) };
    const { resync } = await client.select(mailbox.name, { resync: point });
    expect(formatSet(resync!.vanished)).toBe('1');
    expect(resync!.changed.map(({ uid }) => uid)).toEqual([2, 4]);
  });
});
