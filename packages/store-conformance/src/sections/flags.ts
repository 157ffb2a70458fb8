import { hasFlag, uid } from '@posthorn/core';
import { emptySet, rangeSet, setOf } from '@posthorn/message-set';
import { expectEqual, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, appendMails, EVERY, flagsOf, normalFlags } from '../mail.ts';

export const flagSection: Section = (test) => {
  test('add, remove and replace', async ({ inbox }) => {
    const message = await appendMail(inbox, 'a', ['\\Seen']);
    const set = setOf([message]);
    await inbox.store(set, 'add', ['\\Flagged', '$Label1']);
    expectEqual(await flagsOf(inbox, message), ['$label1', '\\flagged', '\\seen'], 'flags after add');
    await inbox.store(set, 'remove', ['\\Seen', '\\Draft']);
    expectEqual(await flagsOf(inbox, message), ['$label1', '\\flagged'], 'flags after remove');
    await inbox.store(set, 'replace', ['\\Answered', '$Label2']);
    expectEqual(await flagsOf(inbox, message), ['$label2', '\\answered'], 'flags after replace');
    await inbox.store(set, 'replace', []);
    expectEqual(await flagsOf(inbox, message), [], 'flags after replace by none');
  });

  test('the answer holds every message of the set, in order, with the flags it has now', async ({ inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b', 'c');
    await inbox.store(setOf([uids[1]!]), 'add', ['\\Flagged']);
    const { stored, modified, missing } = await inbox.store(EVERY, 'add', ['\\Flagged']);
    expectEqual(
      stored.map((summary) => summary.uid),
      uids,
      'the messages',
    );
    expectEqual(
      stored.map((summary) => normalFlags(summary.flags)),
      [['\\flagged'], ['\\flagged'], ['\\flagged']],
      'the flags',
    );
    expectEqual(modified, emptySet(), 'messages refused');
    expectThat(missing.bounds.length > 0, 'the rest of the set is missing');
  });

  test('system flags are spelled as the RFC spells them, whatever case they came in', async ({ inbox }) => {
    await appendMail(inbox, 'a');
    const { stored } = await inbox.store(EVERY, 'add', ['\\sEEN', '\\deleted']);
    expectEqual([...stored[0]!.flags].sort(), ['\\Deleted', '\\Seen'], 'the flags');
  });

  test('keywords are compared without regard to case', async ({ inbox }) => {
    const message = await appendMail(inbox, 'a', ['$Forwarded']);
    await inbox.store(EVERY, 'add', ['$FORWARDED', 'NonJunk']);
    expectEqual(await flagsOf(inbox, message), ['$forwarded', 'nonjunk'], 'flags after add');
    await inbox.store(EVERY, 'remove', ['nonjunk', '$forwarded']);
    expectEqual(await flagsOf(inbox, message), [], 'flags after remove');
  });

  test('\\Recent is neither set nor removed', async ({ inbox }) => {
    const message = await appendMail(inbox, 'a');
    await inbox.store(EVERY, 'add', ['\\Recent', '\\Seen']);
    expectEqual(await flagsOf(inbox, message), ['\\seen'], 'the flags');
    await inbox.store(EVERY, 'replace', ['\\recent']);
    expectEqual(await flagsOf(inbox, message), [], 'the flags after replace');
  });

  test('new keywords are created and listed (D16)', async ({ account, inbox, another }) => {
    const message = await appendMail(inbox, 'a');
    await inbox.store(EVERY, 'add', ['$New', 'Project-X']);
    const keywords = await inbox.keywords();
    expectThat(hasFlag(keywords, '$New') && hasFlag(keywords, 'Project-X'), 'the keywords are listed');
    expectThat(
      keywords.every((keyword) => !keyword.startsWith('\\')),
      'system flags are no keywords',
    );
    await account.close();
    const again = await (await another()).mailbox(['INBOX']);
    expectEqual(await flagsOf(again, message), ['$new', 'project-x'], 'flags after opening again');
    expectThat(hasFlag(await again.keywords(), 'project-x'), 'the keywords are listed after opening again');
  });

  test('as many keywords as the store promises, up to a hundred', async ({ inbox, traits }) => {
    const message = await appendMail(inbox, 'a');
    const names = Array.from({ length: Math.min(100, traits.maxKeywords ?? 100) }, (_, index) => `keyword-${index}`);
    for (let start = 0; start < names.length; start += 10)
      await inbox.store(EVERY, 'add', names.slice(start, start + 10));
    expectEqual(await flagsOf(inbox, message), [...names].sort(), 'the keywords of the message');
    await inbox.store(EVERY, 'remove', names.slice(1));
    expectEqual(await flagsOf(inbox, message), names.slice(0, 1), 'the keywords left');
  });

  test('changing one flag leaves the others and the octets alone (P5, P7)', async ({ account, inbox }) => {
    const flags = ['\\Answered', '\\Draft', '\\Flagged', '$Forwarded', '$Junk'];
    const message = await appendMail(inbox, 'a', flags);
    const { size } = await account.status(['INBOX']);
    await inbox.store(EVERY, 'add', ['\\Seen']);
    await inbox.store(EVERY, 'remove', ['\\Seen']);
    expectEqual(await flagsOf(inbox, message), normalFlags(flags), 'the flags');
    expectEqual((await account.status(['INBOX'])).size, size, 'the size');
  });

  test('a store beyond the mailbox changes what is there (P15)', async ({ inbox }) => {
    const uids = await appendMails(inbox, 'a', 'b', 'c');
    await inbox.expunge(setOf([uids[1]!]));
    const result = await inbox.store(rangeSet(uids[0]!, uid(uids[2]! + 5)), 'add', ['\\Seen']);
    expectEqual(
      result.stored.map((summary) => summary.uid),
      [uids[0], uids[2]],
      'messages stored',
    );
    const gone = [uids[1]!, ...[1, 2, 3, 4, 5].map((step) => uid(uids[2]! + step))];
    expectEqual(result.missing, setOf(gone), 'UIDs that are missing');
  });

  test('an empty set changes nothing', async ({ inbox }) => {
    await appendMail(inbox, 'a');
    const { highestModSeq } = await inbox.changes(undefined);
    const result = await inbox.store(emptySet(), 'add', ['\\Seen']);
    expectEqual(result, { stored: [], modified: emptySet(), missing: emptySet(), highestModSeq }, 'the result');
  });

  test('unchangedSince leaves alone what changed after it, and only that', async ({ inbox }) => {
    const [early, late, gone] = await appendMails(inbox, 'early', 'late', 'gone');
    const { highestModSeq } = await inbox.changes(undefined);
    await inbox.store(setOf([late!]), 'add', ['\\Flagged']);
    await inbox.expunge(setOf([gone!]));
    const all = setOf([early!, late!, gone!]);
    const result = await inbox.store(all, 'add', ['\\Seen'], { unchangedSince: highestModSeq });
    expectEqual(
      result.stored.map((summary) => summary.uid),
      [early],
      'messages stored',
    );
    expectEqual(result.modified, setOf([late!]), 'messages refused');
    expectEqual(result.missing, setOf([gone!]), 'messages missing');
    expectEqual(await flagsOf(inbox, late!), ['\\flagged'], 'the flags of the refused message');
    const again = await inbox.store(all, 'add', ['\\Seen'], { unchangedSince: result.highestModSeq });
    expectEqual(again.modified, emptySet(), 'messages refused with the newest mod-sequence');
  });

  test('unchangedSince 0 refuses every message', async ({ inbox }) => {
    const message = await appendMail(inbox, 'a');
    const { modified } = await inbox.store(EVERY, 'add', ['\\Seen'], { unchangedSince: 0n as never });
    expectEqual(modified, setOf([message]), 'messages refused');
  });
};
