import { type Mailbox, sessionId, uid } from '@posthorn/core';
import { expectEqual, expectRefusal, soon } from '../expect.ts';
import type { Section } from '../harness.ts';
import { all, appendMail, EVERY, mail, readBytes, uidsIn } from '../mail.ts';

export const handleSection: Section = (test) => {
  test('the handle of a deleted mailbox answers STORE_NONEXISTENT', async ({ account }) => {
    await account.create(['Gone']);
    const mailbox = await account.mailbox(['Gone']);
    await appendMail(mailbox, 'a');
    await account.delete(['Gone']);
    for (const [name, work] of everything(mailbox)) await expectRefusal(work(), 'STORE_NONEXISTENT', name);
  });

  test('the handle of a deleted mailbox does not reach its successor', async ({ account, another }) => {
    await account.create(['Gone']);
    const mailbox = await (await another()).mailbox(['Gone']);
    await account.delete(['Gone']);
    await account.create(['Gone']);
    const message = await appendMail(await account.mailbox(['Gone']), 'new');
    for (const [name, work] of everything(mailbox)) await expectRefusal(work(), 'STORE_NONEXISTENT', name);
    expectEqual(await uidsIn(await account.mailbox(['Gone'])), [message], 'the successor');
  });

  test('the handle of a renamed mailbox goes on', async ({ account, another }) => {
    await account.create(['Old']);
    const mailbox = await account.mailbox(['Old']);
    const first = await appendMail(mailbox, 'a');
    await (await another()).rename(['Old'], ['New']);
    expectEqual(await readBytes(mailbox, first), mail('a'), 'the message');
    const second = await appendMail(mailbox, 'b');
    expectEqual(await uidsIn(await account.mailbox(['New'])), [first, second], 'the renamed mailbox');
  });

  test('a closed account answers STORE_CLOSED, as do its mailboxes', async ({ account, inbox }) => {
    await appendMail(inbox, 'a');
    await account.close();
    await account.close();
    const works: Readonly<Record<string, () => Promise<unknown>>> = {
      list: () => account.list(),
      create: () => account.create(['A']),
      delete: () => account.delete(['A']),
      rename: () => account.rename(['A'], ['B']),
      subscribe: () => account.subscribe(['A'], true),
      status: () => account.status(['INBOX']),
      mailbox: () => account.mailbox(['INBOX']),
      transfer: () => account.transfer(['INBOX'], EVERY, ['INBOX'], 'copy'),
    };
    for (const [name, work] of [...Object.entries(works), ...everything(inbox)])
      await expectRefusal(work(), 'STORE_CLOSED', name);
  });

  test('closing one handle leaves the others alone', async ({ account, another }) => {
    const other = await another();
    const mailbox = await other.mailbox(['INBOX']);
    await account.close();
    const message = await appendMail(mailbox, 'a');
    expectEqual(await uidsIn(await other.mailbox(['INBOX'])), [message], 'the messages');
    await other[Symbol.asyncDispose]();
    await expectRefusal(other.list(), 'STORE_CLOSED', 'list');
  });

  test('what one handle does the others see at once', async ({ account, inbox, another }) => {
    const other = await another();
    await other.create(['Shared']);
    expectEqual((await account.status(['Shared'])).messages, 0, 'messages in a mailbox created by the other');
    const message = await appendMail(await other.mailbox(['INBOX']), 'a');
    expectEqual(await readBytes(inbox, message), mail('a'), 'a message appended by the other');
  });

  test('a closed store opens nothing and ends what it opened', async ({ store, account, inbox, opened }) => {
    const watching = (async () => {
      for await (const _ of account.watch('all'));
    })();
    await store.close();
    await store.close();
    await soon(watching, 'the end of the watch');
    await expectRefusal(store.open(opened.account), 'STORE_CLOSED', 'opening');
    await expectRefusal(account.list(), 'STORE_CLOSED', 'list');
    await expectRefusal(inbox.changes(undefined), 'STORE_CLOSED', 'changes');
  });

  test('housekeeping reports and changes no mail', async ({ account, inbox }) => {
    const message = await appendMail(inbox, 'a');
    const report = await account.maintain({ budgetMs: 1_000 });
    expectEqual(typeof report.more, 'boolean', 'more');
    expectEqual(Number.isSafeInteger(report.removed), true, 'removed');
    expectEqual(await readBytes(inbox, message), mail('a'), 'the message');
  });
};

function everything(mailbox: Mailbox): readonly [string, () => Promise<unknown>][] {
  return [
    ['changes', () => mailbox.changes(undefined)],
    ['keywords', () => mailbox.keywords()],
    ['scan', () => all(mailbox.scan(EVERY, ['flags']))],
    ['read', () => mailbox.read(uid(1))],
    ['append', () => mailbox.append([{ body: [mail('late')] }])],
    ['store', () => mailbox.store(EVERY, 'add', ['\\Seen'])],
    ['expunge', () => mailbox.expunge(EVERY)],
    ['claimRecent', () => mailbox.claimRecent(sessionId('late'))],
  ];
}
