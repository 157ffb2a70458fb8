import { duplexPair } from 'node:stream';
import { sequenceNumber, type Transport, uid } from '@posthorn/core';
import { formatSet, setOf } from '@posthorn/message-set';
import { playServer } from '@posthorn/testkit';
import { memoryPair, transportFromDuplex } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { connect } from '../src/index.ts';
import { bytes, CAPABILITIES, collect, outcome, selected, session, settle, TestTimers } from './support.ts';

async function opened(transcript: string, capabilities: string, exists = 9) {
  const { client, server } = await session(`${selected(exists)}\n${transcript}`, {
    capabilities: `${CAPABILITIES} ${capabilities}`,
    connect: { enable: [], compress: false },
  });
  return { client, server, inbox: await client.select('INBOX') };
}

const PREAUTH = (capabilities: string): string => `S: * PREAUTH [CAPABILITY IMAP4rev1 ${capabilities}] ready`;

describe('what is switched on by itself', () => {
  test('compression, and behind it the extensions and who we are (RFC 4978, 5161, 2971)', async () => {
    const [mine, theirs] = duplexPair().map(transportFromDuplex) as [Transport, Transport];
    const server = playServer(
      theirs,
      `${PREAUTH('ENABLE CONDSTORE UTF8=ACCEPT COMPRESS=DEFLATE ID')}
       C: {a} COMPRESS DEFLATE
       S: {a} OK DEFLATE active
       ! deflate
       C: {b} ENABLE UTF8=ACCEPT CONDSTORE
       S: * ENABLED CONDSTORE UTF8=ACCEPT
       S: {b} OK done
       C: {c} ID ("name" "x")
       S: * ID NIL
       S: {c} OK done
       C: {d} LIST "" *
       S: * LIST () "/" Entwürfe
       S: {d} OK done
       C: {e} CREATE "Büro"
       S: {e} OK done`,
    );
    const client = await connect({ transport: mine, compress: true, id: { name: 'x' } });
    expect([client.isCompressed, client.isEnabled('condstore'), client.isEnabled('IMAP4rev2')]).toEqual([
      true,
      true,
      false,
    ]);
    expect((await client.list()).map(({ path }) => path)).toEqual([['Entwürfe']]);
    await client.create('Büro');
    expect((await server).outcome).toBe('done');
    expect(client.traffic.bytesRead).toBeGreaterThan(0);
    client.destroy();
  });

  test('what the server refuses is done without', async () => {
    const [mine, theirs] = memoryPair();
    const server = playServer(
      theirs,
      `${PREAUTH('ENABLE CONDSTORE COMPRESS=DEFLATE ID')}
       C: {a} COMPRESS DEFLATE
       S: {a} NO [COMPRESSIONACTIVE] TLS does that
       C: {b} ENABLE CONDSTORE
       S: {b} BAD no
       C: {c} ID ("name" "x")
       S: {c} NO no`,
    );
    const client = await connect({ transport: mine, compress: true, id: { name: 'x' } });
    await server;
    expect([client.isCompressed, client.isEnabled('CONDSTORE')]).toEqual([false, false]);
  });

  test('IMAP4rev2: names and strings in UTF-8, ESEARCH always, no RECENT (RFC 9051 appendix E)', async () => {
    const { client } = await session(
      `C: {a} ENABLE IMAP4rev2
       S: * ENABLED IMAP4rev2
       S: {a} OK done
       C: {b} SELECT "Büro"
       S: * 1 EXISTS
       S: * OK [UIDVALIDITY 1] ok
       S: * OK [UIDNEXT 2] ok
       S: * LIST () "/" "Büro"
       S: {b} OK [READ-WRITE] ok
       C: {c} UID SEARCH RETURN (ALL) SUBJECT {6+}
       C: Grüß
       S: * ESEARCH (TAG "x") UID ALL 1
       S: {c} OK done
       C: {d} STATUS A&B (MESSAGES SIZE)
       S: * STATUS A&B (MESSAGES 1 SIZE 2)
       S: {d} OK done
       C: {e} NOOP
       S: {e} OK done`,
      { capabilities: 'IMAP4rev2' },
    );
    const mailbox = await client.select('Büro');
    expect(mailbox.recent).toBeUndefined();
    expect(formatSet(await mailbox.search({ type: 'header', name: 'Subject', value: 'Grüß' }))).toBe('1');
    expect(await client.status('A&B', ['MESSAGES', 'RECENT', 'SIZE'])).toEqual({ messages: 1, size: 2 });
    await mailbox.check();
  });
});

test('STATUS asks only for what the server knows, and for something (RFC 8438)', async () => {
  const { client } = await session(`
    C: {a} STATUS foo (MESSAGES)
    S: * STATUS foo (MESSAGES 1)
    S: {a} OK done
    C: {b} STATUS foo (MESSAGES)
    S: * STATUS foo (MESSAGES 1)
    S: {b} OK done`);
  expect(await client.status('foo', ['MESSAGES', 'SIZE', 'MAILBOXID', 'APPENDLIMIT'])).toEqual({ messages: 1 });
  expect(await client.status('foo', ['SIZE'])).toEqual({ messages: 1 });
});

describe('adding messages', () => {
  test('several at once (RFC 3502 section 7)', async () => {
    const { client } = await session(
      `C: {a} APPEND saved-messages (\\Seen) {3+}
       C: one (\\Seen) {3+}
       C: two
       S: {a} OK [APPENDUID 38505 3955:3956] APPEND completed`,
      { capabilities: `${CAPABILITIES} MULTIAPPEND` },
    );
    const places = await client.appendAll('saved-messages', [
      { body: bytes('one'), flags: ['\\Seen'] },
      { body: bytes('two'), flags: ['\\Seen'] },
    ]);
    expect(places).toEqual([
      { uidValidity: 38505, uid: 3955 },
      { uidValidity: 38505, uid: 3956 },
    ]);
    expect(await client.appendAll('saved-messages', [])).toEqual([]);
  });

  test('of UTF-8 in the header (RFC 6855 section 4)', async () => {
    const { client } = await session(
      `C: {e} ENABLE UTF8=ACCEPT
       S: * ENABLED UTF8=ACCEPT
       S: {e} OK done
       C: {a} APPEND INBOX UTF8 (~{15+}
       C: Subject: ü{x0d}{x0a}{x0d}{x0a}{noeol}
       C: )
       S: {a} OK done
       C: {b} APPEND INBOX {11+}
       C: X: y{x0d}{x0a}{x0d}{x0a}ü!{noeol}
       C: {x0d}{x0a}{noeol}
       S: {b} OK done`,
      { capabilities: `${CAPABILITIES} ENABLE UTF8=ACCEPT` },
    );
    await client.append('INBOX', { body: bytes('Subject: ü\r\n\r\n') });
    await client.append('INBOX', { body: bytes('X: y\r\n\r\nü!') });
  });

  test('put together by the server (RFC 4469)', async () => {
    const { client } = await session(
      `C: {a} APPEND Drafts (\\Seen \\Draft) CATENATE (URL /Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER TEXT {5+}
       C: {x0d}{x0a}--a URL /Drafts;UIDVALIDITY=385759045/;UID=30 TEXT {3+}
       C: end)
       S: {a} OK [APPENDUID 385759045 45] append Completed`,
      { capabilities: `${CAPABILITIES} CATENATE` },
    );
    const at = '/Drafts;UIDVALIDITY=385759045';
    const parts = [
      { url: `${at}/;UID=20/;section=HEADER` },
      { body: bytes('\r\n--a') },
      { url: `${at}/;UID=30` },
      { body: [bytes('e'), bytes('nd')], size: 3 },
    ];
    expect(await client.append('Drafts', { flags: ['\\Seen', '\\Draft'], parts })).toMatchObject({ uid: 45 });
    const { client: other } = await session('');
    expect(await outcome(other.append('Drafts', { parts }))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });

  test('in the place of another (RFC 8508 section 3.3)', async () => {
    const { inbox } = await opened(
      `C: {a} UID REPLACE 2000 Drafts (\\Seen \\Draft) {4+}
       C: text
       S: * OK [APPENDUID 1 2001] Replacement Message ready
       S: * 5 EXISTS
       S: * 4 EXPUNGE
       S: {a} OK Replace completed`,
      'REPLACE',
      5,
    );
    const message = { body: bytes('text'), flags: ['\\Seen', '\\Draft'] };
    expect(await inbox.replace(uid(2000), message, { to: 'Drafts' })).toEqual({
      appended: { uidValidity: 1, uid: 2001 },
      isExpunged: true,
    });
  });

  test('in the place of another step by step, the old one last', async () => {
    const { inbox } = await opened(
      `C: {a} APPEND INBOX {4+}
       C: text
       S: {a} OK [APPENDUID 42 7] done
       C: {b} UID STORE 5 +FLAGS.SILENT (\\Deleted)
       S: {b} OK done
       C: {c} UID EXPUNGE 5
       S: {c} OK done
       C: {d} APPEND INBOX {4+}
       C: text
       S: {d} NO [OVERQUOTA] full`,
      '',
    );
    expect(await inbox.replace(uid(5), { body: bytes('text') })).toMatchObject({ isExpunged: true });
    expect(await outcome(inbox.replace(uid(5), { body: bytes('text') }))).toMatchObject({ code: 'IMAP_NO' });
  });
});

describe('searching', () => {
  test('for figures (RFC 4731 section 3.1)', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH RETURN (MIN MAX COUNT) FLAGGED
       S: * ESEARCH (TAG "A284") UID MIN 4 MAX 9 COUNT 2
       S: {a} OK done
       C: {b} UID SEARCH RETURN (MIN) FLAGGED
       S: * ESEARCH (TAG "A285") UID
       S: {b} OK done`,
      'ESEARCH',
    );
    const flagged = { type: 'flag', flag: '\\Flagged' } as const;
    expect(await inbox.searchFor(flagged, { min: true, max: true, count: true })).toEqual({
      min: 4,
      max: 9,
      count: 2,
      modSeq: undefined,
    });
    expect((await inbox.searchFor(flagged, { min: true })).min).toBeUndefined();
    expect(await outcome(inbox.searchFor(flagged, {}))).toBeInstanceOf(RangeError);
  });

  test('for figures that the server cannot tell', async () => {
    const { inbox } = await opened(
      `C: {a} SEARCH FLAGGED
       S: * SEARCH 2 4 9
       S: {a} OK done
       C: {b} UID SEARCH FLAGGED
       S: * SEARCH 2 4 9
       S: {b} OK done`,
      '',
    );
    const flagged = { type: 'flag', flag: '\\Flagged' } as const;
    const figures = { min: true, max: true, count: true, partial: { first: -1, last: -2 } } as const;
    expect(await inbox.searchFor(flagged, figures, { by: 'sequenceNumbers' })).toEqual({
      min: 2,
      max: 9,
      count: 3,
      partial: setOf([sequenceNumber(4), sequenceNumber(9)]),
      modSeq: undefined,
    });
    expect((await inbox.searchFor(flagged, { partial: { first: 2, last: 9 } })).partial).toEqual(
      setOf([uid(4), uid(9)]),
    );
  });

  test('for a window (RFC 9394 section 3.1), and fetching one (section 3.3)', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH RETURN (PARTIAL -1:-100) UNDELETED
       S: * ESEARCH (TAG "A01") UID PARTIAL (-1:-100 5,7:9)
       S: {a} OK Completed.
       C: {b} UID SEARCH RETURN (PARTIAL 24000:24500) UNDELETED
       S: * ESEARCH (TAG "A04") UID PARTIAL (24000:24500 NIL)
       S: {b} OK Completed.
       C: {c} UID FETCH 25900:26600 (UID FLAGS) (PARTIAL -1:-3)
       S: * 7 FETCH (FLAGS (\\Seen) UID 25996)
       S: * 8 FETCH (FLAGS (\\Flagged \\Answered) UID 25997)
       S: * 9 FETCH (FLAGS () UID 26600)
       S: {c} OK FETCH completed`,
      'ESEARCH PARTIAL',
    );
    const undeleted = { type: 'not', query: { type: 'flag', flag: '\\Deleted' } } as const;
    const first = await inbox.searchFor(undeleted, { partial: { first: -1, last: -100 } });
    expect(formatSet(first.partial)).toBe('5,7:9');
    const none = await inbox.searchFor(undeleted, { partial: { first: 24_000, last: 24_500 } });
    expect(formatSet(none.partial)).toBe('');
    const window = inbox.fetch('25900:26600', { flags: true }, { partial: { first: -1, last: -3 } });
    expect((await collect(window)).map(({ uid }) => uid)).toEqual([25996, 25997, 26600]);
  });

  test('and keeping what was found for the next command (RFC 5182)', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH RETURN (SAVE) SINCE 1-Jan-2006 NOT FROM Smith
       S: {a} OK SEARCH completed, result saved
       C: {b} UID SEARCH RETURN (ALL) $ SMALLER 4096
       S: * ESEARCH (TAG "x") UID ALL 2
       S: {b} OK done
       C: {c} UID COPY $ "Other Messages"
       S: {c} OK done
       C: {d} UID STORE $ +FLAGS.SILENT (\\Deleted)
       S: {d} OK done
       C: {e} UID EXPUNGE $
       S: {e} OK done
       C: {f} UID FETCH $ UID
       S: * 2 FETCH (UID 2)
       S: {f} OK done`,
      'ESEARCH SEARCHRES',
    );
    const since = {
      type: 'date',
      which: 'internal',
      compare: 'since',
      date: { year: 2006, month: 1, day: 1 },
    } as const;
    const notSmith = { type: 'not', query: { type: 'header', name: 'From', value: 'Smith' } } as const;
    await inbox.searchFor([since, notSmith], { save: true });
    const small = { type: 'size', compare: 'smaller', octets: 4096 } as const;
    expect(formatSet(await inbox.search([{ type: 'saved' }, small]))).toBe('2');
    await inbox.copy('$', 'Other Messages');
    await inbox.store('$', 'add', ['\\Deleted'], { silent: true });
    await inbox.expunge('$');
    expect((await collect(inbox.fetch('$', {}))).map(({ uid }) => uid)).toEqual([2]);
    const { inbox: other } = await opened('', '');
    expect(await outcome(other.searchFor({ type: 'all' }, { save: true }))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });

  test('with filters, resemblance, age and the words of Gmail (RFC 5466, 6203, 5032)', async () => {
    const { inbox } = await opened(
      `C: {a} UID SEARCH FILTER on-the-road FUZZY SUBJECT "IMAP break" YOUNGER 600 X-GM-RAW "has:attachment in:unread"
       S: * SEARCH
       S: {a} OK done`,
      'FILTERS SEARCH=FUZZY WITHIN X-GM-EXT-1',
    );
    await inbox.search([
      { type: 'filter', name: 'on-the-road' },
      { type: 'fuzzy', query: { type: 'header', name: 'Subject', value: 'IMAP break' } },
      { type: 'age', compare: 'younger', seconds: 600 },
      { type: 'gmail', what: 'RAW', value: 'has:attachment in:unread' },
    ]);
    const { inbox: other } = await opened('', '');
    expect(await outcome(other.search({ type: 'filter', name: 'x' }))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });

  test('several mailboxes (RFC 7377 section 2.2)', async () => {
    const { client } = await session(
      `C: {a} ESEARCH IN (mailboxes folder1 subtree folder2) RETURN (ALL) UNSEEN
       S: * ESEARCH (TAG "tag1" MAILBOX "folder1" UIDVALIDITY 1) UID ALL 4001,4003,4005,4007,4009
       S: * ESEARCH (TAG "tag1" MAILBOX "folder2/banana" UIDVALIDITY 503) UID ALL 3002,4004
       S: {a} OK done`.replace('mailboxes folder1 subtree folder2', 'MAILBOXES folder1 SUBTREE folder2'),
      { capabilities: `${CAPABILITIES} MULTISEARCH` },
    );
    const named = (text: string) => ({ text, wire: text });
    const found = await client.search(
      [
        { type: 'mailboxes', mailboxes: [named('folder1')] },
        { type: 'subtree', mailboxes: [named('folder2')] },
      ],
      { type: 'not', query: { type: 'flag', flag: '\\Seen' } },
      { all: true },
    );
    expect(found.map(({ mailbox, uidValidity, answer }) => [mailbox.text, uidValidity, formatSet(answer.all)])).toEqual(
      [
        ['folder1', 1, '4001,4003,4005,4007,4009'],
        ['folder2/banana', 503, '3002,4004'],
      ],
    );
  });

  test('and hearing how the result changes (RFC 5267 section 4.3)', async () => {
    const { client, inbox, server } = await opened(
      `C: {a} UID SEARCH RETURN (ALL UPDATE) UNKEYWORD $Junk
       S: * ESEARCH (TAG "{a}") UID ALL 32764,32768,32770
       S: {a} OK Search completed
       C: {b} NOOP
       S: * 10 EXISTS
       S: * ESEARCH (TAG "{a}") UID ADDTO (0 32768:32769)
       S: * ESEARCH (TAG "other") UID ADDTO (0 1)
       S: * ESEARCH (TAG "{a}") UID REMOVEFROM (0 32768) ADDTO (0 33000)
       S: {b} OK done
       C: {c} NOOP
       S: * NO [NOUPDATE "{a}"] too much work
       S: {c} OK done
       C: {d} CANCELUPDATE "{a}"
       S: {d} OK done`,
      'CONTEXT=SEARCH',
    );
    const updates: unknown[] = [];
    for await (const update of inbox.follow({ type: 'not', query: { type: 'flag', flag: '$Junk' } })) {
      updates.push(update.type === 'stale' ? [update.type] : [update.type, formatSet(update.uids)]);
      if (updates.length === 1 || updates.length === 4) await client.noop();
      if (update.type === 'stale') break;
    }
    expect(updates).toEqual([
      ['found', '32764,32768,32770'],
      ['added', '32768:32769'],
      ['removed', '32768'],
      ['added', '33000'],
      ['stale'],
    ]);
    expect((await server).outcome).toBe('done');
  });
});

describe('hearing of other mailboxes (RFC 5465)', () => {
  const NOTIFY =
    'NOTIFY SET STATUS (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))';

  test('as things happen', async () => {
    const timers = new TestTimers();
    const { client, server } = await session(
      `C: {a} ${NOTIFY}
       S: * STATUS Lists/Lemonade (UIDVALIDITY 4 UIDNEXT 9999 MESSAGES 500)
       S: {a} OK done
       S: * STATUS Lists/Lemonade (UIDNEXT 10002 MESSAGES 503)
       S: * LIST (\\NonExistent) "." "INBOX.DeletedMailbox"
       S: * LIST () "/" "NewMailbox" ("OLDNAME" ("OldMailbox"))
       S: * OK [NOTIFICATIONOVERFLOW] too much
       C: {b} NOOP
       S: {b} OK done
       C: {c} NOTIFY NONE
       S: {c} OK done`,
      { capabilities: `${CAPABILITIES} NOTIFY`, connect: { timers } },
    );
    const changes: unknown[] = [];
    for await (const change of client.watch({ tellStatus: true, renewMs: 1000 })) {
      if (change.type === 'status') changes.push([change.mailbox.text, change.status.messages]);
      else if (change.type === 'mailbox')
        changes.push([change.mailbox.name.text, change.mailbox.isSelectable, change.oldName?.text]);
      else changes.push([change.type]);
      if (changes.length < 5) continue;
      await timers.advance(1000);
      await settle();
      break;
    }
    expect(changes).toEqual([
      ['Lists/Lemonade', 500],
      ['Lists/Lemonade', 503],
      ['INBOX.DeletedMailbox', false, undefined],
      ['NewMailbox', true, 'OldMailbox'],
      ['overflow'],
    ]);
    expect((await server).outcome).toBe('done');
  });

  test('ends with the signal, and fails with the connection', async () => {
    const { client } = await session(`C: {a} ${NOTIFY.replace(' STATUS', '')}\nS: {a} OK done\n! reset`, {
      capabilities: `${CAPABILITIES} NOTIFY`,
    });
    expect(await outcome(collect(client.watch()))).toMatchObject({ code: 'CONNECTION_CLOSED' });
    const { client: other } = await session(
      `C: {a} ${NOTIFY.replace(' STATUS', '')}\nS: {a} OK done\nC: {b} NOTIFY NONE`,
      {
        capabilities: `${CAPABILITIES} NOTIFY`,
      },
    );
    const stop = new AbortController();
    const loop = collect(other.watch({ signal: stop.signal }));
    await settle();
    stop.abort();
    expect(await loop).toEqual([]);
  });
});

test('UIDs alone (UIDONLY, RFC 9586)', async () => {
  const { client } = await session(
    `C: {e} ENABLE UIDONLY
     S: * ENABLED UIDONLY
     S: {e} OK done
     ${selected(3)}
     C: {a} UID FETCH 25900:26600 (UID FLAGS)
     S: * 25900 UIDFETCH (FLAGS (\\Seen))
     S: * 25902 UIDFETCH (FLAGS (\\Flagged))
     S: {a} OK done
     C: {b} UID FETCH 25900 (UID BODY.PEEK[])
     S: * 25900 UIDFETCH (BODY[] {70000}
     S: ${'x'.repeat(70_000)})
     S: {b} OK done
     C: {c} NOOP
     S: * 25902 UIDFETCH (FLAGS (\\Answered))
     S: * VANISHED 25900
     S: {c} OK done
     C: {d} UID STORE 2 +FLAGS (\\Seen)
     S: * 2 UIDFETCH (FLAGS (\\Seen))
     S: {d} OK done`,
    { capabilities: `${CAPABILITIES} UIDONLY ENABLE`, connect: { enable: ['UIDONLY'] } },
  );
  const inbox = await client.select('INBOX');
  expect(await collect(inbox.fetch('25900:26600', { flags: true }))).toEqual([
    { uid: 25900, sequenceNumber: undefined, flags: ['\\Seen'] },
    { uid: 25902, sequenceNumber: undefined, flags: ['\\Flagged'] },
  ]);
  for await (const { body } of inbox.fetch('25900', { body: true })) expect((await body.bytes()).length).toBe(70_000);
  await client.noop();
  const { messages } = await inbox.store('2', 'add', ['\\Seen']);
  expect(messages).toEqual([{ uid: 2, sequenceNumber: undefined, flags: ['\\Seen'], modSeq: undefined }]);
  const changes: unknown[] = [];
  for await (const change of inbox.watch()) if (changes.push(change) === 2) break;
  expect(changes).toMatchObject([
    { type: 'flags', uid: 25902, sequenceNumber: undefined },
    { type: 'vanished', exists: 2 },
  ]);
});

test('the words of Gmail', async () => {
  const { inbox } = await opened(
    `C: {a} UID FETCH 1 (UID X-GM-MSGID X-GM-THRID X-GM-LABELS)
     S: * 1 FETCH (X-GM-THRID 1278455344230334866 X-GM-MSGID 1278455344230334865 UID 1 X-GM-LABELS (\\Inbox "Entw&APw-rfe"))
     S: {a} OK done
     C: {b} UID STORE 1 +X-GM-LABELS (foo)
     S: * 1 FETCH (X-GM-LABELS (\\Inbox foo) UID 1)
     S: {b} OK done`,
    'X-GM-EXT-1',
  );
  const query = { gmailMessageId: true, gmailThreadId: true, gmailLabels: true } as const;
  const [message] = await collect(inbox.fetch('1', query));
  expect([message?.gmailMessageId, message?.gmailThreadId]).toEqual([1278455344230334865n, 1278455344230334866n]);
  expect(message?.gmailLabels.map(({ text }) => text)).toEqual(['\\Inbox', 'Entwürfe']);
  expect(await inbox.storeLabels('1', 'add', ['foo'])).toBeUndefined();
  const { inbox: other } = await opened('', '');
  expect(await outcome(other.storeLabels('1', 'add', ['foo']))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
});

describe('listing', () => {
  const options = { myRights: true, metadataEntries: ['/shared/comment'], statusItems: ['MESSAGES'] } as const;
  const rows = [
    ['INBOX', 'lrsw', 'x', 1],
    ['Locked', undefined, undefined, undefined],
  ];

  test('with rights and notes in one command (RFC 8440, RFC 9590)', async () => {
    const { client } = await session(
      `C: {a} LIST "" * RETURN (CHILDREN SUBSCRIBED MYRIGHTS STATUS (MESSAGES) METADATA (/shared/comment))
       S: * LIST () "/" INBOX
       S: * STATUS INBOX (MESSAGES 1)
       S: * MYRIGHTS INBOX lrsw
       S: * METADATA INBOX (/shared/comment "x")
       S: * LIST () "/" Locked
       S: {a} OK done`,
      { capabilities: `${CAPABILITIES} LIST-EXTENDED LIST-STATUS LIST-MYRIGHTS LIST-METADATA` },
    );
    const listed = await client.list(options);
    expect(
      listed.map(({ name, myRights, metadata, status }) => [
        name.text,
        myRights,
        metadata?.get('/shared/comment'),
        status?.messages,
      ]),
    ).toEqual(rows);
  });

  test('with rights and notes mailbox by mailbox, as far as the server tells', async () => {
    const { client } = await session(
      `C: {a} LIST "" *
       S: * LIST () "/" INBOX
       S: * LIST () "/" Locked
       S: {a} OK done
       C: {b} STATUS INBOX (MESSAGES)
       C: {c} MYRIGHTS INBOX
       C: {d} GETMETADATA INBOX (/shared/comment)
       C: {e} STATUS Locked (MESSAGES)
       S: * STATUS INBOX (MESSAGES 1)
       S: {b} OK done
       S: * MYRIGHTS INBOX lrsw
       S: {c} OK done
       C: {f} MYRIGHTS Locked
       S: * METADATA INBOX (/shared/comment "x")
       S: {d} OK done
       C: {g} GETMETADATA Locked (/shared/comment)
       S: {e} NO no
       S: {f} NO no
       S: {g} NO no`,
      { capabilities: `${CAPABILITIES} ACL METADATA` },
    );
    const listed = await client.list(options);
    expect(
      listed.map(({ name, myRights, metadata, status }) => [
        name.text,
        myRights,
        metadata?.get('/shared/comment'),
        status?.messages,
      ]),
    ).toEqual(rows);
  });

  test('by XLIST, which says what folders are for (pain 25)', async () => {
    const { client } = await session(
      `C: {a} XLIST "" *
       S: * XLIST (\\HasNoChildren \\Inbox) "/" "Posteingang"
       S: * XLIST (\\HasNoChildren \\Spam) "/" "[Google Mail]/Spam"
       S: * XLIST (\\AllMail) "/" "[Google Mail]/Alle Nachrichten"
       S: {a} OK done`,
      { capabilities: `${CAPABILITIES} XLIST` },
    );
    expect((await client.list()).map(({ specialUse }) => specialUse)).toEqual([[], ['\\Junk'], ['\\All']]);
  });
});

describe('a long command (RFC 9585)', () => {
  const copy = async (reports: readonly number[]): Promise<unknown> => {
    const timers = new TestTimers();
    const [mine, theirs] = memoryPair();
    // Nobody may be there any more.
    const send = (line: string): Promise<void> => theirs.write(bytes(`${line}\r\n`)).catch(() => {});
    await send('* PREAUTH [CAPABILITY IMAP4rev1 INPROGRESS] hi');
    const client = await connect({ transport: mine, timers, timeouts: { commandMs: 1000, progressMs: 1500 } });
    const ended = outcome(client.create('x'));
    await settle();
    const [tag] = new TextDecoder().decode((await theirs.read())!).split(' ');
    for (const done of reports) {
      await send(`* OK [INPROGRESS ("${tag}" ${done} 1000)] Still working`);
      await timers.advance(900);
    }
    await send(`${tag} OK done`);
    return ended;
  };

  test('is waited for as long as the server gets on', async () => {
    expect(await copy([10, 20, 30, 40, 50])).toBe('resolved');
  });

  test('is given up when it does not, or when its count has no end', async () => {
    expect(await copy([10, 10, 10, 10, 10])).toMatchObject({ code: 'CONNECTION_TIMEOUT' });
    expect(await copy(Array.from({ length: 110 }, (_, index) => index))).toMatchObject({ code: 'CONNECTION_TIMEOUT' });
  });
});

describe('a server that takes so many messages at a time (RFC 9738)', () => {
  test('is asked for the rest', async () => {
    const { inbox } = await opened(
      `C: {a} UID FETCH 1:* (UID FLAGS)
       S: * 8 FETCH (UID 80 FLAGS ())
       S: * 9 FETCH (UID 90 FLAGS ())
       S: {a} OK [MESSAGELIMIT 2 80] partial
       C: {b} UID FETCH 1:79 (UID FLAGS)
       S: * 7 FETCH (UID 70 FLAGS ())
       S: {b} OK [MESSAGELIMIT 2 80] again
       C: {c} UID STORE 10:90 +FLAGS.SILENT (\\Seen)
       S: {c} OK [MESSAGELIMIT 2 80] partial
       C: {d} UID STORE 10:79 +FLAGS.SILENT (\\Seen)
       S: {d} OK done
       C: {e} UID SEARCH RETURN (COUNT) UNSEEN
       S: * ESEARCH (TAG "x") UID COUNT 2
       S: {e} OK [MESSAGELIMIT 2 80] partial
       C: {f} UID SEARCH RETURN (ALL) UNSEEN
       S: * ESEARCH (TAG "x") UID ALL 80,90
       S: {f} OK [MESSAGELIMIT 2 80] partial
       C: {g} UID SEARCH RETURN (ALL) UID 1:79 UNSEEN
       S: * ESEARCH (TAG "x") UID ALL 70
       S: {g} OK done`,
      'ESEARCH MESSAGELIMIT=2',
    );
    expect((await collect(inbox.fetch('1:*', { flags: true }))).map(({ uid }) => uid)).toEqual([80, 90, 70]);
    await inbox.store('10:90', 'add', ['\\Seen'], { silent: true });
    const unseen = { type: 'not', query: { type: 'flag', flag: '\\Seen' } } as const;
    expect((await inbox.searchFor(unseen, { count: true })).count).toBe(3);
  });

  test('and is not silent about what it cannot be asked for', async () => {
    const { inbox } = await opened(
      `C: {a} FETCH 1:9 (UID FLAGS)
       S: * 9 FETCH (UID 90 FLAGS ())
       S: {a} OK [MESSAGELIMIT 1 90] partial`,
      'MESSAGELIMIT=1',
    );
    const some = inbox.fetch({ sequenceNumbers: '1:9' }, { flags: true });
    expect(await outcome(collect(some))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });
});

test('annotations of messages (RFC 5257 sections 4.3 and 4.5)', async () => {
  const { inbox } = await opened(
    `C: {a} UID FETCH 1 (UID ANNOTATION (/comment value.priv))
     S: * 1 FETCH (UID 1 ANNOTATION (/comment (value.priv "My comment")))
     S: {a} OK done
     C: {b} UID STORE 1 ANNOTATION (/comment (value.priv "My new comment"))
     S: {b} OK done`,
    'ANNOTATE-EXPERIMENT-1',
  );
  const query = { annotations: { entries: ['/comment'], attributes: ['value.priv'] } } as const;
  const [message] = await collect(inbox.fetch('1', query));
  expect(message?.annotations[0]?.attributes.get('value.priv')).toBe('My comment');
  const attributes = new Map([['value.priv', 'My new comment']]);
  expect(await inbox.storeAnnotations('1', [{ entry: '/comment', attributes }])).toBeUndefined();
});

test('languages (RFC 5255 section 3.2)', async () => {
  const { client } = await session(
    `C: {a} LANGUAGE
     S: * LANGUAGE (EN DE IT i-default)
     S: {a} OK Supported languages have been enumerated
     C: {b} LANGUAGE FR-CA DE-IT
     S: * LANGUAGE (DE-IT)
     S: {b} OK Alle Nachrichten auf Deutsch
     C: {c} LANGUAGE
     S: {c} OK none`,
    { capabilities: `${CAPABILITIES} LANGUAGE` },
  );
  expect(await client.languages()).toEqual(['EN', 'DE', 'IT', 'i-default']);
  expect(await client.setLanguage(['FR-CA', 'DE-IT'])).toBe('DE-IT');
  expect(await outcome(client.languages())).toMatchObject({ code: 'IMAP_PROTOCOL' });
});

test('URLs for others (RFC 4467)', async () => {
  const url = 'imap://joe@example.com/INBOX/;uid=20/;section=1.2;expire=2005-03-19T09:30:00Z;urlauth=anonymous';
  const signed = `${url}:internal:91354a473744909de610943775f92038`;
  const { client } = await session(
    `C: {a} GENURLAUTH "${url}" INTERNAL
     S: * GENURLAUTH "${signed}"
     S: {a} OK GENURLAUTH completed
     C: {b} URLFETCH "${signed}" "imap://gone"
     S: * URLFETCH "${signed}" {28}
     S: Si vis pacem, para bellum.{x0d}{x0a}{noeol}
     S:  "imap://gone" NIL
     S: {b} OK URLFETCH completed
     C: {c} RESETKEY "INBOX"
     S: {c} OK All keys removed`,
    { capabilities: `${CAPABILITIES} URLAUTH` },
  );
  expect(await client.urlAuth.sign([url])).toEqual([signed]);
  const found = await client.urlAuth.fetch([signed, 'imap://gone']);
  expect([...found.values()]).toEqual([bytes('Si vis pacem, para bellum.\r\n'), null]);
  await client.urlAuth.reset('INBOX');
});

test('a URL that is not good may lack its NIL, as with Cyrus', async () => {
  const { client } = await session(
    `C: {a} URLFETCH "imap://gone"
     S: * URLFETCH "imap://gone"
     S: {a} OK done`,
    { capabilities: `${CAPABILITIES} URLAUTH` },
  );
  expect([...(await client.urlAuth.fetch(['imap://gone'])).values()]).toEqual([null]);
});

describe('logging in again (RFC 8437)', () => {
  const auth = { user: 'b', password: 'secret' };

  test('as somebody else', async () => {
    const { client } = await session(
      `C: {e} ENABLE CONDSTORE
       S: * ENABLED CONDSTORE
       S: {e} OK done
       C: {a} UNAUTHENTICATE
       S: {a} OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] UNAUTHENTICATE completed
       C: {b} AUTHENTICATE PLAIN {any}
       S: {b} OK [CAPABILITY IMAP4rev1 ENABLE CONDSTORE] done
       C: {c} ENABLE CONDSTORE
       S: * ENABLED CONDSTORE
       S: {c} OK done`.replace('{any}', 'AGIAc2VjcmV0'),
      { capabilities: `${CAPABILITIES} ENABLE CONDSTORE UNAUTHENTICATE`, connect: { allowInsecureAuth: true } },
    );
    await client.reauthenticate(auth);
    expect(client.isEnabled('CONDSTORE')).toBe(true);
  });

  test('fails with the connection when the login does', async () => {
    const { client } = await session(
      `C: {a} UNAUTHENTICATE
       S: {a} OK done
       C: {b} CAPABILITY
       S: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR
       S: {b} OK done
       C: {c} AUTHENTICATE PLAIN AGIAc2VjcmV0
       S: {c} NO [AUTHENTICATIONFAILED] no`,
      { capabilities: `${CAPABILITIES} UNAUTHENTICATE`, connect: { allowInsecureAuth: true } },
    );
    expect(await outcome(client.reauthenticate(auth))).toMatchObject({ code: 'AUTH_REFUSED' });
    expect(client.isClosed).toBe(true);
  });
});

test('comparators (RFC 5255 section 4)', async () => {
  const { client } = await session(
    `C: {a} COMPARATOR
     S: * COMPARATOR i;unicode-casemap
     S: {a} OK Will use i;unicode-casemap for collation
     C: {b} COMPARATOR "cz;*" i;basic
     S: * COMPARATOR i;basic ("i;basic")
     S: {b} OK Will use i;basic for collation
     C: {c} COMPARATOR x
     S: {c} NO [BADCOMPARATOR] none of them`,
    { capabilities: `${CAPABILITIES} I18NLEVEL=2` },
  );
  expect(client.internationalization).toBe(2);
  expect(await client.comparator()).toEqual({ active: 'i;unicode-casemap', matching: undefined });
  expect(await client.setComparator(['cz;*', 'i;basic'])).toEqual({ active: 'i;basic', matching: ['i;basic'] });
  expect(await outcome(client.setComparator(['x']))).toMatchObject({ reason: 'BADCOMPARATOR' });
  const other = (await session('', { capabilities: `${CAPABILITIES} I18NLEVEL=1` })).client;
  expect(other.internationalization).toBe(1);
  expect(await outcome(other.comparator())).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
});

test('where JMAP is (RFC 9698)', async () => {
  const { client } = await session(
    `C: {a} GETJMAPACCESS
     S: * JMAPACCESS "https://example.com/.well-known/jmap"
     S: {a} OK done
     C: {b} GETJMAPACCESS
     S: {b} OK done`,
    { capabilities: `${CAPABILITIES} JMAPACCESS` },
  );
  expect(await client.jmapAccess()).toBe('https://example.com/.well-known/jmap');
  expect(await outcome(client.jmapAccess())).toMatchObject({ code: 'IMAP_PROTOCOL' });
});

test('batches of UIDs (draft-ietf-mailmaint-imap-uidbatches)', async () => {
  const { client } = await session(
    `${selected(6823)}
     C: {a} UIDBATCHES 2000
     S: * UIDBATCHES (TAG "{a}") 215295:99696,99695:20351,20350:7830,7829:1
     S: {a} OK done
     C: {b} UIDBATCHES 2000 2:2
     S: * UIDBATCHES (TAG "{b}") 99695:20351
     S: {b} OK done
     C: {c} UIDBATCHES 10
     S: * UIDBATCHES (TAG "{c}")
     S: {c} OK done
     C: {d} UIDBATCHES 10
     S: * UIDBATCHES nonsense
     S: {d} OK done`,
    { capabilities: `${CAPABILITIES} UIDBATCHES` },
  );
  const inbox = await client.select('INBOX');
  const batches = await inbox.uidBatches(2000);
  expect(batches.map((batch) => formatSet(batch))).toEqual(['99696:215295', '20351:99695', '7830:20350', '1:7829']);
  const [second] = await inbox.uidBatches(2000, { range: { first: 2, last: 2 } });
  expect(formatSet(second!)).toBe('20351:99695');
  expect(await inbox.uidBatches(10)).toEqual([]);
  expect(await outcome(inbox.uidBatches(10))).toMatchObject({ code: 'IMAP_PROTOCOL' });
});

test('mailboxes made for a use (RFC 6154 section 5.2), and how long a message may be (RFC 7889)', async () => {
  const { client, server } = await session(
    `C: {a} CREATE MyDrafts (USE (\\Drafts \\Sent))
     S: {a} OK MyDrafts created
     C: {b} STATUS INBOX (APPENDLIMIT)
     S: * STATUS INBOX (APPENDLIMIT 257890)
     S: {b} OK done`,
    { capabilities: `${CAPABILITIES} CREATE-SPECIAL-USE APPENDLIMIT=257890` },
  );
  await client.create('MyDrafts', { specialUse: ['\\Drafts', '\\Sent'] });
  expect(client.appendLimit).toBe(257_890);
  expect(await client.status('INBOX', ['APPENDLIMIT'])).toEqual({ appendLimit: 257_890 });
  expect((await server).outcome).toBe('done');
  expect((await session('', { capabilities: `${CAPABILITIES} APPENDLIMIT` })).client.appendLimit).toBeUndefined();
});
