import {
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type MailboxPath, sessionId, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, it, vi } from 'vitest';
import { maildir } from './fixture.ts';
import {
  all,
  bytesOf,
  EVERY,
  mail,
  names,
  openAccount,
  openInbox,
  readText,
  rows,
  scratchDirectory,
} from './support.ts';

const TARGET: MailboxPath = ['Target'];

describe('delivery', () => {
  it('writes octets as they are, with sizes in the name and the date as file time', async () => {
    const root = scratchDirectory();
    const inbox = await openInbox(root);
    const date = { epochSeconds: 1_000_000_000, offsetMinutes: 120 };
    await inbox.append([
      { body: [mail('a')], internalDate: date },
      { body: [bytesOf('Subject: b\n\nlf\n')], flags: ['\\Seen'] },
    ]);
    const [first] = names(join(root, 'new'));
    expect(first).toMatch(/^\d+\.M\d+P\d+R[0-9a-f]{16}Q\d+\.[^,]+,S=45,W=45$/);
    expect(readFileSync(join(root, 'new', first!), 'latin1')).toBe(
      'From: ada@example.org\r\nSubject: a\r\n\r\nHello.\r\n',
    );
    expect(statSync(join(root, 'new', first!)).mtimeMs).toBe(1_000_000_000_000);
    expect(names(join(root, 'cur'))[0]).toMatch(/,S=15,W=18,B=1:2,S$/);
    expect(await readText(inbox, 2)).toBe('Subject: b\n\nlf\n');
    expect(names(join(root, 'tmp'))).toEqual([]);
  });

  it('leaves only the message when many deliver at once', async () => {
    const root = scratchDirectory();
    const inbox = await openInbox(root);
    await Promise.all(Array.from({ length: 100 }, (_, index) => inbox.append([{ body: [mail(String(index))] }])));
    const ours = ['cur', 'dovecot-uidlist', 'dovecot-uidvalidity', names(root)[3], 'new', 'posthorn-index', 'tmp'];
    expect(names(root)).toEqual(ours);
    expect((await rows(inbox)).map(([id]) => id)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });
});

describe('messages of other programs', () => {
  it('with bare LF read with CRLF, whatever their names say (D2)', async () => {
    const root = maildir({
      'cur/1.M1.none:2,': 'a\nb\n',
      'cur/1.M2.right,S=4,W=6:2,': 'a\nb\n',
      'cur/1.M3.wrong,S=99,W=101:2,': 'a\nb\r\n',
      'cur/1.M4.crlf,S=6,W=6:2,': 'a\r\nb\r\n',
    });
    const inbox = await openInbox(root);
    const sizes = (await all(inbox.scan(EVERY, ['size']))).map((row) => row.size);
    expect(sizes).toEqual([6, 6, 101, 6]);
    for (const id of [1, 2, 3, 4]) expect(await readText(inbox, id)).toBe('a\r\nb\r\n');
    expect((await all(inbox.scan(EVERY, ['size']))).map((row) => row.size)).toEqual([6, 6, 6, 6]);
    for (let start = 0; start <= 6; start++) {
      const handle = await inbox.read(uid(1), { start, end: start + 2 });
      const chunks = (await all(handle.stream())).map((chunk) => Buffer.from(chunk).toString());
      expect([handle.size, chunks.join('')]).toEqual([6, 'a\r\nb\r\n'.slice(start, start + 2)]);
      await handle.release();
    }
  });

  it('are noticed when they come, change and go', async () => {
    const root = maildir({});
    const inbox = await openInbox(root);
    let { cursor, highestModSeq: highest } = await inbox.changes(undefined);
    // Within one tick of the file system's clock a change may be seen only at the next look.
    const next = async (isChange = true) => {
      const page = await vi.waitFor(async () => {
        const found = await inbox.changes(cursor);
        if (isChange) expect(found.highestModSeq).toBeGreaterThan(highest);
        return found;
      }, 20_000);
      cursor = page.cursor;
      highest = page.highestModSeq;
      return {
        added: page.added.map((each) => [each.uid, each.flags]),
        changed: page.changed.map((each) => [each.uid, each.flags]),
        vanished: [...page.vanished.bounds],
      };
    };
    writeFileSync(join(root, 'new/1.M1.a'), 'x');
    expect(await next()).toEqual({ added: [[1, []]], changed: [], vanished: [] });
    renameSync(join(root, 'new/1.M1.a'), join(root, 'cur/1.M1.a:2,'));
    expect(await next(false)).toEqual({ added: [], changed: [], vanished: [] });
    renameSync(join(root, 'cur/1.M1.a:2,'), join(root, 'cur/1.M1.a:2,FS'));
    expect(await next()).toEqual({ added: [], changed: [[1, ['\\Flagged', '\\Seen']]], vanished: [] });
    unlinkSync(join(root, 'cur/1.M1.a:2,FS'));
    expect(await next()).toEqual({ added: [], changed: [], vanished: [1, 1] });
  });

  it('reach a watcher within a second', async () => {
    const root = scratchDirectory();
    const account = await openAccount(root, { pollIntervalMs: 50 });
    await account.create(TARGET);
    const seen = new Set<string>();
    const watching = (async () => {
      for await (const { path } of account.watch('all')) {
        seen.add(path.join('/'));
        if (seen.size === 2) return;
      }
    })();
    writeFileSync(join(root, 'new/1.M1.a'), 'x');
    writeFileSync(join(root, '.Target/new/1.M1.a'), 'x');
    await watching;
    expect([...seen].sort()).toEqual(['INBOX', 'Target']);
  });

  it('that are pipes or directories are passed over', async () => {
    const root = maildir({ 'cur/dir/file': 'x', 'cur/.hidden': 'x', 'cur/1.M1.a:2,': 'x', 'cur/:2,S': 'x' });
    expect(await rows(await openInbox(root))).toEqual([[1, '']]);
  });

  it('renamed while they are opened are found again', async () => {
    const root = maildir({ 'cur/1.M1.a:2,': 'text\r\n' });
    const inbox = await openInbox(root);
    expect(await rows(inbox)).toEqual([[1, '']]);
    renameSync(join(root, 'cur/1.M1.a:2,'), join(root, 'cur/1.M1.a:2,RS'));
    expect(await readText(inbox, 1)).toBe('text\r\n');
    unlinkSync(join(root, 'cur/1.M1.a:2,RS'));
    await expect(inbox.read(uid(1))).rejects.toMatchObject({ code: 'STORE_EXPUNGED' });
  });

  it('without a plausible file time are dated by their names (P10)', async () => {
    const root = maildir({ 'cur/1000000000.M1.a:2,': 'x' });
    utimesSync(join(root, 'cur/1000000000.M1.a:2,'), 0, 0);
    const [row] = await all((await openInbox(root)).scan(EVERY, ['internalDate', 'saveDate']));
    expect(row?.internalDate).toEqual({ epochSeconds: 1_000_000_000, offsetMinutes: 0 });
  });
});

describe('flags', () => {
  it('change names and nothing else: unknown letters and sets stay (P5, P7)', async () => {
    const root = maildir({ 'cur/1.M1.a,S=1,W=1:2,PSz,extra': 'x', 'new/1.M2.b,U=7': 'y' });
    const inbox = await openInbox(root);
    await inbox.store(EVERY, 'add', ['\\Flagged']);
    expect(names(join(root, 'cur'))).toEqual(['1.M1.a,S=1,W=1:2,FPSz,extra', '1.M2.b,U=7:2,F']);
    await inbox.store(EVERY, 'remove', ['\\Flagged', '\\Seen']);
    expect(names(join(root, 'cur'))).toEqual(['1.M1.a,S=1,W=1:2,Pz,extra', '1.M2.b,U=7:2,']);
    await inbox.store(EVERY, 'replace', ['\\Draft']);
    expect(names(join(root, 'cur'))[0]).toBe('1.M1.a,S=1,W=1:2,DP,extra');
  });

  it('use the separator of file systems without a colon (P8)', async () => {
    const root = maildir({ 'cur/1.M1.a!2,S': 'x', 'new/1.M2.b': 'y' });
    const inbox = await openInbox(root, { infoSeparator: ';' });
    await inbox.store(EVERY, 'add', ['\\Flagged']);
    expect(names(join(root, 'cur'))).toEqual(['1.M1.a!2,FS', '1.M2.b;2,F']);
  });

  it('that are keywords are the letters that the mailbox names (D16)', async () => {
    const root = maildir({
      'dovecot-keywords': '0 $Forwarded\n3 Work\n',
      'cur/1.M1.a:2,Sad': 'x',
      'cur/1.M2.b:2,c': 'y',
    });
    const inbox = await openInbox(root);
    expect(await rows(inbox)).toEqual([
      [1, '$Forwarded Work \\Seen'],
      [2, 'unknown-2'],
    ]);
    await inbox.store(setOf([uid(1)]), 'add', ['New', 'WORK']);
    expect(readFileSync(join(root, 'dovecot-keywords'), 'utf8')).toBe('0 $Forwarded\n1 New\n3 Work\n');
    expect(names(join(root, 'cur'))).toEqual(['1.M1.a:2,Sabd', '1.M2.b:2,c']);
    expect(await inbox.keywords()).toEqual(['$Forwarded', 'New', 'Work']);
    const before = statSync(join(root, 'dovecot-keywords')).mtimeMs;
    await inbox.store(EVERY, 'add', ['Newer']);
    expect(Math.floor(statSync(join(root, 'dovecot-keywords')).mtimeMs / 1_000)).toBeGreaterThan(
      Math.floor(before / 1_000),
    );
    expect(readFileSync(join(root, 'dovecot-keywords'), 'utf8')).toContain('4 Newer\n');
  });

  it('renamed in the keywords file are changes', async () => {
    const root = maildir({ 'dovecot-keywords': '0 Old\n', 'cur/1.M1.a:2,a': 'x' });
    const inbox = await openInbox(root);
    const { cursor } = await inbox.changes(undefined);
    writeFileSync(join(root, 'dovecot-keywords'), '0 Renamed\n');
    expect((await inbox.changes(cursor)).changed.map((each) => each.flags)).toEqual([['Renamed']]);
  });
});

describe('copies and moves', () => {
  it('get a fresh base name, keep content and file time, and map keywords by name (D1, P4, P6)', async () => {
    const root = maildir({
      'dovecot-keywords': '0 Work\n1 Home\n',
      'cur/1.M1.a,S=4,W=6,U=7,FMD5=abc:2,PSab,extra': 'a\nb\n',
      '.Target/cur/.keep': '',
      '.Target/dovecot-keywords': '0 Home\n',
    });
    utimesSync(join(root, 'cur/1.M1.a,S=4,W=6,U=7,FMD5=abc:2,PSab,extra'), 1_000_000_000, 1_000_000_000);
    const account = await openAccount(root);
    await account.transfer(['INBOX'], EVERY, TARGET, 'copy');
    const [name] = readdirSync(join(root, '.Target/cur')).filter((each) => each !== '.keep');
    expect(name).toMatch(/^\d+\.M\d+P\d+R[0-9a-f]{16}Q\d+\.[^,]+,S=4,W=6:2,PSab,extra$/);
    expect(statSync(join(root, '.Target/cur', name!)).mtimeMs).toBe(1_000_000_000_000);
    expect(readFileSync(join(root, '.Target/dovecot-keywords'), 'utf8')).toBe('0 Home\n1 Work\n');
    expect(readFileSync(join(root, '.Target/dovecot-uidlist'), 'utf8')).toContain('\n1 G1.M1.a,S=4,W=6,U=7,FMD5=abc :');
    const target = await account.mailbox(TARGET);
    expect(await readText(target, 1)).toBe('a\r\nb\r\n');
    expect(await rows(target)).toEqual([[1, 'Home Work \\Seen']]);
  });

  it('carry the mark of octets that are given as they are', async () => {
    const account = await openAccount(scratchDirectory());
    await account.create(TARGET);
    await (await account.mailbox(['INBOX'])).append([{ body: [bytesOf('a\nb\n')] }]);
    await account.transfer(['INBOX'], EVERY, TARGET, 'move');
    expect(await readText(await account.mailbox(TARGET), 1)).toBe('a\nb\n');
  });
});

describe('recent messages', () => {
  it('move from new to cur when they are claimed (D5)', async () => {
    const root = maildir({ 'new/1.M1.a': 'x', 'new/1.M2.b': 'y', 'cur/1.M3.c:2,': 'z' });
    const inbox = await openInbox(root);
    expect(await inbox.claimRecent(sessionId('one'))).toEqual(setOf([uid(1), uid(2)]));
    expect(names(join(root, 'cur'))).toEqual(['1.M1.a:2,', '1.M2.b:2,', '1.M3.c:2,']);
    expect(names(join(root, 'new'))).toEqual([]);
  });
});

describe('the lock', () => {
  it('of a live process is waited for, and then given up on', async () => {
    const root = scratchDirectory();
    const inbox = await openInbox(root, { lockTimeoutMs: 50 });
    writeFileSync(join(root, 'dovecot-uidlist.lock'), `${process.ppid}:${hostname()}`);
    await expect(inbox.append([{ body: [mail('a')] }])).rejects.toMatchObject({ code: 'STORE_IN_USE' });
    writeFileSync(join(root, 'new/1.M1.a'), 'x');
    expect(await rows(inbox)).toEqual([]);
    unlinkSync(join(root, 'dovecot-uidlist.lock'));
    expect(await rows(inbox)).toEqual([[1, '']]);
    expect(names(join(root, 'tmp'))).toEqual([]);
  });

  it('of a dead process, or of an earlier one with our number, is broken at once', async () => {
    const root = scratchDirectory();
    const inbox = await openInbox(root, { lockTimeoutMs: 1_000 });
    for (const owner of [2 ** 22 + 1, process.pid]) {
      const lock = join(root, 'dovecot-uidlist.lock');
      writeFileSync(lock, `${owner}:${hostname()}`);
      utimesSync(lock, 1, 1);
      if (owner === process.pid) {
        await expect(inbox.append([{ body: [mail('a')] }])).rejects.toMatchObject({ code: 'STORE_IN_USE' });
        unlinkSync(lock);
      } else await inbox.append([{ body: [mail('a')] }]);
    }
  });

  it('that is empty, left by a process killed in making it, is broken after some seconds', {
    timeout: 30_000,
  }, async () => {
    const root = scratchDirectory();
    const inbox = await openInbox(root);
    const lock = join(root, 'dovecot-uidlist.lock');
    writeFileSync(lock, '');
    const before = statSync(lock).ctimeMs;
    await inbox.append([{ body: [mail('a')] }]);
    expect(Date.now() - before).toBeGreaterThan(5_000);
    expect(names(root)).not.toContain('dovecot-uidlist.lock');
  });
});

it('removes what crashed deliveries left, after 36 hours', async () => {
  const root = maildir({ 'tmp/old': 'x', 'tmp/fresh': 'y' });
  const account = await openAccount(root);
  expect(await account.maintain()).toEqual({ more: false, removed: 0 });
  expect(names(join(root, 'tmp'))).toEqual(['fresh', 'old']);
});

it('tells two files of one message from two messages', async () => {
  const root = maildir({ 'cur/1.M1.a:2,S': 'x' });
  linkSync(join(root, 'cur/1.M1.a:2,S'), join(root, 'cur/1.M1.a:2,F'));
  const inbox = await openInbox(root);
  expect((await rows(inbox)).length).toBe(1);
});
