import { type Uid, uid, utf8Bytes } from '@posthorn/core';
import { formatSet, ids } from '@posthorn/message-set';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ImapTrial, numbered, startTrial, told } from '../src/imap-trial/session.ts';
import { startOwnImap } from '../src/own-imap.ts';

/** Extensions that no server among the Debian packages has, or not whole. */
describe('what our server offers to the client, and few others do', () => {
  let trial: ImapTrial;

  beforeAll(async () => {
    trial = await startTrial(startOwnImap);
  });
  afterEach(() => trial.leave());
  afterAll(() => trial?.stop());

  const flagged = { type: 'flag', flag: '\\Flagged' } as const;

  it('speaks IMAP4rev2, with UTF-8 in names and headers, and compresses', async () => {
    const client = await trial.login();
    expect(client.isEnabled('IMAP4rev2')).toBe(true);
    expect(client.isEnabled('UTF8=ACCEPT')).toBe(true);
    expect(client.isCompressed).toBe(true);
    await client.create('日本語/Grüße');
    expect((await client.list({ patterns: ['日本語/*'] })).map(({ name }) => name.text)).toEqual(['日本語/Grüße']);
    const body = utf8Bytes('Subject: Grüße\r\n\r\n日本語\r\n');
    await client.append('日本語/Grüße', { body });
    const mailbox = await client.select('日本語/Grüße');
    for await (const message of mailbox.fetch('1', { envelope: true, body: true })) {
      expect(message.envelope.subject).toBe('Grüße');
      expect(await message.body.bytes()).toEqual(body);
    }
  });

  it('lets in by a token (OAUTHBEARER, XOAUTH2)', async () => {
    for (const mechanism of ['OAUTHBEARER', 'XOAUTH2']) {
      const auth = { user: 'alice', accessToken: 'token-of-alice', mechanisms: [mechanism] };
      await (await trial.login({ auth })).noop();
      const refused = trial.login({ auth: { ...auth, accessToken: 'stale' } });
      await expect(refused).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    }
  });

  it('keeps a search up to date (CONTEXT=SEARCH)', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Followed', ['a', 'b', 'c']);
    await mailbox.store('2', 'add', ['\\Flagged']);
    const updates: unknown[] = [];
    for await (const update of mailbox.follow(flagged)) {
      updates.push(update.type === 'stale' ? 'stale' : [update.type, formatSet(update.uids)]);
      if (updates.length === 1) await mailbox.store('3', 'add', ['\\Flagged']);
      else if (updates.length === 2) await mailbox.store('2', 'remove', ['\\Flagged']);
      else break;
      await client.noop();
    }
    expect(updates).toEqual([
      ['found', '2'],
      ['added', '3'],
      ['removed', '2'],
    ]);
  });

  it('keeps a sort up to date (CONTEXT=SORT)', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'FollowedSorted', ['c', 'a', 'b', 'aa']);
    await mailbox.store('1:2', 'add', ['\\Flagged']);
    let sorted: number[] = [];
    const seen: number[][] = [];
    for await (const update of mailbox.followSorted(['SUBJECT'], flagged)) {
      if (update.type === 'stale') break;
      if (update.type === 'found') sorted = [...update.uids];
      else if (update.type === 'added') sorted.splice(update.index, 0, ...update.uids);
      else sorted.splice(update.index, update.uids.length);
      seen.push([...sorted]);
      if (seen.length === 1) await mailbox.store('4', 'add', ['\\Flagged']);
      else if (seen.length === 2) await mailbox.store('1', 'remove', ['\\Flagged']);
      else if (seen.length === 3) {
        await mailbox.store('2', 'add', ['\\Deleted']);
        await mailbox.expunge('2');
      } else break;
      // A search meanwhile takes nothing away.
      await mailbox.search(flagged);
      await client.noop();
    }
    expect(seen).toEqual([[2, 1], [2, 4, 1], [2, 4], [4]]);
    expect(await mailbox.sort(['SUBJECT'], flagged)).toEqual([4]);
  });

  it('searches several mailboxes at once (MULTISEARCH)', async () => {
    const client = await trial.login();
    for (const [name, uids] of [
      ['Multi', '1'],
      ['Multi/One', '2:3'],
      ['Multi/Two', '1'],
    ] as const)
      await (await trial.filled(client, name, ['a', 'b', 'c'])).store(uids, 'add', ['\\Flagged']);
    const top = (await client.list()).find(({ name }) => name.text === 'Multi')!;
    const subtree = { type: 'subtree', mailboxes: [top.name] } as const;
    const found = await client.search([subtree], flagged, { all: true, count: true });
    const rows = found.map(({ mailbox, answer }) => [mailbox.text, formatSet(answer.all), answer.count]);
    expect(rows.toSorted()).toEqual([
      ['Multi', '1', 1],
      ['Multi/One', '2:3', 2],
      ['Multi/Two', '1', 1],
    ]);
  });

  it('names messages by UID alone (UIDONLY)', async () => {
    const client = await trial.login({ enable: ['IMAP4rev2', 'UIDONLY', 'QRESYNC'] });
    expect(client.isEnabled('UIDONLY')).toBe(true);
    const mailbox = await trial.filled(client, 'UIDs', ['a', 'b', 'c', 'd']);
    await mailbox.store('1', 'add', ['\\Deleted']);
    expect(formatSet((await mailbox.expunge('1')).vanished)).toBe('1');
    const seen: Uid[] = [];
    for await (const message of mailbox.fetch('1:*', { flags: true })) seen.push(message.uid);
    expect(seen).toEqual([2, 3, 4]);
    expect(mailbox.exists).toBe(3);
    expect(formatSet(await mailbox.search({ type: 'all' }))).toBe('2:4');
    expect(await mailbox.move('4', 'INBOX')).toMatchObject({ isExpunged: true });
    expect((await told(mailbox)).rows).toEqual(['new 2', 'new 3']);
  });

  it('puts one message in the place of another (REPLACE)', async () => {
    const client = await trial.login();
    await client.create('Elsewhere');
    const mailbox = await trial.filled(client, 'Replaced', ['a', 'b']);
    const { appended, isExpunged } = await mailbox.replace(uid(1), { body: numbered('new', 5) });
    expect([appended?.uid, isExpunged]).toEqual([3, true]);
    expect(formatSet(await mailbox.uids())).toBe('2:3');
    await mailbox.replace(uid(2), { body: numbered('moved', 6) }, { to: 'Elsewhere' });
    expect(formatSet(await mailbox.uids())).toBe('3');
    expect(await client.status('Elsewhere', ['MESSAGES'])).toEqual({ messages: 1 });
  });

  it('puts a message together of what it has (CATENATE)', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Catenated', ['a']);
    const url = `/Catenated;UIDVALIDITY=${mailbox.uidValidity}/;UID=1/;SECTION=TEXT`;
    const parts = [{ body: utf8Bytes('Subject: c\r\n\r\n') }, { url }, { body: utf8Bytes('end\r\n') }];
    const place = await client.append(mailbox.name, { parts });
    await mailbox.check();
    for await (const { body } of mailbox.fetch(`${place!.uid}`, { body: true }))
      expect(new TextDecoder().decode(await body.bytes())).toBe('Subject: c\r\n\r\nGr=C3=BC=C3=9Fe\r\nend\r\n');
    const bad = client.append(mailbox.name, { parts: [{ url: url.replace('UID=1', 'UID=9') }] });
    await expect(bad).rejects.toMatchObject({ code: 'IMAP_NO', responseCode: { type: 'badUrl' } });
    await client.noop();
  });

  it('gives windows of searches and fetches (PARTIAL)', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Windows', ['a', 'b', 'c', 'd', 'e']);
    await mailbox.store('2', 'add', ['\\Deleted']);
    await mailbox.expunge('2');
    const window = async (first: number, last: number): Promise<string> =>
      formatSet((await mailbox.searchFor({ type: 'all' }, { partial: { first, last } })).partial);
    expect([await window(1, 2), await window(-1, -2), await window(9, 10)]).toEqual(['1,3', '4:5', '']);
    const uids: number[] = [];
    const partial = { first: -1, last: -2 };
    for await (const message of mailbox.fetch('1:*', { flags: true }, { partial })) uids.push(message.uid);
    expect(uids).toEqual([4, 5]);
  });

  it('gives windows of sorts (CONTEXT=SORT)', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Sorted', ['d', 'b', 'c', 'a']);
    const bySubject = async (first: number, last: number): Promise<readonly number[]> =>
      (await mailbox.sortFor(['SUBJECT'], { type: 'all' }, { partial: { first, last } })).partial;
    expect([await bySubject(2, 3), await bySubject(-1, -2), await bySubject(9, 12)]).toEqual([[2, 3], [3, 1], []]);
    const question = { min: true, max: true, count: true } as const;
    expect(await mailbox.sortFor(['SUBJECT'], { type: 'all' }, question)).toEqual({ min: 4, max: 1, count: 4 });
  });

  it('saves what was found (SEARCHRES)', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Saved', ['a', 'b', 'c']);
    await mailbox.store('2:3', 'add', ['\\Flagged']);
    await mailbox.searchFor(flagged, { save: true });
    await mailbox.store('$', 'add', ['\\Answered']);
    expect(formatSet(await mailbox.search({ type: 'flag', flag: '\\Answered' }))).toBe('2:3');
    await mailbox.move('$', 'INBOX');
    expect([...ids(await mailbox.uids())]).toEqual([1]);
  });

  it('tells what happens elsewhere (NOTIFY)', async () => {
    const [client, other] = [await trial.login(), await trial.login()];
    await client.create('Noisy');
    const changes: unknown[] = [];
    for await (const change of client.watch({ tellStatus: true })) {
      if (change.type === 'status' && change.mailbox.text === 'Noisy') {
        changes.push(['Noisy', change.status.messages]);
        if (changes.length === 1) await other.append('Noisy', { body: numbered('x', 1) });
        if (changes.length === 2) await other.rename('Noisy', 'Quiet');
      } else if (change.type === 'mailbox' && changes.length > 0) {
        changes.push([change.oldName?.text, change.mailbox.name.text]);
        break;
      }
    }
    expect(changes).toEqual([
      ['Noisy', 0],
      ['Noisy', 1],
      ['Noisy', 'Quiet'],
    ]);
  });

  it('names messages for good, previews them, and tells when they were saved', async () => {
    const client = await trial.login();
    const mailbox = await trial.filled(client, 'Named', ['a', 'b']);
    expect(mailbox.mailboxId).toBe((await client.status('Named', ['MAILBOXID'])).mailboxId);
    const query = { emailId: true, threadId: true, saveDate: true, preview: true, modSeq: true } as const;
    for await (const message of mailbox.fetch('1:*', query)) {
      expect(message.preview).toBe('Grüße');
      expect(message.saveDate?.epochSeconds).toBeGreaterThan(1_700_000_000);
      const found = await mailbox.search({ type: 'emailId', id: message.emailId });
      expect(formatSet(found)).toBe(String(message.uid));
    }
    expect(formatSet(await mailbox.search({ type: 'age', compare: 'younger', seconds: 3_600 }))).toBe('1:2');
  });

  it('lists with rights, notes and figures in one round trip', async () => {
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
    const modSeq = mailbox.highestModSeq!;
    await mailbox.store('2', 'add', ['\\Flagged']);
    await mailbox.store('1', 'add', ['\\Deleted']);
    await mailbox.expunge('1');
    const { resync } = await client.select('Resynced', { resync: { uidValidity: mailbox.uidValidity, modSeq } });
    expect(formatSet(resync!.vanished)).toBe('1');
    expect(resync!.changed.map((each) => each.uid)).toEqual([2]);
  });

  it('lets somebody else in on the same connection (UNAUTHENTICATE)', async () => {
    const client = await trial.login({ compress: false });
    await client.select('INBOX');
    await client.reauthenticate({ user: 'alice', password: 'correct horse' });
    expect((await client.list()).length).toBeGreaterThan(0);
  });
});
