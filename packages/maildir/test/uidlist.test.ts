import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uid, uidValidity } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, it } from 'vitest';
import { formatHeader, formatRecord, parseHeader, parseRecord } from '../src/format/uidlist.ts';
import { maildir } from './fixture.ts';
import { all, EVERY, mail, openAccount, openInbox, readText, rows, scratchDirectory } from './support.ts';

const GUID = '00ca3d0c302e016bda26000083ecc375';

describe('lines', () => {
  it('of version 3 come back as they were, unknown fields included', () => {
    const header = `3 V1795239473 N1 G${GUID} Pfoo Xbar\n`;
    expect(formatHeader(parseHeader(header.trim())!.header)).toBe(header);
    for (const line of [
      '1 :1795239472.M205376P9946.vm,S=26,W=28',
      '7 S4096 W4170 G1.M1P2.old Zx(y) :1.M77P31.vm',
      '9 :with space :x',
    ]) {
      expect(formatRecord(parseRecord(line, 3)!)).toBe(`${line}\n`);
    }
  });

  it('that make no sense are told', () => {
    for (const line of ['', '3', '3 V1', '3 V0 N1', '3 V1 N0', '3 V4294967296 N1', '2 V1 N1', '1 5', 'x'])
      expect(parseHeader(line)).toBeUndefined();
    for (const line of ['', '1', '0 :a', 'x :a', '1 a', '1 :', '1 :a/b', '4294967296 :a'])
      expect(parseRecord(line, 3)).toBeUndefined();
  });
});

describe('a uidlist of another program', () => {
  it('counts from its last record, not from N in its header (D3)', async () => {
    const root = maildir({ 'cur/1.M1.a:2,S': 'x', 'cur/1.M2.b:2,': 'y' }, `3 V77 N1 G${GUID}\n1 :1.M1.a\n5 :1.M2.b\n`);
    const inbox = await openInbox(root);
    expect(inbox.uidValidity).toBe(77);
    expect(inbox.id).toBe(GUID);
    expect(await rows(inbox)).toEqual([
      [1, '\\Seen'],
      [5, ''],
    ]);
    expect((await inbox.append([{ body: [mail('c')] }])).uids).toEqual([6]);
    expect(readFileSync(join(root, 'dovecot-uidlist'), 'utf8')).toMatch(
      new RegExp(`^3 V77 N1 G${GUID}\\n1 :1.M1.a\\n5 :1.M2.b\\n6 :`),
    );
  });

  it('tells the UIDLs it keeps; an empty one is the name of the file', async () => {
    const root = maildir(
      { 'cur/1.M1.a:2,S': 'x', 'cur/1.M2.b,S=1:2,': 'y', 'cur/1.M3.c:2,': 'z' },
      `3 V77 N4 G${GUID}\n1 O3 Pold-1.Pop :1.M1.a\n2 P G7 :1.M2.b,S=1\n3 W1 :1.M3.c\n`,
    );
    const inbox = await openInbox(root);
    const found = await all(inbox.scan(EVERY, ['pop3UniqueId']));
    expect(found.map(({ pop3UniqueId }) => pop3UniqueId)).toEqual(['old-1.Pop', '1.M2.b,S=1', undefined]);
  });

  it('is read on where reading stopped, and again when it was replaced', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x' }, `3 V77 N2 G${GUID}\n1 :1.M1.a\n`);
    const inbox = await openInbox(root);
    expect((await rows(inbox)).length).toBe(1);
    writeFileSync(join(root, 'cur/1.M2.b:2,F'), 'y');
    appendFileSync(join(root, 'dovecot-uidlist'), '9 :1.M2.b\n');
    expect(await rows(inbox)).toEqual([
      [1, ''],
      [9, '\\Flagged'],
    ]);
    writeFileSync(join(root, 'dovecot-uidlist.new'), `3 V77 N20 G${GUID}\n1 :1.M1.a\n12 :1.M2.b\n`);
    const { renameSync } = await import('node:fs');
    renameSync(join(root, 'dovecot-uidlist.new'), join(root, 'dovecot-uidlist'));
    expect(await rows(inbox)).toEqual([
      [1, ''],
      [12, '\\Flagged'],
    ]);
    expect((await inbox.append([{ body: [mail('c')] }])).uids).toEqual([20]);
  });

  it('that was renumbered as a whole makes handles invalid', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x' }, `3 V77 N2 G${GUID}\n1 :1.M1.a\n`);
    const account = await openAccount(root);
    const inbox = await account.mailbox(['INBOX']);
    await rows(inbox);
    writeFileSync(join(root, 'dovecot-uidlist'), `3 V99 N30 G${GUID}\n4 :1.M1.a\n`);
    await expect(inbox.changes(undefined)).rejects.toMatchObject({ code: 'STORE_NONEXISTENT' });
    const again = await account.mailbox(['INBOX']);
    expect([again.uidValidity, await rows(again)]).toEqual([99, [[4, '']]]);
  });

  it('of version 1 is imported, and so is the one of Courier', async () => {
    for (const name of ['dovecot-uidlist', 'courierimapuiddb']) {
      const root = maildir({ 'cur/1.M1.a:2,': 'x', 'cur/1.M2.b:2,': 'y', [name]: '1 77 9\n3 1.M1.a\n8 1.M2.b\n' });
      const inbox = await openInbox(root);
      expect([inbox.uidValidity, (await rows(inbox)).map(([id]) => id)]).toEqual([77, [3, 8]]);
      expect((await inbox.append([{ body: [mail('c')] }])).uids).toEqual([9]);
      expect(readFileSync(join(root, 'dovecot-uidlist'), 'utf8')).toMatch(
        /^3 V77 N9 G[0-9a-f]{32}\n3 :1.M1.a\n8 :1.M2.b\n9 :/,
      );
    }
  });

  it('with CRLF line ends and without GUID is understood', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x' }, '3 V77 N2\r\n1 E(M12) :1.M1.a\r\n');
    const inbox = await openInbox(root);
    expect(inbox.id).toMatch(/^[0-9a-f]{32}$/);
    expect(await rows(inbox)).toEqual([[1, '']]);
    expect(readFileSync(join(root, 'dovecot-uidlist'), 'utf8')).toContain('\n1 E(M12) :1.M1.a\n');
  });

  it('gives the last UID to a name that stands in it twice', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x' }, `3 V77 N9 G${GUID}\n1 :1.M1.a\n4 :1.M1.a\n`);
    expect(await rows(await openInbox(root))).toEqual([[4, '']]);
  });

  it('with one UID for two names gives both another', async () => {
    const files = { 'cur/1.M1.a:2,': 'x', 'cur/1.M2.b:2,': 'y', 'cur/1.M3.c:2,': 'z' };
    const root = maildir(files, `3 V77 N9 G${GUID}\n1 :1.M1.a\n4 :1.M2.b\n4 :1.M3.c\n`);
    expect((await rows(await openInbox(root))).map(([id]) => id)).toEqual([1, 9, 10]);
  });

  it('with lines that make no sense or out of order keeps the others', async () => {
    const files = { 'cur/1.M1.a:2,': 'x', 'cur/1.M2.b:2,': 'y', 'cur/1.M3.c:2,': 'z' };
    const root = maildir(files, `3 V77 N9 G${GUID}\n5 :1.M1.a\nrubbish\n3 :1.M2.b\n`);
    expect((await rows(await openInbox(root))).map(([id]) => id)).toEqual([3, 5, 9]);
    expect(readFileSync(join(root, 'dovecot-uidlist'), 'utf8')).toMatch(/\n3 :1.M2.b\n5 :1.M1.a\n9 :1.M3.c\n$/);
  });

  it('whose last line was cut is written anew', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x', 'cur/1.M2.b:2,': 'y' }, `3 V77 N2 G${GUID}\n1 :1.M1.a\n2 :1.M`);
    const inbox = await openInbox(root);
    expect((await rows(inbox)).map(([id]) => id)).toEqual([1, 2]);
    expect(readFileSync(join(root, 'dovecot-uidlist'), 'utf8')).toMatch(/\n1 :1.M1.a\n2 :1.M2.b\n$/);
  });

  it('that makes no sense is set aside, and UIDVALIDITY grows', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x' }, 'rubbish\n');
    const inbox = await openInbox(root);
    expect(inbox.uidValidity).toBeGreaterThan(1_700_000_000);
    expect(readFileSync(join(root, 'dovecot-uidlist.broken'), 'utf8')).toBe('rubbish\n');
  });

  it('that is lost while it is open is written anew from memory (P1)', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x' }, `3 V77 N9 G${GUID}\n4 :1.M1.a\n`);
    const inbox = await openInbox(root);
    await rows(inbox);
    const { unlinkSync } = await import('node:fs');
    unlinkSync(join(root, 'dovecot-uidlist'));
    expect((await inbox.append([{ body: [mail('b')] }])).uids).toEqual([9]);
    expect(await rows(inbox)).toEqual([
      [4, ''],
      [9, ''],
    ]);
    expect(inbox.uidValidity).toBe(77);
  });
});

describe('UIDs', () => {
  it('are given to new files in the order they came', async () => {
    const root = maildir({ 'new/1.M20.a': 'x', 'new/1.M3.b': 'y', 'cur/0.M9.c:2,S': 'z' });
    const inbox = await openInbox(root);
    const text = await Promise.all([1, 2, 3].map((id) => readText(inbox, id)));
    expect(text).toEqual(['z', 'y', 'x']);
  });

  it('are never given back to a file that was told to be gone', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x' });
    const inbox = await openInbox(root);
    expect(await rows(inbox)).toEqual([[1, '']]);
    const { renameSync } = await import('node:fs');
    renameSync(join(root, 'cur/1.M1.a:2,'), join(root, 'tmp/hidden'));
    expect(await rows(inbox)).toEqual([]);
    renameSync(join(root, 'tmp/hidden'), join(root, 'cur/1.M1.a:2,'));
    expect(await rows(inbox)).toEqual([[2, '']]);
  });

  it('stay when files are deleted behind our back (P1, P18)', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'x', 'cur/1.M2.b:2,': 'y' });
    const inbox = await openInbox(root);
    const { cursor } = await inbox.changes(undefined);
    const { unlinkSync } = await import('node:fs');
    unlinkSync(join(root, 'cur/1.M1.a:2,'));
    const page = await inbox.changes(cursor);
    expect([page.complete, page.vanished, page.added, page.changed]).toEqual([true, setOf([uid(1)]), [], []]);
  });

  it('leave no dead lines behind for long', async () => {
    const root = scratchDirectory();
    const inbox = await openInbox(root);
    await inbox.append(Array.from({ length: 200 }, (_, index) => ({ body: [mail(String(index))] })));
    await inbox.expunge(setOf(Array.from({ length: 150 }, (_, index) => uid(index + 1))));
    expect(readFileSync(join(root, 'dovecot-uidlist'), 'utf8').split('\n').length).toBe(52);
    expect((await all(inbox.scan(EVERY, []))).map((row) => row.uid)[0]).toBe(151);
  });
});

it('gives the UIDVALIDITY of the counter that Dovecot keeps', async () => {
  const root = maildir(
    { 'dovecot-uidvalidity': '6b015f0d', 'dovecot-uidvalidity.6b015f0d': '' },
    `3 V77 N1 G${GUID}\n`,
  );
  const account = await openAccount(root);
  await account.create(['A']);
  expect((await account.status(['A'])).uidValidity).toBe(0x6b015f0e);
  expect(readFileSync(join(root, 'dovecot-uidvalidity'), 'utf8')).toBe('6b015f0e');
  expect([
    existsSync(join(root, 'dovecot-uidvalidity.6b015f0d')),
    existsSync(join(root, 'dovecot-uidvalidity.6b015f0e')),
  ]).toEqual([false, true]);
  await account.create(['B'], { uidValidity: uidValidity(42) });
  expect((await account.status(['B'])).uidValidity).toBe(42);
});
