import { join } from 'node:path';
import { StoreRegistry } from '@posthorn/core';
import { expect, it, onTestFinished } from 'vitest';
import { maildirFromUrl } from '../src/index.ts';
import { ALICE, mail, names, scratchDirectory } from './support.ts';

const registry = new StoreRegistry().register('maildir', maildirFromUrl);

it('a URL tells where a Maildir is, and of what kind', async () => {
  const root = join(scratchDirectory(), 'a mail');
  const options = 'layout=fs&names=utf-8&separator=!&index=no&fsync=no&messages=1&storage=1000';
  const store = await registry.open(`maildir://${root.replaceAll(' ', '%20')}?${options}`, { accounts: 'per-user' });
  onTestFinished(() => store.close());
  const account = await store.open(ALICE);
  await account.create(['Ä', 'B']);
  await (await account.mailbox(['Ä', 'B'])).append([{ body: [mail('a')], flags: ['\\Seen'] }]);
  expect(names(join(root, 'alice', 'Ä', 'B', 'cur'))).toEqual([expect.stringMatching(/!2,S$/)]);
  expect(names(join(root, 'alice', 'tmp'))).toEqual([]);
  expect((await account.quota?.root(''))?.usages.map(({ limit }) => limit)).toEqual([1000, 1]);
});

it('a URL tells what does not count, and that users set limits', async () => {
  const store = await registry.open(`maildir:${scratchDirectory()}?fsync=no&setquota=yes&exempt=Trash,Junk/Old`);
  onTestFinished(() => store.close());
  const account = await store.open(ALICE);
  for (const path of [['Trash'], ['Junk', 'Old']] as const) {
    await account.create(path);
    expect(await account.quota!.roots(path)).toEqual([]);
  }
  expect(await account.quota!.roots(['INBOX'])).toEqual(['']);
  expect(account.quota!.limit).toBeDefined();
});

it('a path is taken as it is, below this directory or the root', async () => {
  const root = join(scratchDirectory(), '100% mail');
  for (const url of [`maildir:${root}`, `MAILDIR:${root}?layout=maildir++`]) {
    const store = await registry.open(url);
    await store.open(ALICE);
    await store.close();
  }
  expect(names(root)).toContain('cur');
});

it('what makes no sense is refused with what would', async () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['maildir:', /maildir:DIR/],
    ['maildir:x?colour=red', /"colour"; there are layout, /],
    ['maildir:x?layout=dbox', /"layout" takes maildir\+\+ or fs/],
    ['maildir:x?fsync=perhaps', /"fsync" takes yes or no/],
    ['maildir:x?storage=-1', /"storage" takes a number/],
    ['maildir:x?exempt=Trash,', /"exempt" takes names/],
    ['maildir:x?constructor=1', /"constructor"/],
  ];
  for (const [url, message] of refused) {
    await expect(registry.open(url)).rejects.toThrow(message);
    await expect(registry.open(url)).rejects.toMatchObject({ code: 'STORE_CANNOT' });
  }
});
