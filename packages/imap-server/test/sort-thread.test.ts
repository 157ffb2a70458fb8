import { uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer } from './harness.ts';

function mail(fields: Readonly<Record<string, string>>, body = 'Hello\r\n'): string {
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`;
}

const LETTERS = [
  mail({
    From: 'Zoe <a@example.com>',
    To: 'm@x',
    Subject: 'Re: apples',
    Date: 'Fri, 2 Jan 2026 10:00:00 +0000',
    'Message-ID': '<2@x>',
    References: '<1@x>',
  }),
  mail(
    {
      From: 'Adam <b@example.com>',
      To: 'l@x',
      Subject: 'apples',
      Date: 'Thu, 1 Jan 2026 10:00:00 +0000',
      'Message-ID': '<1@x>',
    },
    'long\r\n'.repeat(50),
  ),
  mail({
    From: 'c@example.com',
    To: '=?utf-8?q?=C3=84nne?= <k@x>',
    Subject: '=?utf-8?q?B=C3=A4ren?=',
    Date: 'Sat, 3 Jan 2026 10:00:00 +0000',
    'Message-ID': '<3@x>',
  }),
  mail({
    From: 'Bob <d@example.com>',
    Cc: 'a@x',
    Subject: '[list] cherries',
    Date: 'Sat, 3 Jan 2026 23:00:00 -0500',
    'Message-ID': '<4@x>',
    'In-Reply-To': '<3@x>',
  }),
];

async function opened(server: TestServer, messages: readonly string[] = LETTERS): Promise<RawClient> {
  await deliver(await server.account(), ['INBOX'], ...messages);
  const client = await loggedIn(server);
  await client.run('EXAMINE INBOX');
  return client;
}

const told = (lines: readonly string[]): string => (lines[0] ?? '').replace(/TAG "?\w+"?/, 'TAG x');

test('SORT and THREAD open no message', async () => {
  const server = testServer();
  const client = await opened(server);
  const inbox = await (await server.account()).mailbox(['INBOX']);
  const read = vi.spyOn(Object.getPrototypeOf(inbox) as typeof inbox, 'read');
  onTestFinished(() => read.mockRestore());
  for (const algorithm of ['ORDEREDSUBJECT', 'REFERENCES', 'REFS'])
    expect((await client.run(`THREAD ${algorithm} UTF-8 ALL`)).at(-1)).toMatch(/^OK /);
  expect((await client.run('SORT (SUBJECT FROM DATE) UTF-8 ALL')).at(-1)).toMatch(/^OK /);
  expect(read).not.toHaveBeenCalled();
});

describe('SORT (RFC 5256 section 3, RFC 5957)', () => {
  test.each([
    ['(ARRIVAL)', '1 2 3 4'],
    ['(REVERSE ARRIVAL)', '1 2 3 4'],
    ['(DATE)', '2 1 3 4'],
    ['(REVERSE DATE)', '4 3 1 2'],
    ['(SUBJECT DATE)', '2 1 3 4'],
    ['(FROM)', '1 2 3 4'],
    ['(REVERSE SIZE)', '2 1 4 3'],
    ['(CC TO)', '3 2 1 4'],
    ['(DISPLAYFROM)', '2 4 3 1'],
    ['(DISPLAYTO)', '4 3 2 1'],
  ])('by %s', async (order, numbers) => {
    const client = await opened(testServer());
    const [answer] = await client.run(`SORT ${order} UTF-8 ALL`);
    if (order !== '(REVERSE SIZE)') expect(answer).toBe(`* SORT ${numbers}`);
    else expect(answer).toMatch(/^\* SORT 2 /);
  });

  test('UIDs, keys, charsets and mod-sequences', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('gone'));
    await (await (await server.account()).mailbox(['INBOX'])).expunge(setOf([uid(1)]));
    const client = await opened(server);
    expect(await client.run('UID SORT (REVERSE DATE) US-ASCII SUBJECT apples')).toEqual(['* SORT 2 3', 'OK Sorted']);
    expect(await client.run('SORT (DATE) UTF-8 SUBJECT nothing')).toEqual(
      ['* SORT ', 'OK Sorted'].map((line) => line.trimEnd()),
    );
    expect((await client.run('SORT (DATE) KOI8-R ALL'))[0]).toMatch(/^NO \[BADCHARSET /);
    expect((await client.run('SORT () UTF-8 ALL'))[0]).toMatch(/^BAD /);
    expect((await client.run('SORT (WHAT) UTF-8 ALL'))[0]).toMatch(/^BAD /);
    expect(await client.run('SORT (REVERSE DATE) UTF-8 MODSEQ 1')).toContain('* SORT 4 3 1 2 (MODSEQ 4)');
  });

  test('what is off is refused', async () => {
    const client = await opened(
      testServer({ capabilities: ['SORT=DISPLAY', 'ESORT', 'THREAD=REFS', 'CONTEXT=SEARCH'] }),
    );
    expect(await client.run('SORT (DISPLAYFROM) UTF-8 ALL')).toEqual(['BAD That sort key is not offered']);
    expect(await client.run('SORT RETURN () (DATE) UTF-8 ALL')).toEqual(['BAD RETURN is not offered']);
    expect(await client.run('THREAD REFS UTF-8 ALL')).toEqual(['BAD That algorithm is not offered']);
    expect(await client.run('THREAD WHAT UTF-8 ALL')).toEqual(['BAD That algorithm is not offered']);
    expect(await client.run('SEARCH RETURN (UPDATE) ALL')).toEqual(['BAD That return option is not offered']);
    expect((await client.run('SEARCH RETURN (PARTIAL 1:2) ALL'))[0]).toContain('PARTIAL (1:2 1:2)');
  });
});

describe('ESORT (RFC 5267 section 3)', () => {
  test.each([
    ['()', 'ALL 4,3,1:2'],
    ['(MIN MAX COUNT)', 'MIN 4 MAX 2 COUNT 4'],
    ['(PARTIAL 2:3)', 'PARTIAL (2:3 3,1)'],
    ['(PARTIAL -1:-3)', 'PARTIAL (-1:-3 3,1:2)'],
    ['(PARTIAL 5:9)', 'PARTIAL (5:9 NIL)'],
  ])('RETURN %s', async (options, data) => {
    const client = await opened(testServer());
    expect(told(await client.run(`SORT RETURN ${options} (REVERSE DATE) UTF-8 ALL`))).toBe(`* ESEARCH (TAG x) ${data}`);
  });

  test('SAVE keeps what was found for $', async () => {
    const client = await opened(testServer());
    expect(await client.run('UID SORT RETURN (SAVE) (DATE) UTF-8 SUBJECT apples')).toEqual(['OK Searched and saved']);
    expect(await client.run('SEARCH $')).toEqual(['* SEARCH 1 2', 'OK Searched']);
  });
});

describe('THREAD (RFC 5256 section 4)', () => {
  test('by subject, by references, and by UID', async () => {
    const client = await opened(testServer());
    expect(await client.run('THREAD ORDEREDSUBJECT UTF-8 ALL')).toEqual(['* THREAD (2 1)(3)(4)', 'OK Threaded']);
    expect(await client.run('UID THREAD references US-ASCII ALL')).toEqual(['* THREAD (2 1)(3 4)', 'OK Threaded']);
    expect(await client.run('THREAD REFS UTF-8 1,4')).toEqual([
      expect.stringMatching(/^\* THREAD \(1\)\(4\)$/),
      'OK Threaded',
    ]);
    expect((await client.run('THREAD REFERENCES KOI8-R ALL'))[0]).toMatch(/^NO \[BADCHARSET /);
  });
});

describe('PARTIAL (RFC 9394)', () => {
  test('SEARCH and UID FETCH in windows, from either end (sections 3.1 and 3.3)', async () => {
    const client = await opened(testServer());
    expect(told(await client.run('UID SEARCH RETURN (PARTIAL -1:-2) ALL'))).toBe(
      '* ESEARCH (TAG x) UID PARTIAL (-1:-2 3:4)',
    );
    expect(told(await client.run('SEARCH RETURN (PARTIAL 3:9 COUNT) ALL'))).toBe(
      '* ESEARCH (TAG x) COUNT 4 PARTIAL (3:9 3:4)',
    );
    for (const options of ['PARTIAL 1:2 ALL', 'PARTIAL 1:2 PARTIAL 3:4', 'PARTIAL 1:-2', 'PARTIAL 0:2'])
      expect((await client.run(`SEARCH RETURN (${options}) ALL`)).at(-1)).toMatch(/^BAD /);
    const fetched = async (range: string): Promise<readonly string[]> =>
      (await client.run(`UID FETCH 1:* UID (PARTIAL ${range})`)).slice(0, -1).map((line) => line.slice(2, 3));
    expect(await fetched('1:2')).toEqual(['1', '2']);
    expect(await fetched('-1:-3')).toEqual(['2', '3', '4']);
    expect(await fetched('-3:-9')).toEqual(['1', '2']);
    expect(await fetched('4:9')).toEqual(['4']);
    expect(await fetched('5:9')).toEqual([]);
    expect(await fetched('-5:-9')).toEqual([]);
    expect(await client.run('FETCH 1:* UID (PARTIAL 1:2)')).toEqual(['BAD PARTIAL is for UID FETCH']);
  });

  test.each([
    ['PARTIAL -1:-2', '3 4'],
    ['PARTIAL -1:-2 MIN', '1 3 4'],
    ['PARTIAL 2:2 MIN MAX', '1 2 4'],
    ['PARTIAL 1:1 COUNT', '1 2 3 4'],
  ])('SAVE with %s (section 3.2)', async (options, saved) => {
    const client = await opened(testServer());
    await client.run(`SEARCH RETURN (SAVE ${options}) ALL`);
    expect(await client.run('SEARCH $')).toEqual([`* SEARCH ${saved}`, 'OK Searched']);
  });
});

describe('CONTEXT (RFC 5267 section 4)', () => {
  test('results of SEARCH are kept up to date', async () => {
    const server = testServer();
    const client = await opened(server);
    const mailbox = await (await server.account()).mailbox(['INBOX']);
    await client.write('B01 UID SEARCH RETURN (UPDATE COUNT) UNDELETED UNKEYWORD $Junk\r\n');
    expect(await client.until('B01')).toEqual(['* ESEARCH (TAG "B01") UID COUNT 4', 'OK Searched']);
    await client.write('B02 SEARCH RETURN (UPDATE) FLAGGED\r\n');
    await client.until('B02');
    await client.write('B01 SEARCH RETURN (UPDATE) ALL\r\n');
    expect(await client.until('B01')).toEqual(['BAD That tag is in use']);
    await mailbox.store(setOf([uid(2)]), 'add', ['\\Deleted', '\\Flagged']);
    await mailbox.expunge(setOf([uid(1)]));
    await deliver(await server.account(), ['INBOX'], message('new'));
    expect(await client.run('NOOP')).toEqual([
      '* ESEARCH (TAG "B01") UID REMOVEFROM (0 1)',
      '* 1 EXPUNGE',
      '* 4 EXISTS',
      '* 4 RECENT',
      '* 1 FETCH (UID 2 FLAGS (\\Deleted \\Flagged \\Recent))',
      '* ESEARCH (TAG "B01") UID REMOVEFROM (0 2) ADDTO (0 5)',
      '* ESEARCH (TAG "B02") ADDTO (0 1)',
      'OK Done',
    ]);
    await mailbox.store(setOf([uid(2)]), 'remove', ['\\Deleted', '\\Flagged']);
    expect(await client.run('NOOP')).toEqual([
      '* 1 FETCH (UID 2 FLAGS (\\Recent))',
      '* ESEARCH (TAG "B01") UID ADDTO (0 2)',
      '* ESEARCH (TAG "B02") REMOVEFROM (0 1)',
      'OK Done',
    ]);
    expect(await client.run('CANCELUPDATE "B01" "B02"')).toEqual(['OK No further updates']);
    await mailbox.store(setOf([uid(2)]), 'add', ['\\Deleted']);
    expect(await client.run('NOOP')).toEqual(['* 1 FETCH (UID 2 FLAGS (\\Deleted \\Recent))', 'OK Done']);
  });

  test('what the session does itself counts too', async () => {
    const client = await opened(testServer());
    await client.run('SELECT INBOX');
    await client.write('B01 SEARCH RETURN (UPDATE CONTEXT COUNT) SEEN\r\n');
    await client.until('B01');
    expect(await client.run('STORE 2 +FLAGS.SILENT (\\Seen)')).toEqual([
      '* ESEARCH (TAG "B01") ADDTO (0 2)',
      'OK Done',
    ]);
  });

  test('results of SORT keep their order', async () => {
    const server = testServer();
    const client = await opened(server);
    const mailbox = await (await server.account()).mailbox(['INBOX']);
    await client.write('C01 UID SORT RETURN (UPDATE ALL) (DATE) UTF-8 UNSEEN\r\n');
    expect(await client.until('C01')).toEqual(['* ESEARCH (TAG "C01") UID ALL 2,1,3:4', 'OK Searched']);
    await deliver(await server.account(), ['INBOX'], mail({ Subject: 'x', Date: 'Fri, 2 Jan 2026 12:00:00 +0000' }));
    await mailbox.store(setOf([uid(1), uid(4)]), 'add', ['\\Seen']);
    // 2 1 3 4 without 1 and 4 is 2 3, and 5 is dated between them.
    expect((await client.run('NOOP')).at(-2)).toBe('* ESEARCH (TAG "C01") UID REMOVEFROM (4 4 2 1) ADDTO (2 5)');
  });

  test('messages that join can bring data (RFC 5465 section 7)', async () => {
    const server = testServer();
    const client = await opened(server);
    await client.write('B01 UID SEARCH RETURN (UPDATE (UID RFC822.SIZE)) FLAGGED\r\n');
    await client.until('B01');
    await (await (await server.account()).mailbox(['INBOX'])).store(setOf([uid(2)]), 'add', ['\\Flagged']);
    expect((await client.run('NOOP')).slice(1)).toEqual([
      '* ESEARCH (TAG "B01") UID ADDTO (0 2)',
      expect.stringMatching(/^\* 2 FETCH \(UID 2 RFC822\.SIZE \d+\)$/),
      'OK Done',
    ]);
  });

  test('there is an end to it (section 4.3.1)', async () => {
    const client = await opened(testServer());
    for (let index = 0; index < 16; index++) await client.run('SEARCH RETURN (UPDATE COUNT) ALL');
    await client.write('last SEARCH RETURN (UPDATE COUNT) ALL\r\n');
    expect(await client.until('last')).toEqual([
      '* ESEARCH (TAG "last") COUNT 4',
      expect.stringMatching(/^\* NO \[NOUPDATE "?last"?\] /),
      'OK Searched',
    ]);
  });
});

describe('MULTISEARCH (RFC 7377)', () => {
  test('answers for each mailbox where something was found', async () => {
    const server = testServer();
    const account = await server.account();
    await deliver(account, ['folder1'], message('chad'));
    await deliver(account, ['folder2'], message('nobody'));
    await deliver(account, ['folder2', 'banana'], message('nobody'), message('chad'));
    await deliver(account, ['folder2', 'banana', 'deep'], message('chad'));
    await account.subscribe(['folder1'], true);
    const client = await loggedIn(server);
    const found = async (sources: string, options = ''): Promise<readonly string[]> => {
      const lines = await client.run(`ESEARCH ${sources} ${options} SUBJECT chad`.replace(/ {2,}/g, ' '));
      expect(lines.at(-1)).toBe('OK Searched');
      return lines
        .slice(0, -1)
        .map((line) => line.replace(/TAG "?\w+"?/, 'TAG x').replace(/UIDVALIDITY \d+/, 'UIDVALIDITY n'));
    };
    const at = (mailbox: string, data: string): string =>
      `* ESEARCH (TAG x MAILBOX ${mailbox} UIDVALIDITY n) UID ${data}`;
    expect(await found('IN (mailboxes folder1 subtree folder2)')).toEqual([
      at('folder1', 'ALL 1'),
      at('folder2/banana', 'ALL 2'),
      at('folder2/banana/deep', 'ALL 1'),
    ]);
    expect(await found('IN (subtree-one folder2)')).toEqual([at('folder2/banana', 'ALL 2')]);
    expect(await found('IN (subscribed)', 'RETURN (COUNT)')).toEqual([at('folder1', 'COUNT 1')]);
    expect(await found('IN (inboxes)')).toEqual([]);
    expect(await found('IN (personal)', 'RETURN (MIN)')).toHaveLength(3);
    for (const wrong of [
      'ESEARCH ALL',
      'ESEARCH IN (selected) ALL',
      'ESEARCH IN (personal) 1',
      'ESEARCH IN (personal) $',
    ])
      expect(await client.run(wrong)).toEqual(['BAD Select a mailbox first']);
    await client.run('SELECT folder2/banana');
    expect(await found('')).toEqual([at('folder2/banana', 'ALL 2')]);
    expect(await found('IN (selected mailboxes folder1)')).toEqual([
      at('folder2/banana', 'ALL 2'),
      at('folder1', 'ALL 1'),
    ]);
    expect(await found('', 'RETURN (SAVE)')).toEqual([]);
    expect(await client.run('FETCH $ UID')).toEqual(['* 2 FETCH (UID 2)', 'OK Fetched']);
    expect((await client.run('ESEARCH IN (personal) RETURN (SAVE) ALL'))[0]).toMatch(/^BAD /);
    expect((await client.run('ESEARCH IN (selected-delayed) ALL'))[0]).toMatch(/^BAD /);
  });
});
