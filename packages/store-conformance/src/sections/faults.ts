import { MailError } from '@posthorn/core';
import { expectEqual, expectThat } from '../expect.ts';
import type { Context, Section } from '../harness.ts';
import { appendMail, mail, readBytes } from '../mail.ts';
import { CHANGES, expectWhole, OPERATIONS, type Picture, picture, prepare } from '../operations.ts';

export const faultSection: Section = (test, { propertyRuns }) => {
  for (const name of CHANGES) {
    test(`${name}, of which any one write fails, is refused and undone, or done`, async (context) => {
      for (const at of await pointsOf(name, context, propertyRuns)) {
        await context.elsewhere(async (fresh) => {
          const { before, error } = await interrupted(name, fresh, (count) => count === at);
          const what = `${name} whose write ${at} failed`;
          await expectBeforeOrAfter(what, name, before, await picture(await fresh.another()), error);
          await expectGoesOn(fresh);
        });
      }
    });

    test(`${name}, ended before any write, was not or was whole once the store is opened again`, async (context) => {
      for (const at of await pointsOf(name, context, propertyRuns)) {
        await context.elsewhere(async (fresh) => {
          const { before, error } = await interrupted(name, fresh, (count) => count >= at);
          const store = await fresh.opened.reopen?.();
          if (store === undefined) return;
          const account = await store.open(fresh.opened.account);
          await expectBeforeOrAfter(`${name} ended before write ${at}`, name, before, await picture(account), error);
          const inbox = await account.mailbox(['INBOX']);
          expectEqual(await readBytes(inbox, await appendMail(inbox, 'next')), mail('next'), 'the next message');
        });
      }
    });
  }
};

/** The numbers of the writes to try: all, or as many as there is time for. None for a store that does not tell its writes. */
async function pointsOf(name: string, { elsewhere, opened }: Context, most: number): Promise<readonly number[]> {
  if (opened.onWrite === undefined) return [];
  let count = 0;
  await elsewhere(async (fresh) => {
    const { error } = await interrupted(name, fresh, (at) => {
      count = at + 1;
      return false;
    });
    expectThat(error === undefined, `${name} that nothing disturbs ends well, not with ${String(error)}`);
  });
  const step = Math.max(1, count / most);
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => Math.floor(index * step));
}

/** Does something while some of its writes fail. */
async function interrupted(
  name: string,
  { account, inbox, opened }: Context,
  fails: (count: number) => boolean,
): Promise<{ readonly before: Picture; readonly error: unknown }> {
  await prepare(account, inbox);
  const before = await picture(account);
  let count = 0;
  opened.onWrite?.(() => {
    if (fails(count++)) throw new Error('the disk failed');
  });
  try {
    await OPERATIONS[name]!(account, inbox, {});
    return { before, error: undefined };
  } catch (error) {
    return { before, error };
  } finally {
    opened.onWrite?.(undefined);
  }
}

async function expectBeforeOrAfter(
  what: string,
  name: string,
  before: Picture,
  after: Picture,
  error: unknown,
): Promise<void> {
  const isClear = error === undefined || MailError.is(error) || (error as Error).message === 'the disk failed';
  expectThat(isClear, `${what} ends with an error of the store or of the disk, not with ${String(error)}`);
  if (JSON.stringify(after) !== JSON.stringify(before)) return expectWhole(name, before, after);
  expectThat(error !== undefined, `${what}, and ended well, took place`);
}

async function expectGoesOn({ another }: Context): Promise<void> {
  const inbox = await (await another()).mailbox(['INBOX']);
  expectEqual(await readBytes(inbox, await appendMail(inbox, 'next')), mail('next'), 'the next message');
}
