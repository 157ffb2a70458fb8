import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer, UID_VALIDITY } from './harness.ts';

const MIXED = [
  'Content-Type: multipart/mixed; boundary=x',
  '',
  '--x',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=C3=BC=C3=9Fe=\r\n  aus',
  'Z=C3=BCrich',
  '--x',
  'Content-Type: application/octet-stream',
  'Content-Transfer-Encoding: base64',
  '',
  'AAECAwQFBgcICQ==',
  '--x',
  'Content-Type: application/octet-stream',
  'Content-Transfer-Encoding: x-strange',
  '',
  'what',
  '--x--',
  '',
].join('\r\n');

async function opened(server: TestServer, ...messages: readonly string[]): Promise<RawClient> {
  await deliver(await server.account(), ['INBOX'], ...messages);
  const client = await loggedIn(server);
  await client.run('EXAMINE INBOX');
  return client;
}

describe('BINARY (RFC 3516)', () => {
  test('parts come decoded, whole and in part, with their sizes (section 4)', async () => {
    const client = await opened(testServer(), MIXED);
    expect(await client.run('FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.SIZE[])')).toEqual([
      `* 1 FETCH (BINARY.SIZE[1] 21 BINARY.SIZE[2] 10 BINARY.SIZE[] ${MIXED.length})`,
      'OK Fetched',
    ]);
    expect(await client.run('FETCH 1 BINARY.PEEK[2]')).toEqual([
      '* 1 FETCH (BINARY[2] ~{10}\0\x01\x02\x03\x04\x05\x06\x07\b\t)',
      'OK Fetched',
    ]);
    expect(await client.run('FETCH 1 BINARY.PEEK[1]<2.5>')).toEqual([
      expect.stringMatching(/^\* 1 FETCH \(BINARY\[1\]<2> ~?\{5\}\xc3\xbc\xc3\x9fe\)$/),
      'OK Fetched',
    ]);
    expect(await client.run('FETCH 1 BINARY[2]<100.5>')).toEqual([
      expect.stringMatching(/^\* 1 FETCH \(BINARY\[2\]<100> ~?\{0\}\)$/),
      'OK Fetched',
    ]);
    expect(await client.run('FETCH 1 BINARY[7]')).toEqual(['* 1 FETCH (BINARY[7] NIL)', 'OK Fetched']);
  });

  test('beyond the RFC, as Dovecot: sections that have no encoding, and the rest from an octet on', async () => {
    const client = await opened(testServer(), MIXED);
    expect(await client.run('FETCH 1 BINARY.PEEK[2]<6>')).toEqual([
      '* 1 FETCH (BINARY[2]<6> ~{4}\x06\x07\b\t)',
      'OK Fetched',
    ]);
    const [header] = await client.run('FETCH 1 BODY.PEEK[HEADER]');
    expect(await client.run('FETCH 1 BINARY.PEEK[HEADER]')).toEqual([
      header!.replace('BODY[HEADER] ', 'BINARY[HEADER] ~'),
      'OK Fetched',
    ]);
    const [mime] = await client.run('FETCH 1 BODY.PEEK[2.MIME]');
    const size = /\{(\d+)\}/.exec(mime!)![1];
    expect(await client.run('FETCH 1 (BINARY.SIZE[2.MIME] BINARY.SIZE[9.MIME])')).toEqual([
      `* 1 FETCH (BINARY.SIZE[2.MIME] ${size} BINARY.SIZE[9.MIME] 0)`,
      'OK Fetched',
    ]);
    expect(await client.run('FETCH 1 BINARY.SIZE[HEADER.FIELDS ()]')).toEqual(['BAD Name the fields to fetch']);
  });

  test('an encoding that is not known is refused (section 4.3)', async () => {
    const client = await opened(testServer(), MIXED);
    for (const item of ['BINARY[3]', 'BINARY.SIZE[3]'])
      expect(await client.run(`FETCH 1 ${item}`)).toEqual(['NO [UNKNOWN-CTE] The encoding of a part is not known']);
  });

  test('BINARY sets \\Seen, BINARY.PEEK and BINARY.SIZE do not (section 4.2)', async () => {
    const client = await opened(testServer(), MIXED);
    await client.run('SELECT INBOX');
    await client.run('FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])');
    expect(await client.run('SEARCH SEEN')).toEqual(['* SEARCH', 'OK Searched']);
    await client.run('FETCH 1 BINARY[1]');
    expect(await client.run('SEARCH SEEN')).toEqual(['* SEARCH 1', 'OK Searched']);
  });

  test('APPEND takes octets as they are (section 4.4)', async () => {
    const client = await opened(testServer());
    expect((await client.run('APPEND INBOX ~{7+}\r\n\r\na\0b\r\n'))[0]).toMatch(/^\* 1 EXISTS/);
    expect(await client.run('FETCH 1 BINARY[1]')).toEqual(['* 1 FETCH (BINARY[1] ~{5}a\0b\r\n)', 'OK Fetched']);
    const other = await opened(testServer({ capabilities: ['BINARY'] }), MIXED);
    expect(await other.run('APPEND INBOX ~{2+}\r\nab')).toEqual(['BAD This kind of literal is not offered']);
    expect(await other.run('FETCH 1 BINARY[1]')).toEqual(['BAD That is not offered']);
  });
});

describe('PREVIEW (RFC 8970)', () => {
  const html = (body: string): string => `Content-Type: text/html; charset=iso-8859-1\r\n\r\n${body}`;
  test.each([
    ['plain text on one line', message('x', 'Hello,\r\n\r\n  I am\there.\r\n'), '"Hello, I am here."'],
    ['the first text, decoded', MIXED, '{22}Gr\xc3\xbc\xc3\x9fe aus Z\xc3\xbcrich'],
    ['of HTML what it shows', html('<style>p{}</style><p>1 &lt; 2 &amp;&#32;3<br>4</p><!-- no -->'), '"1 < 2 & 3 4"'],
    ['nothing of what is not text', 'Content-Type: image/png\r\n\r\nabc', '""'],
    ['nothing of nothing', '', '""'],
    ['200 characters at the most', message('x', 'abcd '.repeat(500)), `"${'abcd '.repeat(40).trim()}"`],
    ['HTML that is not closed', html('a<script>b'), '"a"'],
  ])('%s', async (_, text, preview) => {
    const client = await opened(testServer(), text);
    const [answer, done] = await client.run('FETCH 1 PREVIEW');
    expect(done).toBe('OK Fetched');
    expect(answer?.replace(/\{\d+\}/, '{22}')).toBe(`* 1 FETCH (PREVIEW ${preview})`);
    expect((await client.run('FETCH 1 (PREVIEW (LAZY))'))[0]).toBe(answer);
  });
});

describe('SAVEDATE (RFC 8514)', () => {
  test('FETCH and SEARCH know when a message was saved', async () => {
    const client = await opened(testServer());
    await client.run('APPEND INBOX " 7-Feb-1994 22:43:04 -0800" {2+}\r\nab');
    expect(await client.run('FETCH 1 SAVEDATE')).toEqual([
      '* 1 FETCH (SAVEDATE "02-Jan-2026 03:04:05 +0000")',
      'OK Fetched',
    ]);
    for (const [key, found] of [
      ['SAVEDON 2-Jan-2026', ' 1'],
      ['SAVEDBEFORE 2-Jan-2026', ''],
      ['SAVEDSINCE 2-Jan-2026', ' 1'],
      ['ON 7-Feb-1994', ' 1'],
      ['SAVEDATESUPPORTED', ' 1'],
      ['NOT SAVEDATESUPPORTED', ''],
    ])
      expect(await client.run(`SEARCH ${key}`)).toEqual([`* SEARCH${found}`, 'OK Searched']);
  });
});

describe('OBJECTID (RFC 8474)', () => {
  test('mailboxes keep their id, messages take theirs along', async () => {
    const client = await opened(testServer(), message('one'));
    const created = (await client.run('CREATE foo')).at(-1)!;
    const id = /^OK \[MAILBOXID \((\w+)\)\]/.exec(created)![1]!;
    expect(await client.run('STATUS foo (MAILBOXID)')).toEqual([`* STATUS foo (MAILBOXID (${id}))`, 'OK Done']);
    await client.run('RENAME foo bar');
    expect(await client.run('SELECT bar')).toContain(`* OK [MAILBOXID (${id})] Object id`);
    await client.run('SELECT INBOX');
    const [told] = await client.run('FETCH 1 (EMAILID THREADID)');
    const email = /^\* 1 FETCH \(EMAILID \((\w+)\) THREADID NIL\)$/.exec(told!)![1]!;
    await client.run('COPY 1 bar');
    expect(await client.run(`SEARCH EMAILID ${email}`)).toEqual(['* SEARCH 1', 'OK Searched']);
    expect(await client.run('SEARCH OR EMAILID other THREADID other')).toEqual(['* SEARCH', 'OK Searched']);
    await client.run('SELECT bar');
    expect((await client.run('FETCH 1 EMAILID'))[0]).toContain(email);
  });
});

describe('UTF8=ACCEPT (RFC 6855)', () => {
  test('names and strings come in UTF-8 once it is enabled', async () => {
    const client = await opened(testServer(), 'Subject: x\r\n\r\n');
    expect((await client.run('CREATE Gr&APwA3w-e'))[0]).toMatch(/^OK /);
    expect(await client.run('LIST "" Gr*')).toEqual([expect.stringContaining('"/" Gr&APwA3w-e'), 'OK Done']);
    expect(await client.run('APPEND INBOX UTF8 (~{2+}\r\nab)')).toEqual(['BAD Enable UTF8=ACCEPT first']);
    expect(await client.run('ENABLE UTF8=ACCEPT')).toEqual(['* ENABLED UTF8=ACCEPT', 'OK Done']);
    expect(await client.run('LIST "" "Gr\u00fc%"')).toEqual([
      '* LIST (\\HasNoChildren) "/" "Gr\xc3\xbc\xc3\x9fe"',
      'OK Done',
    ]);
    expect((await client.run('CREATE "T\u00fcr & Tor/\u65e5\u672c"'))[0]).toMatch(/^OK /);
    expect(await client.run('STATUS "T\u00fcr & Tor/\u65e5\u672c" (MESSAGES)')).toContain('OK Done');
    expect((await client.run('APPEND INBOX UTF8 (~{16+}\r\nSubject: \u00fc\r\n\r\nx)')).at(-1)).toMatch(/^OK /);
    expect((await client.run('FETCH 2 ENVELOPE'))[0]).toContain('(NIL "\xc3\xbc" NIL');
  });
});

describe('IMAP4rev2 (RFC 9051)', () => {
  test('nothing changes before it is enabled; then \\Recent, UNSEEN and SEARCH are gone', async () => {
    const server = testServer();
    const client = await opened(server, message('one'), message('two'));
    expect((await client.run('SELECT INBOX')).join()).toContain('RECENT');
    await deliver(await server.account(), ['INBOX'], message('three'));
    expect(await client.run('ENABLE IMAP4rev2')).toEqual(['* ENABLED IMAP4rev2', '* 3 EXISTS', 'OK Done']);
    expect(await client.run('FETCH 1 FLAGS')).toEqual(['* 1 FETCH (FLAGS ())', 'OK Fetched']);
    expect((await client.run('SEARCH UNSEEN'))[0]).toMatch(/^\* ESEARCH \(TAG "?\w+"?\) ALL 1:3$/);
    expect((await client.run('UID SEARCH SEEN'))[0]).toMatch(/^\* ESEARCH \(TAG "?\w+"?\) UID$/);
    await client.run('CREATE foo');
    expect(await client.run('SELECT "inbox"')).toEqual([
      '* OK [CLOSED] The mailbox is closed',
      '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)',
      '* 3 EXISTS',
      '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags that are kept',
      '* OK [UIDNEXT 4] Next UID',
      `* OK [UIDVALIDITY ${UID_VALIDITY}] UIDs are valid`,
      '* OK [MAILBOXID (id0)] Object id',
      '* LIST (\\HasNoChildren) "/" INBOX (OLDNAME ("inbox"))',
      '* OK [HIGHESTMODSEQ 3] Highest',
      'OK [READ-WRITE] Selected',
    ]);
    expect((await client.run('CREATE "\u65e5\u672c"'))[0]).toMatch(/^OK /);
    expect((await client.run('LIST "" "\u65e5%"'))[0]).toContain('"\xe6\x97\xa5\xe6\x9c\xac"');
    await client.run('UID STORE 1 +FLAGS.SILENT (\\Deleted)');
    expect(await client.run('EXPUNGE')).toEqual(['* 1 EXPUNGE', 'OK Expunged']);
  });

  test('what it is made of is announced beside it', async () => {
    const [line] = await (await loggedIn(testServer())).run('CAPABILITY');
    const announced = new Set(line!.split(' '));
    for (const name of 'IMAP4rev2 NAMESPACE UNSELECT UIDPLUS ESEARCH SEARCHRES ENABLE IDLE LIST-EXTENDED LIST-STATUS MOVE BINARY SPECIAL-USE STATUS=SIZE'.split(
      ' ',
    ))
      expect(announced).toContain(name);
  });
});
