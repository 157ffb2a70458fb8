import { emptySet, setOf } from '@posthorn/message-set';
import { expectEqual, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, appendMails, EVERY, gist, mail, newMessage, readBytes, uidsIn } from '../mail.ts';

export const expungeSection: Section = (test, { bulkMessages }) => {
  test('removes the messages it is given and no other', async ({ inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b', 'c', 'd');
    await inbox.store(EVERY, 'add', ['\\Deleted']);
    const { expunged, highestModSeq } = await inbox.expunge(setOf([uids[1]!, uids[3]!]));
    expectEqual(expunged, setOf([uids[1]!, uids[3]!]), 'UIDs expunged');
    expectEqual(await uidsIn(inbox), [uids[0], uids[2]], 'UIDs left');
    expectEqual(await readBytes(inbox, uids[2]!), mail('c'), 'a message that is left');
    expectEqual((await inbox.changes(undefined)).highestModSeq, highestModSeq, 'the highest mod-sequence');
  });

  test('onlyDeleted leaves what is not marked', async ({ inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b', 'c');
    await inbox.store(setOf([uids[0]!, uids[2]!]), 'add', ['\\Deleted']);
    const { expunged } = await inbox.expunge(setOf([uids[0]!, uids[1]!]), { onlyDeleted: true });
    expectEqual(expunged, setOf([uids[0]!]), 'UIDs expunged');
    expectEqual(await uidsIn(inbox), [uids[1], uids[2]], 'UIDs left');
  });

  test('UIDs that do not exist are ignored', async ({ inbox }) => {
    const message = await appendMail(inbox, 'a');
    expectEqual((await inbox.expunge(EVERY)).expunged, setOf([message]), 'UIDs expunged');
    expectEqual((await inbox.expunge(EVERY)).expunged, emptySet(), 'UIDs expunged from an empty mailbox');
    expectEqual((await inbox.expunge(emptySet())).expunged, emptySet(), 'UIDs expunged by an empty set');
  });

  test('an expunge of nothing is no change', async ({ inbox }) => {
    await appendMail(inbox, 'a');
    const { cursor } = await inbox.changes(undefined);
    await inbox.expunge(EVERY, { onlyDeleted: true });
    expectEqual(gist(await inbox.changes(cursor)), { complete: true, added: [], changed: [], vanished: [] }, 'changes');
  });

  test('the answer names what is gone before anybody else can see it gone (P12, P13)', async ({ account, inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b');
    const { cursor } = await inbox.changes(undefined);
    const { expunged } = await inbox.expunge(setOf([uids[0]!]));
    const page = await inbox.changes(cursor);
    expectEqual(page.vanished, expunged, 'the UIDs that vanished');
    expectEqual((await account.status(['INBOX'])).messages, 1, 'messages left');
  });

  test('vanishedSince, where there is one, knows what was expunged after a mod-sequence', async ({ inbox }) => {
    if (inbox.vanishedSince === undefined) return;
    const uids = await appendMails(inbox, 'a', 'b', 'c', 'd');
    const start = (await inbox.changes(undefined)).highestModSeq;
    expectEqual(await inbox.vanishedSince(start, EVERY), emptySet(), 'UIDs expunged before anything was');
    const { highestModSeq } = await inbox.expunge(setOf([uids[0]!, uids[2]!]));
    await inbox.expunge(setOf([uids[1]!]));
    const some = setOf([uids[0]!, uids[1]!, uids[3]!]);
    expectEqual(
      await inbox.vanishedSince(start, some),
      setOf([uids[0]!, uids[1]!]),
      'UIDs of a set that were expunged',
    );
    expectEqual(await inbox.vanishedSince(highestModSeq, EVERY), setOf([uids[1]!]), 'UIDs expunged later');
  });

  test('large sets are no different from small ones (D14, D20)', async ({ account, inbox }) => {
    await account.create(['Bulk']);
    const bulk = await account.mailbox(['Bulk']);
    const uids: number[] = [];
    for (let start = 0; start < bulkMessages; start += 500) {
      const size = Math.min(500, bulkMessages - start);
      uids.push(...(await inbox.append(Array.from({ length: size }, () => newMessage(mail('bulk'))))).uids);
    }
    const { stored } = await inbox.store(EVERY, 'add', ['\\Seen']);
    expectEqual(stored.length, bulkMessages, 'messages stored');
    const { to } = await account.transfer(['INBOX'], EVERY, ['Bulk'], 'copy');
    expectThat(
      to.length === bulkMessages && to.every((each, index) => index === 0 || each > to[index - 1]!),
      'all were copied in order',
    );
    await inbox.expunge(setOf((await uidsIn(inbox)).filter((each) => each % 2 === 0)));
    expectEqual(
      await uidsIn(inbox),
      uids.filter((each) => each % 2 === 1),
      'UIDs left after expunging every other message',
    );
    expectEqual((await bulk.expunge(EVERY)).expunged, setOf(to), 'UIDs expunged from the copy');
  });
};
