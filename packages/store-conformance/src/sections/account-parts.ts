import { type MailboxPath, uid } from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import { expectEqual, expectRefusal, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, mail } from '../mail.ts';

const EVERY = rangeSet(uid(1), uid(4_294_967_295));

/** What an account may offer beside mail, where it does. */
export const accountPartSection: Section = (test) => {
  test('filters: names come back or are refused', async ({ account }) => {
    const { filters } = account;
    if (filters === undefined) return;
    const kept: string[] = [];
    for (const name of ['a b', 'A B', '../x', '.', 'a/b', 'a%2Fb', 'ä', 'con', 'x.sieve', 'tab\t']) {
      const isKept = await filters.put(name, Uint8Array.of(kept.length)).then(
        () => true,
        () => false,
      );
      if (isKept) kept.push(name);
    }
    for (const [index, name] of kept.entries())
      expectEqual(await filters.read(name), Uint8Array.of(index), `the script ${JSON.stringify(name)}`);
    const listed = (await filters.list()).map(({ name }) => name);
    expectEqual(listed.sort(), kept.toSorted(), 'the names');
  });

  test('quota: what is in use is what was appended', async ({ account, inbox }) => {
    const { quota } = account;
    if (quota === undefined) return;
    await account.create(['Other']);
    await appendMail(inbox, 'a');
    await account.transfer(['INBOX'], EVERY, ['Other'], 'copy');
    const [name, ...others] = await quota.roots(['INBOX']);
    expectEqual(others, [], 'further roots');
    const usages = new Map((await quota.root(name!))!.usages.map(({ resource, usage }) => [resource, usage]));
    const size = mail('a').length;
    if (usages.has('MESSAGE')) expectEqual(usages.get('MESSAGE'), 2, 'messages');
    if (usages.has('STORAGE')) expectEqual(usages.get('STORAGE'), 2 * size, 'octets');
    await expectRefusal(quota.roots(['Nowhere']), 'STORE_NONEXISTENT', 'the roots of no mailbox');
    expectEqual(await quota.root('no such root'), undefined, 'a root that is not there');
  });

  test('quota: limits that are set hold, and those left out are none', async ({ account, inbox }) => {
    const { quota } = account;
    if (quota?.limit === undefined) return;
    const limits = async (): Promise<Record<string, number | undefined>> =>
      Object.fromEntries((await quota.root(name!))!.usages.map(({ resource, limit }) => [resource, limit]));
    const [name] = await quota.roots(['INBOX']);
    const [resource] = Object.keys(await limits());
    const isMessages = resource === 'MESSAGE';
    if (!isMessages && resource !== 'STORAGE') return;
    const [one, two] = isMessages ? [1, 2] : [mail('a').length, 2 * mail('a').length];
    await appendMail(inbox, 'a');
    await quota.limit(name!, new Map([[resource, one]]));
    expectEqual((await limits())[resource], one, 'the limit');
    await expectRefusal(appendMail(inbox, 'b'), 'STORE_OVER_QUOTA', 'what is beyond it');
    await quota.limit(name!, new Map([[resource, two]]));
    await appendMail(inbox, 'b');
    await quota.limit(name!, new Map([[resource, one]]));
    await expectRefusal(appendMail(inbox, 'c'), 'STORE_OVER_QUOTA', 'more, where less is allowed than there is');
    await inbox.expunge(EVERY);
    await appendMail(inbox, 'd');
    await quota.limit(name!, new Map());
    expectEqual((await limits())[resource], undefined, 'a limit that was left out');
    await appendMail(inbox, 'e');
    await expectRefusal(
      quota.limit('no such root', new Map()),
      'STORE_NONEXISTENT',
      'limits of a root that is not there',
    );
    const counted = Object.keys(await limits());
    for (const other of ['STORAGE', 'MESSAGE', 'MAILBOX', 'ANNOTATION-STORAGE'] as const) {
      if (counted.includes(other)) continue;
      await expectRefusal(quota.limit(name!, new Map([[other, 1]])), 'STORE_CANNOT', `a limit for ${other}`);
    }
  });

  test('metadata: entries are set all at once, follow a mailbox, and go with it', async ({ account }) => {
    const { metadata } = account;
    if (metadata === undefined) return;
    await account.create(['Box']);
    await metadata.change(
      ['Box'],
      new Map([
        ['/private/comment', 'mine'],
        ['/shared/comment', 'ours'],
      ]),
    );
    await metadata.change(
      ['Box'],
      new Map<string, string | null>([
        ['/shared/comment', null],
        ['/private/a/b', 'c'],
      ]),
    );
    await metadata.change(undefined, new Map([['/shared/admin', 'me']]));
    const expected = { '/private/comment': 'mine', '/private/a/b': 'c' };
    expectEqual(Object.fromEntries(await metadata.entries(['Box'])), expected, 'the entries');
    expectEqual(
      Object.fromEntries(await metadata.entries(undefined)),
      { '/shared/admin': 'me' },
      'those of the account',
    );
    await account.rename(['Box'], ['Moved']);
    expectEqual(Object.fromEntries(await metadata.entries(['Moved'])), expected, 'the entries after a rename');
    await account.delete(['Moved']);
    await account.create(['Moved']);
    expectEqual((await metadata.entries(['Moved'])).size, 0, 'entries of a new mailbox of that name');
    await expectRefusal(metadata.entries(['Nowhere']), 'STORE_NONEXISTENT', 'the entries of no mailbox');
  });

  test('metadata: INBOX keeps its entries when it is renamed, and the new mailbox has them too', async ({
    account,
  }) => {
    const { metadata } = account;
    if (metadata === undefined) return;
    await metadata.change(['INBOX'], new Map([['/private/comment', 'mine']]));
    await account.rename(['INBOX'], ['Saved']);
    for (const path of [['INBOX'], ['Saved']] as const)
      expectEqual(Object.fromEntries(await metadata.entries(path)), { '/private/comment': 'mine' }, path[0]);
  });

  test('metadata: a change raises the mod-sequence of the mailbox', async ({ account }) => {
    const { metadata } = account;
    if (metadata === undefined) return;
    const before = (await account.status(['INBOX'])).highestModSeq;
    await metadata.change(['INBOX'], new Map([['/private/comment', 'x']]));
    const after = (await account.status(['INBOX'])).highestModSeq;
    expectThat(after > before, 'a new entry is a change');
    await metadata.change(['INBOX'], new Map([['/private/comment', 'x']]));
    expectEqual((await account.status(['INBOX'])).highestModSeq, after, 'the mod-sequence after setting it anew');
  });

  test('acl: entries are set and taken away, follow a mailbox, and go with it', async ({ account, another }) => {
    const { acl } = account;
    if (acl === undefined) return;
    await account.create(['Box']);
    const inOrder = (rights: string): string => [...rights].sort().join('');
    const rightsOf = async (path: MailboxPath, who: string): Promise<string | undefined> => {
      const entries = await (await another()).acl!.entries(path);
      const found = entries.find(({ identifier }) => identifier === who);
      return found && inOrder(found.rights);
    };
    const before = await acl.entries(['Box']);
    expectThat(
      [...'lr'].every((right) => before.some(({ rights }) => rights.includes(right))),
      'somebody may read',
    );
    await acl.change(['Box'], 'bob', 'lrs');
    await acl.change(['Box'], '-bob', 's');
    await acl.change(['Box'], 'anyone', 'l');
    await acl.change(['Box'], 'bob', 'rlw');
    expectEqual(await rightsOf(['Box'], 'bob'), inOrder('lrw'), 'the rights of somebody');
    expectEqual(await rightsOf(['Box'], '-bob'), 's', 'what is denied to them');
    expectEqual(await rightsOf(['Box'], 'anyone'), 'l', 'the rights of everybody');
    await acl.change(['Box'], '-bob', undefined);
    expectEqual(await rightsOf(['Box'], '-bob'), undefined, 'an entry that was taken away');
    await account.rename(['Box'], ['Moved']);
    expectEqual(await rightsOf(['Moved'], 'bob'), inOrder('lrw'), 'the rights after a rename');
    await account.delete(['Moved']);
    await account.create(['Moved']);
    expectEqual(await rightsOf(['Moved'], 'bob'), undefined, 'an entry of a new mailbox of that name');
  });

  test('acl: the owner may do everything, and what can be granted is told', async ({ account }) => {
    const { acl } = account;
    if (acl === undefined) return;
    const mine = await acl.myRights(['INBOX']);
    for (const right of 'lrswi') expectThat(mine.includes(right), `the owner has the right ${right}`);
    const { required, optional } = await acl.grantable(['INBOX'], 'bob');
    expectThat(required.includes('r') || optional.some((group) => group.includes('r')), 'reading can be granted');
    await expectRefusal(acl.change(['INBOX'], 'bob', 'l!'), 'STORE_CANNOT', 'a right that there is not');
    for (const work of [
      acl.entries(['Nowhere']),
      acl.change(['Nowhere'], 'bob', 'l'),
      acl.myRights(['Nowhere']),
      acl.grantable(['Nowhere'], 'bob'),
    ])
      await expectRefusal(work, 'STORE_NONEXISTENT', 'the rights to no mailbox');
  });

  test('filters: scripts come back as they were put, and one at the most is active', async ({ account, another }) => {
    const { filters } = account;
    if (filters === undefined) return;
    const script = Uint8Array.of(0, 13, 10, 255);
    await filters.put('one', script);
    await filters.put('two', script);
    await filters.activate('one');
    await filters.activate('two');
    expectEqual(await filters.read('two'), script, 'a script');
    await expectRefusal(filters.delete('two'), 'STORE_IN_USE', 'deleting the active one');
    await expectRefusal(filters.rename('one', 'two'), 'STORE_ALREADY_EXISTS', 'renaming onto another');
    await filters.rename('two', 'three');
    await filters.delete('one');
    for (const work of [
      filters.read('one'),
      filters.delete('one'),
      filters.activate('one'),
      filters.rename('one', 'x'),
    ])
      await expectRefusal(work, 'STORE_NONEXISTENT', 'a script that is gone');
    expectEqual(await (await another()).filters?.list(), [{ name: 'three', isActive: true }], 'what is left');
    await filters.activate(undefined);
    expectEqual(await filters.list(), [{ name: 'three', isActive: false }], 'the list');
  });
};
