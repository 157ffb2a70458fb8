import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uid } from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import { deliver } from '../src/index.ts';
import { EVERY, killedNow, mail, names, openAccount, openInbox, rows, scratchDirectory } from './support.ts';

const WORDS = Array.from({ length: 30 }, (_, index) => `word-${String(index).padStart(2, '0')}`);
const FIRST = rangeSet(uid(1), uid(1));
const fileOf = (root: string): string => readFileSync(join(root, 'posthorn-keywords'), 'utf8');

describe('keywords past the 26th', () => {
  it('are stored, replaced and taken away like others', async () => {
    const root = scratchDirectory();
    const inbox = await openInbox(root);
    await inbox.append([{ body: [mail('a')], flags: WORDS }, { body: [mail('b')] }]);
    expect(await rows(inbox)).toEqual([
      [1, WORDS.join(' ')],
      [2, ''],
    ]);
    expect(readFileSync(join(root, 'dovecot-keywords'), 'utf8').split('\n').length).toBe(27);
    expect(names(join(root, 'cur'))).toEqual([expect.stringMatching(/:2,abcdefghijklmnopqrstuvwxyz$/)]);
    await inbox.store(EVERY, 'remove', WORDS.slice(1, 28));
    expect(await rows(inbox)).toEqual([
      [1, 'word-00 word-28 word-29'],
      [2, ''],
    ]);
    await inbox.store(EVERY, 'replace', ['WORD-29', '\\Seen']);
    expect((await rows(inbox)).map(([, flags]) => flags)).toEqual(['WORD-29 \\Seen', 'WORD-29 \\Seen']);
    await inbox.store(EVERY, 'remove', ['word-29']);
    expect(await rows(inbox)).toEqual([
      [1, '\\Seen'],
      [2, '\\Seen'],
    ]);
    expect(await inbox.keywords()).toEqual(WORDS.slice(0, 26));
  });

  it('are changes with mod-sequences, and outlive the process', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root);
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')], flags: WORDS.slice(0, 26) }, { body: [mail('b')] }]);
    const { cursor } = await inbox.changes(undefined);
    const { stored } = await inbox.store(FIRST, 'add', ['late']);
    expect(stored[0]!.flags).toContain('late');
    const page = await inbox.changes(cursor);
    expect(page.changed.map(({ uid: id, flags }) => [id, flags.includes('late')])).toEqual([[1, true]]);
    expect(page.highestModSeq).toBe(stored[0]!.modSeq);
    // With or without an index.
    for (const index of [true, false]) {
      const again = await openInbox(root, { index });
      expect((await rows(again))[0]![1]).toBe(['late', ...WORDS.slice(0, 26)].join(' '));
      expect(await again.keywords()).toEqual([...WORDS.slice(0, 26), 'late']);
    }
  });

  it('reach another process and its watchers', async () => {
    const root = scratchDirectory();
    const [one, other] = [await openAccount(root), await openAccount(root, { pollIntervalMs: 20 })];
    const [inbox, there] = [await one.mailbox(['INBOX']), await other.mailbox(['INBOX'])];
    await inbox.append([{ body: [mail('a')], flags: WORDS }]);
    const { cursor } = await there.changes(undefined);
    const hints = other.watch(['INBOX'].map((name) => [name] as const))[Symbol.asyncIterator]();
    const hint = hints.next();
    await inbox.store(EVERY, 'remove', ['word-29']);
    expect((await hint).value).toEqual({ path: ['INBOX'] });
    await hints.return?.();
    const { changed } = await there.changes(cursor);
    expect(changed.map(({ flags }) => flags.includes('word-29'))).toEqual([false]);
  });

  it('go with copies, moves and deliveries, by name (P6)', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root);
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')], flags: WORDS }]);
    for (const mode of ['copy', 'move'] as const) {
      await account.create([mode]);
      await account.transfer(['INBOX'], EVERY, [mode], mode);
      expect((await rows(await account.mailbox([mode])))[0]![1]).toBe(WORDS.join(' '));
    }
    await account.rename(['copy'], ['renamed']);
    expect((await rows(await account.mailbox(['renamed'])))[0]![1]).toBe(WORDS.join(' '));
    await deliver(root, [mail('b')], { path: ['renamed'], flags: ['$New'], fsync: false });
    expect((await rows(await account.mailbox(['renamed'])))[1]![1]).toBe('$New');
  });

  it('are all or none when the disk fails', async () => {
    const root = scratchDirectory();
    let left = Number.POSITIVE_INFINITY;
    const fault = (): void => {
      if (left-- === 0) throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'write' });
    };
    const inbox = await openInbox(root, { fault, index: false });
    await inbox.append([
      { body: [mail('a')], flags: WORDS.slice(0, 26) },
      { body: [mail('b')], flags: ['x'] },
    ]);
    const before = await rows(inbox);
    const after = before.map(([id, flags]) => [id, [...flags.split(' '), '\\Seen', 'y'].sort().join(' ')]);
    let failures = 0;
    for (let allowed = 0; ; allowed++) {
      left = allowed;
      const outcome = await inbox.store(EVERY, 'add', ['\\Seen', 'y']).catch(() => undefined);
      left = Number.POSITIVE_INFINITY;
      const found = await rows(inbox);
      expect([before, after]).toContainEqual(found);
      if (outcome !== undefined) break;
      failures++;
      await inbox.store(EVERY, 'remove', ['\\Seen', 'y']);
    }
    expect(failures).toBeGreaterThan(3);
  });

  it('are all or none wherever the program dies', async () => {
    const root = scratchDirectory();
    const copies = scratchDirectory();
    let count = 0;
    let isArmed = false;
    const fault = (): void => {
      if (isArmed) killedNow(root, join(copies, String(count++)));
    };
    const inbox = await openInbox(root, { fault, index: false });
    await inbox.append([{ body: [mail('a')], flags: WORDS.slice(0, 26) }, { body: [mail('b')] }]);
    const before = await rows(inbox);
    isArmed = true;
    await inbox.store(EVERY, 'add', ['\\Seen', 'y']);
    isArmed = false;
    const after = await rows(inbox);
    for (let index = 0; index < count; index++) {
      const again = await openInbox(join(copies, String(index)), { index: false });
      expect([before, after]).toContainEqual(await rows(again));
    }
    expect(count).toBeGreaterThan(4);
  });

  it('are read past what makes no sense, and written behind half a line', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root);
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')], flags: WORDS }]);
    const whole = fileOf(root);
    appendFileSync(join(root, 'posthorn-keywords'), 'nonsense\n{}\n["half a line');
    expect((await rows(inbox))[0]![1]).toBe(WORDS.join(' '));
    await inbox.store(EVERY, 'remove', ['word-29']);
    expect((await rows(await openInbox(root)))[0]![1]).toBe(WORDS.slice(0, 29).join(' '));
    expect(fileOf(root).startsWith(`${whole}nonsense\n{}\n["half a line\n["`)).toBe(true);
  });

  it('of messages that are gone do not stay for ever', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root);
    const inbox = await account.mailbox(['INBOX']);
    await inbox.append([{ body: [mail('a')], flags: WORDS }]);
    writeFileSync(
      join(root, 'posthorn-keywords'),
      `${'["1.M1.old","gone"]\n'.repeat(300)}["1.M2.old","gone"]\n${fileOf(root)}`,
    );
    await account.maintain();
    expect(fileOf(root).split('\n').length).toBe(2);
    expect(await inbox.keywords()).toEqual(WORDS);
  });

  it('have a limit, and rules', async () => {
    const inbox = await openInbox(scratchDirectory());
    for (const flag of ['no keyword', '\\Unknown', ''])
      await expect(inbox.append([{ body: [mail('a')], flags: [flag] }])).rejects.toMatchObject({
        code: 'STORE_CANNOT',
      });
    const many = Array.from({ length: 4_097 }, (_, index) => `k${index}`);
    await expect(inbox.append([{ body: [mail('a')], flags: many }])).rejects.toMatchObject({ code: 'STORE_LIMIT' });
    await inbox.append([{ body: [mail('a')], flags: many.slice(1) }]);
    await expect(inbox.store(EVERY, 'add', ['one-more'])).rejects.toMatchObject({ code: 'STORE_LIMIT' });
  });
});
