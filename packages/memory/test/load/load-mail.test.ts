import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Account, accountId, collectBytes, type MailboxPath, uid } from '@posthorn/core';
import { rangeSet } from '@posthorn/message-set';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/index.ts';
import { loadMail } from '../../src/load.ts';

const EVERY = rangeSet(uid(1), uid(4_294_967_295));
let directory: string;
let account: Account;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-load-'));
  account = await memoryStore().open(accountId('alice'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('a folder of .eml files', () => {
  it('goes to INBOX in natural order, octet for octet', async () => {
    for (const name of ['10.eml', '9.EML', '1.eml', 'notes.txt']) await file(name, `Subject: ${name}\n\nbare LF\r\n`);
    expect(await loadMail(account, directory)).toEqual({ mailboxes: 1, messages: 3, bytes: 76 });
    expect(await bodies(['INBOX'])).toEqual(
      ['1.eml', '9.EML', '10.eml'].map((name) => `Subject: ${name}\n\nbare LF\r\n`),
    );
  });

  it('gets the line ends back that version control took', async () => {
    await file('a.eml', 'Subject: a\n\nbare LF\r\n\r');
    expect(await loadMail(account, directory, { lineEnds: 'crlf' })).toEqual({ mailboxes: 1, messages: 1, bytes: 24 });
    expect(await bodies(['INBOX'])).toEqual(['Subject: a\r\n\r\nbare LF\r\n\r']);
  });

  it('makes mailboxes of its folders', async () => {
    await file('a.eml', 'Subject: a\r\n\r\n');
    await file('Archive/2026/b.eml', 'Subject: b\r\n\r\n');
    await file('inbox/c.eml', 'Subject: c\r\n\r\n');
    await file('.hidden/d.eml', 'Subject: d\r\n\r\n');
    await mkdir(join(directory, 'Empty'));
    expect(await loadMail(account, directory)).toMatchObject({ messages: 3 });
    const list = await account.list();
    expect(list.map((info) => [info.path.join('/'), info.isSelectable])).toEqual([
      ['INBOX', true],
      ['Archive', false],
      ['Archive/2026', true],
      ['Empty', true],
    ]);
    expect(await bodies(['INBOX'])).toEqual(['Subject: a\r\n\r\n', 'Subject: c\r\n\r\n']);
  });

  it('is dated by the newest Received field, else by Date, else by the file', async () => {
    const received = [
      'Received: from b by c; Tue, 14 Nov 2023 23:13:20 +0100',
      'Received: from a by b;\r\n (a comment) Tue, 14 Nov 2023 21:00:00 +0000',
      'Date: Mon, 1 Jan 2001 00:00:00 +0000',
      'Subject: first',
      '',
      'Received: from nowhere; Fri, 1 Jan 2038 00:00:00 +0000',
    ].join('\r\n');
    await file('1.eml', received);
    await file('2.eml', 'date: Mon, 1 Jan 2001 02:00:00 +0200\r\n\r\n');
    await file('3.eml', 'Received: from a by b\r\nDate: whenever\r\n\r\n', 1_234_567_890);
    await loadMail(account, directory);
    expect(
      (await rows(['INBOX'])).map((row) => [row.internalDate.epochSeconds, row.internalDate.offsetMinutes]),
    ).toEqual([
      [1_700_000_000, 60],
      [978_307_200, 120],
      [1_234_567_890, 0],
    ]);
    expect((await rows(['INBOX'])).map((row) => row.flags)).toEqual([[], [], []]);
  });

  it('may be empty, and may be loaded into mailboxes that exist', async () => {
    expect(await loadMail(account, directory)).toEqual({ mailboxes: 1, messages: 0, bytes: 0 });
    await file('a.eml', '');
    await loadMail(account, directory);
    await loadMail(account, directory, { batchSize: 1 });
    expect(await bodies(['INBOX'])).toEqual(['', '']);
  });

  it('that is not there is an error', async () => {
    await expect(loadMail(account, join(directory, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('can be aborted', async () => {
    await file('a.eml', 'Subject: a\r\n\r\n');
    await expect(loadMail(account, directory, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    expect(await bodies(['INBOX'])).toEqual([]);
  });
});

describe('a Maildir', () => {
  beforeEach(() => maildir('.'));

  it('brings flags, keywords and dates', async () => {
    await file('dovecot-keywords', '0 $Label1\n1 NonJunk\n');
    await file('cur/1700000001.M5P1.host,S=10:2,FSab', 'Subject: a\n\nLF\n', 1_700_000_500);
    await file('cur/1700000001.M4P1.host:2,DPRTz', 'Subject: b\r\n\r\nCRLF\r\n', 1_700_000_400);
    await file('new/1700000000.M9P1.host', 'Subject: c\n\nmixed\r\n\n', 1_700_000_300);
    await file('tmp/1700000000.M1P1.host', 'half');
    expect(await loadMail(account, directory)).toMatchObject({ mailboxes: 1, messages: 3 });
    expect(await bodies(['INBOX'])).toEqual([
      'Subject: c\r\n\r\nmixed\r\n\r\n',
      'Subject: b\r\n\r\nCRLF\r\n',
      'Subject: a\r\n\r\nLF\r\n',
    ]);
    expect((await rows(['INBOX'])).map((row) => [row.flags, row.internalDate.epochSeconds])).toEqual([
      [[], 1_700_000_300],
      [['\\Draft', '$Forwarded', '\\Answered', '\\Deleted'], 1_700_000_400],
      [['\\Flagged', '\\Seen', '$Label1', 'NonJunk'], 1_700_000_500],
    ]);
  });

  it('brings its Maildir++ folders, with names in modified UTF-7', async () => {
    await maildir('.Entw&APw-rfe');
    await maildir('.A.B');
    await file('.A.B/cur/1.M1.host:2,S', 'Subject: a\n\n');
    await file('.not-a-folder', 'plain');
    await mkdir(join(directory, '.neither'));
    await loadMail(account, directory);
    expect((await account.list()).map((info) => info.path.join('/'))).toEqual(['INBOX', 'A', 'A/B', 'Entwürfe']);
    expect(await bodies(['A', 'B'])).toEqual(['Subject: a\r\n\r\n']);
  });

  it('reads other info separators, and leaves out files that are not mail', async () => {
    await file('cur/1.M1.host;2,S', 'a');
    await file('cur/2.M1.host!2,F', 'b');
    await file('cur/.hidden', 'c');
    await mkdir(join(directory, 'cur', 'folder'));
    await loadMail(account, directory);
    expect((await rows(['INBOX'])).map((row) => row.flags)).toEqual([['\\Seen'], ['\\Flagged']]);
  });

  it('that is large comes through whole', async () => {
    await file('cur/1.host:2,', `Subject: large\n\n${'line\n'.repeat(100_000)}`);
    const { bytes } = await loadMail(account, directory);
    expect((await bodies(['INBOX']))[0]).toBe(`Subject: large\r\n\r\n${'line\r\n'.repeat(100_000)}`);
    expect(bytes).toBe(600_018);
  });
});

async function file(name: string, content: string, modifiedSeconds?: number): Promise<void> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  if (modifiedSeconds !== undefined) await utimes(path, modifiedSeconds, modifiedSeconds);
}

async function maildir(name: string): Promise<void> {
  for (const part of ['cur', 'new', 'tmp']) await mkdir(join(directory, name, part), { recursive: true });
}

async function rows(path: MailboxPath) {
  const found = [];
  for await (const row of (await account.mailbox(path)).scan(EVERY, ['flags', 'internalDate'])) found.push(row);
  return found;
}

async function bodies(path: MailboxPath): Promise<readonly string[]> {
  const mailbox = await account.mailbox(path);
  const texts: string[] = [];
  for await (const { uid: each } of mailbox.scan(EVERY, [])) {
    const handle = await mailbox.read(each);
    texts.push(new TextDecoder().decode(await collectBytes(handle.stream())));
    await handle.release();
  }
  return texts;
}
