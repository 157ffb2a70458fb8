import { appendFileSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, type AccountQuota, uid } from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import { formatMaildirSize, parseMaildirSize } from '../src/format/maildirsize.ts';
import { deliver } from '../src/index.ts';
import { maildir } from './fixture.ts';
import { EVERY, killedNow, mail, names, openAccount, scratchDirectory } from './support.ts';

const SIZE = mail('a').length;

const figures = async ({ quota }: Account): Promise<readonly (number | undefined)[]> => {
  const { usages } = (await (quota as AccountQuota).root(''))!;
  return usages.flatMap(({ usage, limit }) => [usage, limit]);
};
const fileOf = (root: string): string => readFileSync(join(root, 'maildirsize'), 'utf8');

describe('maildirsize', () => {
  it('is limits, then lines that add up', () => {
    const limits = { storage: 1_048_576, messages: 100 };
    const used = { storage: 25, messages: 2 };
    expect(parseMaildirSize('1048576S,100C\n10 1\n20 2\n-5 -1\n99')).toEqual({ limits, used, lines: 3 });
    expect(parseMaildirSize('100C,1048576S\n         25            2\n\n')).toMatchObject({ limits, used });
    expect(formatMaildirSize(limits, used)).toBe('1048576S,100C\n25 2\n');
    expect(formatMaildirSize({ messages: 5 }, used)).toBe('5C\n25 2\n');
    expect(formatMaildirSize({}, used)).toBe('0S\n25 2\n');
    expect(parseMaildirSize('0S\n25 2\n')?.limits).toEqual({ storage: undefined, messages: undefined });
  });

  it('is counted anew when it makes no sense', () => {
    for (const text of ['', '0S', '0S\n', 'x\n1 1\n', '0S\n1 x\n', '0S\n-1 1\n', `0S\n${'1 1\n'.repeat(1_280)}`])
      expect(parseMaildirSize(text)).toBeUndefined();
  });
});

describe('a quota', () => {
  it('follows what is appended, copied, moved and expunged (P11)', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root, { quota: { storage: 10_000, messages: 100 } });
    expect(await figures(account)).toEqual([0, 10_000, 0, 100]);
    await account.create(['A']);
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append(['a', 'b', 'c'].map((subject) => ({ body: [mail(subject)] })));
    await account.transfer(['INBOX'], EVERY, ['A'], 'copy');
    await account.transfer(['A'], EVERY, ['INBOX'], 'move');
    await inbox.store(EVERY, 'add', ['\\Seen']);
    expect(fileOf(root)).toBe(`10000S,100C\n0 0\n${3 * SIZE} 3\n${3 * SIZE} 3\n`);
    await inbox.expunge(EVERY);
    expect(fileOf(root)).toBe(`10000S,100C\n0 0\n${3 * SIZE} 3\n${3 * SIZE} 3\n${-6 * SIZE} -6\n`);
    await (await account.mailbox(['A'])).append([{ body: [mail('a')] }]);
    expect(await figures(account)).toEqual([SIZE, 10_000, 1, 100]);
    await account.delete(['A']);
    expect(await figures(account)).toEqual([0, 10_000, 0, 100]);
  });

  it('refuses what is beyond it, wholly, and goes on when there is room', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root, { quota: { messages: 3 } });
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')] }, { body: [mail('b')] }]);
    const two = [{ body: [mail('c')] }, { body: [mail('d')] }];
    await expect(inbox.append(two)).rejects.toMatchObject({ code: 'STORE_OVER_QUOTA' });
    await expect(account.transfer(['INBOX'], EVERY, ['INBOX'], 'copy')).rejects.toMatchObject({
      code: 'STORE_OVER_QUOTA',
    });
    expect(names(join(root, 'tmp')).filter((name) => /^\d/.test(name))).toEqual([]);
    const outcomes = await Promise.allSettled(['e', 'f', 'g'].map((each) => inbox.append([{ body: [mail(each)] }])));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await figures(account)).toEqual([3 * SIZE, undefined, 3, 3]);
    await inbox.expunge(EVERY);
    await inbox.append(two);
    expect(await figures(account)).toEqual([2 * SIZE, undefined, 2, 3]);
  });

  it('leaves out what is exempt, wherever messages come from and go to', async () => {
    const root = scratchDirectory();
    const options = { quota: { messages: 2 }, exemptFromQuota: [['Trash'], ['Junk', 'Old']] as const };
    const account = await openAccount(root, options);
    for (const path of [['Trash'], ['Junk', 'Old'], ['Trash', 'Below']] as const) await account.create(path);
    const inbox = await account.mailbox(['INBOX']);
    const trash = await account.mailbox(['Trash']);
    const messages = async () => (await figures(account))[2];
    await trash.append(['a', 'b', 'c'].map((subject) => ({ body: [mail(subject)] })));
    await inbox.append([{ body: [mail('d')] }]);
    expect(await messages()).toBe(1);
    await expect(account.transfer(['Trash'], EVERY, ['INBOX'], 'move')).rejects.toMatchObject({
      code: 'STORE_OVER_QUOTA',
    });
    expect((await account.status(['Trash'])).messages).toBe(3);
    await account.transfer(['Trash'], rangeSet(uid(1), uid(1)), ['Trash', 'Below'], 'move');
    expect(await messages()).toBe(2);
    await account.transfer(['INBOX'], EVERY, ['Trash'], 'move');
    await account.transfer(['Trash'], EVERY, ['Junk', 'Old'], 'copy');
    await (await account.mailbox(['Junk', 'Old'])).expunge(EVERY);
    expect(await messages()).toBe(1);
    await deliver(root, [mail('e')], { ...options, path: ['Trash'], fsync: false });
    await deliver(root, [mail('f')], { ...options, fsync: false });
    const lines = parseMaildirSize(fileOf(root));
    expect(lines?.used.messages).toBe(2);
    // Counted anew, it is the same.
    rmSync(join(root, 'maildirsize'));
    expect(await messages()).toBe(2);
    await account.rename(['Trash'], ['Kept']);
    expect(await messages()).toBe(6);
    expect(await account.quota!.roots(['Kept'])).toEqual(['']);
    expect(await account.quota!.roots(['Junk', 'Old'])).toEqual([]);
  });

  it('that users set stands in the file, before the one of the settings', async () => {
    const root = scratchDirectory();
    const options = { quota: { messages: 5 }, settableQuota: true };
    const account = await openAccount(root, options);
    await (await account.mailbox(['INBOX'])).append([{ body: [mail('a')] }]);
    expect(await figures(account)).toEqual([SIZE, undefined, 1, 5]);
    await account.quota!.limit!('', new Map([['STORAGE', 2 * SIZE]]));
    expect(fileOf(root)).toBe(`${2 * SIZE}S\n${SIZE} 1\n`);
    await expect(deliver(root, [new Uint8Array(SIZE + 1)], { ...options, fsync: false })).rejects.toMatchObject({
      code: 'STORE_OVER_QUOTA',
    });
    const again = await openAccount(root, options);
    expect(await figures(again)).toEqual([SIZE, 2 * SIZE, 1, undefined]);
    expect((await openAccount(root, { quota: { messages: 5 } })).quota!.limit).toBeUndefined();
  });

  it('counts as free what the caller frees right after', async () => {
    const account = await openAccount(scratchDirectory(), { quota: { storage: 2 * SIZE, messages: 2 } });
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')] }, { body: [mail('b')] }]);
    const freed = { storage: SIZE, messages: 1 };
    await inbox.append([{ body: [mail('c')] }], { freed });
    await expect(inbox.append([{ body: [mail('d')] }], { freed })).rejects.toMatchObject({ code: 'STORE_OVER_QUOTA' });
  });

  it('is held by deliveries too', async () => {
    const root = scratchDirectory();
    const quota = { storage: 2 * SIZE };
    for (const subject of ['a', 'b']) await deliver(root, [mail(subject)], { quota, fsync: false });
    await expect(deliver(root, [mail('c')], { quota, fsync: false })).rejects.toMatchObject({
      code: 'STORE_OVER_QUOTA',
    });
    expect(names(join(root, 'new')).length).toBe(2);
    expect(names(join(root, 'tmp'))).toEqual([]);
  });

  it('is right after another program deleted mail without a word (P11)', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root, { quota: { messages: 2 } });
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')] }, { body: [mail('b')] }]);
    expect((await figures(account))[2]).toBe(2);
    for (const name of names(join(root, 'new'))) rmSync(join(root, 'new', name));
    await inbox.append([{ body: [mail('c')] }]);
    // Our line hides the change from the times, but nobody is turned away for it.
    await inbox.append([{ body: [mail('d')] }]);
    expect((await figures(account))[2]).toBe(2);
    for (const name of names(join(root, 'new'))) rmSync(join(root, 'new', name));
    expect((await figures(account))[2]).toBe(0);
  });

  it('that a file sets is kept, and one that nobody set is none', async () => {
    const root = maildir({ maildirsize: '100S,2C\n7 1\n', 'cur/1.M1.a,S=7:2,': 'content' });
    utimesSync(join(root, 'maildirsize'), new Date(), new Date(Date.now() + 5_000));
    const account = await openAccount(root);
    expect(await figures(account)).toEqual([7, 100, 1, 2]);
    const inbox = await account.mailbox(['INBOX']);
    await expect(inbox.append([{ body: [new Uint8Array(94)] }])).rejects.toMatchObject({ code: 'STORE_OVER_QUOTA' });
    await inbox.append([{ body: [new Uint8Array(93)] }]);
    expect(fileOf(root)).toBe('100S,2C\n7 1\n93 1\n');
    appendFileSync(join(root, 'maildirsize'), 'nonsense\n');
    expect(await figures(account)).toEqual([100, 100, 2, 2]);
    expect(fileOf(root)).toBe('100S,2C\n100 2\n');
    const other = scratchDirectory();
    expect((await openAccount(other)).quota).toBeUndefined();
    expect(existsSync(join(other, 'maildirsize'))).toBe(false);
    expect((await openAccount(root, { quota: false })).quota).toBeUndefined();
  });

  it('with other limits is counted and written anew', async () => {
    const root = maildir({ maildirsize: '100S\n999 9\n', 'cur/1.M1.a,S=7:2,': 'content', 'cur/1.M2.a:2,': 'four' });
    const account = await openAccount(root, { quota: { storage: 50 } });
    expect(await figures(account)).toEqual([11, 50, 2, undefined]);
    expect(fileOf(root)).toBe('50S\n11 2\n');
  });

  it('is counted anew when a file grew long', async () => {
    const root = maildir({ maildirsize: `0S\n${'0 0\n'.repeat(1_300)}`, 'cur/1.M1.a,S=7:2,': 'content' });
    const account = await openAccount(root);
    expect(await figures(account)).toEqual([7, undefined, 1, undefined]);
    expect(fileOf(root)).toBe('0S\n7 1\n');
  });

  it('is right wherever the program dies', async () => {
    const root = scratchDirectory();
    const copies = scratchDirectory();
    let count = 0;
    let isArmed = false;
    const fault = (): void => {
      if (isArmed) killedNow(root, join(copies, String(count++)));
    };
    const options = { quota: { storage: 100_000 }, index: false };
    const account = await openAccount(root, { ...options, fault });
    await account.create(['A']);
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')] }]);
    expect((await figures(account))[2]).toBe(1);
    isArmed = true;
    await inbox.append([{ body: [mail('b')] }, { body: [mail('c')] }]);
    await account.transfer(['INBOX'], EVERY, ['A'], 'copy');
    await inbox.expunge(EVERY);
    isArmed = false;
    for (let index = 0; index < count; index++) {
      const again = await openAccount(join(copies, String(index)), options);
      const messages = await Promise.all([['INBOX'], ['A']].map((path) => again.status(path as never)));
      const expected = messages.reduce((sum, status) => sum + status.messages, 0);
      expect((await figures(again))[2], `after write ${index}`).toBe(expected);
      await again.close();
    }
    expect(count).toBeGreaterThan(20);
  });

  it('does not refuse mail because its file cannot be written', async () => {
    const root = scratchDirectory();
    let isFull = false;
    const fault = ({ path }: { readonly path: string }): void => {
      if (isFull && path.includes('maildirsize'))
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    };
    const account = await openAccount(root, { quota: { messages: 3 }, fault });
    expect((await figures(account))[2]).toBe(0);
    isFull = true;
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')] }]);
    expect((await figures(account))[2]).toBe(1);
    isFull = false;
    expect((await figures(account))[2]).toBe(1);
    writeFileSync(join(root, 'maildirsize'), '');
    expect((await figures(account))[2]).toBe(1);
  });
});
