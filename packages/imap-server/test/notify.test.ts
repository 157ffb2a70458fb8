import { uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer } from './harness.ts';

const ALL = 'MessageNew MessageExpunge FlagChange';

async function stage(): Promise<{ server: TestServer; client: RawClient; other: RawClient }> {
  const server = testServer();
  await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
  await deliver(await server.account(), ['Lists', 'Lemonade'], message('three'));
  return { server, client: await loggedIn(server), other: await loggedIn(server) };
}

async function inbox(server: TestServer) {
  return (await server.account()).mailbox(['INBOX']);
}

describe('the selected mailbox (RFC 5465 section 6.1)', () => {
  test('is told of at any time, new messages with what was asked for', async () => {
    const { server, client } = await stage();
    await client.run('SELECT INBOX');
    expect(
      await client.run(
        `NOTIFY SET (selected (MessageNew (uid body.peek[header.fields (subject)]) MessageExpunge FlagChange))`,
      ),
    ).toEqual(['OK Done']);
    await deliver(await server.account(), ['INBOX'], message('new'));
    expect([await client.line(), await client.line(), await client.line()]).toEqual([
      '* 3 EXISTS',
      '* 3 RECENT',
      '* 3 FETCH (UID 3 BODY[HEADER.FIELDS (subject)] {16}Subject: new\r\n\r\n)',
    ]);
    await (await inbox(server)).store(setOf([uid(1)]), 'add', ['\\Seen']);
    expect(await client.line()).toBe('* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))');
    await (await inbox(server)).expunge(setOf([uid(1)]));
    expect([await client.line(), await client.line()]).toEqual(['* 1 EXPUNGE', '* 2 RECENT']);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });

  test('delayed, expunges wait for a command that allows them', async () => {
    const { server, client } = await stage();
    await client.run('SELECT INBOX');
    await client.run(`NOTIFY SET (selected-delayed (${ALL}))`);
    await (await inbox(server)).expunge(setOf([uid(1)]));
    await (await inbox(server)).store(setOf([uid(2)]), 'add', ['\\Seen']);
    expect(await client.line()).toBe('* 2 FETCH (UID 2 FLAGS (\\Seen \\Recent))');
    expect(await client.run('FETCH 2 UID')).toEqual(['* 2 FETCH (UID 2)', 'OK Fetched']);
    expect(await client.run('NOOP')).toEqual(['* 1 EXPUNGE', '* 1 RECENT', 'OK Done']);
  });

  test('flags are only told when they were asked for, and in IDLE the same holds (section 4)', async () => {
    const { server, client } = await stage();
    await client.run('SELECT INBOX');
    await client.run('NOTIFY SET (selected (MessageNew MessageExpunge))');
    await (await inbox(server)).store(setOf([uid(2)]), 'add', ['\\Seen']);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
    await client.write('i IDLE\r\n');
    expect(await client.line()).toBe('+ Idling');
    await (await inbox(server)).store(setOf([uid(2)]), 'remove', ['\\Seen']);
    await (await inbox(server)).expunge(setOf([uid(1)]));
    expect(await client.line()).toBe('* 1 EXPUNGE');
    await client.write('DONE\r\n');
    expect(await client.until('i')).toEqual(['* 1 RECENT', 'OK Done']);
  });

  test.each(['NOTIFY NONE', 'NOTIFY SET (selected NONE)', 'NOTIFY SET (inboxes (MessageNew MessageExpunge))'])(
    '%s: only what the client does itself is told',
    async (command) => {
      const { server, client } = await stage();
      await client.run('SELECT INBOX');
      expect((await client.run(command)).at(-1)).toBe('OK Done');
      await (await inbox(server)).store(setOf([uid(2)]), 'add', ['\\Seen']);
      await (await inbox(server)).expunge(setOf([uid(1)]));
      expect(await client.run('NOOP')).toEqual(['OK Done']);
      expect(await client.run('UID STORE 2 +FLAGS (\\Deleted)')).toEqual([
        '* 2 FETCH (UID 2 FLAGS (\\Seen \\Deleted \\Recent))',
        'OK Done',
      ]);
      expect(await client.run('EXPUNGE')).toEqual(['* 2 EXPUNGE', '* 1 EXPUNGE', '* 0 RECENT', 'OK Expunged']);
    },
  );

  test('what came up before is told at once (section 3.1)', async () => {
    const { server, client } = await stage();
    await client.run('SELECT INBOX');
    await (await inbox(server)).expunge(setOf([uid(1)]));
    expect(await client.run(`NOTIFY SET (selected (${ALL}))`)).toEqual(['* 1 EXPUNGE', '* 1 RECENT', 'OK Done']);
  });
});

describe('other mailboxes (RFC 5465 section 5)', () => {
  test('STATUS at the start, and when messages come, go or change', async () => {
    const { server, client } = await stage();
    expect(await client.run(`NOTIFY SET STATUS (subtree Lists (${ALL}))`)).toEqual([
      expect.stringMatching(/^\* STATUS Lists\/Lemonade \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ HIGHESTMODSEQ \d+\)$/),
      'OK Done',
    ]);
    const lists = await (await server.account()).mailbox(['Lists', 'Lemonade']);
    await lists.append([{ body: [] }]);
    expect(await client.line()).toMatch(
      /^\* STATUS Lists\/Lemonade \(MESSAGES 2 UIDNEXT 3 UIDVALIDITY \d+ UNSEEN 2\)$/,
    );
    await lists.store(setOf([uid(1)]), 'add', ['\\Seen']);
    expect(await client.line()).toMatch(/^\* STATUS Lists\/Lemonade \(UIDVALIDITY \d+ UNSEEN 1\)$/);
    await client.run('ENABLE CONDSTORE');
    await lists.expunge(setOf([uid(1)]));
    expect(await client.line()).toMatch(
      /^\* STATUS Lists\/Lemonade \(MESSAGES 1 UIDNEXT 3 UIDVALIDITY \d+ UNSEEN 1 HIGHESTMODSEQ 5\)$/,
    );
    await deliver(await server.account(), ['INBOX'], message('not watched'));
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });

  test('the selected mailbox is no other mailbox (section 3.1)', async () => {
    const { server, client } = await stage();
    await client.run('SELECT INBOX');
    await client.run('NOTIFY SET (personal (MessageNew MessageExpunge))');
    await deliver(await server.account(), ['INBOX'], message('new'));
    await deliver(await server.account(), ['Lists', 'Lemonade'], message('new'));
    expect(await client.line()).toBe('* STATUS Lists/Lemonade (MESSAGES 2 UIDNEXT 3)');
    expect(await client.run('CLOSE')).toEqual(['OK Closed']);
  });

  test('names, subscriptions and metadata (sections 5.4 to 5.7)', async () => {
    const { client, other } = await stage();
    expect(
      await client.run(
        'NOTIFY SET (personal (MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))',
      ),
    ).toEqual(['OK Done']);
    await other.run('CREATE New/Deep');
    expect([await client.line(), await client.line()]).toEqual([
      '* LIST (\\NonExistent \\HasChildren) "/" New',
      '* LIST (\\HasNoChildren) "/" New/Deep',
    ]);
    await other.run('RENAME New Other');
    expect(await client.line()).toContain('"/" Other');
    await client.run('NOOP');
    await other.run('SUBSCRIBE Other/Deep');
    expect(await client.line()).toBe('* LIST (\\HasNoChildren \\Subscribed) "/" Other/Deep');
    await other.run('RENAME Other/Deep Deep');
    expect(await client.line()).toMatch(/^\* LIST \(\\HasNoChildren\) "\/" Deep \("?OLDNAME"? \("Other\/Deep"\)\)$/);
    await client.run('NOOP');
    await other.run('DELETE Deep');
    expect(await client.line()).toBe('* LIST (\\NonExistent) "/" Deep');
    await other.run('SETMETADATA INBOX (/private/a "1" /shared/b "2")');
    expect(await client.line()).toBe('* METADATA INBOX /private/a /shared/b');
    await other.run('SETMETADATA INBOX (/private/a NIL)');
    expect(await client.line()).toBe('* METADATA INBOX /private/a');
    await other.run('SETMETADATA "" (/shared/admin "x")');
    expect(await client.line()).toBe('* METADATA "" /shared/admin');
  });
});

describe('what is wrong is refused', () => {
  test.each([
    [
      'NOTIFY SET (personal (AnnotationChange MessageNew MessageExpunge))',
      /^NO \[BADEVENT \(MessageNew MessageExpunge FlagChange MailboxName /,
    ],
    ['NOTIFY SET (personal (SomethingElse))', /^NO \[BADEVENT /],
    ['NOTIFY SET (personal (MessageNew))', /^BAD /],
    ['NOTIFY SET (personal (FlagChange))', /^BAD /],
    ['NOTIFY SET (selected (MailboxName))', /^BAD /],
    [`NOTIFY SET (selected (${ALL})) (selected-delayed (${ALL}))`, /^BAD /],
    ['NOTIFY', /^BAD /],
  ])('%s', async (command, answer) => {
    const { client } = await stage();
    expect((await client.run(command)).at(-1)).toMatch(answer);
  });

  test('[NOTIFICATIONOVERFLOW] for too many mailboxes (section 3.1)', async () => {
    const { server, client } = await stage();
    const account = await server.account();
    for (let index = 0; index < 1000; index++) await account.create(['Many', `${index}`]);
    expect((await client.run('NOTIFY SET (personal (MessageNew MessageExpunge))')).at(-1)).toBe(
      'NO [NOTIFICATIONOVERFLOW] Watch fewer mailboxes',
    );
    expect(await client.run('NOTIFY SET (personal (MailboxName))')).toEqual(['OK Done']);
  });

  test('when it is off, it is unknown', async () => {
    const client = await loggedIn(testServer({ capabilities: ['NOTIFY'] }));
    expect(await client.run('NOTIFY NONE')).toEqual(['BAD Unknown command']);
  });

  test('UNAUTHENTICATE ends it (RFC 8437 section 4)', async () => {
    const { server, client } = await stage();
    await client.run('NOTIFY SET (personal (MessageNew MessageExpunge))');
    await client.run('UNAUTHENTICATE');
    await client.run('LOGIN alice secret');
    await deliver(await server.account(), ['INBOX'], message('new'));
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });
});
