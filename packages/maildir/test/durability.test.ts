import { basename, dirname } from 'node:path';
import { type Account, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import { deliver, type FileWrite } from '../src/index.ts';
import { EVERY, mail, openAccount, scratchDirectory } from './support.ts';

const ADDITIONS: Readonly<Record<string, (account: Account, root: string, log: FileWrite[]) => Promise<unknown>>> = {
  append: async (account) => (await account.mailbox(['INBOX'])).append([{ body: [mail('a')] }]),
  'append with flags': async (account) =>
    (await account.mailbox(['INBOX'])).append([{ body: [mail('a')], flags: ['\\Seen'] }]),
  'append of several': async (account) =>
    (await account.mailbox(['INBOX'])).append(['a', 'b', 'c'].map((subject) => ({ body: [mail(subject)] }))),
  copy: (account) => account.transfer(['INBOX'], EVERY, ['Target'], 'copy'),
  move: (account) => account.transfer(['INBOX'], setOf([uid(1)]), ['Target'], 'move'),
  deliver: (_, root, log) => deliver(root, [mail('a')], { fault: (write) => void log.push(write) }),
};

/** Runs a change, and tells its writes in their order. */
async function writesOf(name: string): Promise<readonly FileWrite[]> {
  const root = scratchDirectory();
  const log: FileWrite[] = [];
  const account = await openAccount(root, { fsync: true, fault: (write) => void log.push(write) });
  await account.create(['Target']);
  await (await account.mailbox(['INBOX'])).append([{ body: [mail('first')] }, { body: [mail('second')] }]);
  log.length = 0;
  await ADDITIONS[name]!(account, root, log);
  return log;
}

describe.each(Object.keys(ADDITIONS))('what %s adds', (name) => {
  it('is on the disk before anybody can see it, and its name before the promise resolves', async () => {
    const log = await writesOf(name);
    const at = (operation: FileWrite['operation'], path: string, from = 0): number =>
      log.findIndex((write, index) => index >= from && write.operation === operation && write.path === path);
    const arrivals = log.flatMap(({ operation, path }, index) =>
      operation === 'rename' && ['new', 'cur'].includes(basename(dirname(path))) ? [{ index, path }] : [],
    );
    expect(arrivals.length).toBeGreaterThan(0);
    for (const { index, path } of arrivals) {
      const temporary = `${dirname(dirname(path))}/tmp/${basename(path).replace(/,S=.*/, '')}`;
      const linked = at('link', temporary);
      // A copy shares the content of a message that was on the disk before.
      if (linked < 0) {
        const written = log.findLastIndex(({ operation, path: each }) => operation === 'write' && each === temporary);
        expect(written).toBeGreaterThanOrEqual(0);
        expect(at('sync', temporary)).toBeGreaterThan(written);
        expect(at('sync', temporary)).toBeLessThan(index);
      }
      expect(at('sync', dirname(path), index), `the name ${path}`).toBeGreaterThan(index);
    }
  });

  it('has its UID on the disk when the promise resolves, and a batch its journal before it begins', async () => {
    const log = await writesOf(name);
    for (const [index, { operation, path }] of log.entries()) {
      const isList = basename(path) === 'dovecot-uidlist' && operation === 'write';
      if (isList)
        expect(log.slice(index).some((write) => write.operation === 'sync' && write.path === path)).toBe(true);
    }
    if (name !== 'deliver') expect(log.some(({ path }) => basename(path) === 'dovecot-uidlist')).toBe(true);
    const firstArrival = log.findIndex(({ operation, path }) => operation === 'rename' && /\/(?:new|cur)\//.test(path));
    const journal = log.findIndex(({ operation, path }) => operation === 'sync' && path.endsWith('/posthorn-journal'));
    if (['append of several', 'copy', 'move'].includes(name)) {
      expect(journal).toBeGreaterThanOrEqual(0);
      expect(journal).toBeLessThan(firstArrival);
    }
  });
});

it('is removed at the source of a move only when it is on the disk at the target', async () => {
  const log = await writesOf('move');
  const removal = log.findIndex(
    ({ operation, path }) => operation === 'unlink' && /(?<!Target)\/(?:new|cur)\//.test(path),
  );
  const synced = log.findIndex(({ operation, path }) => operation === 'sync' && /\.Target\/(?:new|cur)$/.test(path));
  expect(synced).toBeGreaterThanOrEqual(0);
  expect(removal).toBeGreaterThan(synced);
});

it('has a list of UIDs whose name is on the disk, too', async () => {
  const root = scratchDirectory();
  const log: FileWrite[] = [];
  const account = await openAccount(root, { fsync: true, fault: (write) => void log.push(write) });
  await (await account.mailbox(['INBOX'])).append([{ body: [mail('first')] }]);
  const named = log.findIndex(({ operation, path }) => operation === 'rename' && path === `${root}/dovecot-uidlist`);
  const synced = log.findIndex(({ operation, path }, index) => index > named && operation === 'sync' && path === root);
  const used = log.findIndex(({ operation, path }) => operation === 'write' && path === `${root}/dovecot-uidlist`);
  expect(named).toBeGreaterThanOrEqual(0);
  expect(synced).toBeGreaterThan(named);
  expect(used).toBeGreaterThan(synced);
});
