import { uid, utf8Bytes } from '@posthorn/core';
import { FETCH_FULL, ServerRefusedError } from '@posthorn/imap-client';
import { formatSet, ids } from '@posthorn/message-set';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ImapTrial, numbered, startTrial, told } from './imap-session.ts';
import type { PrivateServer, PrivateServerOptions } from './server.ts';

/** A server of IMAP to try our client on. */
export interface ImapSubject {
  readonly name: string;
  readonly start: (options: PrivateServerOptions) => Promise<PrivateServer>;
  readonly mechanisms: readonly string[];
  /** Whether it ends the last line of a message that has no end. */
  readonly endsLastLine: boolean;
  /** Who may change quotas, with the same password. */
  readonly administrator?: string;
}

/** Two parts, octets above 127, and a file. */
const MIXED = [
  'Date: Sun, 6 Jan 2030 10:00:00 +0000',
  'From: "F. Red" <fred@example.com>',
  'To: alice@example.org, Undisclosed:;',
  'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  'Grüße',
  '--b',
  'Content-Type: application/octet-stream; name="a \\" b"',
  'Content-Disposition: attachment; filename=x.bin',
  'Content-Transfer-Encoding: base64',
  '',
  'AAECAw==',
  '--b--',
  '',
].join('\r\n');

/** Tries on a server what the client of IMAP does on every server. */
export function tryImap({ name, start, mechanisms, endsLastLine, administrator }: ImapSubject, isThere: boolean): void {
  describe.skipIf(!isThere)(`the client and ${name}`, () => {
    let trial: ImapTrial;
    const text = (octets: Uint8Array | null | undefined): string | undefined =>
      octets ? new TextDecoder().decode(octets) : undefined;

    beforeAll(async () => {
      trial = await startTrial(start);
    }, 120_000);
    afterEach(() => trial.leave());
    afterAll(() => trial?.stop());

    it.each(mechanisms)('logs in by %s', async (mechanism) => {
      for (const security of ['tls', 'starttls', 'none'] as const) {
        const auth = { user: 'alice', password: 'correct horse', mechanisms: [mechanism] };
        const client = await trial.login({ security, auth });
        expect(client.security).toBe(security === 'none' ? 'none' : 'tls');
        await client.noop();
      }
    });

    it('is refused with the wrong password', async () => {
      await expect(trial.login({ auth: { user: 'alice', password: 'wrong' } })).rejects.toMatchObject({
        code: 'AUTH_REFUSED',
      });
    });

    it('makes, lists, subscribes to, renames and deletes mailboxes', async () => {
      const client = await trial.login();
      const [drafts, below, other] = await Promise.all([
        trial.named(client, 'Entwürfe & Co'),
        trial.named(client, 'Entwürfe & Co', "b +c's #1"),
        trial.named(client, '日本語'),
      ]);
      await client.create(drafts);
      await client.create(below);
      await client.subscribe(drafts);
      const listed = await client.list({ statusItems: ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN'] });
      const found = listed.find((mailbox) => mailbox.name.text === drafts);
      expect(found).toMatchObject({ isSelectable: true, status: { messages: 0, uidNext: 1, unseen: 0 } });
      expect(listed.some((mailbox) => mailbox.name.text === below)).toBe(true);
      const subscribed = async (): Promise<readonly string[]> =>
        (await client.list({ subscribedOnly: true })).map((mailbox) => mailbox.name.text);
      expect(await subscribed()).toContain(drafts);
      await client.unsubscribe(drafts);
      expect(await subscribed()).not.toContain(drafts);
      await client.rename(below, other);
      expect(await client.status(other, ['MESSAGES', 'RECENT'])).toMatchObject({ messages: 0, recent: 0 });
      await expect(client.status(below, ['MESSAGES'])).rejects.toBeInstanceOf(ServerRefusedError);
      await client.delete(other);
      await client.delete(found!);
      expect((await client.list()).map((mailbox) => mailbox.name.text)).not.toContain(drafts);
    });

    it('appends from nothing to a megabyte, and reads it back octet by octet', async () => {
      const client = await trial.login();
      const mailbox = await trial.named(client, 'Appended');
      await client.create(mailbox);
      const big = `X: y\r\n\r\n${`${'a'.repeat(78)}\r\n`.repeat(13_107)}`;
      const texts = ['A: b\r\n\r\n', 'A: b\r\n\r\nx', 'A: b\r\n\r\n\xe9\xff\x80\r\n', big];
      const bodies = texts.map((each) => Uint8Array.from(Buffer.from(each, 'latin1')));
      for (const body of bodies) await client.append(mailbox, { body, flags: ['\\Seen', '$Label'] });
      async function* inPieces(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < bodies[3]!.length; at += 10_007) yield bodies[3]!.subarray(at, at + 10_007);
      }
      const internalDate = { epochSeconds: 1_700_000_000, offsetMinutes: 90 };
      await client.append(mailbox, { body: inPieces(), size: bodies[3]!.length, internalDate });
      const selected = await client.select(mailbox);
      const query = { flags: true, size: true, internalDate: true, body: true } as const;
      const got: string[] = [];
      for await (const message of selected.fetch('1:*', query)) {
        const octets = await message.body.bytes();
        expect(message.size).toBe(octets.length);
        got.push(Buffer.from(octets).toString('latin1'));
        const isLast = message.sequenceNumber === bodies.length + 1;
        if (isLast) expect(message.internalDate.epochSeconds).toBe(internalDate.epochSeconds);
        else expect(message.flags).toEqual(expect.arrayContaining(['\\Seen', '$Label']));
      }
      const kept = texts.map((each) => (endsLastLine && !each.endsWith('\r\n') ? `${each}\r\n` : each));
      expect(got.map((each, index) => each === [...kept, big][index])).toEqual([true, true, true, true, true]);
      // Nothing at all may be refused, but leaves the connection usable.
      const empty = await client.append(mailbox, { body: new Uint8Array() }).catch((error: unknown) => error);
      if (empty instanceof Error) expect(empty).toBeInstanceOf(ServerRefusedError);
      await selected.check();
      expect(selected.exists).toBe(bodies.length + (empty instanceof Error ? 1 : 2));
      if (!client.capabilities.has('BINARY')) return;
      const withNul = utf8Bytes('A: b\r\nContent-Transfer-Encoding: binary\r\n\r\n\0x\r\n');
      const place = await client.append(mailbox, { body: withNul });
      const decoded: (string | undefined)[] = [];
      for await (const { body } of selected.fetch(`${place!.uid}`, { body: { part: [1], decoded: true } }))
        decoded.push(text(await body?.bytes()));
      expect(decoded).toEqual(['\0x\r\n']);
    });

    it('fetches structures, sections and windows', async () => {
      const client = await trial.login();
      const mailbox = await trial.filled(client, 'Parts', ['one', 'two']);
      await client.append(mailbox.name, { body: utf8Bytes(MIXED) });
      await mailbox.check();
      const sections = {
        subject: { text: 'HEADER.FIELDS', fields: ['Subject'] },
        others: { text: 'HEADER.FIELDS.NOT', fields: ['Date', 'From', 'To', 'MIME-Version', 'Content-Type'] },
        window: { part: [1], partial: { offset: 2, length: 4 } },
        behind: { part: [1], partial: { offset: 1000, length: 4 } },
        mime: { part: [2], text: 'MIME' },
        file: { part: [2] },
        none: { part: [7] },
      } as const;
      const subject = 'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n';
      const rows: unknown[] = [];
      for await (const message of mailbox.fetch(
        { sequenceNumbers: '3' },
        { ...FETCH_FULL, bodyStructure: true, sections },
      )) {
        const { envelope, bodyStructure } = message;
        rows.push([envelope.subject, envelope.from?.[0]?.name, bodyStructure.type]);
        const { none, ...there } = message.sections;
        rows.push(Object.fromEntries(Object.entries(there).map(([key, octets]) => [key, text(octets) ?? ''])));
        expect(text(none) ?? '').toBe('');
      }
      expect(rows).toMatchObject([
        [expect.any(String), 'F. Red', 'multipart'],
        { subject, others: subject, behind: '', file: expect.stringMatching(/^AAECAw==/) },
      ]);
      const decoded: unknown[] = [];
      for await (const chunk of mailbox.readPart(uid(3), { part: [2], body: { encoding: 'base64' } }))
        decoded.push(...chunk);
      expect(decoded).toEqual([0, 1, 2, 3]);
      expect(await mailbox.readText(uid(3))).toMatchObject({ text: expect.stringContaining('Grüße') });
      const previews: unknown[] = [];
      for await (const { preview } of mailbox.previews('1:3')) previews.push(preview);
      expect(previews).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('Grüße')));
      expect(await mailbox.totalSize()).toBe(
        numbered('one', 0).length + numbered('two', 1).length + utf8Bytes(MIXED).length,
      );
    });

    it('searches, sorts and threads', async () => {
      const client = await trial.login();
      const mailbox = await trial.filled(client, 'Ordered', ['b', 'a', 'Re: b', 'c']);
      await mailbox.store('3', 'add', ['\\Flagged']);
      await mailbox.store('2', 'add', ['\\Deleted']);
      await mailbox.expunge();
      const flagged = { type: 'flag', flag: '\\Flagged' } as const;
      const found = async (query: Parameters<typeof mailbox.search>[0]): Promise<string> =>
        formatSet(await mailbox.search(query));
      expect(await found(flagged)).toBe('3');
      expect(formatSet(await mailbox.search(flagged, { by: 'sequenceNumbers' }))).toBe('2');
      expect(await found({ type: 'not', query: flagged })).toBe('1,4');
      expect(await found({ type: 'header', name: 'Message-ID', value: '3@example.org' })).toBe('4');
      expect(await found({ type: 'text', where: 'body', value: 'Grüße' })).toBe('1,3:4');
      expect(await found({ type: 'size', compare: 'larger', octets: 10_000 })).toBe('');
      const day = { year: 2030, month: 1, day: 3 };
      expect(await found({ type: 'date', which: 'sent', compare: 'since', date: day })).toBe('3:4');
      const figures = { min: true, max: true, count: true, all: true } as const;
      expect(await mailbox.searchFor({ type: 'all' }, figures)).toMatchObject({ min: 1, max: 4, count: 3 });
      expect(await mailbox.sort([{ key: 'SUBJECT', reverse: true }, 'DATE'], { type: 'all' })).toEqual([4, 1, 3]);
      expect(await mailbox.sort(['DATE'], flagged, { by: 'sequenceNumbers' })).toEqual([2]);
      for (const algorithm of ['REFERENCES', 'ORDEREDSUBJECT']) {
        const threads = await mailbox.thread(algorithm, { type: 'all' });
        expect(threads).toMatchObject([
          { id: 1, children: [{ id: 3, children: [] }] },
          { id: 4, children: [] },
        ]);
      }
    });

    it('stores, copies, moves and expunges', async () => {
      const client = await trial.login();
      const elsewhere = await trial.named(client, 'Elsewhere');
      await client.create(elsewhere);
      const mailbox = await trial.filled(client, 'Here', ['a', 'b', 'c', 'd']);
      const { messages } = await mailbox.store({ sequenceNumbers: '1:2' }, 'add', ['$Label']);
      expect(messages.map(({ sequenceNumber, flags }) => [sequenceNumber, flags?.includes('$Label')])).toEqual([
        [1, true],
        [2, true],
      ]);
      const replaced = await mailbox.store('1', 'replace', ['\\Seen']);
      expect(replaced.messages[0]?.flags?.filter((flag) => flag !== '\\Recent')).toEqual(['\\Seen']);
      const copied = await mailbox.copy({ sequenceNumbers: '3' }, elsewhere);
      expect(copied).toMatchObject({ from: { ranges: [{ first: 3 }] }, to: { ranges: [{ first: 1 }] } });
      expect(await mailbox.move('1,4', elsewhere)).toMatchObject({ isExpunged: true });
      expect([...ids(await mailbox.uids())]).toEqual([2, 3]);
      await mailbox.store('3', 'add', ['\\Deleted'], { silent: true });
      await mailbox.expunge('3');
      const { appended } = await mailbox.replace(uid(2), { body: numbered('new', 5) });
      expect(appended?.uid).toBe(5);
      expect([...ids(await mailbox.uids())]).toEqual([5]);
      await mailbox.close();
      expect(await client.status(elsewhere, ['MESSAGES'])).toMatchObject({ messages: 3 });
    });

    it('hears of changes that others make while it waits', async () => {
      const [client, other] = [await trial.login(), await trial.login()];
      const mailbox = await trial.filled(client, 'Watched', ['a', 'b']);
      const theirs = await other.select(mailbox.name);
      const heard: string[] = [];
      const deeds = [
        () => theirs.store('2', 'add', ['\\Flagged']),
        async () => {
          await theirs.store('1', 'add', ['\\Deleted'], { silent: true });
          await theirs.expunge();
        },
      ];
      const timer = setTimeout(() => void other.append(mailbox.name, { body: numbered('c', 2) }), 300);
      for await (const change of mailbox.watch({ pollMs: 1_000, signal: AbortSignal.timeout(25_000) })) {
        const isNews = change.type === 'exists' || change.type === 'expunged' || change.type === 'vanished';
        const isFlag = change.type === 'flags' && change.flags.includes('\\Flagged');
        if (!isNews && !isFlag) continue;
        heard.push(change.type === 'vanished' ? 'expunged' : change.type);
        if (heard.includes('expunged')) break;
        void deeds.shift()?.();
      }
      clearTimeout(timer);
      expect(heard).toEqual(expect.arrayContaining(['exists', 'flags', 'expunged']));
      expect(mailbox.exists).toBe(2);
    }, 30_000);

    it.each([['QRESYNC'], ['CONDSTORE'], []])('tells what has changed since a cursor (%s)', async (...enable) => {
      const client = await trial.login({ enable });
      const other = await trial.login();
      const mailbox = await trial.filled(client, `Changing ${enable.join('')}`, ['a', 'b', 'c']);
      const first = await told(mailbox);
      expect(first.rows).toEqual(['new 1', 'new 2', 'new 3']);
      const theirs = await other.select(mailbox.name);
      await theirs.store('2', 'add', ['\\Flagged']);
      await theirs.store('1', 'add', ['\\Deleted']);
      await theirs.expunge();
      await other.append(mailbox.name, { body: numbered('d', 4) });
      await client.noop();
      const again = await client.select(mailbox.name, { readOnly: true });
      const second = await told(again, first.cursor);
      expect(second.rows.toSorted()).toEqual(['changed 2 \\Flagged', 'new 4', 'vanished 1']);
      expect((await told(again, second.cursor)).rows).toEqual([]);
    });

    it('tells rights, quotas and notes where the server keeps them', async (context) => {
      const client = await trial.login();
      const mailbox = await trial.named(client, 'Noted');
      await client.create(mailbox);
      const { capabilities } = client;
      if (!['ACL', 'QUOTA'].every((capability) => capabilities.has(capability))) context.skip();
      expect(await client.acl.mine(mailbox)).toMatch(/^(?=.*l)(?=.*r)/);
      const who = 'bob';
      await client.acl.set(mailbox, who, 'lr');
      const entries = await client.acl.get(mailbox);
      expect(
        entries
          .find(({ identifier }) => identifier === who)
          ?.rights.split('')
          .toSorted(),
      ).toEqual(['l', 'r']);
      expect((await client.acl.grantable(mailbox, who)).optional.join('')).toContain('w');
      await client.acl.delete(mailbox, who);
      expect((await client.acl.get(mailbox)).some(({ identifier }) => identifier === who)).toBe(false);
      const roots = await client.quota.of('INBOX');
      expect(roots).toMatchObject([{ root: expect.stringMatching(/./) }]);
      if (administrator !== undefined) {
        expect(roots).toMatchObject([{ resources: [{ name: 'STORAGE', limit: 1_000_000 }] }]);
        const boss = await trial.login({ auth: { user: administrator, password: 'correct horse' } });
        await boss.quota.set('user/alice', { STORAGE: 2_000_000, MESSAGE: 5_000 });
        const { resources } = await boss.quota.get('user/alice');
        expect(new Map(resources.map((each) => [each.name, each.limit]))).toEqual(
          new Map([
            ['STORAGE', 2_000_000],
            ['MESSAGE', 5_000],
          ]),
        );
      }
      if (!capabilities.has('METADATA')) return;
      await client.metadata.set(mailbox, { '/private/comment': 'Grüße\r\nvon "hier"' });
      const values = await client.metadata.get(mailbox, ['/private/comment', '/shared/comment']);
      expect(values.entries.get('/private/comment')).toBe('Grüße\r\nvon "hier"');
      await client.metadata.set(mailbox, { '/private/comment': null });
      const after = await client.metadata.get(mailbox, ['/private/comment']);
      expect(after.entries.get('/private/comment') ?? null).toBeNull();
      const noted = await trial.filled(client, 'Annotated', ['a']);
      if (!capabilities.has('ANNOTATE-EXPERIMENT-1')) return;
      const attributes = new Map([['value.priv', 'mine']]);
      await noted.storeAnnotations('1', [{ entry: '/comment', attributes }]);
      const annotations = { entries: ['/comment'], attributes: ['value.priv'] };
      for await (const message of noted.fetch('1', { annotations }))
        expect(message.annotations).toEqual([{ entry: '/comment', attributes }]);
    });
  });
}
