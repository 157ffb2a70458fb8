import { type Account, hasFlag, type MailboxPath, sessionId } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expectEqual, expectRefusal, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import { all, appendMail, appendMails, EVERY } from '../mail.ts';

export const statusSection: Section = (test) => {
  test('an empty mailbox can be opened and has figures (P24)', async ({ account, inbox }) => {
    const { messages, recent, unseen, deleted, size, uidNext } = await account.status(['INBOX']);
    expectEqual(
      { messages, recent, unseen, deleted, size },
      { messages: 0, recent: 0, unseen: 0, deleted: 0, size: 0 },
      'the figures',
    );
    expectThat(uidNext >= 1, 'uidNext is at least 1');
    expectEqual((await inbox.changes(undefined)).added, [], 'its messages');
    expectThat((await appendMail(inbox, 'first')) >= uidNext, 'the first message has a UID from uidNext on');
  });

  test('the figures equal a recount after every kind of change (D13, P11)', async ({ account, inbox }) => {
    await account.create(['Other']);
    const uids = await appendMails(inbox, 'a', 'b', 'c', 'd', 'e');
    await expectRecount(account, 'append');
    await inbox.store(setOf([uids[0]!, uids[1]!]), 'add', ['\\Seen']);
    await inbox.store(setOf([uids[1]!, uids[2]!]), 'add', ['\\Deleted']);
    await expectRecount(account, 'store');
    await inbox.store(setOf([uids[0]!]), 'replace', ['\\Flagged']);
    await expectRecount(account, 'replace');
    await account.transfer(['INBOX'], setOf([uids[1]!, uids[3]!]), ['Other'], 'copy');
    await expectRecount(account, 'copy');
    await account.transfer(['INBOX'], setOf([uids[2]!, uids[4]!]), ['Other'], 'move');
    await expectRecount(account, 'move');
    await account.transfer(['Other'], EVERY, ['Other'], 'move');
    await expectRecount(account, 'move within');
    await inbox.expunge(EVERY, { onlyDeleted: true });
    await expectRecount(account, 'expunge');
    await account.rename(['INBOX'], ['Saved']);
    await expectRecount(account, 'rename');
  });

  test('recent counts what nobody claimed', async ({ account, inbox }) => {
    await appendMails(inbox, 'a', 'b');
    await inbox.claimRecent(sessionId('one'));
    const third = await appendMail(inbox, 'c');
    expectEqual((await account.status(['INBOX'])).recent, 1, 'recent messages');
    await inbox.expunge(setOf([third]));
    expectEqual((await account.status(['INBOX'])).recent, 0, 'recent messages after an expunge');
  });

  test('a mailbox that is not there has no status', async ({ account }) => {
    await expectRefusal(account.status(['Missing']), 'STORE_NONEXISTENT', 'the status');
  });
};

async function expectRecount(account: Account, what: string): Promise<void> {
  for (const { path, isSelectable } of await account.list()) if (isSelectable) await expectMailbox(account, path, what);
}

async function expectMailbox(account: Account, path: MailboxPath, what: string): Promise<void> {
  const rows = await all((await account.mailbox(path)).scan(EVERY, ['flags', 'size']));
  const { messages, unseen, deleted, size } = await account.status(path);
  const recount = {
    messages: rows.length,
    unseen: rows.filter((row) => !hasFlag(row.flags, '\\Seen')).length,
    deleted: rows.filter((row) => hasFlag(row.flags, '\\Deleted')).length,
    size: rows.reduce((sum, row) => sum + row.size, 0),
  };
  expectEqual({ messages, unseen, deleted, size }, recount, `the figures of ${path.join('/')} after ${what}`);
}
