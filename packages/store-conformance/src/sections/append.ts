import { type NewMessage, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { expectEqual, expectRefusal, expectThat, rejectionOf, soon } from '../expect.ts';
import type { Context, Section } from '../harness.ts';
import {
  all,
  appendMail,
  flagsOf,
  gist,
  inChunks,
  mail,
  newMessage,
  readBytes,
  SOME_DATE,
  turn,
  uidsIn,
} from '../mail.ts';

export const appendSection: Section = (test) => {
  test('a message starts with its flags and keywords; \\Recent is ignored', async ({ inbox }) => {
    const message = await appendMail(inbox, 'a', ['\\SEEN', '\\flagged', '$Forwarded', '\\Recent', '$FORWARDED']);
    expectEqual(await flagsOf(inbox, message), ['$forwarded', '\\flagged', '\\seen'], 'the flags');
    const plain = await appendMail(inbox, 'b');
    expectEqual(await flagsOf(inbox, plain), [], 'the flags of a message without');
  });

  test('a message keeps its date (P10)', async ({ inbox, traits }) => {
    const dates = [
      SOME_DATE,
      { epochSeconds: 0, offsetMinutes: 0 },
      { epochSeconds: 4_000_000_000, offsetMinutes: -570 },
    ];
    const { uids } = await inbox.append(dates.map((date) => newMessage(mail('dated'), [], date)));
    const found = await all(inbox.scan(setOf(uids), ['internalDate']));
    const expected = dates.map((date) => (traits.keepsZone ? date : { ...date, offsetMinutes: 0 }));
    expectEqual(
      found.map((meta) => meta.internalDate),
      expected,
      'the dates',
    );
  });

  test('a message keeps a date before 1970', async ({ inbox }) => {
    const { uids } = await inbox.append([newMessage(mail('old'), [], { epochSeconds: -86_400, offsetMinutes: 0 })]);
    const [meta] = await all(inbox.scan(setOf(uids), ['internalDate']));
    expectEqual(meta?.internalDate.epochSeconds, -86_400, 'the date');
  });

  test('a message without a date is dated', async ({ inbox }) => {
    const message = await appendMail(inbox, 'now');
    const [meta] = await all(inbox.scan(setOf([message]), ['internalDate']));
    expectThat(Number.isSafeInteger(meta?.internalDate.epochSeconds), 'the date is a whole number of seconds');
  });

  test('a batch may come as it is made, each message asked for when the one before was read', async ({ inbox }) => {
    const log: string[] = [];
    async function* batch(): AsyncIterable<NewMessage> {
      for (const name of ['a', 'b']) {
        log.push(`${name} is asked for`);
        await turn();
        yield { body: logged(mail(name), name, log), flags: [name === 'a' ? '\\Seen' : '\\Flagged'] };
      }
    }
    const { uids } = await inbox.append(batch());
    const order = ['a', 'b'].flatMap((name) => [`${name} is asked for`, `${name} starts`, `${name} ends`]);
    expectEqual(log, order, 'what happened');
    expectEqual(await readBytes(inbox, uids[1]!), mail('b'), 'the second message');
    expectEqual(await flagsOf(inbox, uids[0]!), ['\\seen'], 'the flags of the first');
  });

  test('a batch that fails while it is made adds nothing', async (context) => {
    const failure = new Error('there is no more');
    async function* batch(): AsyncIterable<NewMessage> {
      yield newMessage(mail('a'));
      throw failure;
    }
    await expectNothing(context, batch(), failure);
  });

  test('an empty batch changes nothing', async ({ account, inbox }) => {
    const before = await account.status(['INBOX']);
    expectEqual((await inbox.append([])).uids, [], 'the UIDs of an empty batch');
    expectEqual(await account.status(['INBOX']), before, 'the status');
  });

  test('a body that fails takes its whole batch with it (D17)', async (context) => {
    const failure = new Error('the source broke');
    await expectNothing(
      context,
      [newMessage(mail('a')), { body: failing(mail('b'), failure) }, newMessage(mail('c'))],
      failure,
    );
  });

  test('a body that fails at its start or end adds nothing', async (context) => {
    const failure = new Error('the source broke');
    await expectNothing(context, [{ body: failing(new Uint8Array(0), failure) }], failure);
    await expectNothing(context, [newMessage(mail('a')), { body: failing(mail('b'), failure) }], failure);
  });

  test('a message whose UID is refused takes its whole batch with it (D17)', async ({ inbox }) => {
    await inbox.append([{ body: [mail('a')], uid: uid(9) }]);
    const { cursor } = await inbox.changes(undefined);
    const batch = [newMessage(mail('b')), { body: [mail('c')], uid: uid(3) }];
    await expectRefusal(inbox.append(batch), 'STORE_UID_TAKEN', 'the batch');
    expectEqual(gist(await inbox.changes(cursor)), { complete: true, added: [], changed: [], vanished: [] }, 'changes');
  });

  test('bodies are read once and in order, iterable or async iterable', async ({ inbox }) => {
    const log: string[] = [];
    const names = ['a', 'b', 'c'];
    const { uids } = await inbox.append(names.map((name) => ({ body: logged(mail(name), name, log) })));
    expectEqual(log, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends'], 'the order of reading');
    for (const [index, name] of names.entries()) expectEqual(await readBytes(inbox, uids[index]!), mail(name), name);
    const mixed = await inbox.append([
      { body: [mail('d')] },
      { body: inChunks(mail('e'), [3]) },
      { body: new Set([mail('f')]) },
    ]);
    expectEqual(await readBytes(inbox, mixed.uids[2]!), mail('f'), 'the body of an iterable');
  });

  test('a batch appears all at once', async ({ account, inbox, another }) => {
    const reader = await (await another()).mailbox(['INBOX']);
    const seen = new Set<number>();
    async function* watched(): AsyncIterable<Uint8Array> {
      yield mail('second');
      seen.add((await reader.changes(undefined)).added.length);
      seen.add((await account.status(['INBOX'])).messages);
    }
    await soon(inbox.append([newMessage(mail('first')), { body: watched() }]), 'appending while others read');
    expectEqual([...seen], [0], 'messages seen before the batch was whole');
    expectEqual((await reader.changes(undefined)).added.length, 2, 'messages seen after it');
  });

  test('a slow body holds nobody up, and its UID follows those that were visible before it', async ({
    inbox,
    another,
  }) => {
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    async function* slow(): AsyncIterable<Uint8Array> {
      yield mail('slow');
      await gate;
    }
    const slowAppend = inbox.append([{ body: slow() }]);
    await turn();
    const quick = await (await another()).mailbox(['INBOX']);
    const first = await soon(appendMail(quick, 'quick'), 'an append beside a slow one');
    const page = await quick.changes(undefined);
    go();
    const second = (await soon(slowAppend, 'the slow append')).uids[0]!;
    expectThat(second > first, `UID ${second}, which became visible after ${first}, is above it`);
    expectEqual(
      gist(await quick.changes(page.cursor)),
      { complete: true, added: [second], changed: [], vanished: [] },
      'changes',
    );
  });

  test('a mailbox deleted while a body is read takes no message', async ({ account }) => {
    await account.create(['Gone']);
    const mailbox = await account.mailbox(['Gone']);
    async function* body(): AsyncIterable<Uint8Array> {
      yield mail('late');
      await account.delete(['Gone']);
    }
    await expectRefusal(soon(mailbox.append([{ body: body() }]), 'the append'), 'STORE_NONEXISTENT', 'the append');
    await account.create(['Gone']);
    expectEqual((await account.status(['Gone'])).messages, 0, 'messages in the new mailbox');
  });
};

async function expectNothing(
  { account, inbox }: Context,
  batch: readonly NewMessage[] | AsyncIterable<NewMessage>,
  failure: Error,
): Promise<void> {
  const before = await account.status(['INBOX']);
  const { cursor } = await inbox.changes(undefined);
  const error = await rejectionOf(inbox.append(batch), 'appending');
  expectThat(error === failure, 'the failure of the body is passed on unchanged');
  const page = await inbox.changes(cursor);
  expectEqual(gist(page), { complete: true, added: [], changed: [], vanished: [] }, 'changes after the failure');
  const { messages, size } = await account.status(['INBOX']);
  expectEqual({ messages, size }, { messages: before.messages, size: before.size }, 'the status after the failure');
  const uids = await uidsIn(inbox);
  const next = await appendMail(inbox, 'next');
  expectEqual(await uidsIn(inbox), [...uids, next], 'the mailbox after another append');
}

async function* failing(bytes: Uint8Array, failure: Error): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes;
  throw failure;
}

async function* logged(bytes: Uint8Array, name: string, log: string[]): AsyncIterable<Uint8Array> {
  log.push(`${name} starts`);
  yield bytes.subarray(0, 10);
  await turn();
  yield bytes.subarray(10);
  log.push(`${name} ends`);
}
