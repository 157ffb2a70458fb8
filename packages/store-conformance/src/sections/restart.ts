import type { Account } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expectEqual, expectThat } from '../expect.ts';
import type { Context, Section } from '../harness.ts';
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

export const restartSection: Section = (test) => {
  test('mail, flags, dates and UIDs are all there', async (context) => {
    const { account, inbox, traits } = context;
    const { uids } = await inbox.append([
      newMessage(mail('a'), ['\\Seen', '$Label1'], SOME_DATE),
      newMessage(mail('b', 'bare\nLF')),
    ]);
    await account.create(['Archive', '2026']);
    await account.subscribe(['Archive', '2026'], true);
    const before = await account.status(['INBOX']);
    const again = await restart(context);
    if (again === undefined) return;
    const mailbox = await again.mailbox(['INBOX']);
    expectEqual(await uidsIn(mailbox), uids, 'the UIDs');
    expectEqual(await readBytes(mailbox, uids[1]!), mail('b', 'bare\nLF'), 'the octets');
    expectEqual(await flagsOf(mailbox, uids[0]!), ['$label1', '\\seen'], 'the flags');
    const [meta] = await all(mailbox.scan(setOf([uids[0]!]), ['internalDate', 'size']));
    expectEqual(meta?.internalDate, traits.keepsZone ? SOME_DATE : { ...SOME_DATE, offsetMinutes: 0 }, 'the date');
    const { uidValidity, messages, size, unseen } = await again.status(['INBOX']);
    const { uidValidity: validity } = before;
    expectEqual(
      { uidValidity, messages, size, unseen },
      { uidValidity: validity, messages: 2, size: before.size, unseen: 1 },
      'the status',
    );
    const info = (await again.list()).find(({ path }) => path.join('/') === 'Archive/2026');
    expectThat(info?.isSelectable === true && info.isSubscribed, 'the other mailbox is there, and subscribed');
  });

  test('no UID and no UIDVALIDITY is used again (D3, P2, P3)', async (context) => {
    const { account, inbox } = context;
    const [, , last] = await appendMails(inbox, 'a', 'b', 'c');
    await inbox.expunge(setOf([last!]));
    await account.create(['Gone']);
    const { uidValidity } = await account.status(['Gone']);
    await account.delete(['Gone']);
    const again = await restart(context);
    if (again === undefined) return;
    expectThat(
      (await appendMail(await again.mailbox(['INBOX']), 'd')) > last!,
      'the next UID is above the expunged one',
    );
    await again.create(['Gone']);
    expectThat((await again.status(['Gone'])).uidValidity > uidValidity, 'UIDVALIDITY grew');
  });

  test('a cursor tells what happened, or that this is not known (P17)', async (context) => {
    const { inbox, traits } = context;
    const uids = await appendMails(inbox, 'a', 'b', 'c');
    const { cursor, highestModSeq } = await inbox.changes(undefined);
    await inbox.store(setOf([uids[0]!]), 'add', ['\\Seen']);
    await inbox.expunge(setOf([uids[1]!]));
    const again = await restart(context);
    if (again === undefined) return;
    const mailbox = await again.mailbox(['INBOX']);
    const added = await appendMail(mailbox, 'd');
    const page = await mailbox.changes(cursor);
    expectThat(page.complete || !traits.durableModSeq, 'the history is known when mod-sequences are durable');
    expectThat(page.highestModSeq > highestModSeq, 'mod-sequences went on');
    const expected = page.complete
      ? { complete: true, added: [added], changed: [uids[0]], vanished: [uids[1]] }
      : { complete: false, added: [uids[0], uids[2], added], changed: [], vanished: [] };
    expectEqual(gist(page), expected, 'changes');
    expectEqual((await mailbox.store(EVERY, 'add', ['\\Flagged'])).stored.length, 3, 'messages stored');
  });
};

/** Undefined for a store that nothing outlives. */
async function restart({ opened }: Context): Promise<Account | undefined> {
  const store = await opened.reopen?.();
  return store?.open(opened.account);
}
