import { type Account, type MailboxPath, uid } from '@posthorn/core';
import { rangeSet, setOf } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import { accountSource, memoryState, pull, type SyncSource } from '../src/index.ts';
import { contentOf, deliver, EVERYTHING, finish, freshAccount, INBOX, textsOf } from './accounts.ts';

const ARCHIVE: MailboxPath = ['Archive', '2024'];

async function seeded(): Promise<Account> {
  const account = await freshAccount();
  await account.create(ARCHIVE);
  await account.create(['Entwürfe']);
  await deliver(account, INBOX, ['one', 'two', 'three'], ['\\Seen']);
  await deliver(account, INBOX, ['four'], ['\\Flagged', '$Forwarded']);
  await deliver(account, ARCHIVE, ['old']);
  return account;
}

describe('pull into a fresh target', () => {
  it('keeps UIDVALIDITY, UIDs, flags, dates and octets', async () => {
    const source = await seeded();
    // A gap, so that UIDs are kept rather than counted anew.
    await (await source.mailbox(INBOX)).expunge(setOf([uid(2)]));
    const target = await freshAccount();
    const { done } = await finish(pull(accountSource(source, 'a'), target));
    expect(done).toMatchObject({ mailboxes: 3, added: 4, flagsChanged: 0, removed: 0, bytes: 15, failed: 0 });
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it('finds nothing to do the second time, with or without its memory', async () => {
    const source = await seeded();
    const target = await freshAccount();
    const state = memoryState();
    await finish(pull(accountSource(source, 'a'), target, { state }));
    for (const memory of [state, memoryState()]) {
      const { done } = await finish(pull(accountSource(source, 'a'), target, { state: memory }));
      expect(done).toMatchObject({ added: 0, flagsChanged: 0, removed: 0, bytes: 0 });
    }
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it('streams messages that are bigger than a batch', async () => {
    const source = await freshAccount();
    await deliver(source, INBOX, ['small', 'x'.repeat(5_000), 'small too', 'y'.repeat(70_000)]);
    const target = await freshAccount();
    const { done } = await finish(pull(accountSource(source, 'a'), target, { batchBytes: 1_000, batchMessages: 2 }));
    expect(done.added).toBe(4);
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it('subscribes what the source subscribes', async () => {
    const source = await seeded();
    await source.subscribe(ARCHIVE, true);
    const target = await freshAccount();
    await finish(pull(accountSource(source, 'a'), target));
    const subscribed = (await target.list())
      .filter(({ isSubscribed }) => isSubscribed)
      .map(({ path }) => path.join('/'));
    expect(subscribed).toContain('Archive/2024');
    expect(subscribed).not.toContain('Entwürfe');
  });
});

describe('pull again', () => {
  async function inStep() {
    const source = await seeded();
    const target = await freshAccount();
    const state = memoryState();
    const run = (expunge = false) => finish(pull(accountSource(source, 'a'), target, { state, expunge }));
    await run();
    return { source, target, run };
  }

  it('brings new messages and changed flags', async () => {
    const { source, target, run } = await inStep();
    await deliver(source, INBOX, ['five']);
    const inbox = await source.mailbox(INBOX);
    await inbox.store(setOf([uid(1), uid(2)]), 'add', ['\\Answered']);
    await inbox.store(setOf([uid(4)]), 'replace', []);
    const { done } = await run();
    expect(done).toMatchObject({ added: 1, flagsChanged: 3, removed: 0 });
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it('keeps what is gone at the source, unless told to expunge', async () => {
    const { source, target, run } = await inStep();
    await (await source.mailbox(INBOX)).expunge(setOf([uid(1), uid(3)]));
    expect((await run()).done.removed).toBe(0);
    expect(await textsOf(target)).toEqual(['one', 'two', 'three', 'four']);
    expect((await run(true)).done.removed).toBe(2);
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it('never expunges what it did not bring', async () => {
    const { source, target, run } = await inStep();
    await deliver(target, INBOX, ['delivered here']);
    await (await source.mailbox(INBOX)).expunge(EVERYTHING);
    expect((await run(true)).done.removed).toBe(4);
    expect(await textsOf(target)).toEqual(['delivered here']);
  });

  it('does not bring back what was deleted in the target', async () => {
    const { target, run } = await inStep();
    await (await target.mailbox(INBOX)).expunge(setOf([uid(2)]));
    expect((await run()).done.added).toBe(0);
    expect(await textsOf(target)).toEqual(['one', 'three', 'four']);
  });

  it('keeps a mailbox that is gone at the source', async () => {
    const { source, target, run } = await inStep();
    await source.delete(ARCHIVE);
    await run(true);
    expect(await textsOf(target, ARCHIVE)).toEqual(['old']);
  });

  it('gives new messages other UIDs once somebody else delivered into the target', async () => {
    const { source, target, run } = await inStep();
    await deliver(target, INBOX, ['delivered here']);
    await deliver(source, INBOX, ['five', 'six']);
    expect((await run()).done.added).toBe(2);
    expect(await textsOf(target)).toEqual(['one', 'two', 'three', 'four', 'delivered here', 'five', 'six']);
    expect((await run()).done.added).toBe(0);
    await (await source.mailbox(INBOX)).store(setOf([uid(5)]), 'add', ['\\Seen']);
    expect((await run()).done.flagsChanged).toBe(1);
    await (await source.mailbox(INBOX)).expunge(setOf([uid(6)]));
    expect((await run(true)).done.removed).toBe(1);
    expect(await textsOf(target)).toEqual(['one', 'two', 'three', 'four', 'delivered here', 'five']);
  });
});

describe('pull into a target with a life of its own', () => {
  it('pairs what is there already by content, each message once', async () => {
    const source = await seeded();
    await deliver(source, INBOX, ['twin', 'twin']);
    const target = await freshAccount();
    await deliver(target, INBOX, ['other', 'three', 'twin', 'THREE']);
    const { done } = await finish(pull(accountSource(source, 'a'), target));
    expect(done.added).toBe(5);
    expect((await textsOf(target)).toSorted()).toEqual(
      ['THREE', 'four', 'one', 'other', 'three', 'twin', 'twin', 'two'].toSorted(),
    );
  });

  describe('when many messages are gone at the source', () => {
    const texts = Array.from({ length: 60 }, (_, index) => `message ${index + 1}`);

    async function pulledThenGone(gone: number) {
      const source = await freshAccount();
      await deliver(source, INBOX, texts);
      const target = await freshAccount();
      const state = memoryState();
      await finish(pull(accountSource(source, 'a'), target, { state }));
      await (await source.mailbox(INBOX)).expunge(rangeSet(uid(1), uid(gone)));
      const run = (maxExpungedShare?: number) =>
        finish(pull(accountSource(source, 'a'), target, { state, expunge: true, maxExpungedShare }));
      return { target, run };
    }

    it.each([10, 12])('removes %i of 60 where a fifth may go', async (gone) => {
      const { target, run } = await pulledThenGone(gone);
      expect((await run(0.2)).done).toMatchObject({ removed: gone, failed: 0 });
      expect(await textsOf(target)).toEqual(texts.slice(gone));
    });

    it.each([13, 60])('removes none of %i of 60 where a fifth may go, in no run, until it is told to', async (gone) => {
      const { target, run } = await pulledThenGone(gone);
      for (const _ of [1, 2]) {
        const { done, events } = await run(0.2);
        expect(done).toMatchObject({ removed: 0, failed: gone });
        expect(events).toContainEqual({ type: 'expungeRefused', path: INBOX, gone, pulled: 60 });
        expect(await textsOf(target)).toEqual(texts);
      }
      expect((await run()).done).toMatchObject({ removed: gone, failed: 0 });
      expect(await textsOf(target)).toEqual(texts.slice(gone));
      expect((await run(0.2)).done).toMatchObject({ removed: 0, failed: 0 });
    });

    it('counts what is in the target alone, and removes ten at any share', async () => {
      const { target, run } = await pulledThenGone(20);
      const inbox = await target.mailbox(INBOX);
      await inbox.expunge(rangeSet(uid(1), uid(10)));
      await deliver(target, INBOX, texts);
      expect((await run(0)).done).toMatchObject({ removed: 10, failed: 0 });
      await expect(run(1.1)).rejects.toThrow(RangeError);
    });
  });

  it('re-matches by content when the source gave out new UIDs, and deletes nothing', async () => {
    const before = await seeded();
    const target = await freshAccount();
    const state = memoryState();
    await finish(pull(accountSource(before, 'a'), target, { state }));
    const after = await freshAccount({ clock: () => 1_900_000_000_000 });
    await deliver(after, INBOX, ['new', 'four', 'two']);
    const { done, events } = await finish(pull(accountSource(after, 'a'), target, { state, expunge: true }));
    expect(events.filter(({ type }) => type === 'uidValidityReset')).toHaveLength(1);
    expect(done).toMatchObject({ added: 1, removed: 0 });
    expect((await textsOf(target)).toSorted()).toEqual(['four', 'new', 'one', 'three', 'two']);
    const again = await finish(pull(accountSource(after, 'a'), target, { state, expunge: true }));
    expect(again.done).toMatchObject({ added: 0, removed: 0 });
  });
});

describe('pull from a source that misbehaves', () => {
  /** The source, with its opened mailboxes changed. */
  function distorted(
    account: Account,
    change: (mailbox: Awaited<ReturnType<SyncSource['open']>>) => object,
  ): SyncSource {
    const source = accountSource(account, 'a');
    return {
      ...source,
      open: async (info, options) => {
        const mailbox = await source.open(info, options);
        return { ...mailbox, ...change(mailbox) };
      },
    };
  }

  it('takes a listing that is too short for no proof of deletion', async () => {
    const source = await seeded();
    const target = await freshAccount();
    const state = memoryState();
    await finish(pull(accountSource(source, 'a'), target, { state }));
    const silent = distorted(source, () => ({ flags: async function* () {}, highestModSeq: undefined }));
    const { done } = await finish(pull(silent, target, { state, expunge: true }));
    expect(done.removed).toBe(0);
    expect(await textsOf(target)).toHaveLength(4);
  });

  it('reports a message without a body, brings the others, and tries it again', async () => {
    const source = await seeded();
    const target = await freshAccount();
    const state = memoryState();
    const bodiless = distorted(source, ({ messagesOf }) => ({
      messagesOf: async function* (...asked: Parameters<typeof messagesOf>) {
        for await (const message of messagesOf(...asked))
          yield message.uid === 2 ? { ...message, body: undefined } : message;
      },
    }));
    const { done, events } = await finish(pull(bodiless, target, { state }));
    expect(done).toMatchObject({ added: 4, failed: 1 });
    expect(events).toContainEqual(expect.objectContaining({ type: 'messageFailed', uid: 2 }));
    const again = await finish(pull(accountSource(source, 'a'), target, { state }));
    expect(again.done).toMatchObject({ added: 1, failed: 0 });
    expect((await textsOf(target)).toSorted()).toEqual(['four', 'one', 'three', 'two']);
  });

  it('keeps what came before a body that breaks off, and goes on from there', async () => {
    const source = await seeded();
    const target = await freshAccount();
    const state = memoryState();
    const broken = distorted(source, ({ messagesOf }) => ({
      messagesOf: async function* (...asked: Parameters<typeof messagesOf>) {
        for await (const message of messagesOf(...asked)) {
          const stream = async function* () {
            yield new Uint8Array(1);
            throw new Error('cut');
          };
          yield message.uid === 3 ? { ...message, body: { size: 5, stream } } : message;
        }
      },
    }));
    await expect(finish(pull(broken, target, { state, batchMessages: 1 }))).rejects.toThrow('cut');
    expect(await textsOf(target)).toEqual(['one', 'two']);
    const { done } = await finish(pull(accountSource(source, 'a'), target, { state }));
    expect(done.added).toBe(3);
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });
});

describe('stopping', () => {
  it('rejects with the reason of the signal and keeps what was done', async () => {
    const source = await seeded();
    const target = await freshAccount();
    const stop = new AbortController();
    const run = async () => {
      for await (const event of pull(accountSource(source, 'a'), target, { batchMessages: 1, signal: stop.signal })) {
        if (event.type === 'progress') stop.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    const { done } = await finish(pull(accountSource(source, 'a'), target));
    expect(done.added).toBeGreaterThan(0);
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it('ends when the loop is left', async () => {
    const source = await seeded();
    const target = await freshAccount();
    for await (const event of pull(accountSource(source, 'a'), target)) if (event.type === 'progress') break;
    await finish(pull(accountSource(source, 'a'), target));
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });
});
