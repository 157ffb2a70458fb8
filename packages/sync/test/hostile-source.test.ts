import { type MailboxPath, uid, utf8Bytes } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import { accountSource, memoryState, pull, type SourceMailbox, type SyncSource } from '../src/index.ts';
import { contentOf, deliver, EVERYTHING, finish, freshAccount, INBOX, textsOf } from './accounts.ts';

type Account = Awaited<ReturnType<typeof freshAccount>>;

/** The source, with its opened mailboxes changed. */
function distorted(account: Account, change: (mailbox: SourceMailbox) => Partial<SourceMailbox>): SyncSource {
  const source = accountSource(account, 'a');
  return {
    ...source,
    open: async (info, options) => {
      const mailbox = await source.open(info, options);
      return { ...mailbox, ...change(mailbox) };
    },
  };
}

async function filled(...texts: string[]): Promise<Account> {
  const account = await freshAccount();
  await deliver(account, INBOX, texts);
  return account;
}

/** The messages of a mailbox, in the order given by their UIDs. */
function inOrder(order: readonly number[]) {
  return ({ messagesOf }: SourceMailbox): Partial<SourceMailbox> => ({
    messagesOf: async function* (uids, options) {
      for (const each of order) yield* messagesOf(setOf([uid(each)]), options);
      void uids;
    },
  });
}

describe('a source that answers wrongly', () => {
  it('out of order: UIDs are kept all the same', async () => {
    const source = await filled('one', 'two', 'three', 'four');
    const target = await freshAccount();
    const { done } = await finish(pull(distorted(source, inOrder([3, 1, 4, 2])), target));
    expect(done).toMatchObject({ added: 4, failed: 0 });
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it('twice, or what was not asked for: each message is stored once', async () => {
    const source = await filled('one', 'two', 'three');
    const target = await freshAccount();
    const state = memoryState();
    await finish(pull(distorted(source, inOrder([1, 2, 2, 1, 3, 3])), target, { state }));
    expect(await textsOf(target)).toEqual(['one', 'two', 'three']);
    await deliver(source, INBOX, ['four']);
    const { done } = await finish(pull(distorted(source, inOrder([1, 2, 3, 4])), target, { state }));
    expect(done.added).toBe(1);
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it.each([1, 8 * 1024 * 1024])(
    'with another number of octets than announced, in batches of %i octets',
    async (batchBytes) => {
      const source = await filled('one', 'two', 'three');
      const target = await freshAccount();
      const state = memoryState();
      const cut = distorted(source, ({ messagesOf }) => ({
        messagesOf: async function* (uids, options) {
          for await (const message of messagesOf(uids, options)) {
            const stream = async function* () {
              yield utf8Bytes('tw');
            };
            yield message.uid === 2 ? { ...message, body: { size: 3, stream } } : message;
          }
        },
      }));
      const { done, events } = await finish(pull(cut, target, { state, batchBytes }));
      expect(done).toMatchObject({ added: 2, failed: 1 });
      expect(events).toContainEqual(expect.objectContaining({ type: 'messageFailed', uid: 2 }));
      expect(await textsOf(target)).toEqual(['one', 'three']);
      await finish(pull(accountSource(source, 'a'), target, { state }));
      expect((await textsOf(target)).toSorted()).toEqual(['one', 'three', 'two']);
    },
  );

  it('not at all for a message it lists: that is a failure, and asked for again', async () => {
    const source = await filled('one', 'two', 'three');
    const target = await freshAccount();
    const state = memoryState();
    const { done, events } = await finish(pull(distorted(source, inOrder([1, 3])), target, { state }));
    expect(done).toMatchObject({ added: 2, failed: 1 });
    expect(events).toContainEqual(expect.objectContaining({ type: 'messageFailed', uid: 2 }));
    expect((await finish(pull(accountSource(source, 'a'), target, { state }))).done.added).toBe(1);
  });

  it('not at all for a message that is gone by then: that is no failure', async () => {
    const source = await filled('one', 'two', 'three');
    const vanishing = distorted(source, ({ messagesOf }) => ({
      messagesOf: async function* (uids, options) {
        await (await source.mailbox(INBOX)).expunge(setOf([uid(2)]));
        yield* messagesOf(uids, options);
      },
    }));
    const { done } = await finish(pull(vanishing, await freshAccount()));
    expect(done).toMatchObject({ added: 2, failed: 0 });
  });

  it('with a list that leaves one out while another arrives: nothing is removed, and it is said', async () => {
    const source = await filled('one', 'two', 'three');
    const target = await freshAccount();
    const state = memoryState();
    await finish(pull(accountSource(source, 'a'), target, { state }));
    await deliver(source, INBOX, ['four']);
    const partial = distorted(source, ({ flags }) => ({
      messages: 3,
      currentMessages: 4,
      flags: async function* (options) {
        for await (const message of flags(options)) if (message.uid !== 2) yield message;
      },
    }));
    expect((await finish(pull(partial, target, { state, expunge: true }))).done.removed).toBe(0);
    const short = distorted(source, ({ flags }) => ({
      flags: async function* (options) {
        for await (const message of flags(options)) if (message.uid !== 2) yield message;
      },
    }));
    // The source changed, so that it is compared again.
    await (await source.mailbox(INBOX)).store(EVERYTHING, 'add', ['\\Seen']);
    const { done, events } = await finish(pull(short, target, { state, expunge: true }));
    expect(done).toMatchObject({ removed: 0, failed: 1 });
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning' }));
  });

  it('with wrong sizes: what was stored but not remembered is still known again', async () => {
    const source = await filled('one', 'two', 'three');
    const target = await freshAccount();
    const lying = () =>
      distorted(source, ({ metadata }) => ({
        metadata: async function* (uids, options) {
          for await (const message of metadata(uids, options)) yield { ...message, size: message.size + 7 };
        },
      }));
    for (const batchBytes of [1, 1_000]) {
      await finish(pull(lying(), target));
      // A run that remembers nothing stands for one that died before it could.
      expect((await finish(pull(lying(), target, { batchBytes }))).done).toMatchObject({ added: 0, failed: 0 });
    }
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });
});

describe('messages of equal size and date', () => {
  it('are told apart by content when the target gave them other UIDs', async () => {
    const target = await freshAccount();
    const source = await filled('aaa', 'bbb', 'ccc');
    // The source's UIDVALIDITY, and one message of somebody else in front.
    const { uidValidity } = await source.mailbox(INBOX);
    await target.create(INBOX, { uidValidity });
    await deliver(target, INBOX, ['first!']);
    await finish(pull(accountSource(source, 'a'), target));
    const state = memoryState();
    expect((await finish(pull(accountSource(source, 'a'), target, { state }))).done.added).toBe(0);
    expect(await textsOf(target)).toEqual(['first!', 'aaa', 'bbb', 'ccc']);
    await (await source.mailbox(INBOX)).expunge(setOf([uid(2)]));
    expect((await finish(pull(accountSource(source, 'a'), target, { state, expunge: true }))).done.removed).toBe(1);
    expect(await textsOf(target)).toEqual(['first!', 'aaa', 'ccc']);
  });
});

describe('a mailbox of the target that was removed by hand', () => {
  it('is brought again', async () => {
    const path: MailboxPath = ['Archive'];
    const source = await freshAccount();
    await source.create(path);
    await deliver(source, path, ['old']);
    const state = memoryState();
    await finish(pull(accountSource(source, 'a'), await freshAccount(), { state }));
    // A target that never heard of the mailbox, and so takes the same UIDVALIDITY again.
    const emptied = await freshAccount();
    expect((await finish(pull(accountSource(source, 'a'), emptied, { state }))).done.added).toBe(1);
    expect(await textsOf(emptied, path)).toEqual(['old']);
  });
});

describe('a run that died between creating a mailbox and subscribing to it', () => {
  it('is made good by the next', async () => {
    const source = await freshAccount();
    await source.create(['Archive']);
    await source.subscribe(['Archive'], true);
    const target = await freshAccount();
    await target.create(['Archive']);
    await finish(pull(accountSource(source, 'a'), target));
    expect((await target.list()).find(({ path }) => path[0] === 'Archive')?.isSubscribed).toBe(true);
  });
});
