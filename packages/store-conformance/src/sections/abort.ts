import type { NewMessage } from '@posthorn/core';
import { expectEqual, expectThat, rejectionOf, soon } from '../expect.ts';
import type { Section } from '../harness.ts';
import { appendMail, appendMails, EVERY, inChunks, mail, readBytes, turn } from '../mail.ts';
import { CHANGES, expectWhole, OPERATIONS, picture, prepare } from '../operations.ts';

export const abortSection: Section = (test) => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    test(`${name} with an aborted signal rejects with its reason and does nothing`, async ({ account, inbox }) => {
      await prepare(account, inbox);
      const before = await picture(account);
      const reason = new Error('no longer wanted');
      const error = await rejectionOf(operation(account, inbox, { signal: AbortSignal.abort(reason) }), name);
      expectThat(error === reason, 'the rejection is the reason of the signal, untouched');
      expectEqual(await picture(account), before, 'the account after the abort');
    });
  }

  for (const name of CHANGES) {
    test(`${name} aborted at any await happens wholly or not at all`, async ({ account, inbox, another }) => {
      await prepare(account, inbox);
      const operation = OPERATIONS[name]!;
      const before = await picture(account);
      let settledFirst = false;
      for (let step = 0; step < 40 && !settledFirst; step++) {
        const controller = new AbortController();
        const reason = new Error('no longer wanted');
        let isSettled = false;
        const work = operation(account, inbox, { signal: controller.signal }).then(
          () => undefined,
          (error: unknown) => error,
        );
        void work.finally(() => {
          isSettled = true;
        });
        await steps(step);
        settledFirst = isSettled;
        controller.abort(reason);
        const error = await soon(work, `${name} aborted after ${step} steps`);
        expectThat(
          error === undefined || error === reason,
          `${name} ends well or with the reason, not with ${String(error)}`,
        );
        const after = await picture(await another());
        if (JSON.stringify(after) === JSON.stringify(before)) {
          expectThat(error !== undefined, `${name} that ended well took place`);
          continue;
        }
        expectWhole(name, before, after);
        return;
      }
    });
  }

  test('an append aborted between two chunks adds nothing', async ({ account, inbox }) => {
    for (let chunk = 0; chunk < 6; chunk++) {
      const before = await picture(account);
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      const body = abortingAt(chunk, controller, reason);
      const batch = [{ body: inChunks(mail('whole'), [50]) }, { body }];
      const error = await rejectionOf(inbox.append(batch, { signal: controller.signal }), 'the append');
      expectThat(error === reason, 'the rejection is the reason of the signal, untouched');
      expectEqual(await picture(account), before, `the account after an abort at chunk ${chunk}`);
    }
    const message = await appendMail(inbox, 'next');
    expectEqual(await readBytes(inbox, message), mail('next'), 'the next message');
  });

  test('an append whose batch never goes on can be aborted', async ({ account, inbox }) => {
    const controller = new AbortController();
    async function* stuck(): AsyncIterable<NewMessage> {
      yield { body: [mail('first')] };
      await new Promise<never>(() => {});
    }
    const work = rejectionOf(inbox.append(stuck(), { signal: controller.signal }), 'the append');
    await turn();
    controller.abort('enough');
    expectEqual(await soon(work, 'aborting a stuck append'), 'enough', 'the reason');
    expectEqual((await account.status(['INBOX'])).messages, 0, 'messages');
    await soon(appendMail(inbox, 'next'), 'the next append');
  });

  test('an append whose body never goes on can be aborted', async ({ account, inbox }) => {
    const controller = new AbortController();
    async function* stuck(): AsyncIterable<Uint8Array> {
      yield mail('stuck');
      await new Promise(() => {});
    }
    const work = rejectionOf(inbox.append([{ body: stuck() }], { signal: controller.signal }), 'the append');
    await turn();
    controller.abort('enough');
    expectEqual(await soon(work, 'aborting a stuck append'), 'enough', 'the reason');
    expectEqual((await account.status(['INBOX'])).messages, 0, 'messages');
    await soon(appendMail(inbox, 'next'), 'the next append');
  });

  test('a scan aborted on its way ends with the reason', async ({ inbox }) => {
    await appendMails(inbox, 'a', 'b', 'c');
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    let count = 0;
    const scanning = (async () => {
      for await (const _ of inbox.scan(EVERY, ['flags'], { signal: controller.signal })) {
        count++;
        controller.abort(reason);
      }
    })();
    expectThat((await rejectionOf(scanning, 'the scan')) === reason, 'the rejection is the reason of the signal');
    expectThat(count < 3, 'the scan ended early');
  });
};

/** Waits for some steps of the microtask queue, and some of them for turns of the event loop. */
async function steps(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await (step % 8 === 7 ? turn() : Promise.resolve());
}

async function* abortingAt(chunk: number, controller: AbortController, reason: Error): AsyncIterable<Uint8Array> {
  for (let index = 0; index < 6; index++) {
    if (index === chunk) controller.abort(reason);
    await Promise.resolve();
    yield mail(`chunk-${index}`);
  }
}
