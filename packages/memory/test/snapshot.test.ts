import { accountId, type Cursor, collectBytes, type MailboxPath, MailError, uid, utf8Bytes } from '@posthorn/core';
import { ids, rangeSet } from '@posthorn/message-set';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryStore, restoreMemoryStore } from '../src/index.ts';

const ALICE = accountId('alice');
const ARCHIVE: MailboxPath = ['Archive', 'Größe'];
const one = (number: number) => rangeSet(uid(number), uid(number));

/** A store with something of everything. */
async function filled() {
  const store = memoryStore({ clock: () => 1_700_000_000_000, acl: true });
  const account = await store.open(ALICE);
  const inbox = await account.mailbox(['INBOX']);
  await inbox.append(
    [1, 2, 3, 4].map((number) => ({
      body: [utf8Bytes(`Subject: ${number}\r\n\r\n${'text\r\n'.repeat(number === 4 ? 15_000 : 1)}`)],
      flags: number % 2 === 0 ? ['\\Seen', '$Label'] : [],
      internalDate: { epochSeconds: 1_600_000_000 + number, offsetMinutes: 90 },
    })),
  );
  const { cursor } = await inbox.changes(undefined);
  await inbox.expunge(one(2));
  await inbox.store(one(3), 'add', ['$Other']);
  await account.create(ARCHIVE, { specialUse: ['\\Archive'] });
  await account.transfer(['INBOX'], rangeSet(uid(3), uid(4)), ARCHIVE, 'copy');
  await account.subscribe(['Gone'], true);
  await account.metadata?.change(ARCHIVE, new Map([['/private/comment', 'mine']]));
  await account.metadata?.change(undefined, new Map([['/shared/admin', 'me']]));
  await account.acl?.change(ARCHIVE, 'bob', 'lr');
  await account.filters?.put('main', utf8Bytes('keep;'));
  await account.filters?.activate('main');
  return { store, account, inbox, cursor };
}

async function picture(store: ReturnType<typeof memoryStore>, cursor: Cursor) {
  const account = await store.open(ALICE);
  const [inbox, archive] = [await account.mailbox(['INBOX']), await account.mailbox(ARCHIVE)];
  const bodies: Uint8Array[] = [];
  const rows: unknown[] = [];
  for (const mailbox of [inbox, archive]) {
    const fields = ['flags', 'internalDate', 'saveDate', 'size', 'emailId', 'envelope'] as const;
    for await (const row of mailbox.scan(rangeSet(uid(1), uid(100)), fields)) {
      rows.push(row);
      const body = await mailbox.read(row.uid);
      bodies.push(await collectBytes(body.stream()));
      await body.release();
    }
  }
  const { vanished, ...page } = await inbox.changes(cursor);
  return {
    list: await account.list(),
    subscriptions: await account.subscriptions?.(),
    statuses: [await account.status(['INBOX']), await account.status(ARCHIVE)],
    rows,
    bodies,
    page,
    vanished: [...ids(vanished)],
    comments: [
      ...((await account.metadata?.entries(ARCHIVE)) ?? []),
      ...((await account.metadata?.entries(undefined)) ?? []),
    ],
    rights: await account.acl?.entries(ARCHIVE),
    filters: await account.filters?.list(),
    script: await account.filters?.read('main'),
    keywords: await inbox.keywords(),
  };
}

it('brings back all that a store held, and cursors stay good', async () => {
  const { store, cursor } = await filled();
  const before = await picture(store, cursor);
  const restored = await restoreMemoryStore(store.snapshot(), { acl: true });
  const after = await picture(restored, cursor);
  expect(after).toEqual(before);
  expect(after).toMatchObject({ vanished: [2], page: { complete: true, changed: [{ uid: 3 }] } });
  // The same state is the same octets.
  expect(await collectBytes(restored.snapshot())).toEqual(await collectBytes(store.snapshot()));
});

it('holds one moment, whatever happens while it is read', async () => {
  const { store, inbox, cursor } = await filled();
  const before = await picture(store, cursor);
  const snapshot = store.snapshot();
  await inbox.store(rangeSet(uid(1), uid(9)), 'replace', ['\\Deleted']);
  await inbox.expunge(rangeSet(uid(1), uid(9)));
  expect(await picture(await restoreMemoryStore(snapshot, { acl: true }), cursor)).toEqual(before);
});

it('goes on where the store was: no UID and no UIDVALIDITY comes again', async () => {
  const { store, account } = await filled();
  const validity = (await account.status(ARCHIVE)).uidValidity;
  await account.delete(ARCHIVE);
  const restored = await (await restoreMemoryStore(store.snapshot(), { clock: () => 0 })).open(ALICE);
  await restored.create(ARCHIVE);
  expect((await restored.status(ARCHIVE)).uidValidity).toBeGreaterThan(validity);
  const inbox = await restored.mailbox(['INBOX']);
  const { uids } = await inbox.append([{ body: [utf8Bytes('a')] }]);
  expect(uids).toEqual([5]);
});

it('takes a snapshot in pieces of any size', async () => {
  const { store, cursor } = await filled();
  const snapshot = await collectBytes(store.snapshot());
  const before = await picture(store, cursor);
  for (const size of [13, 4_096, snapshot.length]) {
    const pieces = (function* () {
      for (let from = 0; from < snapshot.length; from += size) yield snapshot.subarray(from, from + size);
    })();
    expect(await picture(await restoreMemoryStore(pieces, { acl: true }), cursor)).toEqual(before);
  }
});

it('refuses what is cut anywhere, and what is no snapshot', async () => {
  const { store } = await filled();
  const snapshot = await collectBytes(store.snapshot());
  const refused = async (octets: Uint8Array): Promise<void> => {
    const outcome = await restoreMemoryStore(octets).catch((error: unknown) => error);
    expect(MailError.is(outcome) && outcome.code).toBe('STORE_CORRUPT');
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(snapshot.length - 1), (length) => refused(snapshot.subarray(0, length))),
    { numRuns: 50 },
  );
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), refused), { numRuns: 50 });
  const text = new TextDecoder('latin1').decode(snapshot);
  await refused(utf8Bytes(text.slice(0, text.indexOf('\n') + 1).concat('null\n')));
  await refused(utf8Bytes(text.slice(0, text.indexOf('\n') + 1).concat('{"type":"account"}\n{"type":"end"}\n')));
});

it('stops when it is told to', async () => {
  const { store } = await filled();
  const snapshot = await collectBytes(store.snapshot());
  const signal = AbortSignal.abort(new Error('enough'));
  expect(() => store.snapshot({ signal })).toThrow('enough');
  await expect(restoreMemoryStore(snapshot, { signal })).rejects.toThrow('enough');
  await store.close();
  expect(() => store.snapshot()).toThrow('closed');
});
