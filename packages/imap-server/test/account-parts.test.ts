import {
  type Account,
  type AccountAcl,
  type AccountQuota,
  accountId,
  type MailStore,
  StoreError,
} from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, message, testServer, testStore } from './harness.ts';

/** A store whose accounts have other parts. */
function withParts(inner: MailStore, parts: Partial<Account>): MailStore {
  const other = (account: Account): Account =>
    new Proxy(account, {
      get(target, name) {
        if (name in parts) return parts[name as keyof Account];
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  return { ...inner, traits: inner.traits, open: async (...args) => other(await inner.open(...args)) };
}

describe('QUOTA (RFC 9208)', () => {
  test('tells limits and what is in use, and refuses what goes beyond (section 4)', async () => {
    const server = testServer({ store: memoryStore({ limits: { storage: 4096, messages: 3 } }) });
    await deliver(await server.account(), ['INBOX'], 'x'.repeat(1025), message('two'));
    const client = await loggedIn(server);
    const quota = '* QUOTA "" (STORAGE 2 4 MESSAGE 2 3)';
    expect(await client.run('GETQUOTAROOT INBOX')).toEqual(['* QUOTAROOT INBOX ""', quota, 'OK Done']);
    expect(await client.run('GETQUOTA ""')).toEqual([quota, 'OK Done']);
    expect(await client.run('GETQUOTA other')).toEqual(['NO [NONEXISTENT] There is no such quota root']);
    // What does not exist has the roots it would be made with: RFC 9208 section 4.1.2.
    for (const name of ['Nowhere', 'No/such/place', '""'])
      expect(await client.run(`GETQUOTAROOT ${name}`)).toEqual([`* QUOTAROOT ${name} ""`, quota, 'OK Done']);
    expect(await client.run('SETQUOTA "" (STORAGE 9999)')).toEqual(['NO [NOPERM] You may not change limits']);
    expect(await client.run(`APPEND INBOX {3100+}\r\n${'x'.repeat(3100)}`)).toEqual([
      'NO [OVERQUOTA] There is no space left',
    ]);
    await client.run('SELECT INBOX');
    expect((await client.run('COPY 1:2 INBOX')).at(-1)).toBe('NO [OVERQUOTA] There is no space left');
  });

  test('limits are set where the store lets its user (section 4.1.3)', async () => {
    const limits = new Map<string, number>([['STORAGE', 4096]]);
    const quota: AccountQuota = {
      roots: async () => ['mine'],
      root: async (name) => ({
        name,
        usages: (['STORAGE', 'MESSAGE'] as const).map((resource) => ({
          resource,
          usage: 0,
          limit: limits.get(resource),
        })),
      }),
      limit: async (name, asked) => {
        if (name !== 'mine') throw new StoreError('STORE_NO_PERMISSION', 'not yours');
        limits.clear();
        for (const [resource, limit] of asked) limits.set(resource, limit);
      },
    };
    const client = await loggedIn(testServer({ store: withParts(testStore(), { quota }) }));
    expect((await client.run('CAPABILITY'))[0]).toContain(' QUOTASET ');
    expect(await client.run('SETQUOTA mine (STORAGE 10 MESSAGE 7)')).toEqual([
      '* QUOTA mine (STORAGE 0 10 MESSAGE 0 7)',
      'OK Done',
    ]);
    expect(limits.get('STORAGE')).toBe(10_240);
    expect(await client.run('SETQUOTA mine ()')).toEqual(['* QUOTA mine ()', 'OK Done']);
    expect(await client.run('SETQUOTA mine (HATS 3)')).toEqual(['NO [CANNOT] That is not counted']);
    expect(await client.run('SETQUOTA other (STORAGE 1)')).toEqual(['NO [NOPERM] You may not do that']);
  });

  test('STATUS tells what an EXPUNGE would free (section 4.1.4)', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], 'x'.repeat(1500), 'x'.repeat(600), 'x'.repeat(5000));
    const client = await loggedIn(server);
    const asked = 'STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)';
    expect((await client.run(asked))[0]).toBe('* STATUS INBOX (MESSAGES 3 DELETED 0 DELETED-STORAGE 0)');
    await client.run('SELECT INBOX');
    await client.run('STORE 1:2 +FLAGS.SILENT (\\Deleted)');
    expect((await client.run(asked))[0]).toBe('* STATUS INBOX (MESSAGES 3 DELETED 2 DELETED-STORAGE 3)');
  });

  test('without limits nothing is limited', async () => {
    const client = await loggedIn(testServer());
    expect(await client.run('GETQUOTAROOT INBOX')).toEqual(['* QUOTAROOT INBOX ""', '* QUOTA "" ()', 'OK Done']);
  });
});

describe('METADATA (RFC 5464), LIST-METADATA (RFC 9590)', () => {
  test('entries of the server and of mailboxes come and go (sections 4.2 and 4.3)', async () => {
    const client = await loggedIn(testServer());
    expect(
      await client.run(
        'SETMETADATA INBOX (/private/comment {33+}\r\nMy new comment across\r\ntwo lines. /shared/Comment "ours")',
      ),
    ).toEqual(['OK Done']);
    expect(await client.run('SETMETADATA "" (/shared/admin "mailto:me")')).toEqual(['OK Done']);
    expect(await client.run('GETMETADATA "" /shared/admin')).toEqual([
      '* METADATA "" (/shared/admin "mailto:me")',
      'OK Done',
    ]);
    expect(await client.run('GETMETADATA INBOX (/SHARED/comment /private/none)')).toEqual([
      '* METADATA INBOX (/shared/comment "ours" /private/none NIL)',
      'OK Done',
    ]);
    expect(await client.run('GETMETADATA (MAXSIZE 10) INBOX (/shared/comment /private/comment)')).toEqual([
      '* METADATA INBOX (/shared/comment "ours")',
      'OK [METADATA LONGENTRIES 33] Done',
    ]);
    await client.run('SETMETADATA INBOX (/private/f/small "1" /private/f/deep/er "2" /shared/comment NIL)');
    const below = async (depth: string): Promise<string | undefined> =>
      (await client.run(`GETMETADATA (DEPTH ${depth}) INBOX (/private/f)`))[0];
    expect(await below('1')).toBe('* METADATA INBOX (/private/f/small "1")');
    expect(await below('infinity')).toBe('* METADATA INBOX (/private/f/small "1" /private/f/deep/er "2")');
    expect((await client.run('GETMETADATA (DEPTH infinity) INBOX (/private)'))[0]).toMatch(
      /^\* METADATA INBOX \(\/private\/comment .*\/private\/f\/deep\/er "2"\)$/s,
    );
    expect(await client.run('GETMETADATA (DEPTH 1) INBOX /Shared')).toEqual(['OK Done']);
    expect(await client.run('GETMETADATA INBOX /shared/comment')).toContain('* METADATA INBOX (/shared/comment NIL)');
    expect(await client.run('GETMETADATA Nowhere /shared/comment')).toEqual([
      'NO [NONEXISTENT] There is no such mailbox',
    ]);
    for (const name of ['/comment', '/private', '/private/a*', '/private/a//b', '/private/a/'])
      expect(await client.run(`SETMETADATA INBOX ("${name}" "x")`)).toEqual([
        'BAD An entry begins with /private/ or /shared/',
      ]);
  });

  test('limits (section 4.3)', async () => {
    const client = await loggedIn(testServer({ limits: { maxLiteralBytes: 100_000, maxLineBytes: 100_000 } }));
    expect(await client.run(`SETMETADATA INBOX (/private/a {65537+}\r\n${'x'.repeat(65_537)})`)).toEqual([
      'NO [METADATA MAXSIZE 65536] The value is too long',
    ]);
    const many = Array.from({ length: 1001 }, (_, index) => `/private/e${index} "x"`).join(' ');
    expect(await client.run(`SETMETADATA INBOX (${many})`)).toEqual([
      'NO [METADATA TOOMANY] There are too many entries',
    ]);
    expect((await client.run('GETMETADATA INBOX /private'))[0]).toMatch(/^BAD /);
  });

  test('LIST tells entries and rights (RFC 8440)', async () => {
    const client = await loggedIn(testServer());
    await client.run('CREATE foo/bar');
    await client.run('SETMETADATA foo/bar (/private/color "red")');
    expect(await client.run('LIST "" foo* RETURN (METADATA ("/private/color") MYRIGHTS)')).toEqual([
      '* LIST (\\NonExistent \\HasChildren) "/" foo',
      '* LIST (\\HasNoChildren) "/" foo/bar',
      '* MYRIGHTS foo/bar lrswipkxteacd',
      '* METADATA foo/bar (/private/color "red")',
      'OK Done',
    ]);
  });
});

describe('ACL (RFC 4314)', () => {
  test('the owner has all rights and keeps them', async () => {
    const client = await loggedIn(testServer());
    expect(await client.run('MYRIGHTS INBOX')).toEqual(['* MYRIGHTS INBOX lrswipkxteacd', 'OK Done']);
    expect(await client.run('GETACL INBOX')).toEqual(['* ACL INBOX alice lrswipkxteacd', 'OK Done']);
    expect(await client.run('LISTRIGHTS INBOX alice')).toEqual(['* LISTRIGHTS INBOX alice lrswipkxtea', 'OK Done']);
    expect(await client.run('LISTRIGHTS INBOX bob')).toEqual(['* LISTRIGHTS INBOX bob ""', 'OK Done']);
    for (const rights of ['lrswipkxtea', 'lrswipcda', '+l', '+'])
      expect(await client.run(`SETACL INBOX alice ${rights}`)).toEqual(['OK Done']);
    expect(await client.run('SETACL INBOX alice -t')).toEqual(['NO [CANNOT] The owner keeps all rights']);
    expect(await client.run('DELETEACL INBOX alice')).toEqual(['NO [CANNOT] The owner keeps all rights']);
    expect(await client.run('SETACL INBOX bob lr')).toEqual(['NO [CANNOT] Mailboxes cannot be shared here']);
    expect(await client.run('DELETEACL INBOX bob')).toEqual(['OK Done']);
    expect(await client.run('SETACL INBOX alice q')).toEqual(['BAD There is no right q']);
    expect(await client.run('MYRIGHTS Nowhere')).toEqual(['NO [NONEXISTENT] There is no such mailbox']);
  });
});

describe('shared mailboxes (RFC 4314)', () => {
  test('rights are given, told and taken away (sections 3.1 to 3.5)', async () => {
    const client = await loggedIn(testServer({ store: memoryStore({ acl: true }) }));
    expect(await client.run('SETACL INBOX bob lrc')).toEqual(['OK Done']);
    expect(await client.run('SETACL INBOX anyone l')).toEqual(['OK Done']);
    expect(await client.run('GETACL INBOX')).toEqual(['* ACL INBOX alice lrswipkxteacd bob lrkxc anyone l', 'OK Done']);
    expect(await client.run('SETACL INBOX bob -k')).toEqual(['OK Done']);
    expect(await client.run('SETACL INBOX bob +sw')).toEqual(['OK Done']);
    expect((await client.run('GETACL INBOX'))[0]).toContain('bob lrswxc');
    expect(await client.run('LISTRIGHTS INBOX bob')).toEqual([
      '* LISTRIGHTS INBOX bob "" l r s w i p k x t e a',
      'OK Done',
    ]);
    expect(await client.run('DELETEACL INBOX bob')).toEqual(['OK Done']);
    expect((await client.run('GETACL INBOX'))[0]).toBe('* ACL INBOX alice lrswipkxteacd anyone l');
    expect(await client.run('SETACL INBOX alice lr')).toEqual(['NO [CANNOT] That cannot be done']);
    expect(await client.run('SETACL Nowhere bob lr')).toEqual(['NO [NONEXISTENT] There is no such mailbox']);
  });

  const opened = async (rights: string) => {
    const inner = testStore();
    await deliver(await inner.open(accountId('alice')), ['INBOX'], message('one'));
    const client = await loggedIn(
      testServer({ store: withParts(inner, { acl: { myRights: async () => rights } as unknown as AccountAcl }) }),
    );
    return { client, lines: await client.run('SELECT INBOX') };
  };

  test('who may only read is told so, and marks nothing as seen (section 4)', async () => {
    const { client, lines } = await opened('lr');
    expect(lines).toContain('* OK [PERMANENTFLAGS ()] No flags can be changed');
    expect(lines.at(-1)).toBe('OK [READ-ONLY] Selected');
    await client.run('FETCH 1 BODY[]');
    expect((await client.run('FETCH 1 FLAGS'))[0]).not.toContain('Seen');
    expect(await client.run('APPEND INBOX {4+}\r\nA:b\n')).toEqual(['NO [NOPERM] You may not add messages to it']);
  });

  test('flags are changed as far as the rights go (section 4)', async () => {
    const { client, lines } = await opened('lrwi');
    expect(lines).toContain('* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Draft \\*)] Flags that are kept');
    expect(lines.at(-1)).toBe('OK [READ-WRITE] Selected');
    expect(await client.run('STORE 1 +FLAGS (\\Seen \\Deleted)')).toEqual([
      'NO [NOPERM] You may not change these flags',
    ]);
    expect(await client.run('STORE 1 FLAGS (\\Flagged)')).toEqual(['NO [NOPERM] You may not change these flags']);
    expect(await client.run('STORE 1 +FLAGS (\\Seen \\Flagged)')).toEqual([
      expect.stringMatching(/^\* 1 FETCH \(FLAGS \(\\Flagged/),
      'OK Done',
    ]);
    await client.run('FETCH 1 BODY[]');
    expect((await client.run('FETCH 1 FLAGS'))[0]).not.toContain('Seen');
    expect((await client.run('APPEND INBOX (\\Seen \\Draft) {4+}\r\nA:b\n')).at(-1)).toMatch(/^OK/);
    expect((await client.run('FETCH 2 FLAGS'))[0]).toMatch(/FLAGS \(\\Draft/);
    expect((await client.run('FETCH 2 FLAGS'))[0]).not.toContain('Seen');
    expect(await client.run('EXPUNGE')).toEqual(['NO [NOPERM] You may not remove messages']);
    expect(await client.run('CLOSE')).toEqual(['OK Closed']);
    expect((await client.run('STATUS INBOX (MESSAGES)'))[0]).toBe('* STATUS INBOX (MESSAGES 2)');
  });
});

test('a store without them does not have them announced', async () => {
  const store = withParts(testStore(), { quota: undefined, metadata: undefined, acl: undefined } as Partial<Account>);
  const client = await loggedIn(testServer({ store }));
  const [capabilities] = await client.run('CAPABILITY');
  expect(capabilities).not.toMatch(/QUOTA|METADATA/);
  expect(await client.run('GETQUOTAROOT INBOX')).toEqual(['NO [CANNOT] There are no quotas here']);
  expect(await client.run('GETMETADATA "" /shared/admin')).toEqual(['NO [CANNOT] There is no metadata here']);
  expect(await client.run('LIST "" INBOX RETURN (METADATA ("/private/a"))')).toEqual([
    expect.stringMatching(/^\* LIST /),
    'NO [CANNOT] There is no metadata here',
  ]);
});

test('CHECK answers OK although housekeeping fails (RFC 3501 section 6.4.1)', async () => {
  const maintain = async (): Promise<never> => {
    throw new StoreError('STORE_NONEXISTENT', 'a mailbox that was just deleted');
  };
  const client = await loggedIn(testServer({ store: withParts(testStore(), { maintain }) }));
  await client.run('SELECT INBOX');
  expect(await client.run('CHECK')).toEqual(['OK Done']);
});

test('LIST does not fail because a mailbox is deleted while the store looks', async () => {
  const inner = testStore();
  const account = await inner.open(accountId('alice'));
  let asked = 0;
  const list: Account['list'] = async (options) => {
    if (asked++ % 2 === 0) throw new StoreError('STORE_NONEXISTENT', 'a mailbox that was just deleted');
    return account.list(options);
  };
  const client = await loggedIn(testServer({ store: withParts(inner, { list }) }));
  expect(await client.run('LIST "" *')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX', 'OK Done']);
  expect(await client.run('LSUB "" *')).toEqual(['OK Done']);
});
