import { sequenceNumber, uid } from '@posthorn/core';
import { rangeSet, setOf } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { anyOf, argument, not, readTokens, type UntaggedEvent } from '../src/index.ts';
import { bytes, CAPABILITIES, collect, LOGOUT, outcome, selected, session, settle, text } from './support.ts';

async function opened(transcript: string, capabilities = CAPABILITIES, exists = 9) {
  const { client, server } = await session(`${selected(exists)}\n${transcript}`, {
    capabilities,
    connect: { enable: [] },
  });
  return { client, server, inbox: await client.select('INBOX') };
}

const firstTwo = { sequenceNumbers: rangeSet(sequenceNumber(1), sequenceNumber(2)) };

describe('by sequence number', () => {
  test('STORE, COPY and MOVE', async () => {
    const { inbox } = await opened(`
      C: {a} STORE 1:2 +FLAGS (\\Seen)
      S: * 1 FETCH (FLAGS (\\Seen))
      S: * 2 FETCH (UID 8 FLAGS (\\Seen))
      S: {a} OK done
      C: {b} COPY 1:2 Archive
      S: {b} OK [COPYUID 38505 304,319:320 3956:3958] Done
      C: {c} MOVE 1:2 Archive
      S: * OK [COPYUID 432432 42:43 1202:1203]
      S: * 1 EXPUNGE
      S: * 1 EXPUNGE
      S: {c} OK Done`);
    const { messages } = await inbox.store(firstTwo, 'add', ['\\Seen']);
    expect(messages).toEqual([
      { uid: undefined, sequenceNumber: 1, flags: ['\\Seen'], modSeq: undefined },
      { uid: 8, sequenceNumber: 2, flags: ['\\Seen'], modSeq: undefined },
    ]);
    expect(await inbox.copy(firstTwo, 'Archive')).toMatchObject({ uidValidity: 38505 });
    expect(await inbox.move(firstTwo, 'Archive')).toMatchObject({ isExpunged: true, copied: { uidValidity: 432432 } });
    expect(inbox.exists).toBe(7);
  });

  test('MOVE without MOVE goes on by UID, because numbers move (RFC 6851 section 3.3)', async () => {
    const { inbox } = await opened(
      `C: {a} FETCH 1:2 UID
       S: * 1 FETCH (UID 4)
       S: * 2 FETCH (UID 8)
       S: {a} OK done
       C: {b} UID COPY 4,8 Archive
       S: {b} OK done
       C: {c} UID STORE 4,8 +FLAGS.SILENT (\\Deleted)
       S: {c} OK done
       C: {d} UID EXPUNGE 4,8
       S: * 1 EXPUNGE
       S: * 1 EXPUNGE
       S: {d} OK done`,
      'IMAP4rev1 UIDPLUS',
    );
    expect(await inbox.move(firstTwo, 'Archive')).toEqual({ copied: undefined, isExpunged: true });
  });

  test('EXPUNGE tells what went, in the order told', async () => {
    const { inbox } = await opened(`
      C: {a} UID FETCH 1:* UID
      S: * 3 FETCH (UID 30)
      S: * 4 FETCH (UID 40)
      S: {a} OK done
      C: {b} EXPUNGE
      S: * 3 EXPUNGE
      S: * 3 EXPUNGE
      S: * 5 EXPUNGE
      S: {b} OK EXPUNGE completed`);
    await inbox.uids();
    expect(await inbox.expunge()).toMatchObject({ sequenceNumbers: [3, 3, 5] });
    expect(inbox.exists).toBe(6);
    const changes: unknown[] = [];
    for await (const change of inbox.watch()) if (changes.push(change) === 3) break;
    expect(changes).toEqual([
      { type: 'expunged', sequenceNumber: 3, uid: 30, exists: 8 },
      { type: 'expunged', sequenceNumber: 3, uid: 40, exists: 7 },
      { type: 'expunged', sequenceNumber: 5, uid: undefined, exists: 6 },
    ]);
  });

  test('SEARCH, SORT and THREAD (RFC 5256)', async () => {
    const { inbox } = await opened(
      `C: {a} SEARCH SUBJECT "ha ha" UNSEEN
       S: * SEARCH 3 5
       S: {a} OK done
       C: {b} SORT (SUBJECT REVERSE DATE) UTF-8 ALL
       S: * SORT 5 3 4 1 2
       S: {b} OK SORT completed
       C: {c} UID SORT (DISPLAYFROM) UTF-8 TEXT "not in mailbox"
       S: * SORT
       S: {c} OK SORT completed
       C: {d} THREAD ORDEREDSUBJECT UTF-8 SINCE 5-Mar-2000
       S: * THREAD (2)(3 6 (4 1)(5 7))
       S: {d} OK THREAD completed
       C: {e} UID THREAD REFERENCES UTF-8 TEXT gewp
       S: * THREAD ((3)(5))
       S: {e} OK THREAD completed`,
      `${CAPABILITIES} SORT SORT=DISPLAY THREAD=ORDEREDSUBJECT THREAD=REFERENCES`,
    );
    const bySequence = { by: 'sequenceNumbers' } as const;
    const query = [
      { type: 'header', name: 'Subject', value: 'ha ha' },
      { type: 'not', query: { type: 'flag', flag: '\\Seen' } },
    ] as const;
    expect(await inbox.search(query, bySequence)).toEqual(setOf([sequenceNumber(3), sequenceNumber(5)]));
    const order = ['SUBJECT', { key: 'DATE', reverse: true }] as const;
    expect(await inbox.sort(order, { type: 'all' }, bySequence)).toEqual([5, 3, 4, 1, 2]);
    expect(await inbox.sort(['DISPLAYFROM'], { type: 'text', where: 'text', value: 'not in mailbox' })).toEqual([]);
    const since = {
      type: 'date',
      which: 'internal',
      compare: 'since',
      date: { year: 2000, month: 3, day: 5 },
    } as const;
    expect(await inbox.thread('ORDEREDSUBJECT', since, bySequence)).toEqual([
      { id: 2, children: [] },
      {
        id: 3,
        children: [
          {
            id: 6,
            children: [
              { id: 4, children: [{ id: 1, children: [] }] },
              { id: 5, children: [{ id: 7, children: [] }] },
            ],
          },
        ],
      },
    ]);
    expect(await inbox.thread('REFERENCES', { type: 'text', where: 'text', value: 'gewp' })).toEqual([
      {
        id: null,
        children: [
          { id: 3, children: [] },
          { id: 5, children: [] },
        ],
      },
    ]);
  });

  test('an unreadable answer to SORT or THREAD is no empty one', async () => {
    const { inbox } = await opened(
      `C: {a} UID SORT (SIZE) UTF-8 ALL
       S: * SORT 5 x 4
       S: {a} OK done
       C: {b} UID THREAD REFERENCES UTF-8 ALL
       S: * THREAD (1 2
       S: {b} OK done`,
      `${CAPABILITIES} SORT THREAD=REFERENCES`,
    );
    expect(await outcome(inbox.sort(['SIZE'], { type: 'all' }))).toMatchObject({ code: 'IMAP_PROTOCOL' });
    expect(await outcome(inbox.thread('REFERENCES', { type: 'all' }))).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });
});

describe('queries', () => {
  test('Or takes any number, and Not wraps', async () => {
    const { inbox } = await opened(`
      C: {a} UID SEARCH OR FROM a OR FROM b FROM c NOT LARGER 10
      S: * SEARCH
      S: {a} OK done`);
    const from = (value: string) => ({ type: 'header', name: 'From', value }) as const;
    await inbox.search([anyOf(from('a'), from('b'), from('c')), not({ type: 'size', compare: 'larger', octets: 10 })]);
    expect(() => anyOf()).toThrow(RangeError);
  });

  test('NEW, OLD, RECENT and the other words of IMAP4rev1', async () => {
    const { inbox } = await opened(`
      C: {a} UID SEARCH NEW OLD RECENT UNKEYWORD $Junk KEYWORD Work
      S: * SEARCH
      S: {a} OK done`);
    await inbox.search([
      { type: 'new' },
      { type: 'old' },
      { type: 'flag', flag: '\\Recent' },
      not({ type: 'flag', flag: '$Junk' }),
      { type: 'flag', flag: 'Work' },
    ]);
  });
});

describe('access control (RFC 4314)', () => {
  test('GETACL, SETACL, DELETEACL, LISTRIGHTS, MYRIGHTS', async () => {
    const { client } = await session(
      `C: {a} GETACL INBOX
       S: * ACL INBOX Fred rwipsldexta
       S: {a} OK Getacl complete
       C: {b} SETACL INBOX Chris cda
       S: {b} OK Setacl complete
       C: {c} DELETEACL INBOX -joe
       S: {c} OK done
       C: {d} LISTRIGHTS ~/Mail/saved smith
       S: * LISTRIGHTS ~/Mail/saved smith la r swicdkxte
       S: {d} OK Listrights completed
       C: {e} MYRIGHTS INBOX
       S: * MYRIGHTS INBOX rwiptsldaex
       S: {e} OK Myrights complete`,
      { capabilities: `${CAPABILITIES} ACL RIGHTS=texk` },
    );
    expect(await client.acl.get('INBOX')).toEqual([{ identifier: 'Fred', rights: 'rwipsldexta' }]);
    await client.acl.set('INBOX', 'Chris', 'cda');
    await client.acl.delete('INBOX', '-joe');
    expect(await client.acl.grantable('~/Mail/saved', 'smith')).toEqual({
      required: 'la',
      optional: ['r', 'swicdkxte'],
    });
    expect(await client.acl.mine('INBOX')).toBe('rwiptsldaex');
    expect(client.acl.extraRights).toBe('texk');
  });

  test('is refused where there is none, and an answer that does not parse is said to be so', async () => {
    const { client } = await session('');
    expect(await outcome(client.acl.get('INBOX'))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
    const other = await session(`C: {a} GETACL INBOX\nS: * ACL INBOX Fred\nS: {a} OK done`, {
      capabilities: `${CAPABILITIES} ACL`,
    });
    expect(await outcome(other.client.acl.get('INBOX'))).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });
});

test('quotas (RFC 9208 section 4.1)', async () => {
  const { client } = await session(
    `C: {a} GETQUOTA !partition/sda4
     S: * QUOTA !partition/sda4 (STORAGE 104 10923847)
     S: {a} OK Getquota completed
     C: {b} GETQUOTAROOT INBOX
     S: * QUOTAROOT INBOX "#user/alice" !partition/sda4
     S: * QUOTA "#user/alice" (MESSAGE 42 1000)
     S: * QUOTA !partition/sda4 (STORAGE 104 10923847)
     S: {b} OK Getquotaroot completed
     C: {c} SETQUOTA #user/alice (STORAGE 510)
     S: * QUOTA "#user/alice" (STORAGE 58 510)
     S: {c} OK Setquota completed`,
    { capabilities: `${CAPABILITIES} QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE QUOTASET` },
  );
  const storage = { name: 'STORAGE', usage: 104, limit: 10_923_847 };
  expect(client.quota.resources).toEqual(['STORAGE', 'MESSAGE']);
  expect(await client.quota.get('!partition/sda4')).toMatchObject({ root: '!partition/sda4', resources: [storage] });
  expect(await client.quota.of('INBOX')).toEqual([
    { root: '#user/alice', resources: [{ name: 'MESSAGE', usage: 42, limit: 1000 }] },
    { root: '!partition/sda4', resources: [storage] },
  ]);
  expect(await client.quota.set('#user/alice', { STORAGE: 510 })).toMatchObject({ resources: [{ limit: 510 }] });
});

test('metadata (RFC 5464 section 4)', async () => {
  const { client } = await session(
    `C: {a} GETMETADATA "" (/shared/comment)
     S: * METADATA "" (/shared/comment "Shared comment")
     S: {a} OK GETMETADATA complete
     C: {b} GETMETADATA (MAXSIZE 1024 DEPTH 1) INBOX (/shared/comment /private/comment)
     S: * METADATA INBOX (/private/comment "My own comment" /shared/comment NIL)
     S: {b} OK [METADATA LONGENTRIES 2199] GETMETADATA complete
     C: {c} SETMETADATA INBOX (/private/comment "My new comment" /shared/comment NIL)
     S: {c} OK SETMETADATA complete`,
    { capabilities: `${CAPABILITIES} METADATA` },
  );
  expect((await client.metadata.get(null, ['/shared/comment'])).entries.get('/shared/comment')).toBe('Shared comment');
  const { entries, longest } = await client.metadata.get('INBOX', ['/shared/comment', '/private/comment'], {
    maxSize: 1024,
    depth: '1',
  });
  expect([...entries]).toEqual([
    ['/private/comment', 'My own comment'],
    ['/shared/comment', null],
  ]);
  expect(longest).toBe(2199);
  await client.metadata.set('INBOX', { '/private/comment': 'My new comment', '/shared/comment': null });
});

test('annotations of ANNOTATEMORE', async () => {
  const { client } = await session(
    `C: {a} GETANNOTATION "INBOX" ("/comment" "/check") "value.*"
     S: * ANNOTATION "INBOX" "/comment" ("value.priv" NIL "value.shared" {3}
     S: Gr") /check (value.priv "\\"x\\"")
     S: {a} OK done
     C: {b} SETANNOTATION "INBOX" "/comment" ("value.priv" {7+}
     C: Grüße "value.shared" NIL)
     S: {b} OK done`,
    { capabilities: `${CAPABILITIES} ANNOTATEMORE` },
  );
  const found = await client.metadata.getAnnotations('INBOX', ['/comment', '/check'], ['value.*']);
  expect(found.map(({ mailbox, entry, attributes }) => [mailbox.text, entry, ...attributes])).toEqual([
    ['INBOX', '/comment', ['value.priv', null], ['value.shared', 'Gr"']],
    ['INBOX', '/check', ['value.priv', '"x"']],
  ]);
  await client.metadata.setAnnotation('INBOX', '/comment', { 'value.priv': 'Grüße', 'value.shared': null });
  const { client: other } = await session('');
  expect(await outcome(other.metadata.setAnnotation('INBOX', '/comment', {}))).toMatchObject({
    code: 'IMAP_UNSUPPORTED',
  });
});

test('words of raw commands and answers', () => {
  expect(text(argument('a "b"\\'))).toBe('"a \\"b\\"\\\\"');
  expect(text(argument('ä\r\n'))).toBe('{4}\r\nä\r\n');
  expect(readTokens(bytes('a NIL ("b" {2}\r\nc) ()) "d"'))).toEqual(['a', null, ['b', 'c)', []], 'd']);
  for (const broken of ['(a', 'a)', '"a', '{9}\r\na', '('.repeat(100)])
    expect(readTokens(bytes(broken))).toBeUndefined();
});

test('namespaces (RFC 2342 section 5)', async () => {
  const { client } = await session(
    `C: {a} NAMESPACE
     S: * NAMESPACE (("" "/")) NIL (("#shared/" "/")("#news" NIL))
     S: {a} OK NAMESPACE command completed`,
    { capabilities: `${CAPABILITIES} NAMESPACE` },
  );
  const { personal, otherUsers, shared } = await client.namespaces();
  expect([personal, otherUsers].map((entries) => entries.map(({ prefix }) => prefix.text))).toEqual([[''], []]);
  expect(shared.map(({ prefix, delimiter }) => [prefix.text, delimiter])).toEqual([
    ['#shared/', '/'],
    ['#news', null],
  ]);
});

test('who the server is (RFC 2971 section 3.3)', async () => {
  const { client } = await session(
    `C: {a} ID ("name" "posthorn" "os" NIL)
     S: * ID ("name" "Cyrus" "version" "1.5" "support-url" NIL)
     S: {a} OK ID command completed
     C: {b} ID NIL
     S: * ID NIL
     S: {b} OK ID command completed`,
    { capabilities: `${CAPABILITIES} ID` },
  );
  expect([...(await client.id({ name: 'posthorn', os: null }))!]).toEqual([
    ['name', 'Cyrus'],
    ['version', '1.5'],
    ['support-url', null],
  ]);
  expect(await client.id(null)).toBeNull();
});

test('CHECK, RECENT and the first unread message', async () => {
  const { client } = await session(`
    C: {s} SELECT INBOX
    S: * 172 EXISTS
    S: * 1 RECENT
    S: * OK [UNSEEN 12] Message 12 is first unseen
    S: * OK [UIDVALIDITY 3857529045] UIDs valid
    S: * OK [UIDNEXT 4392] Predicted next UID
    S: {s} OK [READ-WRITE] SELECT completed
    C: {c} CHECK
    S: * 3 RECENT
    S: {c} OK CHECK Completed`);
  const inbox = await client.select('INBOX');
  expect([inbox.recent, inbox.firstUnseen, inbox.isReadOnly]).toEqual([1, 12, false]);
  await inbox.check();
  expect(inbox.recent).toBe(3);
});

test('PROXYAUTH takes another place, and what was selected is not ours any more', async () => {
  const { client, inbox } = await opened(`C: {a} PROXYAUTH "bob"\nS: {a} OK done`);
  await client.proxyAuth('bob');
  expect(inbox.isSelected).toBe(false);
});

test('raw commands have typed answers, and keep out of those that change the session', async () => {
  const { client } = await session(`
    C: {a} XFROB "a b" (c)
    S: * QUOTA "" (STORAGE 1 2)
    S: * XFROB 1 2
    S: * 3 EXISTS
    S: {a} OK [XDONE 7] frobbed`);
  const raw = bytes('"a b" (c)');
  const { response, untagged } = await client.command({ name: 'X', command: 'XFROB', raw });
  expect(response.code).toEqual({ type: 'atom', name: 'XDONE', value: '7' });
  expect(untagged).toMatchObject([
    { type: 'quota', root: '', resources: [{ name: 'STORAGE', usage: 1, limit: 2 }] },
    { type: 'unknown', name: 'XFROB', raw: bytes('1 2') },
    { type: 'exists', count: 3 },
  ]);
  for (const command of ['COMPRESS', 'UNAUTHENTICATE'])
    expect(await outcome(client.command({ name: 'X', command, raw: bytes('') }))).toBeInstanceOf(TypeError);
});

describe('hooks for unsolicited data', () => {
  test('hear what no command asked for; the greeting is kept', async () => {
    const heard: unknown[] = [];
    const { client } = await session(
      `C: {a} NOOP
       S: * 4 EXISTS
       S: * QUOTAROOT INBOX ""
       S: * 5 RECENT
       S: {a} OK done`,
      { connect: { onUnsolicited: (event) => void heard.push(event.type) } },
    );
    await client.noop();
    expect(heard).toEqual(['exists', 'quotaRoot', 'recent']);
    expect(client.greeting.status).toBe('PREAUTH');
  });

  test('may throw', async () => {
    const logged: string[] = [];
    const ignore = (): void => {};
    const { client } = await session(`C: {a} NOOP\nS: * 1 EXISTS\nS: {a} OK done`, {
      connect: {
        logger: { debug: ignore, info: ignore, warn: ignore, error: (message) => void logged.push(message) },
        onUnsolicited: (_: UntaggedEvent | { readonly type: string }) => {
          throw new Error('no');
        },
      },
    });
    await client.noop();
    expect(logged).toEqual(['the hook for unsolicited answers failed']);
  });

  test('the right to write may go and come', async () => {
    const { client, inbox } = await opened(`
      C: {a} NOOP
      S: * OK [READ-ONLY] somebody took it
      S: {a} OK done`);
    await client.noop();
    expect(inbox.isReadOnly).toBe(true);
    for await (const change of inbox.watch()) {
      expect(change).toEqual({ type: 'mode', isReadOnly: true });
      break;
    }
  });
});

test('what the server said at the end is kept', async () => {
  const { client } = await session(LOGOUT);
  await client.close();
  expect(client.goodbye).toBe('see you');
});

test('subscribed mailboxes, and DELETE, RENAME and SUBSCRIBE of names that are not ASCII', async () => {
  const { client } = await session(`
    C: {a} CREATE Entw&APw-rfe
    S: {a} OK done
    C: {b} SUBSCRIBE Entw&APw-rfe
    S: {b} OK done
    C: {c} LSUB "" *
    S: * LSUB () "/" Entw&APw-rfe
    S: {c} OK done
    C: {d} RENAME Entw&APw-rfe Drafts
    S: {d} OK done
    C: {e} UNSUBSCRIBE Drafts
    S: {e} OK done
    C: {f} DELETE Drafts
    S: {f} OK done`);
  await client.create('Entwürfe');
  await client.subscribe('Entwürfe');
  expect((await client.list({ subscribedOnly: true })).map(({ path }) => path)).toEqual([['Entwürfe']]);
  await client.rename('Entwürfe', 'Drafts');
  await client.unsubscribe('Drafts');
  await client.delete('Drafts');
});

test('UIDs of numbers are known, forgotten and moved', async () => {
  const { inbox, client } = await opened(`
    C: {a} UID FETCH 1:* UID
    S: * 1 FETCH (UID 10)
    S: * 2 FETCH (UID 20)
    S: * 3 FETCH (UID 30)
    S: {a} OK done
    C: {b} NOOP
    S: * 1 EXPUNGE
    S: * 1 FETCH (FLAGS (\\Seen))
    S: * VANISHED 30
    S: * 2 EXPUNGE
    S: {b} OK done`);
  expect(await collect(inbox.fetch('1:*', {}))).toHaveLength(3);
  await client.noop();
  await settle();
  const changes: unknown[] = [];
  for await (const change of inbox.watch()) if (changes.push(change) === 4) break;
  expect(changes).toMatchObject([
    { type: 'expunged', uid: uid(10), exists: 8 },
    { type: 'flags', sequenceNumber: 1, uid: uid(20) },
    { type: 'vanished', exists: 7 },
    { type: 'expunged', uid: undefined, exists: 6 },
  ]);
});
