import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId, type MailboxPath, type MailStore } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { memoryStore } from '@posthorn/memory';
import { setOf } from '@posthorn/message-set';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rightsOfUser } from '../src/sharing/rights-of-user.ts';
import { deliver, loggedIn, message, RawClient, type TestServer, testServer } from './harness.ts';

const BOB = accountId('bob');
const HERS = 'Other Users/alice';

/** Alice's account, and bob, who sees of it what she lets him. */
interface Two {
  readonly server: TestServer;
  /** Gives bob just these rights to a mailbox of alice's. */
  share(path: MailboxPath, rights: string | undefined, identifier?: string): Promise<void>;
  bob(): Promise<RawClient>;
  /** Subjects of what is in a mailbox of alice's, each with its flags. */
  holds(path: MailboxPath): Promise<readonly string[]>;
}

async function twoUsers(store: MailStore): Promise<Two> {
  const server = testServer({ store });
  const alice = await server.account();
  await deliver(alice, ['INBOX'], message('hers'));
  await deliver(alice, ['Work'], message('one'), message('two'));
  await deliver(alice, ['Work', 'Plans'], message('plan'));
  await deliver(await server.account('bob'), ['INBOX'], message('his'));
  return {
    server,
    share: async (path, rights, identifier = BOB) => alice.acl!.change(path, identifier, rights),
    bob: () => loggedIn(server, 'bob', 'other'),
    async holds(path) {
      const mailbox = await alice.mailbox(path);
      const { added } = await mailbox.changes(undefined);
      const told: string[] = [];
      for (const { uid, flags } of added) {
        for await (const { envelope } of mailbox.scan(setOf([uid]), ['envelope']))
          told.push([envelope.subject, ...flags].join(' '));
      }
      return told;
    },
  };
}

const last = async (answer: Promise<readonly string[]>): Promise<string> => (await answer).at(-1)!;

describe.each(['memory', 'maildir'])('over %s', (kind) => {
  let root: string;
  let store: MailStore;
  let two: Two;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'posthorn-sharing-'));
    store =
      kind === 'memory'
        ? memoryStore({ acl: true })
        : openMaildir(root, { accounts: 'per-user', acl: true, fsync: false, quota: { messages: 1000 } });
    two = await twoUsers(store);
  });
  afterEach(async () => {
    await store.close();
    await rm(root, { recursive: true });
  });

  test('what may be looked up is listed, below the names above it', async () => {
    const bob = await two.bob();
    expect(await bob.run('NAMESPACE')).toEqual(['* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL', 'OK Done']);
    expect(await bob.run('LIST "" *')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX', 'OK Done']);
    await two.share(['Work', 'Plans'], 'l');
    const names = [
      '* LIST (\\Noselect \\HasChildren) "/" "Other Users"',
      `* LIST (\\Noselect \\HasChildren) "/" "${HERS}"`,
      `* LIST (\\Noselect \\HasChildren) "/" "${HERS}/Work"`,
      `* LIST (\\HasNoChildren) "/" "${HERS}/Work/Plans"`,
    ];
    expect(await bob.run('LIST "" "Other Users*"')).toEqual([...names, 'OK Done']);
    expect(await bob.run('LIST "" %')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX', names[0], 'OK Done']);
    expect(await bob.run(`LIST "" "${HERS}/Work/%" RETURN (MYRIGHTS STATUS (MESSAGES))`)).toEqual([
      names[3],
      `* MYRIGHTS "${HERS}/Work/Plans" l`,
      'OK Done',
    ]);
    await bob.run(`SUBSCRIBE "${HERS}/Work/Plans"`);
    expect(await bob.run('LSUB "" *')).toEqual([`* LSUB () "/" "${HERS}/Work/Plans"`, 'OK Done']);
    expect(await bob.run('LIST (SUBSCRIBED) "" *')).toEqual([
      `* LIST (\\HasNoChildren \\Subscribed) "/" "${HERS}/Work/Plans"`,
      'OK Done',
    ]);
    await two.share(['Work', 'Plans'], undefined);
    expect(await bob.run('LIST "" *')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX', 'OK Done']);
  });

  test.each([
    ['r', `SELECT "${HERS}/Work"`],
    ['r', `EXAMINE "${HERS}/Work"`],
    ['r', `STATUS "${HERS}/Work" (MESSAGES)`],
    ['i', `APPEND "${HERS}/Work" {4+}\r\nA:b\n`],
    ['i', 'COPY 1 "Other Users/alice/Work"'],
    ['k', `CREATE "${HERS}/Work/New"`],
    ['x', `DELETE "${HERS}/Work"`],
    ['x', `RENAME "${HERS}/Work" "${HERS}/Work/Inside"`],
    ['a', `GETACL "${HERS}/Work"`],
    ['a', `SETACL "${HERS}/Work" bob lrswipkxtea`],
    ['a', `DELETEACL "${HERS}/Work" anyone`],
    ['a', `LISTRIGHTS "${HERS}/Work" bob`],
  ])('the right %s is needed for %s', async (right, command) => {
    const bob = await two.bob();
    await bob.run('SELECT INBOX');
    const before = await two.holds(['Work']);
    expect(await last(bob.run(command))).toMatch(/^NO \[(?:NONEXISTENT|TRYCREATE|NOPERM)\] /);
    await two.share(['Work'], [...'lrswipkxtea'].filter((each) => each !== right).join(''));
    expect(await last(bob.run(command))).toMatch(/^NO \[NOPERM\] /);
    expect(await two.holds(['Work'])).toEqual(before);
    expect(await last(bob.run(`MYRIGHTS "${HERS}/Work"`))).toBe('OK Done');
    await two.share(['Work'], `${right}lrk`);
    await two.share(['Work', 'Plans'], 'x');
    // A mailbox cannot be put into itself: that is said once the right is there.
    const done = command.startsWith('RENAME') ? /^NO \[CANNOT\] / : /^OK /;
    expect(await last(bob.run(command))).toMatch(done);
  });

  test.each([
    ['s', 'STORE 1 +FLAGS (\\Seen)', '\\Seen'],
    ['w', 'STORE 1 +FLAGS (\\Flagged)', '\\Flagged'],
    ['w', 'STORE 1 +FLAGS (Word)', 'Word'],
    ['t', 'STORE 1 +FLAGS (\\Deleted)', '\\Deleted'],
    ['s', 'FETCH 1 BODY[]', '\\Seen'],
  ])('the right %s is needed for %s to set %s', async (right, command, flag) => {
    const bob = await two.bob();
    await two.share(['Work'], [...'lrswte'].filter((each) => each !== right).join(''));
    await bob.run(`SELECT "${HERS}/Work"`);
    expect(await last(bob.run(command))).toMatch(command.startsWith('FETCH') ? /^OK / : /^NO \[NOPERM\] /);
    expect(await two.holds(['Work'])).toEqual(['one', 'two']);
    await two.share(['Work'], `lr${right}`);
    await bob.run(`SELECT "${HERS}/Work"`);
    expect(await last(bob.run(command))).toMatch(/^OK /);
    expect(await two.holds(['Work'])).toEqual([`one ${flag}`, 'two']);
  });

  test('messages are removed by those who may', async () => {
    const bob = await two.bob();
    await two.share(['Work'], 'lrt');
    await bob.run(`SELECT "${HERS}/Work"`);
    await bob.run('STORE 1 +FLAGS (\\Deleted)');
    expect(await last(bob.run('EXPUNGE'))).toMatch(/^NO \[NOPERM\] /);
    expect(await last(bob.run('MOVE 2 INBOX'))).toMatch(/^NO \[NOPERM\] /);
    expect(await last(bob.run('REPLACE 2 INBOX {4+}\r\nA:b\n'))).toMatch(/^NO \[NOPERM\] /);
    expect(await last(bob.run('CLOSE'))).toBe('OK Closed');
    expect(await two.holds(['Work'])).toEqual(['one \\Deleted', 'two']);
    await two.share(['Work'], 'lrte');
    await bob.run(`SELECT "${HERS}/Work"`);
    expect(await bob.run('EXPUNGE')).toEqual(['* 1 EXPUNGE', 'OK Expunged']);
    expect(await two.holds(['Work'])).toEqual(['two']);
  });

  test('messages are copied and moved between users, with the flags that the owner lets be set', async () => {
    const bob = await two.bob();
    await bob.run('SELECT INBOX');
    await bob.run('STORE 1 FLAGS (\\Seen \\Deleted \\Flagged Word)');
    await two.share(['Work'], 'lrsi');
    expect(await last(bob.run(`COPY 1 "${HERS}/Work"`))).toMatch(/^OK \[COPYUID \d+ 1 3\] /);
    expect(await two.holds(['Work'])).toEqual(['one', 'two', 'his \\Seen']);
    expect(await bob.run(`MOVE 1 "${HERS}/Work"`)).toEqual([
      expect.stringMatching(/^\* OK \[COPYUID \d+ 1 4\] /),
      '* 1 EXPUNGE',
      '* 0 RECENT',
      'OK Moved',
    ]);
    await two.share(['Work'], 'lrswipte');
    expect((await bob.run(`SELECT "${HERS}/Work"`)).at(-1)).toBe('OK [READ-WRITE] Selected');
    expect((await bob.run('MOVE 3:4 INBOX')).slice(1)).toEqual([
      '* 4 EXPUNGE',
      '* 3 EXPUNGE',
      '* 2 RECENT',
      'OK Moved',
    ]);
    expect(await two.holds(['Work'])).toEqual(['one', 'two']);
    expect(await last(bob.run(`COPY 1 "${HERS}/Work"`))).toMatch(/^OK \[COPYUID \d+ 1 5\] /);
    await bob.run('SELECT INBOX');
    expect(await bob.run('FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).toEqual([
      expect.stringMatching(/FLAGS \(\\Seen.*Subject: his\r\n/s),
      expect.stringMatching(/FLAGS \(\\Seen.*Subject: his\r\n/s),
      'OK Fetched',
    ]);
  });

  test('a mailbox that is made takes the rights of the one above it, and is its owner’s', async () => {
    const bob = await two.bob();
    await two.share(['Work'], 'lrk');
    await two.share(['Work'], 'l', 'anyone');
    expect(await last(bob.run(`CREATE "${HERS}/Work/New"`))).toMatch(/^OK /);
    expect(await last(bob.run(`CREATE "${HERS}/New"`))).toMatch(/^NO \[NOPERM\] /);
    expect(await last(bob.run('CREATE "Other Users/nobody/New"'))).toMatch(/^NO \[NOPERM\] /);
    expect(await last(bob.run('CREATE "Other Users/bob/New"'))).toMatch(/^NO \[NOPERM\] /);
    expect(await last(bob.run('CREATE "Other Users/alice"'))).toMatch(/^NO \[CANNOT\] /);
    expect(await last(bob.run('CREATE "Other Users"'))).toMatch(/^NO \[CANNOT\] /);
    const alice = await loggedIn(two.server);
    expect((await alice.run('GETACL Work/New'))[0]).toMatch(
      /^\* ACL Work\/New alice \S+ (?:bob lrkc anyone l|anyone l bob lrkc)$/,
    );
    expect((await bob.run(`MYRIGHTS "${HERS}/Work/New"`))[0]).toBe(`* MYRIGHTS "${HERS}/Work/New" lrkc`);
  });

  test('a mailbox stays with its owner, and is moved by those who may with all below it', async () => {
    const bob = await two.bob();
    await two.share(['Work'], 'lrx');
    await two.share(['INBOX'], 'lrk');
    expect(await last(bob.run(`RENAME "${HERS}/Work" Mine`))).toMatch(/^NO \[CANNOT\] /);
    expect(await last(bob.run(`RENAME INBOX "${HERS}/INBOX/His"`))).toMatch(/^NO \[CANNOT\] /);
    expect(await last(bob.run(`RENAME "${HERS}/Work" "${HERS}/Free"`))).toMatch(/^NO \[NOPERM\] /);
    expect(await last(bob.run(`RENAME "${HERS}/Work" "${HERS}/INBOX/Moved"`))).toMatch(/^NO \[NOPERM\] /);
    await two.share(['Work', 'Plans'], 'x');
    expect(await last(bob.run(`RENAME "${HERS}/Work" "${HERS}/INBOX/Moved"`))).toBe('OK Renamed');
    expect(await two.holds(['INBOX', 'Moved', 'Plans'])).toEqual(['plan']);
    expect(await last(bob.run(`DELETE "${HERS}/INBOX/Moved/Plans"`))).toBe('OK Deleted');
  });

  test('what is taken back while it is selected is gone', async () => {
    const bob = await two.bob();
    await two.share(['Work'], 'lrs');
    await bob.run(`SELECT "${HERS}/Work"`);
    await two.share(['Work'], 'lr');
    expect(await last(bob.run('STORE 1 +FLAGS (\\Seen)'))).toMatch(/^NO \[NOPERM\] /);
    await two.share(['Work'], 'l');
    expect(await bob.run('FETCH 1 BODY.PEEK[]')).toEqual(['NO [NONEXISTENT] There is no such mailbox']);
    expect(await bob.run('NOOP')).toEqual(['OK Done']);
    expect(await bob.line()).toBe('* BYE The selected mailbox was deleted');
  });

  test('news of a shared mailbox come while it is selected, and while NOTIFY watches it', async () => {
    const [bob, watcher] = [await two.bob(), await two.bob()];
    await two.share(['Work'], 'lr');
    await bob.run(`SELECT "${HERS}/Work"`);
    await bob.write('i IDLE\r\n');
    expect(await bob.line()).toMatch(/^\+/);
    expect(
      await watcher.run(
        'NOTIFY SET (subtree "Other Users" (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge))',
      ),
    ).toEqual(['OK Done']);
    await deliver(await two.server.account(), ['Work'], message('three'));
    expect(await bob.line()).toBe('* 3 EXISTS');
    expect(await watcher.line()).toBe(`* STATUS "${HERS}/Work" (MESSAGES 3 UIDNEXT 4)`);
    await deliver(await two.server.account('bob'), ['INBOX'], message('his too'));
    expect(await watcher.line()).toBe('* STATUS INBOX (MESSAGES 2 UIDNEXT 3)');
    await bob.write('DONE\r\n');
    expect((await bob.until('i')).at(-1)).toMatch(/^OK /);
    await Promise.all([bob.transport.close(), watcher.transport.close()]);
    await two.server.idle();
  });

  test('what is the user’s own, and what is shared with them, are searched apart', async () => {
    const bob = await two.bob();
    await two.share(['Work'], 'lr');
    await two.share(['INBOX'], 'l');
    const found = async (sources: string): Promise<readonly string[]> =>
      (await bob.run(`ESEARCH IN (${sources}) RETURN (COUNT) ALL`)).flatMap(
        (line) => /MAILBOX ("[^"]*"|\S+)/.exec(line)?.[1] ?? [],
      );
    expect(await found('personal')).toEqual(['INBOX']);
    expect(await found('subtree "Other Users"')).toEqual([`"${HERS}/Work"`]);
  });

  test('annotations of others show where they are for all', async () => {
    const bob = await two.bob();
    const alice = await two.server.account();
    await alice.metadata!.change(
      ['Work'],
      new Map([
        ['/private/a', 'hers'],
        ['/shared/b', 'ours'],
      ]),
    );
    const asked = `GETMETADATA (DEPTH infinity) "${HERS}/Work" (/private/a /shared/b)`;
    expect(await last(bob.run(asked))).toMatch(/^NO \[NONEXISTENT\] /);
    await two.share(['Work'], 'lr');
    expect(await bob.run(asked)).toEqual([`* METADATA "${HERS}/Work" (/shared/b "ours")`, 'OK Done']);
    expect(await last(bob.run(`SETMETADATA "${HERS}/Work" (/shared/b "his")`))).toMatch(/^NO \[NOPERM\] /);
    await two.share(['Work'], 'lrw');
    expect(await last(bob.run(`SETMETADATA "${HERS}/Work" (/private/a "his")`))).toMatch(/^NO \[NOPERM\] /);
    expect(await last(bob.run(`SETMETADATA "${HERS}/Work" (/shared/b "his")`))).toBe('OK Done');
    expect(await alice.metadata!.entries(['Work'])).toEqual(
      new Map([
        ['/private/a', 'hers'],
        ['/shared/b', 'his'],
      ]),
    );
    expect(await bob.run(`GETQUOTAROOT "${HERS}/Work"`)).toEqual([`* QUOTAROOT "${HERS}/Work"`, 'OK Done']);
  });

  test('nobody’s account is made, or known of, by asking for it', async () => {
    const bob = await two.bob();
    await two.share(['Work'], 'l');
    const answers = async (user: string): Promise<readonly string[]> => {
      const told: string[] = [];
      for (const command of ['SELECT', 'EXAMINE', 'DELETE', 'CREATE', 'MYRIGHTS', 'GETACL', 'GETQUOTAROOT'])
        told.push(...(await bob.run(`${command} "Other Users/${user}/INBOX"`)));
      told.push(...(await bob.run(`APPEND "Other Users/${user}/INBOX" {4+}\r\nA:b\n`)));
      told.push(...(await bob.run(`RENAME "Other Users/${user}/INBOX" "Other Users/${user}/Work/X"`)));
      return told;
    };
    const nobody = await answers('nobody');
    expect(nobody.every((line) => /^NO \[(?:NONEXISTENT|NOPERM|TRYCREATE)\] /.test(line))).toBe(true);
    // Alice shares something: of the rest nothing can be told either.
    expect(await answers('alice')).toEqual(nobody);
    expect(await answers('bob')).toEqual(nobody);
    if (kind === 'maildir')
      expect((await readdir(root)).filter((name) => !name.startsWith('.')).toSorted()).toEqual(['alice', 'bob']);
  });
});

test('a store that does not know who shares has no such names', async () => {
  const server = testServer();
  const client = await loggedIn(server);
  expect((await client.run('NAMESPACE'))[0]).toBe('* NAMESPACE (("" "/")) NIL NIL');
  expect(await last(client.run('CREATE "Other Users/bob/Mine"'))).toMatch(/^OK /);
  expect(await last(client.run('SELECT "Other Users/bob/Mine"'))).toBe('OK [READ-WRITE] Selected');
});

describe('the rights of a user (RFC 4314 section 2)', () => {
  const user = { account: BOB, isAnonymous: false };
  test.each([
    [[], ''],
    [[['anyone', 'lr']], 'lr'],
    [[['carol', 'lr']], ''],
    [[['$bob', 'lr']], ''],
    [
      [
        ['anyone', 'lr'],
        ['bob', 'l'],
      ],
      'l',
    ],
    [[['bob', 'trl']], 'lrt'],
    [
      [
        ['anyone', 'lrs'],
        ['-bob', 's'],
      ],
      'lr',
    ],
    [
      [
        ['-anyone', 's'],
        ['authenticated', 'lrs'],
      ],
      'lrs',
    ],
    [
      [
        ['-bob', 'l'],
        ['bob', 'lr'],
      ],
      'r',
    ],
    [[['Bob', 'lr']], ''],
  ] as const)('%j gives %j', (entries, rights) => {
    const acl = entries.map(([identifier, given]) => ({ identifier, rights: given }));
    expect(rightsOfUser(acl, user)).toBe(rights);
  });

  test('a name that looks like a denial, or a group, is given nothing by it', () => {
    const acl = [
      { identifier: '-bob', rights: 'lr' },
      { identifier: '$staff', rights: 'lr' },
    ];
    for (const name of ['-bob', '$staff'])
      expect(rightsOfUser(acl, { account: accountId(name), isAnonymous: false })).toBe('');
  });

  test('who does not say who they are may do what anybody may (RFC 4505)', () => {
    const acl = [
      { identifier: 'anyone', rights: 'l' },
      { identifier: 'authenticated', rights: 'lr' },
      { identifier: 'bob', rights: 'lrs' },
    ];
    expect(rightsOfUser(acl, { account: BOB, isAnonymous: true })).toBe('l');
  });
});

test('a guest sees what is for anybody', async () => {
  const guest = accountId('guest');
  const server = testServer({ store: memoryStore({ acl: true }), mechanisms: { anonymous: { account: guest } } });
  const alice = await server.account();
  for (const [name, identifier] of [
    ['All', 'anyone'],
    ['Users', 'authenticated'],
    ['Guests', 'guest'],
  ] as const) {
    await alice.create([name]);
    await alice.acl!.change([name], identifier, 'lr');
  }
  const client = new RawClient(server.connect());
  await client.line();
  expect(await last(client.run('AUTHENTICATE ANONYMOUS Zm9v'))).toMatch(/^OK /);
  const listed = (await client.run('LIST "" *')).filter((line) => line.includes('HasNoChildren'));
  expect(listed).toEqual([
    '* LIST (\\HasNoChildren) "/" INBOX',
    '* LIST (\\HasNoChildren) "/" "Other Users/alice/All"',
  ]);
});
