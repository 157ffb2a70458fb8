import { modSeq, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expectEqual, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import { all, appendMail, appendMails, EVERY, gist, normalFlags, uidsIn } from '../mail.ts';

const NOTHING = { complete: true, added: [], changed: [], vanished: [] };

export const changeSection: Section = (test) => {
  test('without a cursor everything is new', async ({ inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b');
    await inbox.store(setOf([uids[0]!]), 'add', ['\\Seen']);
    const page = await inbox.changes(undefined);
    expectEqual(gist(page), { ...NOTHING, added: uids }, 'changes');
    expectEqual(
      page.added.map((summary) => summary.flags),
      [['\\Seen'], []],
      'the flags',
    );
  });

  test('an empty mailbox has an empty page and a cursor', async ({ inbox }) => {
    const page = await inbox.changes(undefined);
    expectEqual(gist(page), NOTHING, 'changes');
    expectEqual(gist(await inbox.changes(page.cursor)), NOTHING, 'changes since');
    modSeq(page.highestModSeq);
  });

  test('nothing new is nothing, over and over', async ({ inbox }) => {
    await appendMails(inbox, 'a', 'b');
    let { cursor } = await inbox.changes(undefined);
    for (let round = 0; round < 3; round++) {
      const page = await inbox.changes(cursor);
      expectEqual(gist(page), NOTHING, `changes in round ${round}`);
      cursor = page.cursor;
    }
  });

  test('added, changed and vanished messages are told apart (P17)', async ({ inbox }) => {
    const [kept, changed, gone] = await appendMails(inbox, 'kept', 'changed', 'gone');
    const { cursor } = await inbox.changes(undefined);
    await inbox.store(setOf([changed!]), 'add', ['\\Flagged']);
    await inbox.expunge(setOf([gone!]));
    const added = await appendMail(inbox, 'added');
    const page = await inbox.changes(cursor);
    expectEqual(gist(page), { complete: true, added: [added], changed: [changed], vanished: [gone] }, 'changes');
    expectEqual(page.changed[0]?.flags, ['\\Flagged'], 'the flags of the changed message');
    expectEqual(gist(await inbox.changes(page.cursor)), NOTHING, 'changes after that');
    expectEqual(await uidsIn(inbox), [kept, changed, added], 'the mailbox');
  });

  test('a message that came and went between two readings is not told of', async ({ inbox }) => {
    await appendMail(inbox, 'a');
    const { cursor } = await inbox.changes(undefined);
    await inbox.expunge(setOf([await appendMail(inbox, 'brief')]));
    expectEqual(gist(await inbox.changes(cursor)), NOTHING, 'changes');
  });

  test('a message that is new and changed is only new', async ({ inbox }) => {
    const { cursor } = await inbox.changes(undefined);
    const message = await appendMail(inbox, 'a');
    await inbox.store(EVERY, 'add', ['\\Seen']);
    const page = await inbox.changes(cursor);
    expectEqual(gist(page), { ...NOTHING, added: [message] }, 'changes');
    expectEqual(page.added[0]?.flags, ['\\Seen'], 'the flags');
  });

  test('a message that changed and vanished is only gone', async ({ inbox }) => {
    const message = await appendMail(inbox, 'a');
    const { cursor } = await inbox.changes(undefined);
    await inbox.store(EVERY, 'add', ['\\Seen']);
    await inbox.expunge(EVERY);
    expectEqual(gist(await inbox.changes(cursor)), { ...NOTHING, vanished: [message] }, 'changes');
  });

  test('a store by a session that missed an expunge hides it from nobody (D9)', async ({ inbox, another }) => {
    const [gone, kept] = await appendMails(inbox, 'gone', 'kept');
    const third = await (await another()).mailbox(['INBOX']);
    const { cursor } = await third.changes(undefined);
    await inbox.expunge(setOf([gone!]));
    const unaware = await (await another()).mailbox(['INBOX']);
    const result = await unaware.store(setOf([gone!, kept!]), 'add', ['\\Seen']);
    expectEqual(result.missing, setOf([gone!]), 'the UIDs that are missing');
    expectEqual(
      gist(await third.changes(cursor)),
      { complete: true, added: [], changed: [kept], vanished: [gone] },
      'changes',
    );
  });

  test('every reader has a cursor of their own, and any handle takes it', async ({ inbox, another }) => {
    const start = (await inbox.changes(undefined)).cursor;
    const first = await appendMail(inbox, 'a');
    const middle = (await inbox.changes(start)).cursor;
    const second = await appendMail(inbox, 'b');
    const other = await (await another()).mailbox(['INBOX']);
    expectEqual(gist(await other.changes(start)), { ...NOTHING, added: [first, second] }, 'changes since the start');
    expectEqual(gist(await other.changes(middle)), { ...NOTHING, added: [second] }, 'changes since the middle');
    expectEqual(gist(await inbox.changes(middle)), { ...NOTHING, added: [second] }, 'the same changes again');
  });

  test('a cursor is printable ASCII', async ({ inbox }) => {
    await appendMail(inbox, 'a');
    const { cursor } = await inbox.changes(undefined);
    expectThat(/^[\x21-\x7e]+$/.test(cursor), `the cursor ${JSON.stringify(cursor)} is printable ASCII`);
  });

  test('mod-sequences grow with every change', async ({ account, inbox }) => {
    let last = (await inbox.changes(undefined)).highestModSeq;
    const grown = async (what: string): Promise<void> => {
      const { highestModSeq } = await inbox.changes(undefined);
      expectThat(highestModSeq > last, `the highest mod-sequence grew with ${what}`);
      expectEqual((await account.status(['INBOX'])).highestModSeq, highestModSeq, 'the mod-sequence in the status');
      last = highestModSeq;
    };
    await appendMails(inbox, 'a', 'b');
    await grown('an append');
    const { stored } = await inbox.store(EVERY, 'add', ['\\Deleted']);
    expectThat(
      stored.every((summary) => summary.modSeq > last),
      'the mod-sequences of the messages grew with their flags',
    );
    await grown('a store');
    await inbox.expunge(setOf([stored[0]!.uid]));
    await grown('an expunge');
  });

  test('changes and scan agree', async ({ inbox }) => {
    await appendMails(inbox, 'a', 'b', 'c');
    await inbox.store(setOf([uid(2)]), 'add', ['\\Seen', '$Label1']);
    const page = await inbox.changes(undefined);
    const rows = await all(inbox.scan(EVERY, ['flags']));
    const plain = (each: (typeof rows)[number]) => ({
      uid: each.uid,
      modSeq: each.modSeq,
      flags: normalFlags(each.flags),
    });
    expectEqual(rows.map(plain), page.added.map(plain), 'the messages');
    expectThat(
      rows.every((row) => row.modSeq <= page.highestModSeq),
      'no message is above the highest mod-sequence',
    );
  });

  test('a cursor of a mailbox that was deleted is not known in its successor', async ({ account }) => {
    await account.create(['Again']);
    const old = await account.mailbox(['Again']);
    await appendMails(old, 'a', 'b', 'c');
    const { cursor } = await old.changes(undefined);
    await account.delete(['Again']);
    await account.create(['Again']);
    const fresh = await account.mailbox(['Again']);
    const message = await appendMail(fresh, 'd');
    expectEqual(gist(await fresh.changes(cursor)), { ...NOTHING, complete: false, added: [message] }, 'changes');
  });

  test('a cursor still counts when the account was closed', async ({ account, inbox, another }) => {
    const [first] = await appendMails(inbox, 'a');
    const { cursor } = await inbox.changes(undefined);
    await account.close();
    const again = await (await another()).mailbox(['INBOX']);
    const second = await appendMail(again, 'b');
    const page = await again.changes(cursor);
    const expected = page.complete ? [second] : [first, second];
    expectEqual(
      page.added.map((summary) => summary.uid),
      expected,
      'messages that are new',
    );
  });
};
