import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Mailbox, StoreError } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { openMaildir } from '../src/index.ts';
import { ALICE, all, EVERY, mail, openInbox, rows, scratchDirectory } from './support.ts';

/** Everything at once that makes use of the index, again and again until it is refused. */
function users(inbox: Mailbox, appended: number[]): readonly Promise<unknown>[] {
  const works: readonly (() => Promise<unknown>)[] = [
    async () => appended.push(...(await inbox.append([{ body: [mail('more')] }])).uids),
    () => inbox.store(EVERY, 'add', ['\\Seen']),
    () => inbox.store(EVERY, 'remove', ['\\Seen']),
    () => all(inbox.scan(EVERY, ['envelope'])),
    () => inbox.changes(undefined),
  ];
  return works.map(async (work) => {
    for (;;) {
      await work();
      await turns(1);
    }
  });
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a store that is closed while it is used', () => {
  it.each([0, 1, 3, 9])('%i turns later lets what began end, and refuses the rest', async (count) => {
    const root = join(scratchDirectory(), 'mail');
    const store = openMaildir(root, { fsync: false });
    const inbox = await (await store.open(ALICE)).mailbox(['INBOX']);
    const appended = [...(await inbox.append(['a', 'b', 'c'].map((each) => ({ body: [mail(each)] })))).uids];
    const outcomes = Promise.allSettled(users(inbox, appended));
    await turns(count);
    await store.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORE_CLOSED' } });
    }
    // An error that nobody waits for would come now.
    await turns(3);
    expect((await rows(await openInbox(root))).map(([uid]) => uid)).toEqual(appended.sort((one, other) => one - other));
  });

  it('leaves the directory alone when it is closed', async () => {
    const root = join(scratchDirectory(), 'mail');
    const store = openMaildir(root, { fsync: false });
    const inbox = await (await store.open(ALICE)).mailbox(['INBOX']);
    const outcomes = Promise.allSettled(users(inbox, []));
    await turns(5);
    void store.close();
    // Whoever closes it again waits as well.
    await store.close();
    rmSync(root, { recursive: true });
    await outcomes;
    await turns(3);
    expect(existsSync(root)).toBe(false);
  });

  it('is not opened any further', async () => {
    const store = openMaildir(join(scratchDirectory(), 'mail'), { fsync: false });
    const opening = store.open(ALICE).then(
      () => undefined,
      (error: unknown) => error,
    );
    await store.close();
    expect(await opening).toBeInstanceOf(StoreError);
    await expect(store.open(ALICE)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });
});
