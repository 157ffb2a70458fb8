import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCourierKeywords } from '../src/format/courier-keywords.ts';
import { maildir } from './fixture.ts';
import { EVERY, killedNow, names, openAccount, openInbox, rows, scratchDirectory, tree } from './support.ts';

const KEYWORDS = 'courierimapkeywords';
/** A mailbox as Courier leaves it. */
const files = {
  'cur/1.M1.a,S=1:2,S': 'x',
  'cur/1.M2.b:2,': 'x',
  'new/1.M3.c': 'x',
  'cur/1.M4.d:2,F': 'x',
  courierimapuiddb: '1 1234567890 9\n3 1.M1.a,S=1\n5 1.M2.b\n8 1.M3.c\n',
  [`${KEYWORDS}/:list`]: '$Work\n$Later\nno good\n\n1.M1.a,S=1:0 1\n1.M2.b:1 7 x 2\n1.M9.gone:0\nnonsense\n',
  [`${KEYWORDS}/1.M3.c`]: '$Late\n$Work\n',
  [`${KEYWORDS}/.5.1.M2.b`]: '$Newer\n',
  [`${KEYWORDS}/.12.1.M2.b`]: '$Newest\n',
  [`${KEYWORDS}/.99.1.M3.c`]: '$Older\n',
};

describe('a Maildir of Courier', () => {
  it('keeps UIDs and UIDVALIDITY', async () => {
    const root = maildir(files);
    const inbox = await openInbox(root);
    expect(inbox.uidValidity).toBe(1_234_567_890);
    expect((await rows(inbox)).map(([id]) => id)).toEqual([3, 5, 8, 9]);
    expect(readFileSync(join(root, 'dovecot-uidlist'), 'utf8')).toMatch(/^3 V1234567890 N9 G[0-9a-f]{32}\n/);
  });

  it('has the keywords that were set last', async () => {
    const root = maildir(files);
    expect([...readCourierKeywords(join(root, KEYWORDS))].sort()).toEqual([
      ['1.M1.a,S=1', ['$Work', '$Later']],
      ['1.M2.b', ['$Newest']],
      ['1.M3.c', ['$Late', '$Work']],
      ['1.M9.gone', ['$Work']],
    ]);
    const expected = [
      [3, '$Later $Work \\Seen'],
      [5, '$Newest'],
      [8, '$Late $Work'],
      [9, '\\Flagged'],
    ];
    const before = tree(join(root, KEYWORDS));
    expect(await rows(await openInbox(root))).toEqual(expected);
    expect(tree(join(root, KEYWORDS))).toEqual(before);
    expect(names(join(root, 'cur'))).toContain('1.M1.a,S=1:2,Sab');
  });

  it('is taken over once', async () => {
    const root = maildir(files);
    const inbox = await openInbox(root);
    expect((await rows(inbox)).length).toBe(4);
    await inbox.store(EVERY, 'replace', []);
    expect((await rows(await openInbox(root))).map(([, flags]) => flags)).toEqual(['', '', '', '']);
  });

  it('is taken over whole when the program dies while it does so', async () => {
    const root = maildir(files);
    const copies = scratchDirectory();
    let count = 0;
    const fault = (): void => killedNow(root, join(copies, String(count++)));
    const whole = await rows(await openInbox(root, { fault, index: false }));
    for (let index = 0; index < count; index++) {
      const again = await openInbox(join(copies, String(index)), { index: false });
      expect(await rows(again)).toEqual(whole);
    }
    expect(count).toBeGreaterThan(10);
  });

  it('can be opened although its keywords cannot be read', async () => {
    const root = maildir({ 'cur/1.M1.a:2,S': 'x' });
    mkdirSync(join(root, KEYWORDS, ':list'), { recursive: true });
    const account = await openAccount(root);
    expect(await rows(await account.mailbox(['INBOX']))).toEqual([[1, '\\Seen']]);
  });
});
