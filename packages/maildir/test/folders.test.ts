import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountId, type MailboxPath } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { encodeAccountName } from '../src/format/account-name.ts';
import {
  formatSubscriptions,
  parseSubscriptions,
  subscribedKeys,
  withSubscription,
} from '../src/format/subscriptions.ts';
import { openMaildir } from '../src/index.ts';
import { layoutOf } from '../src/layout/layout.ts';
import { pathOf as pathOfDirectory } from '../src/layout/maildir-plus-plus.ts';
import { maildir } from './fixture.ts';
import { mail, names, openAccount, rows, scratchDirectory, tree } from './support.ts';

const layout = layoutOf('maildir++', 'utf-7');
const { directoryOf } = layout;
const pathOf = (directory: string) => pathOfDirectory(directory, 'utf-7');
const key = (...parts: readonly string[]): string => parts.join('\0');

describe('names of folders', () => {
  it('are modified UTF-7 with dots between the parts (D10)', () => {
    const pairs: readonly (readonly [MailboxPath, string])[] = [
      [['A', 'B'], '.A.B'],
      [['Foo', 'Bär'], '.Foo.B&AOQ-r'],
      [['Tom & Jerry'], '.Tom &- Jerry'],
      [['inbox', 'x'], '.INBOX.x'],
      [['cur'], '.cur'],
    ];
    for (const [path, directory] of pairs) expect(directoryOf(path)).toBe(directory);
    expect(directoryOf(['iNbOx'])).toBe('');
    expect(pathOf('.Foo.B&AOQ-r')).toEqual(['Foo', 'Bär']);
    expect(pathOf('.Entwürfe')).toEqual(['Entwürfe']);
  });

  it('that would be taken for others are refused (D7, P9)', () => {
    const refused = [
      ['a.b'],
      ['a/b'],
      ['..'],
      ['.'],
      [''],
      ['a', ''],
      ['~x'],
      ['t\tb'],
      ['nul\0'],
      ['x'.repeat(255)],
      ['\ud800'],
    ];
    for (const path of refused)
      expect(() => directoryOf(path as never)).toThrow(expect.objectContaining({ code: 'STORE_CANNOT' }));
    for (const directory of ['A', '.', '..', '..x', '.a..b', '.a.', '.INBOX', '.inbox'])
      expect(pathOf(directory)).toBeUndefined();
  });

  it('leave everything outside the root alone', async () => {
    const outside = scratchDirectory();
    const root = join(outside, 'deep', 'Maildir');
    const account = await openAccount(root);
    const before = tree(outside);
    for (const path of [['../../x'], ['..', '..', 'x'], ['/etc'], ['a/../../b']]) {
      await expect(account.create(path as never)).rejects.toMatchObject({ code: 'STORE_CANNOT' });
      await expect(account.mailbox(path as never)).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
    }
    expect(tree(outside)).toEqual(before);
  });
});

describe('folders that others made', () => {
  it('are found, in raw UTF-8 too, and given an id', async () => {
    const root = maildir({ '.Entwürfe/cur/1.M1.a:2,S': 'x', '.A.B/new/1.M1.a': 'x', '.B&AOQ-r/cur/.keep': '' });
    const account = await openAccount(root);
    const list = await account.list();
    expect(list.map(({ path }) => path.join('/'))).toEqual(['INBOX', 'A', 'A/B', 'Bär', 'Entwürfe']);
    expect(list.filter(({ isSelectable }) => !isSelectable).map(({ path }) => path)).toEqual([['A']]);
    expect(new Set(list.map(({ id }) => id)).size).toBe(5);
    expect(await rows(await account.mailbox(['Entwürfe']))).toEqual([[1, '\\Seen']]);
  });

  it('are told from dot files, other directories and links (P23)', async () => {
    const root = maildir({ '.dovecot.sieve': 'keep;', '.git/HEAD': 'ref' });
    const elsewhere = maildir({ 'cur/1.M1.secret:2,': 'x' });
    symlinkSync(elsewhere, join(root, '.Link'));
    const account = await openAccount(root);
    expect((await account.list()).map(({ path }) => path)).toEqual([['INBOX']]);
    await expect(account.mailbox(['Link'])).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
    await expect(account.create(['Link'])).rejects.toMatchObject({ code: 'STORE_ALREADY_EXISTS' });
  });

  it('get back the directories they lost', async () => {
    const root = maildir({ '.A/cur/1.M1.a:2,': 'x' });
    const account = await openAccount(root);
    expect((await rows(await account.mailbox(['A']))).length).toBe(1);
    expect(names(join(root, '.A'))).toEqual(['cur', 'dovecot-uidlist', 'new', 'tmp']);
  });

  it('do not lead elsewhere through links', async () => {
    const root = maildir({ '.A/new/.keep': '' });
    const elsewhere = maildir({ 'cur/1.M1.secret:2,': 'secret' });
    symlinkSync(join(elsewhere, 'cur'), join(root, '.A/cur'));
    symlinkSync(join(elsewhere, 'cur/1.M1.secret:2,'), join(root, 'cur/1.M9.link:2,'));
    const account = await openAccount(root);
    await expect(account.mailbox(['A'])).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await rows(await account.mailbox(['INBOX']))).toEqual([]);
  });
});

describe('folders made here', () => {
  it('are what Dovecot makes', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root);
    await account.create(['A', 'B']);
    expect(names(join(root, '.A.B'))).toEqual(['cur', 'dovecot-uidlist', 'maildirfolder', 'new', 'tmp']);
    expect(readFileSync(join(root, '.A.B/dovecot-uidlist'), 'utf8')).toMatch(/^3 V\d+ N1 G[0-9a-f]{32}\n$/);
    expect(statSync(join(root, '.A.B/maildirfolder')).size).toBe(0);
  });

  it('vanish with all their files', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root);
    await account.create(['A']);
    await (await account.mailbox(['A'])).append([{ body: [mail('a')] }]);
    mkdirSync(join(root, '.A/dbox'));
    await account.delete(['A']);
    expect(names(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('that another program took away are gone', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root);
    await account.create(['A']);
    const mailbox = await account.mailbox(['A']);
    const { rmSync } = await import('node:fs');
    rmSync(join(root, '.A'), { recursive: true });
    await expect(mailbox.changes(undefined)).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
    await expect(mailbox.append([{ body: [mail('a')] }])).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
    await account.create(['A']);
    await expect(mailbox.changes(undefined)).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
  });
});

describe('subscriptions', () => {
  it('of version 2 have tabs between the parts (D4)', () => {
    const text = 'V\t2\n\nFoo\tB&AOQ-r\nPlain\n';
    const parsed = parseSubscriptions(text);
    expect(formatSubscriptions(parsed)).toBe(text);
    expect([...subscribedKeys(parsed, layout)]).toEqual([key('Foo', 'Bär'), 'Plain']);
    expect(formatSubscriptions(withSubscription(parsed, ['Foo', 'Bär'], false, layout))).toBe('V\t2\n\nPlain\n');
    expect(formatSubscriptions(withSubscription(parsed, ['inbox'], true, layout))).toBe(`${text}INBOX\n`);
    expect(withSubscription(parsed, ['Plain'], true, layout)).toBe(parsed);
  });

  it('of version 1 stay version 1', async () => {
    const root = maildir({ subscriptions: 'A.B\nINBOX\n' });
    const account = await openAccount(root);
    await account.create(['A', 'B']);
    await account.subscribe(['C', 'Ä'], true);
    expect(readFileSync(join(root, 'subscriptions'), 'utf8')).toBe('A.B\nINBOX\nC.&AMQ-\n');
    const subscribed = (await account.list()).filter(({ isSubscribed }) => isSubscribed);
    expect(subscribed.map(({ path }) => path)).toEqual([['INBOX'], ['A', 'B']]);
  });

  it('of Courier are taken over', async () => {
    const root = maildir({ courierimapsubscribed: 'INBOX\nINBOX.A.B\n' });
    const account = await openAccount(root);
    await account.subscribe(['C'], true);
    expect(readFileSync(join(root, 'subscriptions'), 'utf8')).toBe('V\t2\n\nINBOX\nA\tB\nC\n');
  });
});

describe('accounts', () => {
  it('have directories that no other account has', () => {
    const encoded = ['alice', 'Alice', 'a/b', 'a=2Fb', '..', '.x', 'con', 'a@example.org', 'ä', 'a\u0308'].map((name) =>
      encodeAccountName(accountId(name)),
    );
    expect(encoded).toEqual([
      'alice',
      '=41lice',
      'a=2Fb',
      'a=3D2=46b',
      '=2E.',
      '=2Ex',
      '=63on',
      'a@example.org',
      '=C3=A4',
      'a=CC=88',
    ]);
    expect(() => encodeAccountName(accountId('x'.repeat(201)))).toThrow(
      expect.objectContaining({ code: 'STORE_CANNOT' }),
    );
  });

  it('share the root, or have one each below it', async () => {
    const root = scratchDirectory();
    const store = openMaildir(root, { accounts: 'per-user', fsync: false });
    await store.open(accountId('Bob/../x'));
    await store.close();
    expect(names(root)).toEqual(['=42ob=2F..=2Fx']);
    const single = openMaildir(join(root, 'one'), { fsync: false });
    await single.open(accountId('a'));
    await single.close();
    expect(names(join(root, 'one'))).toContain('cur');
    writeFileSync(join(root, 'file'), '');
    await expect(openMaildir(join(root, 'file')).open(accountId('a'))).rejects.toMatchObject({ name: 'StoreError' });
  });
});
