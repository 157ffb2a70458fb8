import type { Account } from '@posthorn/core';
import fc from 'fast-check';
import { expectEqual, expectRefusal, soon } from '../expect.ts';
import type { Context, Section } from '../harness.ts';
import { appendMail, appendMails, EVERY, mail, readBytes, turn, uidsIn } from '../mail.ts';
import { OPERATIONS, picture, prepare } from '../operations.ts';

export const isolationSection: Section = (test, { propertyRuns }) => {
  test('two accounts share nothing', async (context) => {
    const { account, inbox } = context;
    const other = await otherAccount(context);
    if (other === undefined) return;
    const otherInbox = await other.mailbox(['INBOX']);
    await account.create(['Private']);
    await account.subscribe(['Private'], true);
    const [mine] = await appendMails(inbox, 'mine', 'mine-too');
    const theirs = await appendMail(otherInbox, 'theirs');
    expectEqual(await readBytes(inbox, mine!), mail('mine'), 'my message');
    expectEqual(await readBytes(otherInbox, theirs), mail('theirs'), 'their message');
    expectEqual((await uidsIn(otherInbox)).length, 1, 'their messages');
    expectEqual(
      (await other.list()).map((info) => info.path),
      [['INBOX']],
      'their mailboxes',
    );
    await expectRefusal(other.mailbox(['Private']), 'STORE_NONEXISTENT', 'opening my mailbox');
    await otherInbox.expunge(EVERY);
    await inbox.store(EVERY, 'add', ['Secret-Project']);
    expectEqual((await uidsIn(inbox)).length, 2, 'my messages after their expunge');
    expectEqual(await otherInbox.keywords(), [], 'their keywords');
  });

  test('nothing that one account does changes what another sees (property)', async (context) => {
    const other = await otherAccount(context);
    if (other === undefined) return;
    await prepare(other, await other.mailbox(['INBOX']));
    await other.subscribe(['Target', 'Child'], true);
    const before = await picture(other);
    const { account, inbox } = context;
    await prepare(account, inbox);
    const names = Object.keys(OPERATIONS);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 8 }), async (steps) => {
        // What one of them refuses, such as a name that is taken, changes nothing either.
        for (const name of steps) await OPERATIONS[name]!(account, inbox, {}).catch(() => {});
        expectEqual(await picture(other), before, `what the other sees after ${steps.join(', ')}`);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('names cannot reach into another account (D7)', async (context) => {
    const other = await otherAccount(context);
    if (other === undefined) return;
    const name = String(context.opened.account);
    await appendMail(context.inbox, 'secret');
    for (const path of [
      ['..', name],
      [`../${name}`],
      ['..', name, 'INBOX'],
      [`/${name}`],
      ['..', '..', name],
    ] as const) {
      await expectRefusal(other.mailbox(path), ['STORE_NONEXISTENT', 'STORE_CANNOT'], JSON.stringify(path));
    }
  });

  test('a watcher hears nothing of other accounts', async (context) => {
    const other = await otherAccount(context);
    if (other === undefined) return;
    let heard = 0;
    const loop = (async () => {
      for await (const _ of other.watch('all')) heard++;
    })();
    await appendMail(context.inbox, 'mine');
    for (let round = 0; round < 10; round++) await turn();
    await other.close();
    await soon(loop, 'the end of the watch');
    expectEqual(heard, 0, 'hints');
  });
};

/** Undefined for a store that holds a single account. */
async function otherAccount({ store, opened }: Context): Promise<Account | undefined> {
  return opened.otherAccount === undefined ? undefined : store.open(opened.otherAccount);
}
