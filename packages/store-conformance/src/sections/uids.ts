import { MAX_ID, type NewMessage, StoreError, type Uid, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expectEqual, expectRefusal, expectThat, rejectionOf } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, appendMails, EVERY, mail, readBytes, uidsIn } from '../mail.ts';

export const uidSection: Section = (test) => {
  test('UIDs ascend, from uidNext on', async ({ account, inbox }) => {
    const { uidNext } = await account.status(['INBOX']);
    const uids = [...(await appendMails(inbox, 'a', 'b', 'c')), await appendMail(inbox, 'd')];
    expectThat(uids[0]! >= uidNext, 'the first UID is not below the uidNext announced');
    expectAscending(uids);
    expectThat((await account.status(['INBOX'])).uidNext > uids[3]!, 'uidNext is above every UID');
    expectEqual(await uidsIn(inbox), uids, 'the UIDs in the mailbox');
  });

  test('the UIDs of a batch are in its order', async ({ inbox }) => {
    const subjects = Array.from({ length: 20 }, (_, index) => `subject-${index}`);
    const uids = await appendMails(inbox, ...subjects);
    for (const [index, subject] of subjects.entries()) {
      expectEqual(await readBytes(inbox, uids[index]!), mail(subject), `the message of UID ${uids[index]}`);
    }
  });

  test('an expunged UID is never used again, not even the highest (P3)', async ({ inbox }) => {
    const used: Uid[] = [];
    for (let round = 0; round < 5; round++) {
      used.push(await appendMail(inbox, `round-${round}`));
      await inbox.expunge(setOf([used.at(-1)!]));
    }
    expectAscending(used);
  });

  test('an expunged UID is not used again after the account was closed (D3, P3)', async ({
    account,
    inbox,
    another,
  }) => {
    const [kept, gone] = await appendMails(inbox, 'kept', 'gone');
    await inbox.expunge(setOf([gone!]));
    const { uidNext } = await account.status(['INBOX']);
    await account.close();
    const mailbox = await (await another()).mailbox(['INBOX']);
    expectEqual(await uidsIn(mailbox), [kept], 'the UIDs after opening again');
    const next = await appendMail(mailbox, 'next');
    expectThat(next > gone! && next >= uidNext, `UID ${next} is above ${gone}, which was expunged`);
  });

  test('uidNext never falls', async ({ account, inbox }) => {
    await appendMails(inbox, 'a', 'b');
    const before = await account.status(['INBOX']);
    await inbox.expunge(EVERY);
    expectThat((await account.status(['INBOX'])).uidNext >= before.uidNext, 'uidNext is not lower after an expunge');
  });

  test('a message may bring its UID, for mirrors', async ({ account, inbox }) => {
    const { uids } = await inbox.append([mirrored('a', 7), mirrored('b', 100)]);
    expectEqual(uids, [7, 100], 'the UIDs given');
    expectThat((await account.status(['INBOX'])).uidNext >= 101, 'uidNext is above the UIDs given');
    expectThat((await appendMail(inbox, 'c')) >= 101, 'the next UID is above the UIDs given');
    expectEqual(await readBytes(inbox, uid(7)), mail('a'), 'the message of UID 7');
  });

  test('a message with a UID and one without go together', async ({ inbox }) => {
    const { uids } = await inbox.append([mirrored('a', 10), { body: [mail('b')] }, mirrored('c', 20)]);
    expectEqual([uids[0], uids[2]], [10, 20], 'the UIDs given');
    expectThat(uids[1]! > 10 && uids[1]! < 20, 'the UID between them lies between them');
  });

  test('a UID below uidNext is refused, and the whole batch with it', async ({ inbox }) => {
    const [first] = await appendMails(inbox, 'a', 'b');
    for (const batch of [
      [mirrored('taken', first!)],
      [mirrored('free', 50), mirrored('lower', 49)],
      [mirrored('free', 50), mirrored('same', 50)],
    ]) {
      await expectRefusal(inbox.append(batch), 'STORE_UID_TAKEN', 'a UID below uidNext');
    }
    expectEqual((await uidsIn(inbox)).length, 2, 'messages after the refusals');
  });

  test('the UID of an expunged message is refused too', async ({ inbox }) => {
    const message = await appendMail(inbox, 'gone');
    await inbox.expunge(EVERY);
    await expectRefusal(
      inbox.append([mirrored('again', message)]),
      'STORE_UID_TAKEN',
      'the UID of an expunged message',
    );
  });

  test('the last UID can be used, and then no other (P16)', async ({ account, inbox }) => {
    await inbox.append([mirrored('last', MAX_ID)]);
    expectEqual((await account.status(['INBOX'])).uidNext, 2 ** 32, 'uidNext when no UID is left');
    expectThat(StoreError.is(await rejectionOf(appendMail(inbox, 'more'), 'appending')), 'the refusal is a StoreError');
    expectEqual(await uidsIn(inbox), [MAX_ID], 'the UIDs in the mailbox');
    expectEqual(await readBytes(inbox, uid(MAX_ID)), mail('last'), 'the message of the last UID');
  });
};

function mirrored(subject: string, id: number): NewMessage {
  return { body: [mail(subject)], uid: uid(id) };
}

function expectAscending(uids: readonly Uid[]): void {
  expectThat(
    uids.every((each, index) => index === 0 || each > uids[index - 1]!),
    `the UIDs ${uids.join(', ')} ascend`,
  );
}
