import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account, MailStore } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, message, type TestServer, testServer, testStore } from './harness.ts';

const name = fc.constantFrom(
  'INBOX',
  'inbox',
  'Work',
  'Work/Sub',
  '"A B"',
  'a//b',
  '""',
  '&AOk-',
  '&broken',
  'x&AC8-y',
  '"%"',
);
const set = fc.constantFrom('1', '1:*', '*', '2:3', '3:1', '1,1,2', '4294967295', '1:4294967295', '7', '$');
const flags = fc.constantFrom('(\\Seen)', '()', '(\\Deleted $One)', '\\Flagged', '(\\Recent)', '(\\Odd)');
const items = fc.constantFrom(
  ...[
    'FAST',
    'ALL',
    'FULL',
    'UID',
    '(FLAGS UID UID)',
    'BODY',
    'BODY[]',
    'RFC822.TEXT',
    '(BODY BODYSTRUCTURE ENVELOPE)',
  ],
  ...[
    'BODY.PEEK[1.1.1]',
    'BODY[TEXT]<3.4>',
    'BODY.PEEK[HEADER.FIELDS (A B)]',
    '(BODY.PEEK[1.MIME] BODY[2])',
    'PREVIEW',
    '(EMAILID THREADID SAVEDATE MODSEQ)',
    'BINARY[1]',
    '(BINARY.SIZE[1] BINARY.PEEK[2]<1.2>)',
    'FLAGS (CHANGEDSINCE 2)',
    'FLAGS (CHANGEDSINCE 2 VANISHED)',
    'UID (PARTIAL -1:-2)',
  ],
);
const key = fc.constantFrom(
  ...[
    'ALL',
    'NEW',
    'NOT SEEN',
    'OR RECENT KEYWORD $Two',
    '(UNDELETED BODY Hello)',
    'SUBJECT one',
    'TEXT ""',
    'LARGER 5',
  ],
  ...[
    'SENTON 1-Feb-1994',
    'SINCE 1-Feb-1994',
    'YOUNGER 60',
    'MODSEQ 5',
    '$',
    'BOGUS',
    'SUBJECT {3+}\r\none',
    '(',
    'ALL ',
  ],
);
const returned = fc.constantFrom(
  '',
  'RETURN () ',
  'RETURN (MIN MAX COUNT) ',
  'RETURN (SAVE) ',
  'RETURN (UPDATE COUNT) ',
  'RETURN (PARTIAL 1:2 SAVE) ',
  'CHARSET X ',
  'RETURN x ',
);
const pattern = fc.constantFrom('*', '%', '""', 'W*', '%/%', 'INBOX', '(W% *)');
const text = (strings: TemplateStringsArray, ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((values) => strings.reduce((line, each, index) => line + (values[index - 1] ?? '') + each));
const uid = fc.constantFrom('', 'UID ');
const sign = fc.constantFrom('', '+', '-');

const command = fc.oneof(
  fc.constantFrom(
    'NOOP',
    'CHECK',
    'CLOSE',
    'UNSELECT',
    'EXPUNGE',
    'CAPABILITY',
    'NAMESPACE',
    'ID NIL',
    'BOGUS 1',
    'IDLE\r\nDONE',
    'ENABLE CONDSTORE',
    'ENABLE QRESYNC',
    'ENABLE IMAP4rev2',
    'ENABLE UTF8=ACCEPT',
    'CANCELUPDATE "a"',
    'NOTIFY NONE',
    'NOTIFY SET STATUS (selected-delayed (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge MailboxName SubscriptionChange))',
    'COMPRESS DEFLATE',
  ),
  text`${fc.constantFrom('SELECT', 'EXAMINE', 'CREATE', 'DELETE', 'SUBSCRIBE', 'UNSUBSCRIBE')} ${name}`,
  text`RENAME ${name} ${name}`,
  text`STATUS ${name} (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE)`,
  text`${fc.constantFrom('LIST', 'LSUB')} ${name} ${pattern}`,
  text`LIST (SUBSCRIBED RECURSIVEMATCH) "" ${pattern} RETURN (CHILDREN STATUS (MESSAGES))`,
  text`${uid}FETCH ${set} ${items}`,
  text`${uid}STORE ${set} ${sign}FLAGS${fc.constantFrom('', '.SILENT')} ${flags}`,
  text`${uid}${fc.constantFrom('COPY', 'MOVE')} ${set} ${name}`,
  text`${uid}SEARCH ${returned}${key}`,
  text`${uid}SEARCH ${key} ${uid}${set}`,
  text`${uid}SORT ${returned}(REVERSE DATE SUBJECT) UTF-8 ${key}`,
  text`${uid}THREAD ${fc.constantFrom('REFERENCES', 'ORDEREDSUBJECT', 'x')} UTF-8 ${key}`,
  text`ESEARCH IN (${fc.constantFrom('personal', 'selected', 'subtree Work', 'mailboxes INBOX')}) ${returned}${key}`,
  text`${uid}STORE ${set} (UNCHANGEDSINCE 3) ${sign}FLAGS ${flags}`,
  text`${fc.constantFrom('SELECT', 'EXAMINE')} ${name} (${fc.constantFrom('CONDSTORE', 'QRESYNC (1 1)', 'QRESYNC (1767323045 1 1:5)')})`,
  text`${uid}REPLACE ${fc.constantFrom('1', '2', '*', '9')} ${name} {6+}\r\nA: b\r\n`,
  text`APPEND ${name} {6+}\r\nA: b\r\n {6+}\r\nA: c\r\n`,
  text`APPEND ${name} CATENATE (URL "/INBOX/;UID=1" TEXT {2+}\r\nab URL "/Work/;UID=1/;SECTION=TEXT")`,
  text`${fc.constantFrom('GETQUOTAROOT', 'GETACL', 'MYRIGHTS')} ${name}`,
  text`SETMETADATA ${name} (/private/a "b")`,
  text`GETMETADATA (DEPTH infinity) ${name} (/private/a)`,
  text`UID EXPUNGE ${set}`,
  text`APPEND ${name} ${fc.constantFrom('', '(\\Seen $Two) ', '"07-Feb-1994 21:52:25 -0800" ')}{6+}\r\nA: b\r\n`,
);

test('no sequence of commands confuses a session, or the one beside it', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), command), { maxLength: 40 }), async (commands) => {
      const server = testServer({ limits: { maxBadCommands: 1_000 } });
      await deliver(await server.account(), ['INBOX'], message('one'), message('two'), message('three'));
      await deliver(await server.account(), ['Work'], message('four'));
      const clients = [await loggedIn(server), await loggedIn(server)];
      for (const [isFirst, line] of commands) {
        const index = isFirst ? 0 : 1;
        const lines = await clients[index]!.run(line);
        expect(lines.join('\n')).not.toContain('SERVERBUG');
        const after = await clients[index]!.run('NOOP').catch(() => []);
        if (after.at(-1) === 'OK Done') continue;
        // Only a mailbox that the other one deleted ends a session.
        expect([...lines, ...after]).toContain('* BYE The selected mailbox was deleted');
        clients[index] = await loggedIn(server);
      }
      for (const client of clients) expect((await client.run('LOGOUT')).at(-1)).toBe('OK Logged out');
    }),
    { numRuns: 100 },
  );
});

/** All that an account holds. */
async function picture(account: Account): Promise<unknown> {
  const boxes: unknown[] = [];
  for (const info of await account.list()) {
    if (!info.isSelectable) continue;
    const { added } = await (await account.mailbox(info.path)).changes(undefined);
    boxes.push([info, added, await account.metadata?.entries(info.path)]);
  }
  return boxes;
}

/** Where somebody would look for the mail of another. */
const stranger = fc.constantFrom(
  ...[
    '../bob',
    '../bob/Work',
    '/bob/INBOX',
    '~bob',
    '~bob/Work',
    '#user/bob',
    'user.bob',
    '"Other Users/bob"',
    'bob/Work',
  ],
  ...['..', '.', './INBOX', 'INBOX/../../bob', '..&AC8-bob', '.Work', 'cur', 'new/x', 'posthorn-index', '"a\\\\b"'],
);
/** What bob may share, and what he may not. */
const shared = fc.constantFrom(
  ...['INBOX', 'Work', 'Work/Sub', 'Work/New', 'Nowhere'].map((path) => `"Other Users/bob/${path}"`),
);
const anybodys = fc.oneof(name, stranger, shared);
const prying = fc.oneof(
  command,
  text`${fc.constantFrom('SELECT', 'EXAMINE', 'CREATE', 'DELETE', 'SUBSCRIBE', 'GETACL', 'MYRIGHTS')} ${stranger}`,
  text`RENAME ${stranger} ${name}`,
  text`RENAME ${name} ${stranger}`,
  text`STATUS ${stranger} (MESSAGES SIZE)`,
  text`LIST ${stranger} ${pattern}`,
  text`${uid}${fc.constantFrom('COPY', 'MOVE')} ${set} ${stranger}`,
  text`APPEND ${stranger} CATENATE (URL "/${stranger}/;UID=1")`,
  text`GETMETADATA ${stranger} (/private/a)`,
  text`ESEARCH IN (subtree (${stranger})) ALL`,
);
const sharing = fc.oneof(
  text`${fc.constantFrom('CREATE', 'DELETE', 'SUBSCRIBE', 'GETACL', 'MYRIGHTS', 'GETQUOTAROOT')} ${shared}`,
  text`STATUS ${shared} (MESSAGES SIZE)`,
  text`RENAME ${anybodys} ${anybodys}`,
  text`APPEND ${shared} {6+}\r\nA: b\r\n`,
  text`APPEND INBOX CATENATE (URL "/Other%20Users/bob/${fc.constantFrom('INBOX', 'Work', 'Work/Sub')}/;UID=1")`,
  text`${fc.constantFrom('SETACL', 'LISTRIGHTS')} ${shared} alice${fc.constantFrom('', ' lrswipkxtea')}`,
  text`GETMETADATA ${shared} (/private/a)`,
  text`SETMETADATA ${shared} (${fc.constantFrom('/private/a', '/shared/a')} "mine")`,
  text`LIST "" "Other Users/${pattern}" RETURN (MYRIGHTS STATUS (MESSAGES) METADATA ("/private/a"))`,
  fc.constant('ESEARCH IN (subtree "Other Users") RETURN (ALL) SUBJECT topsecret'),
);
/** One that opens a mailbox and uses it: alone they seldom meet. */
const foray = fc
  .tuple(
    text`${fc.constantFrom('SELECT', 'EXAMINE')} ${shared}`,
    fc.oneof(
      text`FETCH 1:* ${fc.constantFrom('BODY[]', 'ENVELOPE', 'PREVIEW', 'BINARY[1]')}`,
      text`STORE 1:* +FLAGS ${flags}`,
      text`${fc.constantFrom('COPY', 'MOVE')} 1:* ${anybodys}`,
      fc.constantFrom('EXPUNGE', 'CLOSE'),
      text`REPLACE 1 INBOX {6+}\r\nA: b\r\n`,
      command,
    ),
  )
  .map(([opening, use]) => `${opening}\r\nu ${use}`);

describe.each([
  ['memory', 'nothing'],
  ['maildir', 'nothing'],
  ['memory', 'something'],
  ['maildir', 'something'],
])('over %s, where %s is shared', (kind, what) => {
  const acl = what === 'something';
  const tries = acl ? fc.oneof(prying, sharing, foray, foray) : prying;
  const opened = (root: string): MailStore =>
    kind === 'memory' ? testStore({ acl }) : openMaildir(root, { accounts: 'per-user', fsync: false, acl });

  test('no sequence of commands of one user shows or changes the mail of another', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(tries, { maxLength: 40 }), async (commands) => {
        const root = await mkdtemp(join(tmpdir(), 'posthorn-two-'));
        const store = opened(root);
        try {
          await pry(testServer({ store, limits: { maxBadCommands: 1_000 } }), commands);
          const accounts = (await readdir(root)).filter((name) => name !== '.posthorn-shared');
          expect(accounts.toSorted()).toEqual(kind === 'memory' ? [] : ['alice', 'bob']);
        } finally {
          await store.close();
          await rm(root, { recursive: true });
        }
      }),
      { numRuns: kind === 'memory' ? 50 : 12 },
    );
  });
});

/** Lets alice try it all on an account of bob's, who lets her read one mailbox and know of another, if anything. */
async function pry(server: TestServer, commands: readonly string[]): Promise<void> {
  const bob = await server.account('bob');
  for (const path of [['INBOX'], ['Work', 'Sub']]) await deliver(bob, path, message('topsecret'));
  await deliver(bob, ['Work'], message(bob.acl === undefined ? 'topsecret' : 'for alice'));
  for (const path of [['INBOX'], ['Work']] as const)
    await bob.metadata?.change(path, new Map([['/private/a', 'topsecret']]));
  await bob.acl?.change(['Work'], 'alice', 'lr');
  await bob.acl?.change(['Work', 'Sub'], 'anyone', 'l');
  await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
  const before = await picture(bob);
  let client = await loggedIn(server);
  for (const line of commands) {
    const isForay = line.includes('\r\nu ');
    const lines = [...(await client.run(line)), ...(isForay ? await client.until('u') : [])];

    expect(lines.join('\n')).not.toContain('topsecret');
    if ((await client.run('NOOP').catch(() => [])).at(-1) !== 'OK Done') client = await loggedIn(server);
  }
  expect(await picture(bob)).toEqual(before);
}
