import type { Account, MailboxInfo } from '@posthorn/core';
import { expectEqual, expectRefusal, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, appendMails, mail, readBytes, uidsIn } from '../mail.ts';

export const treeSection: Section = (test) => {
  test('a new account holds an empty INBOX', async ({ account }) => {
    const list = await account.list();
    expectEqual(
      list.map((info) => info.path),
      [['INBOX']],
      'the mailboxes',
    );
    expectThat(list[0]!.isSelectable && list[0]!.id !== undefined, 'INBOX can be selected');
  });

  test('create answers with what list then shows', async ({ account }) => {
    const info = await account.create(['Archive'], { specialUse: ['\\Archive'] });
    expectThat(info.isSelectable && info.allowsChildren, 'the mailbox can be selected and hold children');
    expectEqual(info.specialUse, ['\\Archive'], 'the special use');
    expectEqual(await find(account, 'Archive'), info, 'the entry in the list');
    expectEqual((await account.status(['Archive'])).id, info.id, 'the id in the status');
    expectEqual((await account.mailbox(['Archive'])).id, info.id, 'the id of the handle');
  });

  test('a mailbox that exists is not created again (D6)', async ({ account }) => {
    await account.create(['Once']);
    await expectRefusal(account.create(['Once']), 'STORE_ALREADY_EXISTS', 'creating it again');
    for (const name of ['INBOX', 'inbox', 'Inbox']) {
      await expectRefusal(account.create([name]), 'STORE_ALREADY_EXISTS', `creating ${name}`);
    }
  });

  test('the names above a mailbox are created as names that hold only children (D16)', async ({ account }) => {
    await account.create(['A', 'B', 'C']);
    const list = await account.list();
    const names = list.map((info) => info.path.join('/'));
    expectThat(
      names.indexOf('A') < names.indexOf('A/B') && names.indexOf('A/B') < names.indexOf('A/B/C'),
      'parents come first',
    );
    expectThat(names.includes('A') && names.includes('A/B'), 'the names above are listed');
    for (const name of ['A', 'A/B']) {
      const info = await find(account, name);
      expectThat(!info.isSelectable && info.id === undefined && info.allowsChildren, `${name} holds only children`);
    }
    await expectRefusal(account.mailbox(['A']), 'STORE_NONEXISTENT', 'opening A');
    await expectRefusal(account.status(['A', 'B']), 'STORE_NONEXISTENT', 'the status of A/B');
  });

  test('a name that holds only children can become a mailbox', async ({ account }) => {
    await account.create(['A', 'B']);
    await account.create(['A']);
    await appendMail(await account.mailbox(['A']), 'a');
    expectThat((await find(account, 'A')).isSelectable, 'A can be selected');
    expectThat((await find(account, 'A/B')).isSelectable, 'A/B is still there');
  });

  test('mailboxes below INBOX, and names that only look like it', async ({ account }) => {
    await account.create(['inbox', 'Child']);
    expectEqual((await find(account, 'INBOX/Child')).path, ['INBOX', 'Child'], 'the child of INBOX');
    await account.create(['X', 'inbox']);
    expectEqual((await find(account, 'X/inbox')).path, ['X', 'inbox'], 'a child called inbox');
    expectEqual((await account.status(['Inbox'])).id, (await account.status(['INBOX'])).id, 'INBOX in any case');
  });

  test('names are compared exactly', async ({ account }) => {
    await account.create(['Work']);
    await account.create(['work']);
    await appendMail(await account.mailbox(['Work']), 'a');
    expectEqual((await account.status(['work'])).messages, 0, 'messages in the other');
  });

  test('ids are unique and stay', async ({ account, another }) => {
    for (const name of ['A', 'B', 'C']) await account.create([name]);
    const before = (await account.list()).map((info) => info.id);
    expectEqual(new Set(before).size, 4, 'distinct ids');
    await account.close();
    expectEqual(
      (await (await another()).list()).map((info) => info.id),
      before,
      'the ids after opening again',
    );
  });

  test('delete removes a mailbox and its messages', async ({ account }) => {
    await account.create(['Gone']);
    const { id } = await account.status(['Gone']);
    await appendMail(await account.mailbox(['Gone']), 'a');
    await account.delete(['Gone']);
    expectEqual((await account.list()).length, 1, 'mailboxes left');
    await expectRefusal(account.status(['Gone']), 'STORE_NONEXISTENT', 'the status');
    await expectRefusal(account.mailbox(['Gone']), 'STORE_NONEXISTENT', 'opening');
    await expectRefusal(account.delete(['Gone']), 'STORE_NONEXISTENT', 'deleting again');
    await account.create(['Gone']);
    expectEqual((await account.status(['Gone'])).messages, 0, 'messages in its successor');
    expectThat((await account.status(['Gone'])).id !== id, 'the successor has an id of its own');
  });

  test('delete leaves the children', async ({ account }) => {
    await account.create(['A']);
    await account.create(['A', 'B']);
    const child = await account.mailbox(['A', 'B']);
    const message = await appendMail(child, 'b');
    await account.delete(['A']);
    expectThat(!(await find(account, 'A')).isSelectable, 'A holds only children');
    await expectRefusal(account.delete(['A']), 'STORE_HAS_CHILDREN', 'deleting the name above');
    expectEqual(await readBytes(child, message), mail('b'), 'the message in the child');
  });

  test('INBOX cannot be deleted', async ({ account, inbox }) => {
    const message = await appendMail(inbox, 'a');
    for (const name of ['INBOX', 'inbox'])
      await expectRefusal(account.delete([name]), 'STORE_CANNOT', `deleting ${name}`);
    expectEqual(await uidsIn(inbox), [message], 'the messages');
  });

  test('rename takes the messages, the ids and all below along', async ({ account }) => {
    await account.create(['Old']);
    await account.create(['Old', 'Child', 'Deep']);
    const [old, deep] = [await account.mailbox(['Old']), await account.mailbox(['Old', 'Child', 'Deep'])];
    const [first] = await appendMails(old, 'a', 'b');
    const second = await appendMail(deep, 'c');
    await account.rename(['Old'], ['New', 'Place']);
    const names = (await account.list()).map((info) => info.path.join('/'));
    expectEqual(
      names.filter((name) => name.startsWith('Old')),
      [],
      'old names',
    );
    for (const name of ['New', 'New/Place', 'New/Place/Child', 'New/Place/Child/Deep'])
      expectThat(names.includes(name), `${name} is there`);
    const renamed = await account.mailbox(['New', 'Place']);
    expectEqual(renamed.id, old.id, 'the id');
    expectEqual(await readBytes(renamed, first!), mail('a'), 'the message of the same UID');
    const child = await account.mailbox(['New', 'Place', 'Child', 'Deep']);
    expectEqual([child.id, await readBytes(child, second)], [deep.id, mail('c')], 'the mailbox below');
  });

  test('a name that holds only children is renamed with them', async ({ account }) => {
    await account.create(['A', 'B']);
    await account.rename(['A'], ['Z']);
    expectThat((await find(account, 'Z/B')).isSelectable, 'Z/B is there');
    await expectRefusal(account.status(['A', 'B']), 'STORE_NONEXISTENT', 'the old name');
  });

  test('a rename that cannot be is refused and changes nothing', async ({ account }) => {
    await account.create(['A']);
    await account.create(['B']);
    const before = await account.list();
    await expectRefusal(account.rename(['Missing'], ['C']), 'STORE_NONEXISTENT', 'renaming nothing');
    await expectRefusal(account.rename(['A'], ['B']), 'STORE_ALREADY_EXISTS', 'renaming onto another');
    await expectRefusal(account.rename(['A'], ['inbox']), 'STORE_ALREADY_EXISTS', 'renaming onto INBOX');
    await expectRefusal(account.rename(['A'], ['A', 'Below']), 'STORE_CANNOT', 'renaming below itself');
    expectEqual(await account.list(), before, 'the mailboxes');
  });

  test('renaming INBOX moves its messages and leaves it empty', async ({ account, inbox }) => {
    await account.create(['INBOX', 'Child']);
    const uids = await appendMails(inbox, 'a', 'b');
    const { cursor } = await inbox.changes(undefined);
    await account.rename(['INBOX'], ['Saved']);
    const saved = await account.mailbox(['Saved']);
    const moved = await uidsIn(saved);
    expectEqual(
      [await readBytes(saved, moved[0]!), await readBytes(saved, moved[1]!)],
      [mail('a'), mail('b')],
      'the messages',
    );
    const page = await (await account.mailbox(['INBOX'])).changes(cursor);
    if (page.complete) expectEqual([...page.vanished.bounds], [uids[0], uids[1]], 'the UIDs that vanished from INBOX');
    const status = await account.status(['INBOX']);
    expectEqual(status.messages, 0, 'messages in INBOX');
    expectThat((await find(account, 'INBOX/Child')).isSelectable, 'the child of INBOX stays');
    const next = await appendMail(await account.mailbox(['INBOX']), 'c');
    expectThat(next > uids[1]! || status.uidValidity > inbox.uidValidity, 'no UID of INBOX is used again');
  });

  test('a name that was renamed away can be used again', async ({ account }) => {
    await account.create(['A']);
    const first = await account.mailbox(['A']);
    await appendMail(first, 'a');
    await account.rename(['A'], ['B']);
    await account.create(['A']);
    const second = await account.mailbox(['A']);
    expectThat(second.id !== first.id, 'the ids differ');
    expectThat(second.uidValidity !== first.uidValidity, 'UIDVALIDITY tells the two apart');
    expectEqual([(await account.status(['A'])).messages, (await account.status(['B'])).messages], [0, 1], 'messages');
  });

  test('subscriptions stay with the names when mailboxes are renamed or deleted', async ({ account }) => {
    await account.create(['Old']);
    await account.subscribe(['Old'], true);
    await account.rename(['Old'], ['New']);
    expectThat(!(await find(account, 'New')).isSubscribed, 'the new name is not subscribed');
    await account.delete(['New']);
    await account.create(['Old']);
    expectThat((await find(account, 'Old')).isSubscribed, 'the old name still is');
  });

  test('subscriptions are kept, also of mailboxes that are not there (D4, D15)', async ({ account, another }) => {
    await account.create(['News', 'Entwürfe']);
    await account.subscribe(['News', 'Entwürfe'], true);
    await account.subscribe(['Later'], true);
    expectThat((await find(account, 'News/Entwürfe')).isSubscribed, 'the mailbox is subscribed');
    expectThat(!(await find(account, 'News')).isSubscribed, 'the name above is not');
    await account.delete(['News', 'Entwürfe']);
    await account.close();
    const again = await another();
    const names = await again.subscriptions?.();
    if (names !== undefined) {
      expectEqual(names.map((path) => path.join('/')).toSorted(), ['Later', 'News/Entwürfe'], 'subscriptions');
    }
    await again.create(['News', 'Entwürfe']);
    await again.create(['Later']);
    expectThat(
      (await find(again, 'News/Entwürfe')).isSubscribed,
      'the mailbox is still subscribed when it comes again',
    );
    expectThat((await find(again, 'Later')).isSubscribed, 'a mailbox subscribed before it was there is subscribed');
    await again.subscribe(['Later'], false);
    await again.subscribe(['Never'], false);
    expectThat(!(await find(again, 'Later')).isSubscribed, 'the mailbox is not subscribed any more');
    expectEqual(
      (await again.list()).some((info) => info.path[0] === 'Never'),
      false,
      'a mailbox out of nothing',
    );
  });
};

async function find(account: Account, name: string): Promise<MailboxInfo> {
  const info = (await account.list()).find(({ path }) => path.join('/') === name);
  expectThat(info !== undefined, `${name} is listed`);
  return info;
}
