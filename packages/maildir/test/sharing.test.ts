import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { accountId } from '@posthorn/core';
import { expect, it } from 'vitest';
import { deliver, openMaildir } from '../src/index.ts';
import { EVERY, mail, openAccount, scratchDirectory } from './support.ts';

/** The modes of all that lies below a directory, but of the index, which belongs to one user. */
function modes(directory: string): Readonly<Record<string, string>> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const shared = names.filter((name) => !name.startsWith('posthorn-index'));
  return Object.fromEntries(shared.map((name) => [name, (statSync(join(directory, name)).mode & 0o777).toString(8)]));
}

it('opens what is made to the group that shares the Maildir, whatever the umask says', async () => {
  const root = join(scratchDirectory(), 'shared');
  mkdirSync(root);
  chmodSync(root, 0o2770);
  const account = await openAccount(root);
  await account.create(['A']);
  await account.subscribe(['A'], true);
  const inbox = await account.mailbox(['INBOX']);
  await inbox.append([{ body: [mail('a')], flags: ['Keyword'] }, { body: [mail('b')] }]);
  await account.transfer(['INBOX'], EVERY, ['A'], 'copy');
  await deliver(root, [mail('c')], { fsync: false });
  for (const [name, mode] of Object.entries(modes(root)))
    expect([name, mode]).toEqual([name, statSync(join(root, name)).isDirectory() ? '770' : '660']);
  expect(statSync(join(root, '.A/cur')).mode & 0o2000, 'the group is passed on').toBe(0o2000);
});

it('keeps what is made to the user where nobody shares it, also beside an account that is shared', async () => {
  const root = scratchDirectory();
  mkdirSync(join(root, 'shared'));
  chmodSync(join(root, 'shared'), 0o2770);
  const store = openMaildir(root, { accounts: 'per-user', fsync: false });
  for (const name of ['shared', 'private']) {
    const account = await store.open(accountId(name));
    await account.create(['A']);
    await (await account.mailbox(['A'])).append([{ body: [mail('a')], flags: ['Keyword'] }]);
  }
  await store.close();
  expect(new Set(Object.values(modes(join(root, 'shared'))))).toEqual(new Set(['770', '660']));
  expect(new Set(Object.values(modes(join(root, 'private'))))).toEqual(new Set(['700', '600']));
});
