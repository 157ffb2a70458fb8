import {
  type Account,
  accountId,
  type MailStore,
  sessionId,
  type Uid,
  uid,
  uidValidity,
  utf8Bytes,
} from '@posthorn/core';
import { ids, rangeSet, setOf } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import { type FaultPoint, type MemoryStoreOptions, memoryStore, restoreMemoryStore } from '../src/index.ts';

const EVERY = rangeSet(uid(1), uid(4_294_967_295));
const ALICE = accountId('alice');
const NOW = 1_700_000_000_999;

async function opened(options: MemoryStoreOptions = {}): Promise<{ store: MailStore; account: Account }> {
  const store = memoryStore(options);
  return { store, account: await store.open(ALICE) };
}

const message = (text: string) => ({ body: [utf8Bytes(`Subject: ${text}\r\n\r\n${text}\r\n`)] });

describe('the clock', () => {
  it('dates messages and UIDVALIDITY', async () => {
    let now = NOW;
    const { account } = await opened({ clock: () => now });
    const inbox = await account.mailbox(['INBOX']);
    expect(inbox.uidValidity).toBe(1_700_000_000);
    now += 60_000;
    await inbox.append([message('a')]);
    const rows = [];
    for await (const row of inbox.scan(EVERY, ['internalDate', 'saveDate'])) rows.push(row);
    const date = { epochSeconds: 1_700_000_060, offsetMinutes: 0 };
    expect(rows).toMatchObject([{ internalDate: date, saveDate: date }]);
    await account.create(['A']);
    expect((await account.status(['A'])).uidValidity).toBe(1_700_000_060);
  });

  it.each([0, -5_000, 1e20])('gives valid figures at %d', async (now) => {
    const { account } = await opened({ clock: () => now });
    const { uidValidity } = await account.status(['INBOX']);
    expect(uidValidity).toBeGreaterThanOrEqual(1);
    expect(uidValidity).toBeLessThanOrEqual(4_294_967_295);
  });

  it('may stand still or run backwards', async () => {
    const times = [NOW, NOW - 5_000, NOW - 10_000];
    const { account } = await opened({ clock: () => times.pop() ?? 0 });
    await account.create(['A']);
    await account.create(['B']);
    const validities = await Promise.all(
      [['INBOX'], ['A'], ['B']].map(async ([name]) => (await account.status([name!])).uidValidity),
    );
    expect(validities).toEqual([...validities].sort((one, other) => one - other));
    expect(new Set(validities).size).toBe(3);
  });

  it('says so when no UIDVALIDITY is left', async () => {
    const { account } = await opened({ clock: () => 1e20 });
    await expect(account.create(['A'])).rejects.toMatchObject({ code: 'STORE_LIMIT' });
    expect(await account.list()).toHaveLength(1);
  });
});

describe('ids', () => {
  it('come from newId', async () => {
    let counter = 0;
    const { account } = await opened({ newId: () => `id-${counter++}` });
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([message('a')]);
    expect(inbox.id).toBe('id-0');
    for await (const row of inbox.scan(EVERY, ['emailId'])) expect(row.emailId).toBe('id-1');
  });

  it('of two stores differ', async () => {
    const [one, other] = await Promise.all([opened(), opened()]);
    expect((await one.account.status(['INBOX'])).id).not.toBe((await other.account.status(['INBOX'])).id);
  });
});

describe('the fault hook', () => {
  const works: Readonly<Record<FaultPoint, (account: Account) => Promise<unknown>>> = {
    annotate: (account) => account.metadata!.change(['INBOX'], new Map([['/private/comment', 'x']])),
    filter: (account) => account.filters!.put('a', new Uint8Array(1)),
    append: async (account) => (await account.mailbox(['INBOX'])).append([message('c'), message('d')]),
    claimRecent: async (account) => (await account.mailbox(['INBOX'])).claimRecent(sessionId('one')),
    create: (account) => account.create(['New']),
    delete: (account) => account.delete(['Other']),
    limit: (account) => account.quota!.limit!('', new Map([['MESSAGE', 9]])),
    expunge: async (account) => (await account.mailbox(['INBOX'])).expunge(EVERY),
    rename: (account) => account.rename(['INBOX'], ['Saved']),
    share: (account) => account.acl!.change(['INBOX'], 'bob', 'lr'),
    store: async (account) => (await account.mailbox(['INBOX'])).store(EVERY, 'add', ['\\Seen']),
    subscribe: (account) => account.subscribe(['Other'], true),
    transfer: (account) => account.transfer(['INBOX'], EVERY, ['Other'], 'move'),
  };

  it.each(Object.keys(works) as FaultPoint[])(
    'can fail %s, which then did nothing and can be repeated',
    async (point) => {
      let failing: FaultPoint | undefined;
      const fault = async (each: FaultPoint): Promise<void> => {
        await Promise.resolve();
        if (each === failing) throw new Error('injected');
      };
      const { account } = await opened({ fault, acl: true, settableLimits: true });
      await account.create(['Other']);
      await (await account.mailbox(['INBOX'])).append([message('a'), message('b')]);
      const before = await picture(account);
      failing = point;
      await expect(works[point](account)).rejects.toThrow('injected');
      expect(await picture(account)).toEqual(before);
      failing = undefined;
      await works[point](account);
      expect(await picture(account)).not.toEqual(before);
    },
  );

  it('holds up other changes of the account, but no reading', async () => {
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const { account } = await opened({ fault: (point) => (point === 'create' ? gate : undefined) });
    const inbox = await account.mailbox(['INBOX']);
    const creating = account.create(['A']);
    const appending = inbox.append([message('a')]);
    expect((await inbox.changes(undefined)).added).toEqual([]);
    go();
    await creating;
    expect((await appending).uids).toEqual([1]);
  });
});

describe('the change log', () => {
  it('forgets its oldest entries and then says that it does not know', async () => {
    const { account } = await opened({ maxChangeLog: 4 });
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append(Array.from({ length: 20 }, (_, index) => message(`m-${index}`)));
    const cursors = [(await inbox.changes(undefined)).cursor];
    for (let step = 1; step <= 6; step++) {
      await inbox.expunge(setOf([uid(step * 2)]));
      cursors.push((await inbox.changes(undefined)).cursor);
    }
    const pages = await Promise.all(cursors.map((cursor) => inbox.changes(cursor)));
    expect(pages.map((page) => page.complete)).toEqual([false, false, true, true, true, true, true]);
    expect([...ids(pages[2]!.vanished)]).toEqual([6, 8, 10, 12]);
    expect(pages[0]!.added).toHaveLength(14);
    expect(pages[0]!.vanished.bounds).toHaveLength(0);
  });

  it('knows changed flags also when their log was forgotten', async () => {
    const { account } = await opened({ maxChangeLog: 2 });
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append(Array.from({ length: 20 }, (_, index) => message(`m-${index}`)));
    const { cursor } = await inbox.changes(undefined);
    for (let each = 1; each < 20; each += 2) await inbox.store(setOf([uid(each)]), 'add', ['\\Seen']);
    const page = await inbox.changes(cursor);
    expect(page.complete).toBe(true);
    expect(page.changed.map((summary) => summary.uid)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
  });

  it.each(['', 'nonsense', 'a.b.c.d', '....', '1.2.3'])('does not know the cursor %j', async (cursor) => {
    const { account } = await opened();
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([message('a')]);
    expect(await inbox.changes(cursor as never)).toMatchObject({ complete: false, added: [{ uid: 1 }] });
  });
});

describe('bodies', () => {
  it('are safe from a producer that uses its buffer again, and from a reader that writes to its chunks', async () => {
    const { account } = await opened();
    const inbox = await account.mailbox(['INBOX']);
    const buffer = utf8Bytes('abc');
    function* reusing(): Iterable<Uint8Array> {
      yield buffer;
      buffer.fill(0x78);
      yield buffer;
    }
    await inbox.append([{ body: reusing() }]);
    const handle = await inbox.read(uid(1));
    for await (const chunk of handle.stream()) chunk.fill(0);
    const text = [];
    for await (const chunk of handle.stream()) text.push(new TextDecoder().decode(chunk));
    expect(text.join('')).toBe('abcxxx');
    await handle.release();
    expect(() => handle.stream()).toThrow('released');
  });

  it.each([
    { start: -1, end: 2 },
    { start: 3, end: 2 },
    { start: 0.5, end: 2 },
    { start: Number.NaN, end: 2 },
  ])('refuse the range %j', async (range) => {
    const { account } = await opened();
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([message('a')]);
    await expect(inbox.read(uid(1), range)).rejects.toThrow(RangeError);
  });

  it('that are aborted are closed, and may hang or fail while closing', async () => {
    const { account } = await opened();
    const inbox = await account.mailbox(['INBOX']);
    const controller = new AbortController();
    let isClosed = false;
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          begin();
          return new Promise(() => {});
        },
        return: () => {
          isClosed = true;
          return Promise.reject(new Error('closing failed'));
        },
      }),
    };
    const appending = expect(inbox.append([{ body }], { signal: controller.signal })).rejects.toBe('enough');
    await begun;
    controller.abort('enough');
    await appending;
    expect(isClosed).toBe(true);
  });
});

it('a mailbox that takes over a name with a higher UIDVALIDITY gets a new one, and its handles end', async () => {
  const { account } = await opened();
  await account.create(['Mirror'], { uidValidity: uidValidity(4_000_000_000) });
  await account.delete(['Mirror']);
  await account.create(['A']);
  const mailbox = await account.mailbox(['A']);
  await account.rename(['A'], ['Mirror']);
  expect((await account.status(['Mirror'])).uidValidity).toBe(4_000_000_001);
  await expect(mailbox.changes(undefined)).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
});

it('a rename for which no UIDVALIDITY is left changes nothing', async () => {
  const { account } = await opened();
  await account.create(['To', 'Child'], { uidValidity: uidValidity(4_294_967_295) });
  await account.delete(['To', 'Child']);
  await account.create(['From']);
  await account.create(['From', 'Child']);
  const before = await picture(account);
  await expect(account.rename(['From'], ['To'])).rejects.toMatchObject({ code: 'STORE_LIMIT' });
  expect(await picture(account)).toEqual(before);
});

it('a mailbox that comes back to its name keeps its UIDVALIDITY and its handles', async () => {
  const { account } = await opened();
  await account.create(['A']);
  const mailbox = await account.mailbox(['A']);
  await account.rename(['A'], ['B']);
  await account.rename(['B'], ['A']);
  expect((await account.status(['A'])).uidValidity).toBe(mailbox.uidValidity);
  expect((await mailbox.append([message('a')])).uids).toEqual([1]);
});

async function picture(account: Account): Promise<unknown> {
  const boxes = [];
  for (const info of await account.list()) {
    const mailbox = await account.mailbox(info.path);
    const flags: [Uid, readonly string[]][] = [];
    for await (const row of mailbox.scan(EVERY, ['flags'])) flags.push([row.uid, row.flags]);
    boxes.push([info, await account.status(info.path), flags, await account.acl?.entries(info.path)]);
  }
  return [boxes, await account.filters?.list(), await account.quota?.root('')];
}

it('limits: mailboxes that are exempt do not count', async () => {
  const exemptFromLimits = [['Trash'], ['Junk', 'Old']] as const;
  const account = await memoryStore({ limits: { messages: 1 }, exemptFromLimits }).open(accountId('alice'));
  const { quota } = account;
  const [inbox, trash] = await Promise.all(
    [['INBOX'], ['Trash'], ['Junk', 'Old'], ['Trash', 'Below']].map(async (path) => {
      if (path[0] !== 'INBOX') await account.create(path as [string]);
      return account.mailbox(path as [string]);
    }),
  );
  const body = [new Uint8Array(4)];
  await trash!.append([{ body }, { body }]);
  await inbox!.append([{ body }]);
  expect(
    await Promise.all(
      [['INBOX'], ['Trash'], ['Junk', 'Old'], ['Trash', 'Below']].map((path) => quota!.roots(path as [string])),
    ),
  ).toEqual([[''], [], [], ['']]);
  const usages = async () => (await quota!.root(''))!.usages.map(({ usage }) => usage);
  expect(await usages()).toEqual([4, 1]);
  await expect(account.transfer(['Trash'], EVERY, ['INBOX'], 'move')).rejects.toMatchObject({
    code: 'STORE_OVER_QUOTA',
  });
  await account.transfer(['INBOX'], EVERY, ['Trash'], 'move');
  expect(await usages()).toEqual([0, 0]);
  await account.transfer(['Trash'], rangeSet(uid(1), uid(1)), ['INBOX'], 'move');
  await account.transfer(['INBOX'], EVERY, ['Junk', 'Old'], 'copy');
  expect(await usages()).toEqual([4, 1]);
  await account.rename(['Junk', 'Old'], ['Kept']);
  expect(await usages()).toEqual([8, 2]);
});

it('limits: those that were set are in a snapshot', async () => {
  const options = { limits: { messages: 5 }, settableLimits: true };
  const store = memoryStore(options);
  const account = await store.open(accountId('alice'));
  await account.quota!.limit!('', new Map([['STORAGE', 7]]));
  const restored = await (await restoreMemoryStore(store.snapshot(), options)).open(accountId('alice'));
  expect((await restored.quota!.root(''))!.usages.map(({ limit }) => limit)).toEqual([7, undefined]);
  const other = await (await restoreMemoryStore(store.snapshot(), options)).open(accountId('bob'));
  expect((await other.quota!.root(''))!.usages.map(({ limit }) => limit)).toEqual([undefined, 5]);
  expect((await memoryStore().open(accountId('alice'))).quota!.limit).toBeUndefined();
});

it('limits: what does not fit is refused whole', async () => {
  const store = memoryStore({ limits: { storage: 10, messages: 3 } });
  const account = await store.open(accountId('alice'));
  const inbox = await account.mailbox(['INBOX']);
  const body = [new Uint8Array(4)];
  await inbox.append([{ body }, { body }]);
  await expect(inbox.append([{ body: [new Uint8Array(1)] }, { body: [] }])).rejects.toMatchObject({
    code: 'STORE_OVER_QUOTA',
  });
  await expect(inbox.append([{ body: [new Uint8Array(3)] }])).rejects.toMatchObject({ code: 'STORE_OVER_QUOTA' });
  const every = rangeSet(uid(1), uid(9));
  await expect(account.transfer(['INBOX'], every, ['INBOX'], 'copy')).rejects.toMatchObject({
    code: 'STORE_OVER_QUOTA',
  });
  expect((await account.quota!.root(''))!.usages).toEqual([
    { resource: 'STORAGE', usage: 8, limit: 10 },
    { resource: 'MESSAGE', usage: 2, limit: 3 },
  ]);
});
