import { memoryStore } from '@posthorn/memory';
import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer, UID_VALIDITY } from './harness.ts';

async function texts(server: TestServer): Promise<readonly string[]> {
  const client = await loggedIn(server);
  await client.run('SELECT INBOX');
  const lines = await client.run('UID FETCH 1:* BODY.PEEK[]');
  return lines.slice(0, -1).map((line) => /\{\d+\}(.*)\)$/s.exec(line)?.[1] ?? line);
}

describe('MULTIAPPEND (RFC 3502)', () => {
  test('all messages or none, with flags and dates of their own', async () => {
    const server = testServer();
    const client = await loggedIn(server);
    await client.write('a APPEND INBOX (\\Seen) {6}\r\n');
    expect(await client.line()).toBe('+ Send the message');
    await client.write('A: b\r\n ($One \\Flagged) " 7-Feb-1994 22:43:04 -0800" {7}\r\n');
    expect(await client.line()).toBe('+ Send the message');
    await client.write('A: cc\r\n {1+}\r\n.\r\n');
    expect(await client.until('a')).toEqual([`OK [APPENDUID ${UID_VALIDITY} 1:3] APPEND completed`]);
    expect(await texts(server)).toEqual(['A: b\r\n', 'A: cc\r\n', '.']);
    await client.run('EXAMINE INBOX');
    expect(await client.run('FETCH 2 (FLAGS INTERNALDATE)')).toEqual([
      '* 2 FETCH (FLAGS ($One \\Flagged) INTERNALDATE "07-Feb-1994 22:43:04 -0800")',
      'OK Fetched',
    ]);
  });

  test('a message without an octet takes all of it back', async () => {
    const server = testServer();
    const client = await loggedIn(server);
    expect(await client.run('APPEND INBOX {2+}\r\nab {0+}\r\n')).toEqual(['NO A message without an octet is none']);
    expect(await texts(server)).toEqual([]);
  });

  test('one that is refused takes the others with it, and the rest of the command is skipped', async () => {
    const server = testServer({ limits: { maxMessageBytes: 10 } });
    const client = await loggedIn(server);
    expect(await client.run('APPEND INBOX {2+}\r\nab {11+}\r\n12345678901 {2+}\r\ncd')).toEqual([
      'NO [TOOBIG] A message has at most 10 octets',
    ]);
    expect(await client.run('APPEND INBOX {2+}\r\nab (\\Wrong) {2+}\r\ncd {2+}\r\nef')).toEqual([
      'BAD There is no flag \\Wrong',
    ]);
    expect(await client.run('APPEND INBOX {2+}\r\nab {2+}\r\ncd nonsense')).toEqual([expect.stringMatching(/^BAD /)]);
    expect(await client.run('APPEND Nowhere {2+}\r\nab {2+}\r\ncd')).toEqual([
      'NO [TRYCREATE] Create the mailbox first',
    ]);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
    expect(await texts(server)).toEqual([]);
  });

  test('can be switched off', async () => {
    const client = await loggedIn(testServer({ capabilities: ['MULTIAPPEND'] }));
    expect(await client.run('APPEND INBOX {2+}\r\nab {2+}\r\ncd')).toEqual(['BAD One message at a time']);
    expect((await client.run('APPEND INBOX {2+}\r\nab'))[0]).toMatch(/^OK /);
  });
});

const DRAFT =
  'From: a@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nX: 1\r\n\r\nfirst\r\n--x\r\n\r\nsecond\r\n--x--\r\n';

async function drafts(options?: Parameters<typeof testServer>[0]): Promise<{ server: TestServer; client: RawClient }> {
  const server = testServer(options);
  await deliver(await server.account(), ['Drafts/&'], DRAFT);
  return { server, client: await loggedIn(server) };
}

describe('CATENATE (RFC 4469)', () => {
  test('puts messages together from octets and sections', async () => {
    const { server, client } = await drafts();
    // The name has a delimiter of its own, which a URL spells as the server does.
    const box = '/Drafts%26AC8-%26';
    const run = client.run(
      `APPEND INBOX (\\Draft) CATENATE (URL "${box};UIDVALIDITY=${UID_VALIDITY + 1}/;UID=1/;section=HEADER" TEXT {7+}\r\n--y\r\n\r\n URL "${box}/;UID=1/;section=1.MIME" URL "${box}/;UID=1/;section=1/;PARTIAL=1.3" TEXT {2+}\r\n!! URL "${box}/;UID=1/;section=HEADER.FIELDS%20(FROM)")`,
    );
    expect(await run).toEqual([`OK [APPENDUID ${UID_VALIDITY} 1] APPEND completed`]);
    const header = 'From: a@example.com\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n';
    expect(await texts(server)).toEqual([`${header}--y\r\n\r\nX: 1\r\n\r\nirs!!From: a@example.com\r\n\r\n`]);
  });

  test('of URLs alone, and of the selected mailbox', async () => {
    const { server, client } = await drafts();
    await client.run('SELECT "Drafts&AC8-&-"');
    expect((await client.run('APPEND INBOX CATENATE (URL "/;UID=1" URL ";UID=1/;SECTION=2")'))[0]).toMatch(/^OK /);
    expect(await texts(server)).toEqual([`${DRAFT}second`]);
  });

  test.each([
    '/Nowhere/;UID=1',
    '/Drafts%26AC8-%26/;UID=2',
    '/Drafts%26AC8-%26;UIDVALIDITY=7/;UID=1',
    '/Drafts%26AC8-%26/;UID=1/;SECTION=9',
    '/Drafts%26AC8-%26/;UID=1/;SECTION=what',
    '/Drafts%26AC8-%26/;UID=0',
    'imap://other.example.com/INBOX/;UID=1',
    ';UID=1',
    '/%ff/;UID=1',
  ])('[BADURL] for %s', async (url) => {
    const { server, client } = await drafts();
    expect(await client.run(`APPEND INBOX CATENATE (TEXT {2+}\r\nab URL "${url}" TEXT {2+}\r\ncd)`)).toEqual([
      `NO [BADURL ${url}] That URL names nothing here`,
    ]);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
    expect(await texts(server)).toEqual([]);
  });

  test('[TOOBIG] when the whole is, and nothing is kept', async () => {
    const { server, client } = await drafts({ limits: { maxMessageBytes: 200 } });
    const url = 'URL "/Drafts%26AC8-%26/;UID=1"';
    expect(await client.run(`APPEND INBOX CATENATE (${url} ${url} TEXT {2+}\r\nab)`)).toEqual([
      'NO [TOOBIG] A message has at most 200 octets',
    ]);
    expect(await texts(server)).toEqual([]);
  });

  test.each([
    [
      ['{2} ab', 'CATENATE (@)'],
      ['ab', 'first'],
    ],
    [
      ['CATENATE (TEXT {2} ab @)', '{2} cd'],
      ['abfirst', 'cd'],
    ],
    [
      ['CATENATE (@)', '{2} cd', 'CATENATE (@ TEXT {1} .)', 'CATENATE (@ @)'],
      ['first', 'cd', 'first.', 'firstfirst'],
    ],
    [
      ['CATENATE (@)', 'CATENATE (@)', '(\\Seen) CATENATE (TEXT {1} .)'],
      ['first', 'first', '.'],
    ],
    [
      ['CATENATE (TEXT {1} a TEXT {1} b)', 'CATENATE (TEXT {1} c @)', '{1} d'],
      ['ab', 'cfirst', 'd'],
    ],
  ])('any of several messages may be catenated', async (parts, expected) => {
    const { server, client } = await drafts();
    const command = parts
      .join(' ')
      .replaceAll('@', 'URL "/Drafts%26AC8-%26/;UID=1/;SECTION=1"')
      .replace(/\{(\d)\} /g, '{$1+}\r\n');
    expect((await client.run(`APPEND INBOX ${command}`))[0]).toMatch(/^OK /);
    expect((await texts(server)).slice(-expected.length)).toEqual(expected);
  });

  test('a URL that is wrong takes the messages before and behind it back', async () => {
    const { server, client } = await drafts();
    const command = 'APPEND INBOX CATENATE (TEXT {1+}\r\na) CATENATE (URL "/Drafts/;UID=9") {1+}\r\nb';
    expect(await client.run(command)).toEqual([expect.stringMatching(/^NO \[BADURL /)]);
    expect(await texts(server)).toEqual([]);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });

  test('can be switched off', async () => {
    const { client } = await drafts({ capabilities: ['CATENATE'] });
    expect(await client.run('APPEND INBOX CATENATE (TEXT {2+}\r\nab)')).toEqual(['BAD CATENATE is not offered']);
    expect(await client.run('APPEND INBOX CATENATE (URL "/INBOX/;UID=1")')).toEqual(['BAD CATENATE is not offered']);
  });
});

describe('REPLACE (RFC 8508)', () => {
  test('needs only as much more room as the new message is longer (section 3.1)', async () => {
    const server = testServer({ store: memoryStore({ limits: { storage: 1_000, messages: 2 } }) });
    await deliver(await server.account(), ['INBOX'], 'x'.repeat(400), 'y'.repeat(400));
    const client = await loggedIn(server);
    await client.run('SELECT INBOX');
    const replace = async (size: number): Promise<string | undefined> =>
      (await client.run(`REPLACE 1 INBOX {${size}+}\r\n${'z'.repeat(size)}`)).at(-1);
    expect(await client.run('APPEND INBOX {2+}\r\nab')).toEqual(['NO [OVERQUOTA] There is no space left']);
    expect(await replace(601)).toBe('NO [OVERQUOTA] There is no space left');
    expect((await client.run('STATUS INBOX (MESSAGES SIZE)'))[0]).toBe('* STATUS INBOX (MESSAGES 2 SIZE 800)');
    expect(await replace(600)).toMatch(/^OK/);
    expect((await client.run('STATUS INBOX (MESSAGES SIZE)'))[0]).toBe('* STATUS INBOX (MESSAGES 2 SIZE 1000)');
  });

  test('by number and by UID, here and elsewhere (section 3)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['Sent']);
    await deliver(await server.account(), ['INBOX'], message('one'), message('two'), message('three'));
    const client = await loggedIn(server);
    await client.run('SELECT INBOX');
    await client.write('A003 REPLACE 2 INBOX (\\Seen \\Draft) {6}\r\n');
    expect(await client.line()).toBe('+ Send the message');
    await client.write('A: b\r\n\r\n');
    expect(await client.until('A003')).toEqual([
      `* OK [APPENDUID ${UID_VALIDITY} 4] The new message is there`,
      '* 2 EXPUNGE',
      '* 3 EXISTS',
      '* 3 RECENT',
      'OK Replaced',
    ]);
    expect(await client.run('UID REPLACE 3 Sent {6+}\r\nA: c\r\n')).toEqual([
      `* OK [APPENDUID ${UID_VALIDITY + 1} 1] The new message is there`,
      '* 2 EXPUNGE',
      '* 2 RECENT',
      'OK Replaced',
    ]);
    expect(await client.run('UID REPLACE * INBOX CATENATE (TEXT {4+}\r\nB: c URL "/INBOX/;UID=4")')).toContain(
      'OK Replaced',
    );
    expect(await texts(server)).toEqual([message('one'), 'B: cA: b\r\n']);
  });

  test('a message that is gone, a mailbox that is not there: nothing changes', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'));
    const client = await loggedIn(server);
    expect(await client.run('REPLACE 1 INBOX {2+}\r\nab')).toEqual(['BAD Select a mailbox first']);
    await client.run('SELECT INBOX');
    expect(await client.run('REPLACE 2 INBOX {2+}\r\nab')).toEqual([
      'BAD Invalid messageset: there is no message with that number',
    ]);
    expect(await client.run('UID REPLACE 2 INBOX {2+}\r\nab')).toEqual([
      'NO [EXPUNGEISSUED] The message to replace does not exist',
    ]);
    expect(await client.run('REPLACE 1 Nowhere {2+}\r\nab')).toEqual(['NO [TRYCREATE] Create the mailbox first']);
    await client.run('EXAMINE INBOX');
    expect(await client.run('REPLACE 1 INBOX {2+}\r\nab')).toEqual(['NO [READ-ONLY] The mailbox is read-only']);
    expect(await texts(server)).toEqual([message('one')]);
  });

  test('tells mod-sequences to those who want them (section 4.5)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'));
    const client = await loggedIn(server);
    await client.run('ENABLE QRESYNC');
    await client.run('SELECT INBOX');
    expect((await client.run('REPLACE 1 INBOX {2+}\r\nab')).filter((line) => /VANISHED|HIGHEST/.test(line))).toEqual([
      '* VANISHED 1',
      'OK [HIGHESTMODSEQ 4] Replaced',
    ]);
  });
});
