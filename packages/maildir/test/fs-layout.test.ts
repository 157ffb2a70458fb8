import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, accountId, type MailboxPath } from '@posthorn/core';
import { storeConformance } from '@posthorn/store-conformance';
import { describe, expect, it } from 'vitest';
import { openMaildir } from '../src/index.ts';
import { layoutOf } from '../src/layout/layout.ts';
import { maildir } from './fixture.ts';
import { killedNow, mail, names, openAccount, rows, scratchDirectory, tree } from './support.ts';

const FS = { layout: 'fs' } as const;
const { directoryOf } = layoutOf('fs', 'utf-7');

const paths = async (account: Account): Promise<readonly string[]> =>
  (await account.list()).map(({ path, isSelectable }) => `${path.join('/')}${isSelectable ? '' : '*'}`);

storeConformance({
  name: 'maildir with the layout fs',
  describe,
  it: (name, body) => it(name, body, 60_000),
  propertyRuns: 10,
  bulkMessages: 200,
  open: async () => {
    const root = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'posthorn-maildir-'));
    let onWrite: (() => void) | undefined;
    const options = { ...FS, quota: { storage: 10 ** 9 }, acl: true, fsync: false } as const;
    const open = () => openMaildir(root, { ...options, accounts: 'per-user', fault: () => onWrite?.() });
    let store = open();
    return {
      store,
      account: accountId('alice'),
      otherAccount: accountId('bob'),
      reopen: async () => {
        await store.close();
        store = open();
        return store;
      },
      onWrite: (hook) => {
        onWrite = hook;
      },
      cleanup: async () => {
        await store.close();
        await rm(root, { recursive: true, force: true });
      },
    };
  },
});

describe('names in the layout fs', () => {
  it('are directories within directories', () => {
    const pairs: readonly (readonly [MailboxPath, string])[] = [
      [['A', 'B'], 'A/B'],
      [['Foo', 'Bär'], 'Foo/B&AOQ-r'],
      [['a.b', '.c'], 'a.b/.c'],
      [['inbox', 'x'], 'INBOX/x'],
      [['iNbOx'], ''],
      [['dovecot'], 'dovecot'],
    ];
    for (const [path, directory] of pairs) expect(directoryOf(path)).toBe(directory);
    expect(layoutOf('fs', 'utf-8').directoryOf(['Foo', 'Bär'])).toBe('Foo/Bär');
  });

  it('that would be taken for others are refused (D7, P9)', () => {
    const refused = [
      ['a/b'],
      ['..'],
      ['.'],
      ['..x'],
      ['a', '..', 'b'],
      [''],
      ['a', ''],
      ['~x'],
      ['nul\0'],
      ['x'.repeat(256)],
      ['\ud800'],
      ['cur'],
      ['a', 'tmp'],
      ['subscriptions'],
      ['dovecot-uidlist'],
      ['posthorn-index'],
      ['maildirsize'],
    ];
    for (const path of refused)
      expect(() => directoryOf(path as never)).toThrow(expect.objectContaining({ code: 'STORE_CANNOT' }));
  });

  it('leave everything outside the root alone', async () => {
    const outside = scratchDirectory();
    const account = await openAccount(join(outside, 'deep', 'Maildir'), FS);
    const elsewhere = maildir({ 'x/cur/1.M1.secret:2,': 'secret' });
    symlinkSync(elsewhere, join(outside, 'deep', 'Maildir', 'Link'));
    // A number is taken before the place of the mailbox is looked at.
    const files = () => Object.entries(tree(outside)).filter(([path]) => !path.includes('dovecot-uidvalidity'));
    const before = files();
    for (const path of [['..', '..', 'x'], ['a', '..', '..', 'b'], ['/etc']])
      await expect(account.create(path as never)).rejects.toMatchObject({ code: 'STORE_CANNOT' });
    for (const path of [
      ['Link', 'new one'],
      ['Link', 'x', 'y'],
    ])
      await expect(account.create(path as never)).rejects.toMatchObject({ code: 'STORE_CANNOT' });
    await expect(account.mailbox(['Link', 'x'])).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
    expect(files()).toEqual(before);
    expect(await paths(account)).toEqual(['INBOX']);
  });
});

describe('folders in the layout fs', () => {
  it('are what Dovecot makes', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root, FS);
    await account.create(['A', 'B']);
    expect(names(join(root, 'A'))).toEqual(['B']);
    expect(names(join(root, 'A/B'))).toEqual(['cur', 'dovecot-uidlist', 'new', 'tmp']);
    expect(names(root).filter((name) => !name.startsWith('dovecot'))).toEqual(['A', 'cur', 'new', 'tmp']);
  });

  it('that hold only children become mailboxes, and mailboxes with children leave them behind', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root, FS);
    await account.create(['A', 'B']);
    await account.create(['A']);
    await (await account.mailbox(['A'])).append([{ body: [mail('a')] }]);
    expect(await paths(account)).toEqual(['INBOX', 'A', 'A/B']);
    await account.delete(['A']);
    expect(await paths(account)).toEqual(['INBOX', 'A*', 'A/B']);
    expect(names(join(root, 'A'))).toEqual(['B']);
    await account.create(['A']);
    expect(await rows(await account.mailbox(['A']))).toEqual([]);
    await account.delete(['A']);
    await account.delete(['A', 'B']);
    expect(await paths(account)).toEqual(['INBOX']);
    expect(existsSync(join(root, 'A'))).toBe(false);
  });

  it('move with all below them, in one step', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root, FS);
    await account.create(['A', 'B']);
    await account.create(['A']);
    await (await account.mailbox(['A', 'B'])).append([{ body: [mail('a')] }]);
    const moved = await account.mailbox(['A', 'B']);
    await account.rename(['A'], ['X', 'Y']);
    expect(await paths(account)).toEqual(['INBOX', 'X*', 'X/Y', 'X/Y/B']);
    expect((await rows(moved)).length).toBe(1);
    await account.rename(['X', 'Y'], ['Z']);
    expect(await paths(account)).toEqual(['INBOX', 'Z', 'Z/B']);
    expect(existsSync(join(root, 'X'))).toBe(false);
  });

  it('keep their children when the program dies while one is deleted', async () => {
    const root = scratchDirectory();
    const copies = scratchDirectory();
    let count = 0;
    let isArmed = false;
    const fault = (): void => {
      if (isArmed) killedNow(root, join(copies, String(count++)));
    };
    const account = await openAccount(root, { ...FS, fault, index: false });
    await account.create(['A', 'B']);
    await account.create(['A']);
    for (const path of [['A'], ['A', 'B']] as const)
      await (await account.mailbox(path)).append([{ body: [mail('a')], flags: ['$Word'] }]);
    isArmed = true;
    await account.delete(['A']);
    isArmed = false;
    expect(count).toBeGreaterThan(8);
    for (let index = 0; index < count; index++) {
      const again = await openAccount(join(copies, String(index)), { ...FS, index: false });
      const listed = await paths(again);
      expect(listed.map((path) => path.replace('*', ''))).toEqual(['INBOX', 'A', 'A/B']);
      expect((await rows(await again.mailbox(['A', 'B']))).length).toBe(1);
      if (listed.includes('A')) expect((await rows(await again.mailbox(['A']))).length).toBe(1);
      else expect(names(join(copies, String(index), 'A'))).toEqual(['B']);
      await again.close();
    }
  });

  it('are there or not, with all their mail, wherever the program dies', async () => {
    const root = scratchDirectory();
    const copies = scratchDirectory();
    let count = 0;
    let isArmed = false;
    const fault = (): void => {
      if (isArmed) killedNow(root, join(copies, String(count++)));
    };
    const account = await openAccount(root, { ...FS, fault, index: false });
    await account.create(['A', 'B']);
    await (await account.mailbox(['A', 'B'])).append([{ body: [mail('a')] }]);
    const states = [await paths(account)];
    const changes = [
      () => account.create(['A']),
      () => account.create(['N', 'M']),
      () => account.rename(['A'], ['X', 'Y']),
      () => account.delete(['X', 'Y', 'B']),
      () => account.delete(['N', 'M']),
    ];
    for (const change of changes) {
      isArmed = true;
      await change();
      isArmed = false;
      states.push(await paths(account));
      for (let index = 0; index < count; index++) {
        const again = await openAccount(join(copies, String(index)), { ...FS, index: false });
        const listed = await paths(again);
        expect(states.slice(-2)).toContainEqual(listed);
        const kept = listed.find((path) => path.endsWith('/B'))?.split('/') as MailboxPath | undefined;
        if (kept !== undefined) expect((await rows(await again.mailbox(kept))).length).toBe(1);
        await again.close();
      }
      expect(count).toBeGreaterThan(3);
      while (count > 0) rmSync(join(copies, String(--count)), { recursive: true });
    }
    expect(states.at(-1)).toEqual(['INBOX', 'X*', 'X/Y']);
  });

  it('that others made are found, and other directories are not', async () => {
    const root = maildir({
      'Entwürfe/cur/1.M1.a:2,S': 'x',
      'A/B/cur/1.M1.a:2,': 'x',
      'B&AOQ-r/cur/.keep': '',
      'notes/todo.txt': '',
      'courierimapkeywords/cur/x': '',
      'posthorn-sync/cur/x': '',
    });
    writeFileSync(join(root, 'file'), '');
    mkdirSync(join(root, 'tmp/x/cur'), { recursive: true });
    const account = await openAccount(root, FS);
    expect(await paths(account)).toEqual(['INBOX', 'A*', 'A/B', 'Bär', 'Entwürfe']);
    expect(await rows(await account.mailbox(['Entwürfe']))).toEqual([[1, '\\Seen']]);
  });

  it('are subscribed to with tabs, or slashes in the old form', async () => {
    const root = maildir({ subscriptions: 'A/B\n' });
    const account = await openAccount(root, FS);
    await account.create(['A', 'B']);
    await account.subscribe(['C', 'x.y'], true);
    expect(readFileSync(join(root, 'subscriptions'), 'utf8')).toBe('A/B\nC/x.y\n');
    expect((await account.list()).filter(({ isSubscribed }) => isSubscribed).map(({ path }) => path)).toEqual([
      ['A', 'B'],
    ]);
  });
});

describe('names in UTF-8', () => {
  it('are written as they are in either layout', async () => {
    for (const [layout, directory] of [
      ['fs', 'Ä/ü.x'],
      ['maildir++', '.Ä.ü'],
    ] as const) {
      const root = scratchDirectory();
      const account = await openAccount(root, { layout, nameEncoding: 'utf-8' });
      const path: MailboxPath = ['Ä', layout === 'fs' ? 'ü.x' : 'ü'];
      await account.create(path);
      await account.subscribe(path, true);
      expect(existsSync(join(root, directory, 'cur'))).toBe(true);
      expect(readFileSync(join(root, 'subscriptions'), 'utf8')).toBe(`V\t2\n\n${path.join('\t')}\n`);
      expect(await paths(account)).toEqual(['INBOX', 'Ä*', path.join('/')]);
    }
  });
});
