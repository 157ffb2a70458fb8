import { sessionId } from '@posthorn/core';
import { emptySet, ids, setOf } from '@posthorn/message-set';
import { expectEqual } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, appendMails, EVERY } from '../mail.ts';

export const recentSection: Section = (test) => {
  test('new messages are handed to the first who asks (D5)', async ({ account, inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b', 'c');
    expectEqual((await account.status(['INBOX'])).recent, 3, 'recent messages before');
    expectEqual(await inbox.claimRecent(sessionId('one')), setOf(uids), 'what the first session claims');
    expectEqual(await inbox.claimRecent(sessionId('two')), emptySet(), 'what the second session claims');
    expectEqual((await account.status(['INBOX'])).recent, 0, 'recent messages after');
    const next = await appendMail(inbox, 'd');
    expectEqual(await inbox.claimRecent(sessionId('two')), setOf([next]), 'what the second session claims next');
  });

  test('who only looks claims nothing', async ({ inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b');
    const seen = await inbox.recent?.();
    if (seen !== undefined) expectEqual(seen, setOf(uids), 'what nobody claimed');
    expectEqual(await inbox.claimRecent(sessionId('one')), setOf(uids), 'what is claimed');
    if (seen !== undefined) expectEqual(await inbox.recent?.(), emptySet(), 'what nobody claimed after');
  });

  test('sessions that ask at once share the messages without overlap', async ({ inbox, another }) => {
    const uids = await appendMails(inbox, ...Array.from({ length: 10 }, (_, index) => `m-${index}`));
    const other = await (await another()).mailbox(['INBOX']);
    const claims = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? inbox : other).claimRecent(sessionId(`session-${index}`)),
      ),
    );
    const claimed = claims.flatMap((claim) => [...ids(claim)]).sort((one, other) => one - other);
    expectEqual(claimed, uids, 'the messages claimed');
  });

  test('every message is claimed once while others are appended', async ({ inbox, another }) => {
    const other = await (await another()).mailbox(['INBOX']);
    const appends = Array.from({ length: 10 }, (_, index) => appendMail(other, `m-${index}`));
    const claims = appends.map(async (append, index) => {
      await append;
      return inbox.claimRecent(sessionId(`session-${index}`));
    });
    const claimed = (await Promise.all(claims)).flatMap((claim) => [...ids(claim)]);
    expectEqual(
      claimed.sort((one, other) => one - other),
      (await Promise.all(appends)).sort((one, other) => one - other),
      'claimed',
    );
  });

  test('flags do not make a message less recent, an expunge does', async ({ inbox }) => {
    const [first, second] = await appendMails(inbox, 'a', 'b');
    await inbox.store(EVERY, 'add', ['\\Seen']);
    await inbox.expunge(setOf([first!]));
    expectEqual(await inbox.claimRecent(sessionId('one')), setOf([second!]), 'what is claimed');
  });

  test('copied and moved messages are recent where they arrive', async ({ account, inbox }) => {
    await account.create(['Target']);
    await appendMail(inbox, 'a');
    await inbox.claimRecent(sessionId('one'));
    const { to } = await account.transfer(['INBOX'], EVERY, ['Target'], 'copy');
    const target = await account.mailbox(['Target']);
    expectEqual((await account.status(['Target'])).recent, 1, 'recent messages');
    expectEqual(await target.claimRecent(sessionId('one')), setOf(to), 'what is claimed');
  });
};
