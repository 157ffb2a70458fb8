import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accountId, MailError } from '@posthorn/core';
import { expect, it, onTestFinished } from 'vitest';
import { deliver, openMaildir } from '../src/index.ts';
import {
  ALICE,
  all,
  bytesOf,
  EVERY,
  mail,
  names,
  openAccount,
  openInbox,
  readText,
  scratchDirectory,
} from './support.ts';

const QUICK = { fsync: false };

it('makes the Maildir and puts the message into new', async () => {
  const root = join(scratchDirectory(), 'made', 'here');
  const { file, size } = await deliver(root, [mail('one')]);
  expect(size).toBe(mail('one').length);
  expect(readFileSync(file)).toEqual(Buffer.from(mail('one')));
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  const inbox = await openInbox(root);
  expect((await inbox.changes(undefined)).added).toMatchObject([{ uid: 1, flags: [] }]);
  expect(await readText(inbox, 1)).toBe(Buffer.from(mail('one')).toString());
});

it('takes bare line feeds for the line ends of the system', async () => {
  const root = scratchDirectory();
  const { file, size } = await deliver(root, [bytesOf('Subject: x\n\nline\n')], QUICK);
  expect(size).toBe(17);
  expect(readFileSync(file, 'latin1')).toBe('Subject: x\n\nline\n');
  expect(await readText(await openInbox(root), 1)).toBe('Subject: x\r\n\r\nline\r\n');
});

it('keeps flags, keywords and the date', async () => {
  const root = scratchDirectory();
  const internalDate = { epochSeconds: 1_000_000_000, offsetMinutes: 0 };
  const flags = ['\\Seen', '$Junk'];
  const { file } = await deliver(root, [mail('seen')], { ...QUICK, flags, internalDate });
  expect(file).toMatch(/\/cur\/[^/]+:2,Sa$/);
  const inbox = await openInbox(root);
  expect(await all(inbox.scan(EVERY, ['flags', 'internalDate']))).toMatchObject([{ flags, internalDate }]);
  const second = await deliver(root, [mail('again')], { ...QUICK, flags: ['$junk'] });
  expect(second.file).toMatch(/:2,a$/);
});

it('delivers into a mailbox, which it makes when asked to', async () => {
  const root = scratchDirectory();
  const path = ['Lists', 'cats'] as const;
  await expect(deliver(root, [mail('x')], { ...QUICK, path })).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
  await Promise.all([1, 2, 3].map(() => deliver(root, [mail('x')], { ...QUICK, path, create: true })));
  const mailbox = await (await openAccount(root)).mailbox(path);
  expect((await mailbox.changes(undefined)).added).toHaveLength(3);
  await expect(deliver(root, [mail('x')], { path: ['..', '..', 'etc'], create: true })).rejects.toSatisfy(MailError.is);
});

it('delivers to one of several accounts', async () => {
  const root = scratchDirectory();
  const body = [mail('hers')];
  await deliver(root, body, { ...QUICK, account: ALICE, path: ['A'], create: true });
  await deliver(root, [mail('his')], { ...QUICK, account: accountId('../bob') });
  const store = openMaildir(root, { accounts: 'per-user', fsync: false });
  onTestFinished(() => store.close());
  const hers = await store.open(ALICE);
  expect((await hers.status(['A'])).messages).toBe(1);
  expect((await hers.status(['INBOX'])).messages).toBe(0);
  expect((await (await store.open(accountId('../bob'))).status(['INBOX'])).messages).toBe(1);
  expect(names(root)).toHaveLength(2);
});

it('loses nothing and repeats no UID while many deliver and others read, flag and expunge', async () => {
  const root = scratchDirectory();
  mkdirSync(root, { recursive: true });
  const inbox = await openInbox(root);
  let isDone = false;
  const seen = new Map<number, string>();
  const look = async (): Promise<void> => {
    for (const { uid, envelope } of await all(inbox.scan(EVERY, ['envelope']))) {
      expect(seen.get(uid) ?? envelope.subject).toBe(envelope.subject);
      seen.set(uid, envelope.subject ?? '');
    }
  };
  const read = async (): Promise<void> => {
    while (!isDone) {
      await look();
      await inbox.store(EVERY, 'add', ['\\Seen']);
    }
  };
  const agents = Array.from({ length: 16 }, async (_, agent) => {
    for (let index = 0; index < 20; index++) await deliver(root, [mail(`${agent}-${index}`)], QUICK);
  });
  const delivering = Promise.allSettled(agents).finally(() => {
    isDone = true;
  });
  const [reading] = await Promise.allSettled([read(), delivering]);
  expect([...(await delivering), reading].filter(({ status }) => status === 'rejected')).toEqual([]);
  await look();
  expect(new Set(seen.values()).size).toBe(320);
  expect(seen.size).toBe(320);
});

it('leaves nothing behind when the body fails, the disk is full or the caller gives up', async () => {
  const root = scratchDirectory();
  await deliver(root, [mail('first')], QUICK);
  async function* broken(): AsyncIterable<Uint8Array> {
    yield mail('half');
    throw new Error('the body failed');
  }
  await expect(deliver(root, broken(), QUICK)).rejects.toThrow('the body failed');
  for (const operation of ['create', 'write', 'sync', 'rename'] as const) {
    const full = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', syscall: operation });
    const fault = (write: { readonly operation: string }): void => {
      if (write.operation === operation) throw full;
    };
    await expect(deliver(root, [mail('x')], { fault })).rejects.toMatchObject({ code: 'STORE_OVER_QUOTA' });
  }
  const signal = AbortSignal.abort(new Error('given up'));
  await expect(deliver(root, [mail('x')], { signal })).rejects.toThrow('given up');
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  expect([...readdirSync(join(root, 'new')), ...readdirSync(join(root, 'cur'))]).toHaveLength(1);
});
