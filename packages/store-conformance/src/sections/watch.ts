import type { Account, ChangeHint, Mailbox } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import fc from 'fast-check';
import { expectEqual, expectThat, soon } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, EVERY, turn } from '../mail.ts';

export const watchSection: Section = (test, { propertyRuns }) => {
  test('is in force when the call returns', async ({ account, inbox }) => {
    const watching = account.watch('all');
    await appendMail(inbox, 'a');
    expectEqual((await firstHint(watching)).path, ['INBOX'], 'the hint');
  });

  test('a change between two waits is not lost (D19, P19)', async ({ account, inbox }) => {
    const hints = account.watch([['INBOX']])[Symbol.asyncIterator]();
    for (let round = 0; round < 5; round++) {
      await appendMail(inbox, `between-${round}`);
      await soon(hints.next(), `the hint of round ${round}`);
    }
    await hints.return?.();
  });

  test('a change by another handle wakes one who waits', async ({ account, another }) => {
    const hint = firstHint(account.watch([['INBOX']]));
    await turn();
    await appendMail(await (await another()).mailbox(['INBOX']), 'a');
    expectEqual((await hint).path, ['INBOX'], 'the hint');
  });

  test('appends, flags, expunges and transfers are all changes', async ({ account, inbox }) => {
    await account.create(['Other']);
    const works: Readonly<Record<string, () => Promise<unknown>>> = {
      append: () => appendMail(inbox, 'a'),
      store: () => inbox.store(EVERY, 'add', ['\\Seen']),
      'copy here': () => account.transfer(['INBOX'], EVERY, ['INBOX'], 'copy'),
      'move away': async () => account.transfer(['INBOX'], setOf([await appendMail(inbox, 'b')]), ['Other'], 'move'),
      expunge: () => inbox.expunge(EVERY),
    };
    for (const [name, work] of Object.entries(works)) {
      const watching = account.watch([['INBOX']]);
      await work();
      expectEqual((await firstHint(watching, name)).path, ['INBOX'], `the hint of ${name}`);
    }
  });

  test('a move is told for both mailboxes', async ({ account, inbox }) => {
    await account.create(['Other']);
    await appendMail(inbox, 'a');
    const watching = account.watch('all');
    await account.transfer(['INBOX'], EVERY, ['Other'], 'move');
    const seen = new Set<string>();
    for await (const { path } of watching) {
      seen.add(path.join('/'));
      if (seen.size === 2) break;
    }
    expectEqual([...seen].sort(), ['INBOX', 'Other'], 'the hints');
  });

  test('a watch on all sees mailboxes that come later', async ({ account }) => {
    const watching = account.watch('all');
    await account.create(['Later']);
    await appendMail(await account.mailbox(['Later']), 'a');
    expectEqual((await hintFor(watching, 'Later')).path, ['Later'], 'the hint');
  });

  test('a watch on a mailbox sees it deleted', async ({ account }) => {
    await account.create(['Short']);
    const watching = account.watch([['Short']]);
    await account.delete(['Short']);
    expectEqual((await firstHint(watching)).path, ['Short'], 'the hint');
  });

  test('INBOX in any case is INBOX', async ({ account, inbox }) => {
    const watching = account.watch([['Inbox']]);
    await appendMail(inbox, 'a');
    expectEqual((await firstHint(watching)).path, ['INBOX'], 'the hint');
  });

  test('many changes do not pile up', async ({ account, inbox }) => {
    const hints = account.watch([['INBOX']])[Symbol.asyncIterator]();
    for (let index = 0; index < 50; index++) await appendMail(inbox, `m-${index}`);
    const controller = new AbortController();
    let count = 0;
    const counting = (async () => {
      while ((await hints.next()).done !== true) count++;
    })();
    for (let index = 0; index < 20; index++) await turn();
    await hints.return?.();
    controller.abort();
    await soon(counting, 'the end of the watch');
    expectThat(count >= 1 && count <= 50, `${count} hints for 50 changes are coalesced`);
  });

  test('an abort ends the loop without throwing', async ({ account }) => {
    const controller = new AbortController();
    const loop = drain(account.watch('all', { signal: controller.signal }));
    await turn();
    controller.abort(new Error('enough'));
    await soon(loop, 'the end of the loop');
    await soon(drain(account.watch('all', { signal: controller.signal })), 'the end of a loop that was aborted before');
  });

  test('closing the account ends the loop', async ({ account, another }) => {
    const other = await another();
    const loop = drain(account.watch('all'));
    const otherLoop = other.watch('all');
    await turn();
    await account.close();
    await soon(loop, 'the end of the loop');
    await appendMail(await other.mailbox(['INBOX']), 'a');
    expectEqual((await firstHint(otherLoop)).path, ['INBOX'], 'the hint of a handle that is still open');
  });

  test('a change at any instant reaches every watcher', async ({ account, another }) => {
    const pauses = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pauses, pauses, async (writing, reading) => {
        const path = `Box-${Math.random()}`.replace('.', '-');
        await account.create([path]);
        const writer = await (await another()).mailbox([path]);
        const readers = await Promise.all([
          follow(account, path, reading, writing.length),
          follow(await another(), path, [], writing.length),
        ]);
        for (const pause of writing) {
          await rest(pause);
          await appendMail(writer, 'm');
        }
        for (const reader of readers) await soon(reader.whole, `${writing.length} messages reach the watcher`);
      }),
      { numRuns: Math.min(propertyRuns, 25) },
    );
  });
};

/** Reads changes whenever hinted, as a session would, until it knows of `expected` messages. */
async function follow(
  account: Account,
  name: string,
  pauses: readonly number[],
  expected: number,
): Promise<{ whole: Promise<void> }> {
  const mailbox = await account.mailbox([name]);
  const hints = account.watch([[name]]);
  return { whole: readAlong(mailbox, hints, pauses, expected) };
}

async function readAlong(
  mailbox: Mailbox,
  hints: AsyncIterable<ChangeHint>,
  pauses: readonly number[],
  expected: number,
): Promise<void> {
  let page = await mailbox.changes(undefined);
  let known = page.added.length;
  if (known === expected) return;
  let round = 0;
  for await (const _ of hints) {
    await rest(pauses[round++] ?? 0);
    page = await mailbox.changes(page.cursor);
    known += page.added.length;
    if (known === expected) return;
  }
}

async function rest(steps: number): Promise<void> {
  if (steps === 4) await turn();
  else for (let step = 0; step < steps; step++) await Promise.resolve();
}

async function firstHint(watching: AsyncIterable<ChangeHint>, what = 'the change'): Promise<ChangeHint> {
  return hintWhere(watching, () => true, what);
}

function hintFor(watching: AsyncIterable<ChangeHint>, name: string): Promise<ChangeHint> {
  return hintWhere(watching, ({ path }) => path[0] === name, name);
}

async function hintWhere(
  watching: AsyncIterable<ChangeHint>,
  isWanted: (hint: ChangeHint) => boolean,
  what: string,
): Promise<ChangeHint> {
  const iterator = watching[Symbol.asyncIterator]();
  for (;;) {
    const step = await soon(iterator.next(), `a hint of ${what}`);
    expectThat(step.done !== true, 'the watch goes on');
    if (!isWanted(step.value)) continue;
    await iterator.return?.();
    return step.value;
  }
}

async function drain(watching: AsyncIterable<ChangeHint>): Promise<void> {
  for await (const hint of watching) expectThat(hint.path.length > 0, 'a hint names a mailbox');
}
