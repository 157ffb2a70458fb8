import { type Account, concatBytes, type Flag, type Mailbox, type SearchQuery, uid, utf8Bytes } from '@posthorn/core';
import { internalDateOf } from '@posthorn/date';
import { setOf } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { SearchableText } from '../src/search/searchable-text.ts';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer, testStore } from './harness.ts';

interface Letter {
  readonly text: string;
  readonly flags?: readonly Flag[];
  readonly date?: Date;
}

async function put(account: Account, ...letters: readonly Letter[]): Promise<void> {
  const inbox = await account.mailbox(['INBOX']);
  await inbox.append(
    letters.map(({ text, flags = [], date }) => ({
      body: [utf8Bytes(text)],
      flags,
      ...(date && { internalDate: internalDateOf(date) }),
    })),
  );
}

const DAY_MS = 86_400_000;

const LETTERS: readonly Letter[] = [
  {
    text: 'From: Fred <fred@example.com>\r\nTo: smith@example.org\r\nSubject: Lunch on\r\n Friday\r\nDate: Tue, 1 Feb 1994 23:30:00 -0800\r\n\r\nSee you\r\n',
    flags: ['\\Seen', '$Work'],
    date: new Date('1994-02-01T12:00:00Z'),
  },
  {
    text: 'From: John Smith <smith@example.com>\r\nCc: carol@example.com\r\nSubject: hello\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800 (PST)\r\nMessage-ID: <a@b>\r\n\r\nBring the REPORT, please\r\n',
    flags: ['\\Flagged', '\\Deleted'],
    date: new Date('1994-02-08T12:00:00Z'),
  },
  {
    text: 'From: x@example.com\r\nBcc: hidden@example.com\r\nSubject: Grüße\r\n\r\nKeine Zeit für Käse. See report.\r\n',
    flags: ['\\Draft', '\\Answered', '\\Flagged'],
    date: new Date(Date.now() - DAY_MS),
  },
];

async function opened(server: TestServer, letters: readonly Letter[] = LETTERS): Promise<RawClient> {
  await put(await server.account(), ...letters);
  const client = await loggedIn(server);
  await client.run('SELECT INBOX');
  return client;
}

describe('keys', () => {
  test.each([
    ['ALL', '1 2 3'],
    ['SEEN', '1'],
    ['UNSEEN', '2 3'],
    ['ANSWERED', '3'],
    ['UNANSWERED', '1 2'],
    ['DELETED', '2'],
    ['UNDELETED', '1 3'],
    ['DRAFT', '3'],
    ['UNDRAFT', '1 2'],
    ['FLAGGED', '2 3'],
    ['UNFLAGGED', '1'],
    ['KEYWORD $work', '1'],
    ['UNKEYWORD $Work', '2 3'],
    ['RECENT', '1 2 3'],
    ['NEW', '2 3'],
    ['OLD', ''],
    ['FROM smith', '2'],
    ['TO SMITH', '1'],
    ['CC carol', '2'],
    ['BCC hidden', '3'],
    ['SUBJECT "lunch on friday"', '1'],
    ['HEADER message-id ""', '2'],
    ['HEADER Message-ID "<A@B>"', '2'],
    ['HEADER X-Nobody ""', ''],
    ['BODY report', '2 3'],
    ['BODY Subject', ''],
    ['TEXT "subject: HELLO"', '2'],
    ['BODY ""', '1 2 3'],
    ['CHARSET UTF-8 BODY {8+}\r\nfür Kä', '3'],
    ['CHARSET us-ascii TEXT see', '1 3'],
    ['BEFORE 8-Feb-1994', '1'],
    ['ON "8-Feb-1994"', '2'],
    ['SINCE 8-Feb-1994', '2 3'],
    ['SENTBEFORE 7-Feb-1994', '1'],
    ['SENTON 1-Feb-1994', '1'],
    ['SENTSINCE 1-Feb-1994', '1 2'],
    ['NOT SENTSINCE 1-Feb-1994', '3'],
    ['YOUNGER 259200', '3'],
    ['OLDER 259200', '1 2'],
    ['LARGER 0', '1 2 3'],
    ['SMALLER 1', ''],
    ['UID 2:*', '2 3'],
    ['UID 9:*', '3'],
    ['2', '2'],
    ['*', '3'],
    ['2:5000', '2 3'],
    ['9:*', '3'],
    ['7', ''],
    ['NOT 2', '1 3'],
    ['OR SEEN ANSWERED', '1 3'],
    ['OR (SEEN BODY nothing) (NOT (FLAGGED DELETED) SUBJECT gr)', '3'],
    ['FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"', '3'],
  ])('%s', async (keys, expected) => {
    const client = await opened(testServer());
    expect(await client.run(`SEARCH ${keys}`)).toEqual([`* SEARCH${expected && ' '}${expected}`, 'OK Searched']);
  });

  test('sizes are compared without the size itself', async () => {
    const client = await opened(testServer(), [{ text: message('a') }]);
    const size = message('a').length;
    const found = async (key: string): Promise<string | undefined> => (await client.run(`SEARCH ${key}`))[0];
    expect(await found(`LARGER ${size}`)).toBe('* SEARCH');
    expect(await found(`SMALLER ${size}`)).toBe('* SEARCH');
    expect(await found(`LARGER ${size - 1} SMALLER ${size + 1}`)).toBe('* SEARCH 1');
  });

  test('nothing is found in an empty mailbox', async () => {
    const client = await opened(testServer(), []);
    for (const keys of ['ALL', '1:*', '*', 'NOT 1', 'UID 1:*', 'TEXT x'])
      expect(await client.run(`SEARCH ${keys}`)).toEqual(['* SEARCH', 'OK Searched']);
    expect(await client.run('UID SEARCH RETURN (MIN MAX ALL COUNT) ALL')).toEqual([
      '* ESEARCH (TAG "r9") UID COUNT 0',
      'OK Searched',
    ]);
  });

  test('what is not offered is refused', async () => {
    const client = await opened(testServer());
    for (const keys of ['FUZZY SUBJECT x', 'X-GM-RAW x', 'FILTER x'])
      expect(await client.run(`SEARCH ${keys}`)).toEqual(['BAD That search key is not offered']);
    expect(await client.run('SEARCH RETURN (RELEVANCY) ALL')).toEqual(['BAD That return option is not offered']);
    expect(await client.run('SEARCH CHARSET KOI8-R TEXT x')).toEqual([
      'NO [BADCHARSET ("US-ASCII" "UTF-8")] That charset is not known',
    ]);
    expect((await client.run('SEARCH NONSENSE'))[0]).toMatch(/^BAD /);
    expect((await client.run('SEARCH'))[0]).toMatch(/^BAD /);
    expect((await client.run('UID SEARCH ON 31-Feb-1994'))[0]).toMatch(/^BAD /);
    expect((await client.run(`SEARCH ${'NOT '.repeat(100)}ALL`))[0]).toMatch(/^BAD /);
    expect(await client.run(`SEARCH ${'ALL '.repeat(2000)}ALL`)).toEqual(['NO [LIMIT] Look for less at once']);
    expect(await client.run(`SEARCH ${'BODY x '.repeat(65)}ALL`)).toEqual(['NO [LIMIT] Look for less at once']);
  });

  test('before SELECT there is nothing to search', async () => {
    const client = await loggedIn(testServer());
    expect(await client.run('SEARCH ALL')).toEqual(['BAD Select a mailbox first']);
  });

  test('capabilities that are off are refused', async () => {
    const client = await opened(testServer({ capabilities: ['ESEARCH', 'SEARCHRES', 'WITHIN', 'CONDSTORE'] }));
    for (const key of ['$', 'MODSEQ 5'])
      expect(await client.run(`SEARCH ${key}`)).toEqual(['BAD That search key is not offered']);
    expect(await client.run('FETCH $ UID')).toEqual(['BAD Searches are not saved']);
    expect(await client.run('UID EXPUNGE $')).toEqual(['BAD Searches are not saved']);
    expect(await client.run('SEARCH RETURN () ALL')).toEqual(['BAD RETURN is not offered']);
    expect(await client.run('SEARCH YOUNGER 5')).toEqual(['BAD That search key is not offered']);
    expect(await client.run('SEARCH ALL')).toEqual(['* SEARCH 1 2 3', 'OK Searched']);
  });
});

describe('ESEARCH (RFC 4731 section 3.1)', () => {
  test('answers what was asked for', async () => {
    const server = testServer();
    const client = await opened(server, [...LETTERS, ...LETTERS, ...LETTERS]);
    await client.run('STORE 1:2 +FLAGS.SILENT \\Deleted');
    await client.run('EXPUNGE');
    const cases = [
      ['SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"', 'MIN 1 COUNT 3'],
      ['SEARCH RETURN () UNKEYWORD $Work', 'ALL 1,3,5'],
      ['SEARCH RETURN (MIN) UNSEEN', 'MIN 1'],
      ['UID SEARCH RETURN (MIN MAX) 1:5000', 'UID MIN 3 MAX 9'],
      ['UID SEARCH RETURN (ALL) 1:5000', 'UID ALL 3:4,6:7,9'],
      ['SEARCH RETURN (COUNT) DELETED', 'COUNT 0'],
      ['SEARCH RETURN (ALL MIN MAX) KEYWORD nothing', ''],
    ] as const;
    for (const [index, [command, expected]] of cases.entries()) {
      const answer = `* ESEARCH (TAG "r${index + 5}")${expected && ' '}${expected}`;
      expect(await client.run(command)).toEqual([answer, 'OK Searched']);
    }
  });
});

describe('news', () => {
  test('numbers hold back expunges, UIDs do not (RFC 9051 section 7.5.1)', async () => {
    const server = testServer();
    const client = await opened(server);
    const inbox = await (await server.account()).mailbox(['INBOX']);
    await inbox.expunge(setOf([uid(1)]));
    const done = 'OK [EXPUNGEISSUED] Searched';
    expect(await client.run('SEARCH RETURN (ALL) UID 2:3')).toEqual(['* ESEARCH (TAG "r3") ALL 2:3', done]);
    expect(await client.run('SEARCH BODY see')).toEqual(['* SEARCH 3', done]);
    expect(await client.run('UID SEARCH FLAGGED')).toEqual([
      '* SEARCH 2 3',
      '* 1 EXPUNGE',
      '* 2 RECENT',
      'OK Searched',
    ]);
    expect(await client.run('SEARCH FLAGGED')).toEqual(['* SEARCH 1 2', 'OK Searched']);
  });

  test('new messages are announced before they are found', async () => {
    const server = testServer();
    const client = await opened(server, [{ text: message('one') }]);
    await deliver(await server.account(), ['INBOX'], message('two'));
    expect(await client.run('SEARCH SUBJECT two')).toEqual(['* 2 EXISTS', '* 2 RECENT', '* SEARCH 2', 'OK Searched']);
  });
});

/** A store whose mailboxes are changed by `change`. */
function changedStore(change: (mailbox: Mailbox) => Mailbox): ReturnType<typeof testStore> {
  const store = testStore();
  return wrap(store, {
    open: async (...args: Parameters<typeof store.open>) => {
      const account = await store.open(...args);
      return wrap(account, {
        mailbox: async (...names: Parameters<Account['mailbox']>) => change(await account.mailbox(...names)),
      });
    },
  });
}

function wrap<Value extends object>(value: Value, over: Partial<Value>): Value {
  return new Proxy(value, {
    get: (target, name) => {
      const own = Reflect.get(over, name) as unknown;
      const found = own ?? (Reflect.get(target, name) as unknown);
      return typeof found === 'function' && own === undefined ? found.bind(target) : found;
    },
  });
}

describe('what is read', () => {
  const counted = (): { readonly server: TestServer; readonly calls: string[] } => {
    const calls: string[] = [];
    const store = changedStore((mailbox) =>
      wrap(mailbox, {
        scan: ((uids, fields, options) => {
          calls.push(`scan ${fields.join(' ')} of ${uids.bounds.join(':')}`);
          return mailbox.scan(uids, fields, options);
        }) as Mailbox['scan'],
        read: (id, ...rest) => {
          calls.push(`read ${id}`);
          return mailbox.read(id, ...rest);
        },
      }),
    );
    return { server: testServer({ store }), calls };
  };

  test.each([
    ['SEEN', []],
    ['FLAGGED TEXT report', ['read 2', 'read 3']],
    ['TEXT nothing SEEN LARGER 5', ['scan size of 1:1', 'read 1']],
    ['TEXT report SMALLER 5', ['scan size of 1:3']],
    ['OR SINCE 1-Jan-1990 BODY x', ['scan internalDate of 1:3']],
  ])('%s', async (keys, expected) => {
    const { server, calls } = counted();
    const client = await opened(server);
    calls.length = 0;
    await client.run(`SEARCH ${keys}`);
    expect(calls).toEqual(expected);
  });

  test('no more of a message than the keys need, and every message is released', async () => {
    let octets = 0;
    let held = 0;
    const store = changedStore((mailbox) =>
      wrap(mailbox, {
        read: async (id, ...rest) => {
          const body = await mailbox.read(id, ...rest);
          held++;
          return {
            size: body.size,
            async *stream() {
              for await (const chunk of body.stream()) {
                for (let start = 0; start < chunk.length; start += 100) {
                  const slice = chunk.subarray(start, start + 100);
                  octets += slice.length;
                  yield slice;
                }
              }
            },
            release: async () => {
              held--;
              await body.release();
            },
          };
        },
      }),
    );
    const client = await opened(testServer({ store }), [
      { text: message('x', `${'a'.repeat(999)}b${'c'.repeat(9000)}`) },
    ]);
    const run = async (keys: string): Promise<readonly [string | undefined, number]> => {
      octets = 0;
      const [answer] = await client.run(`SEARCH ${keys}`);
      return [answer, octets];
    };
    expect(await run('SUBJECT x')).toEqual(['* SEARCH 1', 100]);
    expect(await run('SUBJECT y BODY b')).toEqual(['* SEARCH', 100]);
    expect(await run('BODY aab')).toEqual(['* SEARCH 1', 1100]);
    expect(await run('NOT BODY aab')).toEqual(['* SEARCH', 1100]);
    expect((await run('BODY ccb'))[0]).toBe('* SEARCH');
    expect(held).toBe(0);
  });

  test('a message that vanishes meanwhile is not found', async () => {
    const store = changedStore((mailbox) =>
      wrap(mailbox, {
        read: async (id, ...rest) => {
          if (id === 2) await mailbox.expunge(setOf([uid(2)]));
          return mailbox.read(id, ...rest);
        },
      }),
    );
    const client = await opened(testServer({ store }));
    expect(await client.run('SEARCH TEXT example')).toEqual(['* SEARCH 1 3', 'OK [EXPUNGEISSUED] Searched']);
    expect(await client.run('NOOP')).toEqual(['* 2 EXPUNGE', '* 2 RECENT', 'OK Done']);
  });
});

test('a store that can search is asked, in its own terms', async () => {
  const asked: SearchQuery[] = [];
  const store = changedStore((mailbox) =>
    wrap(mailbox, {
      async *search(query: SearchQuery) {
        asked.push(query);
        yield uid(3);
        yield uid(1);
        yield uid(77);
      },
    }),
  );
  const client = await opened(testServer({ store }));
  expect(await client.run('SEARCH NEW 2:* SUBJECT x')).toEqual(['* SEARCH 1 3', 'OK Searched']);
  const bounds = (...all: number[]): unknown => expect.objectContaining({ bounds: Uint32Array.of(...all) });
  expect(asked).toEqual([
    {
      type: 'and',
      queries: [
        {
          type: 'and',
          queries: [
            { type: 'uid', uids: bounds(1, 3) },
            { type: 'not', query: { type: 'flag', flag: '\\Seen' } },
          ],
        },
        { type: 'uid', uids: bounds(2, 3) },
        { type: 'header', name: 'SUBJECT', value: 'x' },
      ],
    },
  ]);
});

describe('what is encoded', () => {
  const lines = (...text: readonly string[]): string => `${text.join('\r\n')}\r\n`;
  const ENCODED: readonly Letter[] = [
    {
      text: lines(
        'From: =?utf-8?q?J=C3=B6rg?= <user (at home)@ (of) example.org>',
        'To: "The \\"Boss\\"" <b@example.org>',
        'Subject: =?iso-8859-1?q?Gr=FC=DFe?= aus =?utf-8?b?S8O2?=',
        ' =?utf-8?b?bG4=?=',
        'Content-Type: text/plain; charset=iso-8859-7',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'soft=',
        'ly =CF=C4=CF=D3',
      ),
    },
    {
      text: lines(
        'Subject: parts',
        'Content-Type: multipart/mixed; boundary=b',
        '',
        'prologue',
        '--b',
        'Content-Type: text/html; charset=utf-8',
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('<p>Käse und Wein</p>')
          .toString('base64')
          .replace(/(.{10})/g, '$1\r\n'),
        '--b',
        'Content-Type: message/rfc822',
        '',
        'Subject: =?utf-8?q?innen_dr=C3=BCben?=',
        '',
        'inner text',
        '--b',
        'Content-Type: image/png',
        'Content-Disposition: attachment; filename=chart.png',
        '',
        'picture words',
        '--b--',
      ),
    },
    { text: lines('Subject: 8bit', '', 'ÄRGER ohne Kopf') },
    { text: lines('Subject: broken', 'Content-Transfer-Encoding: x-none', '', 'as it is') },
  ];

  test.each([
    ['FROM {5+}\r\nJÖRG', '1'],
    ['FROM user@example.org', '1'],
    ['FROM "at home"', '1'],
    ['TO {10+}\r\nThe "Boss"', '1'],
    ['SUBJECT {8+}\r\ngrüße', '1'],
    ['SUBJECT {5+}\r\nKöln', '1'],
    ['SUBJECT iso-8859', ''],
    ['TEXT {5+}\r\nkÖLN', '1'],
    ['BODY softly', '1'],
    ['BODY {8+}\r\nΟΔΟΣ', '1'],
    ['BODY {8+}\r\nοδος', '1'],
    ['BODY {9+}\r\nkäse und', '2'],
    ['BODY S8Okc2U', ''],
    ['TEXT wein', '2'],
    ['BODY {7+}\r\ndrüben', '2'],
    ['BODY "inner text"', '2'],
    ['BODY chart.png', '2'],
    ['BODY "picture words"', ''],
    ['BODY prologue', ''],
    ['TEXT parts', '2'],
    ['BODY parts', ''],
    ['BODY {6+}\r\närger', '3'],
    ['BODY "as it is"', '4'],
    ['NOT BODY wein', '1 3 4'],
    ['OR BODY wein SUBJECT 8bit', '2 3'],
  ])('SEARCH %s', async (keys, found) => {
    const client = await opened(testServer(), ENCODED);
    const sized = keys.replace(/\{\d+\+\}\r\n(.*)$/, (_, text: string) => `{${Buffer.byteLength(text)}+}\r\n${text}`);
    expect(await client.run(`SEARCH CHARSET UTF-8 ${sized}`)).toEqual([`* SEARCH ${found}`.trimEnd(), 'OK Searched']);
  });

  test('is found wherever the chunks are cut', () => {
    const text = 'soft=\r\nly =C3=A4=C3=96 end';
    for (let cut = 0; cut <= text.length; cut++) {
      const searchable = new SearchableText({ encoding: 'quoted-printable', charset: 'utf-8' });
      const pieces = [text.slice(0, cut), text.slice(cut)].map((piece) => searchable.push(utf8Bytes(piece)));
      const all = new TextDecoder().decode(concatBytes([...pieces, searchable.finish()]));
      expect(all).toBe('softly äö end');
    }
  });
});
