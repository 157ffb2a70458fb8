import { uid, utf8Bytes } from '@posthorn/core';
import { emptySet, rangeSet, setOf } from '@posthorn/message-set';
import { expectEqual, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import { all, appendMail, appendMails, EVERY, mail, newMessage } from '../mail.ts';

const MULTIPART = utf8Bytes(
  [
    'From: Ada <ada@example.org>',
    'To: bob@example.org, carol@example.org',
    'Subject: two parts',
    'Date: Sat, 21 Nov 2026 08:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=edge',
    '',
    '--edge',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'Hello.',
    '--edge',
    'Content-Type: application/octet-stream',
    'Content-Transfer-Encoding: base64',
    '',
    'AAEC',
    '--edge--',
    '',
  ].join('\r\n'),
);

export const metadataSection: Section = (test) => {
  test('messages come in ascending order of UID (P25)', async ({ inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b', 'c', 'd');
    const chosen = setOf([uids[3]!, uids[0]!, uids[2]!]);
    const rows = await all(inbox.scan(chosen, ['size']));
    expectEqual(
      rows.map((row) => row.uid),
      [uids[0], uids[2], uids[3]],
      'the messages',
    );
  });

  test('UIDLs, where messages brought any, are of one message each, and stay (P20)', async ({ inbox, another }) => {
    await appendMails(inbox, 'a', 'b', 'a');
    const found = await all(inbox.scan(EVERY, ['pop3UniqueId']));
    const ids = found.flatMap(({ pop3UniqueId }) => (pop3UniqueId === undefined ? [] : [pop3UniqueId]));
    expectEqual(new Set(ids).size, ids.length, 'distinct UIDLs');
    for (const id of ids) expectThat(/^[!-~]{1,70}$/.test(id), `${id} has the form of a UIDL`);
    await inbox.store(EVERY, 'add', ['\\Seen']);
    const again = await all((await (await another()).mailbox(['INBOX'])).scan(EVERY, ['pop3UniqueId']));
    expectEqual(
      again.map(({ uid: each, pop3UniqueId }) => [each, pop3UniqueId]),
      found.map(({ uid: each, pop3UniqueId }) => [each, pop3UniqueId]),
      'the UIDLs later',
    );
  });

  test('the References field is there without being in the envelope', async ({ inbox }) => {
    const plain = utf8Bytes('Subject: plain\r\n\r\n');
    const folded = utf8Bytes(
      'Subject: answer\r\nReferences: <a@example.org>\r\n <b@example.org>\r\nReferences: <c@example.org>\r\n\r\nText.\r\n',
    );
    const { uids } = await inbox.append([newMessage(plain), newMessage(folded)]);
    for (let round = 0; round < 2; round++) {
      const rows = await all(inbox.scan(setOf(uids), ['references']));
      expectEqual(
        rows.map((row) => row.references),
        [undefined, '<a@example.org> <b@example.org>'],
        'the first References field of each',
      );
    }
    const [row] = await all(inbox.scan(setOf([uids[1]!]), ['bodyStructure', 'references']));
    expectEqual(row?.references, '<a@example.org> <b@example.org>', 'the field beside the structure');
    expectEqual(row?.bodyStructure.type, 'text', 'the structure');
  });

  test('UIDs that do not exist are passed over', async ({ inbox }) => {
    const [first, gone, last] = await appendMails(inbox, 'a', 'b', 'c');
    await inbox.expunge(setOf([gone!]));
    expectEqual(
      (await all(inbox.scan(EVERY, []))).map((row) => row.uid),
      [first, last],
      'the messages',
    );
    expectEqual(await all(inbox.scan(emptySet(), ['flags'])), [], 'the messages of an empty set');
    expectEqual(
      await all(inbox.scan(rangeSet(uid(1_000_000), uid(2_000_000)), ['flags'])),
      [],
      'messages that never were',
    );
  });

  test('every field that was asked for is there', async ({ inbox }) => {
    const { uids } = await inbox.append([
      newMessage(MULTIPART, ['\\Seen'], { epochSeconds: 1_700_000_000, offsetMinutes: 0 }),
    ]);
    const fields = [
      'flags',
      'internalDate',
      'size',
      'envelope',
      'bodyStructure',
      'emailId',
      'threadId',
      'saveDate',
    ] as const;
    const [row] = await all(inbox.scan(setOf(uids), fields));
    expectEqual(row?.flags, ['\\Seen'], 'the flags');
    expectEqual(row?.internalDate, { epochSeconds: 1_700_000_000, offsetMinutes: 0 }, 'the date');
    expectEqual(row?.size, MULTIPART.length, 'the size');
    expectEqual(row?.envelope.subject, 'two parts', 'the subject');
    expectEqual(row?.envelope.from, [{ name: 'Ada', route: null, mailbox: 'ada', host: 'example.org' }], 'the sender');
    expectEqual(
      row?.envelope.to.map((address) => address.mailbox),
      ['bob', 'carol'],
      'the recipients',
    );
    const body = row?.bodyStructure;
    expectThat(body?.type === 'multipart' && body.parts.length === 2, 'the body has two parts');
    expectEqual(
      body.parts.map((part) => (part.type === 'multipart' ? 0 : part.size)),
      [6, 4],
      'the sizes of the parts',
    );
    expectThat(row!.modSeq > 0n, 'the mod-sequence is not 0');
  });

  test('envelope and structure of broken mail are defined', async ({ inbox }) => {
    const samples = [
      new Uint8Array(0),
      Uint8Array.of(0, 255, 10),
      utf8Bytes('no header at all'),
      utf8Bytes('\r\n\r\n'),
    ];
    await inbox.append(samples.map((sample) => newMessage(sample)));
    const rows = await all(inbox.scan(EVERY, ['envelope', 'bodyStructure', 'size']));
    expectEqual(
      rows.map((row) => row.size),
      samples.map((sample) => sample.length),
      'the sizes',
    );
    expectEqual(
      rows.map((row) => row.envelope.subject),
      [null, null, null, null],
      'the subjects',
    );
  });

  test('what a message is never changes (P14)', async ({ inbox, another }) => {
    const message = await appendMail(inbox, 'constant');
    const fields = ['envelope', 'bodyStructure', 'size', 'internalDate', 'emailId'] as const;
    const before = await all(inbox.scan(setOf([message]), fields));
    await inbox.store(EVERY, 'add', ['\\Seen', '$Label1']);
    const { modSeq: _before, ...constant } = before[0]!;
    const [after] = await all((await (await another()).mailbox(['INBOX'])).scan(setOf([message]), fields));
    const { modSeq: _after, ...again } = after!;
    expectEqual(again, constant, 'the metadata after a change of flags');
    expectEqual(after?.size, mail('constant').length, 'the size');
  });

  test('a scan that is left early lets others go on', async ({ inbox }) => {
    await appendMails(inbox, 'a', 'b', 'c');
    for await (const row of inbox.scan(EVERY, ['flags'])) {
      expectThat(row.uid > 0, 'there is a first message');
      break;
    }
    await appendMail(inbox, 'd');
    expectEqual((await all(inbox.scan(EVERY, []))).length, 4, 'messages');
  });

  test('changes in the middle of a scan do not disturb it', async ({ inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b', 'c');
    const seen: number[] = [];
    for await (const row of inbox.scan(EVERY, ['flags', 'envelope'])) {
      if (seen.length === 0) {
        await inbox.expunge(setOf([uids[0]!]));
        await appendMail(inbox, 'd');
      }
      seen.push(row.uid);
    }
    expectThat(seen.includes(uids[1]!) && seen.includes(uids[2]!), 'messages that stayed were all seen');
    expectThat(
      seen.every((each, index) => index === 0 || each > seen[index - 1]!),
      'UIDs ascend',
    );
  });
};
