import { MAX_ID, uidValidity } from '@posthorn/core';
import { expectEqual, expectRefusal, expectThat } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, EVERY } from '../mail.ts';

export const validitySection: Section = (test) => {
  test('UIDVALIDITY is a number from 1 to 2^32-1, the same wherever it is told (P16)', async ({ account, inbox }) => {
    const status = await account.status(['INBOX']);
    expectEqual(uidValidity(inbox.uidValidity), status.uidValidity, 'the UIDVALIDITY of the handle and of the status');
    expectEqual((await inbox.append([])).uidValidity, status.uidValidity, 'the UIDVALIDITY of an append');
  });

  test('UIDVALIDITY grows when a mailbox is deleted and created again (P2)', async ({ account }) => {
    let last = 0;
    for (let round = 0; round < 4; round++) {
      await account.create(['Again']);
      const { uidValidity: validity } = await account.status(['Again']);
      expectThat(validity > last, `UIDVALIDITY ${validity} is above ${last}`);
      last = validity;
      await account.delete(['Again']);
    }
  });

  test('UIDVALIDITY stays over appends, flags, expunges and opening again (P1, P18)', async ({
    account,
    inbox,
    another,
  }) => {
    await appendMail(inbox, 'a');
    await inbox.store(EVERY, 'add', ['\\Deleted']);
    await inbox.expunge(EVERY);
    await account.close();
    const again = await (await another()).status(['INBOX']);
    expectEqual(again.uidValidity, inbox.uidValidity, 'UIDVALIDITY after opening again');
  });

  test('a mailbox may be created with a UIDVALIDITY, for mirrors', async ({ account }) => {
    await account.create(['Mirror'], { uidValidity: uidValidity(42) });
    expectEqual((await account.status(['Mirror'])).uidValidity, 42, 'the UIDVALIDITY of the status');
    expectEqual((await account.mailbox(['Mirror'])).uidValidity, 42, 'the UIDVALIDITY of the handle');
  });

  test('a UIDVALIDITY that a name had is not given to it again', async ({ account }) => {
    await account.create(['Mirror'], { uidValidity: uidValidity(42) });
    await appendMail(await account.mailbox(['Mirror']), 'a');
    await account.delete(['Mirror']);
    for (const lower of [42, 41]) {
      const again = account.create(['Mirror'], { uidValidity: uidValidity(lower) });
      await expectRefusal(again, 'STORE_CANNOT', `UIDVALIDITY ${lower} after 42`);
    }
    await account.create(['Mirror'], { uidValidity: uidValidity(43) });
    expectEqual((await account.status(['Mirror'])).uidValidity, 43, 'a higher UIDVALIDITY');
  });

  test('a UIDVALIDITY the store chooses is above one that was given', async ({ account }) => {
    await account.create(['Mirror'], { uidValidity: uidValidity(4_000_000_000) });
    await account.delete(['Mirror']);
    await account.create(['Mirror']);
    const { uidValidity: validity } = await account.status(['Mirror']);
    expectThat(validity > 4_000_000_000, `UIDVALIDITY ${validity} is above 4000000000`);
  });

  test('the highest UIDVALIDITY there is leaves other names alone (P16)', async ({ account }) => {
    await account.create(['Mirror'], { uidValidity: uidValidity(MAX_ID) });
    expectEqual((await account.status(['Mirror'])).uidValidity, MAX_ID, 'the UIDVALIDITY given');
    await account.create(['Other']);
    await account.create(['Other', 'Mirror'], { uidValidity: uidValidity(1) });
    expectEqual((await account.status(['Other', 'Mirror'])).uidValidity, 1, 'the lowest UIDVALIDITY');
  });

  test('an INBOX that never held a message takes a UIDVALIDITY', async ({ account, another }) => {
    await account.create(['inbox'], { uidValidity: uidValidity(42) });
    expectEqual((await account.status(['INBOX'])).uidValidity, 42, 'the UIDVALIDITY of INBOX');
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [new Uint8Array(1)] }]);
    await account.close();
    expectEqual((await (await another()).status(['INBOX'])).uidValidity, 42, 'the UIDVALIDITY after opening again');
  });

  test('an INBOX that held a message exists already', async ({ account, inbox }) => {
    await appendMail(inbox, 'a');
    const create = () => account.create(['INBOX'], { uidValidity: uidValidity(4_000_000_000) });
    await expectRefusal(create(), 'STORE_ALREADY_EXISTS', 'creating an INBOX that holds a message');
    await inbox.expunge(EVERY);
    await expectRefusal(create(), 'STORE_ALREADY_EXISTS', 'creating an INBOX that held a message');
    await expectRefusal(account.create(['INBOX']), 'STORE_ALREADY_EXISTS', 'creating INBOX without UIDVALIDITY');
  });

  test('a name that another mailbox had before tells the two apart', async ({ account }) => {
    await account.create(['A']);
    await account.create(['B']);
    const seen = (await account.status(['B'])).uidValidity;
    await account.delete(['B']);
    await account.rename(['A'], ['B']);
    expectThat((await account.status(['B'])).uidValidity !== seen, 'the renamed mailbox has another UIDVALIDITY');
  });
};
