import type { Account, Mailbox, Uid } from '@posthorn/core';
import { emptySet, setOf } from '@posthorn/message-set';
import { expectEqual, expectRefusal, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import {
  all,
  appendMail,
  appendMails,
  EVERY,
  flagsOf,
  gist,
  mail,
  newMessage,
  readBytes,
  SOME_DATE,
  uidsIn,
} from '../mail.ts';

export const transferSection: Section = (test) => {
  for (const mode of ['copy', 'move'] as const) {
    test(`${mode} keeps octets, flags, keywords and dates (D1, P6, P10)`, async ({ account, inbox, traits }) => {
      const target = await createTarget(account);
      const bytes = mail('whole', 'a line\nwith bare LF');
      const { uids } = await inbox.append([newMessage(bytes, ['\\Seen', '$Forwarded', 'NonJunk'], SOME_DATE)]);
      const pairs = await account.transfer(['INBOX'], setOf(uids), ['Target'], mode);
      const arrived = pairs.to[0]!;
      expectEqual(await readBytes(target, arrived), bytes, 'the octets');
      expectEqual(await flagsOf(target, arrived), ['$forwarded', '\\seen', 'nonjunk'], 'the flags');
      const [meta] = await all(target.scan(setOf([arrived]), ['internalDate', 'size']));
      expectEqual(meta?.internalDate, traits.keepsZone ? SOME_DATE : { ...SOME_DATE, offsetMinutes: 0 }, 'the date');
      expectEqual(meta?.size, bytes.length, 'the size');
      expectEqual(await uidsIn(inbox), mode === 'copy' ? uids : [], 'the source');
    });

    test(`${mode} keeps the order of the source and maps by position (P15, P26)`, async ({ account, inbox }) => {
      const target = await createTarget(account);
      const uids = await appendMails(inbox, 'a', 'b', 'c', 'd');
      const chosen = [uids[3]!, uids[0]!, uids[2]!];
      const pairs = await account.transfer(['INBOX'], setOf(chosen), ['Target'], mode);
      expectEqual(pairs.uidValidity, target.uidValidity, 'the UIDVALIDITY, which is that of the target');
      expectEqual(pairs.from, [uids[0], uids[2], uids[3]], 'the UIDs in the source');
      expectEqual(pairs.to, await uidsIn(target), 'the UIDs in the target');
      for (const [index, subject] of ['a', 'c', 'd'].entries()) {
        expectEqual(await readBytes(target, pairs.to[index]!), mail(subject), `the message at ${index}`);
      }
    });

    test(`${mode} ignores UIDs that do not exist`, async ({ account, inbox }) => {
      const target = await createTarget(account);
      const uids = await appendMails(inbox, 'a', 'b');
      await inbox.expunge(setOf([uids[0]!]));
      const pairs = await account.transfer(['INBOX'], EVERY, ['Target'], mode);
      expectEqual(pairs.from, [uids[1]], 'the UIDs in the source');
      for (const nothing of [setOf([uids[0]!]), emptySet<Uid>()]) {
        const none = await account.transfer(['INBOX'], nothing, ['Target'], mode);
        expectEqual({ from: none.from, to: none.to }, { from: [], to: [] }, 'the pairs of nothing');
      }
      expectEqual((await uidsIn(target)).length, 1, 'messages in the target');
    });

    test(`${mode} to a mailbox that does not exist does nothing (D17)`, async ({ account, inbox }) => {
      const uids = await appendMails(inbox, 'a', 'b');
      const { cursor } = await inbox.changes(undefined);
      await expectRefusal(account.transfer(['INBOX'], EVERY, ['Missing'], mode), 'STORE_NONEXISTENT', 'the target');
      await expectRefusal(account.transfer(['Missing'], EVERY, ['INBOX'], mode), 'STORE_NONEXISTENT', 'the source');
      expectEqual(await uidsIn(inbox), uids, 'the source');
      expectEqual(
        gist(await inbox.changes(cursor)),
        { complete: true, added: [], changed: [], vanished: [] },
        'changes',
      );
    });

    test(`${mode} within one mailbox gives new UIDs`, async ({ account, inbox }) => {
      const uids = await appendMails(inbox, 'a', 'b');
      const pairs = await account.transfer(['INBOX'], EVERY, ['inbox'], mode);
      expectEqual(pairs.from, uids, 'the UIDs before');
      expectThat(
        pairs.to.every((each) => each > uids[1]!),
        'the UIDs after are new',
      );
      expectEqual(await uidsIn(inbox), mode === 'copy' ? [...uids, ...pairs.to] : pairs.to, 'the mailbox');
      expectEqual(await readBytes(inbox, pairs.to[1]!), mail('b'), 'the octets');
    });

    test(`${mode} is told to the readers of both mailboxes`, async ({ account, inbox }) => {
      const target = await createTarget(account);
      const uids = await appendMails(inbox, 'a', 'b');
      const before = await inbox.changes(undefined);
      const { cursor } = await target.changes(undefined);
      const { to } = await account.transfer(['INBOX'], EVERY, ['Target'], mode);
      const gone = mode === 'move' ? uids : [];
      expectEqual(
        gist(await inbox.changes(before.cursor)),
        { complete: true, added: [], changed: [], vanished: gone },
        'the source',
      );
      expectEqual(
        gist(await target.changes(cursor)),
        { complete: true, added: to, changed: [], vanished: [] },
        'the target',
      );
    });
  }

  test('keywords go by name where both mailboxes have their own (D16, P6)', async ({ account, inbox }) => {
    const target = await createTarget(account);
    await appendMail(target, 'first', ['Zebra', 'Yak', '$Forwarded']);
    await appendMail(inbox, 'other', ['Ant', 'Bee', 'Cat', 'Yak']);
    const message = await appendMail(inbox, 'chosen', ['Cat', 'Yak']);
    const { to } = await account.transfer(['INBOX'], setOf([message]), ['Target'], 'move');
    expectEqual(await flagsOf(target, to[0]!), ['cat', 'yak'], 'the flags');
  });

  test('a mailbox takes and gives messages after a move out of it (D11, P22)', async ({ account, inbox }) => {
    const target = await createTarget(account);
    await appendMail(inbox, 'first');
    const { cursor } = await inbox.changes(undefined);
    for (let round = 0; round < 3; round++) {
      await account.transfer(['INBOX'], EVERY, ['Target'], 'move');
      await appendMail(inbox, `round-${round}`);
      await inbox.store(EVERY, 'add', ['\\Seen']);
    }
    expectEqual((await uidsIn(target)).length, 3, 'messages in the target');
    const page = await inbox.changes(cursor);
    expectEqual(
      page.added.map((summary) => summary.flags),
      [['\\Seen']],
      'the message that is new',
    );
    expectEqual(
      (await inbox.expunge(EVERY)).expunged,
      setOf(page.added.map((summary) => summary.uid)),
      'UIDs expunged',
    );
  });

  test('a message moved there and back has a new UID each time', async ({ account, inbox }) => {
    await createTarget(account);
    const message = await appendMail(inbox, 'traveller');
    await account.transfer(['INBOX'], EVERY, ['Target'], 'move');
    const { to } = await account.transfer(['Target'], EVERY, ['INBOX'], 'move');
    expectThat(to[0]! > message, `UID ${to[0]} is above ${message}`);
    expectEqual(await readBytes(inbox, to[0]!), mail('traveller'), 'the octets');
  });

  test('a copy of a copy is its own message', async ({ account, inbox }) => {
    const target = await createTarget(account);
    await appendMail(inbox, 'original');
    const [first, second] = [
      (await account.transfer(['INBOX'], EVERY, ['Target'], 'copy')).to[0]!,
      (await account.transfer(['INBOX'], EVERY, ['Target'], 'copy')).to[0]!,
    ];
    await target.store(setOf([first]), 'add', ['\\Flagged']);
    await inbox.expunge(EVERY);
    await target.expunge(setOf([first]));
    expectEqual(await flagsOf(target, second), [], 'the flags of the second copy');
    expectEqual(await readBytes(target, second), mail('original'), 'the octets of the second copy');
  });

  test('the email id, when there is one, goes with the content', async ({ account, inbox }) => {
    const target = await createTarget(account);
    await appendMail(inbox, 'a');
    const [before] = await all(inbox.scan(EVERY, ['emailId']));
    await account.transfer(['INBOX'], EVERY, ['Target'], 'copy');
    const [after] = await all(target.scan(EVERY, ['emailId']));
    expectEqual(after?.emailId, before?.emailId, 'the email id of the copy');
    if (before?.emailId !== undefined) {
      expectThat(/^[A-Za-z0-9_-]{1,255}$/.test(before.emailId), 'the email id has the form of an object id (D8)');
    }
  });
};

async function createTarget(account: Account): Promise<Mailbox> {
  await account.create(['Target']);
  return account.mailbox(['Target']);
}
