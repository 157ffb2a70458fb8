import { type Account, type MailboxPath, StoreError } from '@posthorn/core';
import { expectEqual, expectRefusal, expectThat } from '../expect.ts';
import type { Context, Section } from '../harness.ts';
import { appendMail } from '../mail.ts';

/** Names that file systems, hierarchies, encodings and lists trip over. */
const ODD: readonly MailboxPath[] = [
  ['Entwürfe'],
  ['日本語', '受信箱'],
  ['\u{1f4ee}'],
  ['Cafe\u0301'],
  ['Caf\u00e9'],
  ['&'],
  ['&-'],
  ['&AOQ-'],
  ['Tom & Jerry'],
  ['%'],
  ['*'],
  ['"quoted"'],
  ['back\\slash'],
  [' leading'],
  ['trailing '],
  ['tab\there'],
  ['a.b'],
  ['a', 'b'],
  ['a/b'],
  ['.hidden'],
  ['..hidden'],
  ['end.'],
  ['.'],
  ['..'],
  ['x', '..', 'y'],
  ['../../x'],
  ['/etc'],
  ['~'],
  ['~root'],
  ['cur'],
  ['new'],
  ['tmp'],
  ['dovecot-uidlist'],
  ['subscriptions'],
  ['maildirfolder'],
  ['con:'],
  ['INBOX.Sub'],
  ['x'.repeat(200)],
  ['ä'.repeat(300)],
  ['{5}'],
  ['NIL'],
  ['__proto__'],
  ['constructor'],
];

export const nameSection: Section = (test) => {
  for (const path of ODD) {
    test(`${JSON.stringify(path)} comes back or is refused (D7, D10, P9, P23)`, async (context) => {
      if (await createOrRefuse(context.account, path)) await expectRoundTrip(context, path);
    });
  }

  test('names that look alike are never one mailbox (D10, P9)', async ({ account }) => {
    const made: MailboxPath[] = [];
    for (const path of ODD) {
      if (!(await createOrRefuse(account, path))) continue;
      made.push(path);
      const { messages } = await account.status(path);
      expectEqual(messages, 0, `messages in the new mailbox ${JSON.stringify(path)}`);
      await appendMail(await account.mailbox(path), 'one');
    }
    const listed = (await account.list()).filter((info) => info.isSelectable).map((info) => JSON.stringify(info.path));
    for (const path of made) expectThat(listed.includes(JSON.stringify(path)), `${JSON.stringify(path)} is listed`);
    expectEqual(listed.length, made.length + 1, 'mailboxes');
    expectEqual(
      new Set((await account.list()).map((info) => info.id).filter((id) => id !== undefined)).size,
      made.length + 1,
      'ids',
    );
  });

  test('parts that no name can have are refused', async ({ account }) => {
    const before = await account.list();
    for (const path of [
      [''],
      ['a', ''],
      ['', 'a'],
      ['nul\0'],
      ['line\nbreak'],
      ['carriage\rreturn'],
      ['half\ud800'],
    ] as const) {
      await expectRefusal(account.create(path as MailboxPath), 'STORE_CANNOT', `creating ${JSON.stringify(path)}`);
    }
    await account.create(['Fine']);
    await expectRefusal(account.rename(['Fine'], ['']), 'STORE_CANNOT', 'renaming to nothing');
    expectEqual((await account.list()).length, before.length + 1, 'mailboxes');
  });

  test('looking for a name that cannot be finds nothing', async ({ account }) => {
    for (const path of [['../../etc'], ['nul\0'], ['missing'], ['..']] as const) {
      for (const work of [account.status(path), account.mailbox(path), account.delete(path)]) {
        await expectRefusal(work, ['STORE_NONEXISTENT', 'STORE_CANNOT'], `looking for ${JSON.stringify(path)}`);
      }
    }
  });
};

/** Whether the store could create a mailbox; anything but a plain refusal fails. */
async function createOrRefuse(account: Account, path: MailboxPath): Promise<boolean> {
  try {
    await account.create(path);
    return true;
  } catch (error) {
    expectThat(
      StoreError.is(error) && error.code === 'STORE_CANNOT',
      `${JSON.stringify(path)} is refused with STORE_CANNOT, not ${String(error)}`,
    );
    return false;
  }
}

async function expectRoundTrip({ account, another }: Context, path: MailboxPath): Promise<void> {
  await appendMail(await account.mailbox(path), 'one');
  await account.subscribe(path, true);
  await account.close();
  const again = await another();
  const info = (await again.list()).find((each) => JSON.stringify(each.path) === JSON.stringify(path));
  expectThat(info?.isSelectable === true && info.isSubscribed, 'the mailbox is listed as it was, and subscribed');
  expectEqual((await again.status(path)).messages, 1, 'messages');
  await again.rename(path, ['Plain']);
  expectEqual((await again.status(['Plain'])).messages, 1, 'messages after a rename');
  await again.rename(['Plain'], path);
  await again.delete(path);
  const left = (await again.list()).filter((each) => each.isSelectable);
  expectEqual(
    left.map((each) => each.path),
    [['INBOX']],
    'mailboxes left',
  );
}
