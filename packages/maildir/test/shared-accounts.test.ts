import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountId, type MailStore } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeAccountName, encodeAccountName } from '../src/format/account-name.ts';
import { type MaildirOptions, openMaildir } from '../src/index.ts';
import { scratchDirectory } from './support.ts';

const NOTES = '.posthorn-shared';

function openStore(root: string, options: MaildirOptions = {}): MailStore {
  const store = openMaildir(root, { accounts: 'per-user', acl: true, fsync: false, index: false, ...options });
  onTestFinished(() => store.close());
  return store;
}

describe('who shares mailboxes', () => {
  test('an account that lets somebody in is noted, for every process and for good', async () => {
    const root = scratchDirectory();
    const store = openStore(root);
    for (const name of ['alice', 'Bob@example.org', 'carol']) await store.open(accountId(name));
    expect(await store.sharing!.owners()).toEqual([]);
    const bob = await store.open(accountId('Bob@example.org'));
    await bob.acl!.change(['INBOX'], 'alice', 'lr');
    expect(await store.sharing!.owners()).toEqual(['Bob@example.org']);
    await bob.acl!.change(['INBOX'], 'alice', undefined);
    expect(await openStore(root).sharing!.owners()).toEqual(['Bob@example.org']);
    expect(readdirSync(root).toSorted()).toEqual([NOTES, '=42ob@example.org', 'alice', 'carol']);
  });

  test.each(['maildir++', 'fs'] as const)('what Dovecot shares in %s is found once', async (layout) => {
    const root = scratchDirectory();
    const store = openStore(root, { layout });
    for (const name of ['alice', 'bob', 'carol']) await (await store.open(accountId(name))).create(['A', 'B']);
    writeFileSync(join(root, 'bob', 'dovecot-acl'), 'user=alice lr\n');
    writeFileSync(join(root, 'carol', layout === 'fs' ? 'A/B' : '.A.B', 'dovecot-acl'), 'anyone l\n');
    // Neither is an account.
    mkdirSync(join(root, 'Not an account'));
    writeFileSync(join(root, 'Not an account', 'dovecot-acl'), 'anyone l\n');
    writeFileSync(join(root, 'file'), '');
    // What is noted before does not keep the others from being found.
    const alice = await store.open(accountId('alice'));
    await alice.acl!.change(['INBOX'], 'bob', 'l');
    expect([...(await store.sharing!.owners())].toSorted()).toEqual(['alice', 'bob', 'carol']);
    expect(await openStore(root, { layout }).sharing!.owners()).toHaveLength(3);
  });

  test('asking makes no account', async () => {
    const root = scratchDirectory();
    expect(await openStore(root).sharing!.owners()).toEqual([]);
    expect(readdirSync(root)).toEqual([NOTES]);
  });

  test('a single Maildir, and one without access control, shares nothing', () => {
    const root = scratchDirectory();
    expect(openStore(root, { accounts: 'single' }).sharing).toBeUndefined();
    expect(openStore(root, { acl: false }).sharing).toBeUndefined();
  });
});

test('the directory of an account tells which it is', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), (name) => {
      expect(decodeAccountName(encodeAccountName(accountId(name)))).toBe(name);
    }),
  );
  for (const name of ['', '.', '..', NOTES, 'A', '=', '=4', '=4g', '=61', '=ff', '=C3', 'a b', 'con'])
    expect(decodeAccountName(name)).toBeUndefined();
});
