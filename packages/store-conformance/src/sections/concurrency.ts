import type { Account, Mailbox, Uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expectEqual, expectThat, soon } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, appendMails, EVERY, flagsOf, inChunks, mail, readBytes, turn, uidsIn } from '../mail.ts';

export const concurrencySection: Section = (test) => {
  test('appends at once become visible in the order of their UIDs', async ({ inbox, another }) => {
    const writers = await mailboxes([await another(), await another(), await another()]);
    let isDone = false;
    const reading = watchOrder(inbox, () => isDone);
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        const batch = Array.from({ length: 1 + (index % 3) }, (_each, part) => ({
          body: inChunks(mail(`m-${index}-${part}`), [1 + index * 7]),
        }));
        return writers[index % 3]!.append(batch);
      }),
    );
    isDone = true;
    const seen = await soon(reading, 'reading beside the appends');
    const uids = results.flatMap((result) => result.uids);
    expectEqual(new Set(uids).size, uids.length, 'distinct UIDs');
    expectEqual(
      seen,
      [...uids].sort((one, other) => one - other),
      'the UIDs in the order they were seen',
    );
    for (const [index, { uids: own }] of results.entries()) {
      for (const [part, each] of own.entries())
        expectEqual(await readBytes(inbox, each), mail(`m-${index}-${part}`), `UID ${each}`);
    }
  });

  test('mod-sequences grow for every reader while many write', async ({ inbox, another }) => {
    await appendMails(inbox, 'a', 'b', 'c', 'd');
    const writers = await mailboxes([await another(), await another()]);
    const known = new Map<Uid, bigint>();
    let { cursor } = await inbox.changes(undefined);
    const writes = Array.from({ length: 20 }, (_, index) =>
      writers[index % 2]!.store(EVERY, index % 2 === 0 ? 'add' : 'remove', ['\\Flagged']),
    );
    for (const write of writes) {
      await write;
      const page = await inbox.changes(cursor);
      cursor = page.cursor;
      for (const { uid, modSeq } of page.changed) {
        expectThat(modSeq > (known.get(uid) ?? 0n), `the mod-sequence of UID ${uid} grew`);
        expectThat(modSeq <= page.highestModSeq, 'no message is above the highest mod-sequence');
        known.set(uid, modSeq);
      }
    }
  });

  test('flags that sessions add at once are all there', async ({ inbox, another }) => {
    const message = await appendMail(inbox, 'shared');
    const sessions = await mailboxes([await another(), await another(), await another()]);
    const flags = ['\\Seen', '\\Flagged', '\\Answered', '\\Draft', '$Forwarded', '$Junk'];
    await Promise.all(flags.map((flag, index) => sessions[index % 3]!.store(setOf([message]), 'add', [flag])));
    expectEqual(await flagsOf(inbox, message), flags.map((flag) => flag.toLowerCase()).sort(), 'the flags');
  });

  test('only one of two conditional stores wins', async ({ inbox, another }) => {
    const message = await appendMail(inbox, 'contended');
    const { highestModSeq } = await inbox.changes(undefined);
    const other = await (await another()).mailbox(['INBOX']);
    const results = await Promise.all(
      [inbox, other].map((each, index) =>
        each.store(setOf([message]), 'replace', [index === 0 ? '\\Seen' : '\\Flagged'], {
          unchangedSince: highestModSeq,
        }),
      ),
    );
    const winners = results.filter((result) => result.stored.length === 1);
    expectEqual(winners.length, 1, 'stores that were not refused');
    expectEqual(
      await flagsOf(inbox, message),
      winners[0]!.stored[0]!.flags.map((flag) => flag.toLowerCase()),
      'the flags',
    );
  });

  test('an expunge beside a store and a move leaves every message in one place or none (P18)', async ({
    account,
    inbox,
    another,
  }) => {
    await account.create(['Other']);
    const uids = await appendMails(inbox, ...Array.from({ length: 20 }, (_, index) => `m-${index}`));
    const second = await another();
    const mailbox = await second.mailbox(['INBOX']);
    const [expunged, , moved] = await Promise.all([
      inbox.expunge(setOf(uids.filter((each) => each % 2 === 0))),
      mailbox.store(EVERY, 'add', ['\\Seen']),
      second.transfer(['INBOX'], EVERY, ['Other'], 'move'),
    ]);
    const gone = setOf([...moved.from]);
    expectEqual(await uidsIn(inbox), [], 'messages left');
    expectEqual((await account.status(['Other'])).messages, moved.to.length, 'messages that were moved');
    expectEqual(expunged.expunged.bounds.length > 0 || gone.bounds.length > 0, true, 'something happened');
    for (const [index, from] of moved.from.entries()) {
      const other = await account.mailbox(['Other']);
      expectEqual(
        await readBytes(other, moved.to[index]!),
        mail(`m-${uids.indexOf(from)}`),
        `the message that was UID ${from}`,
      );
    }
  });

  test('moves in opposite directions neither block each other nor lose mail', async ({ account, inbox, another }) => {
    await account.create(['Other']);
    const other = await account.mailbox(['Other']);
    await appendMails(inbox, 'a', 'b', 'c');
    await appendMails(other, 'd', 'e', 'f');
    const second = await another();
    for (let round = 0; round < 5; round++) {
      const there = account.transfer(['INBOX'], EVERY, ['Other'], 'move');
      const back = second.transfer(['Other'], EVERY, ['INBOX'], 'move');
      await soon(Promise.all([there, back]), 'two moves at once');
      const total = (await uidsIn(inbox)).length + (await uidsIn(other)).length;
      expectEqual(total, 6, `messages after round ${round}`);
    }
  });

  test('of a rename and a create that want one name only one succeeds (D12)', async ({ account, another }) => {
    const second = await another();
    for (let round = 0; round < 5; round++) {
      const [from, to] = [[`From-${round}`], [`To-${round}`]] as const;
      await account.create(from);
      await appendMail(await account.mailbox(from), 'a');
      const works = [() => account.rename(from, to), () => second.create(to)];
      const results = await Promise.allSettled((round % 2 === 0 ? works : works.reverse()).map((work) => work()));
      expectEqual(results.filter((result) => result.status === 'fulfilled').length, 1, 'works that succeeded');
      const names = (await account.list()).map(({ path }) => path[0]);
      expectEqual(names.filter((name) => name === to[0]).length, 1, 'mailboxes of the name');
      const owner = names.includes(from[0]) ? from : to;
      expectEqual((await account.status(owner)).messages, 1, 'messages of the mailbox to rename');
    }
  });

  test('only one of many who create a mailbox at once succeeds', async ({ account, another }) => {
    const sessions = [account, await another(), await another()];
    const results = await Promise.allSettled(sessions.map((each) => each.create(['Wanted'])));
    expectEqual(results.filter((result) => result.status === 'fulfilled').length, 1, 'mailboxes created');
    expectEqual((await account.list()).filter(({ path }) => path[0] === 'Wanted').length, 1, 'mailboxes listed');
  });
};

/** Reads changes until told to stop; every page must lie above the one before. */
async function watchOrder(mailbox: Mailbox, isDone: () => boolean): Promise<readonly Uid[]> {
  const seen: Uid[] = [];
  let { cursor } = await mailbox.changes(undefined);
  for (let isLast = false; !isLast; ) {
    isLast = isDone();
    await turn();
    const page = await mailbox.changes(cursor);
    cursor = page.cursor;
    for (const { uid } of page.added) {
      expectThat(uid > (seen.at(-1) ?? 0), `UID ${uid}, seen after ${seen.at(-1)}, is above it`);
      seen.push(uid);
    }
  }
  return seen;
}

function mailboxes(accounts: readonly Account[]): Promise<readonly Mailbox[]> {
  return Promise.all(accounts.map((account) => account.mailbox(['INBOX'])));
}
