import { pairIds } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { ImapError, ServerRefusedError } from '../src/index.ts';
import { bytes, CAPABILITIES, connectTo, LOGOUT, outcome, selected, session, settle } from './support.ts';

describe('list', () => {
  test('asks plainly where the server is plain', async () => {
    const { client } = await session(`
      C: {a} LIST "" *
      S: * LIST (\\HasChildren \\Marked) "/" inbox
      S: * LIST (\\Noselect) "/" "foo/b&AOQ-r"
      S: * LIST () NIL flat
      S: {a} OK done`);
    const listed = await client.list();
    expect(
      listed.map(({ path, isSelectable, delimiter, isSubscribed }) => ({
        path,
        isSelectable,
        delimiter,
        isSubscribed,
      })),
    ).toEqual([
      { path: ['INBOX'], isSelectable: true, delimiter: '/', isSubscribed: undefined },
      { path: ['foo', 'bär'], isSelectable: false, delimiter: '/', isSubscribed: undefined },
      { path: ['flat'], isSelectable: true, delimiter: null, isSubscribed: undefined },
    ]);
  });

  test('asks for all in one where the server can (RFC 5258, 5819, 6154)', async () => {
    const { client } = await session(
      `C: {a} LIST "" (INBOX Mail/%) RETURN (CHILDREN SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UIDNEXT))
       S: * LIST (\\Subscribed) "/" INBOX
       S: * STATUS INBOX (MESSAGES 17 UIDNEXT 292)
       S: * LIST (\\sent \\Important) "/" "Mail/Sent"
       S: * LIST (\\NonExistent) "/" "Mail/gone"
       S: {a} OK done`,
      { capabilities: `${CAPABILITIES} LIST-EXTENDED LIST-STATUS SPECIAL-USE` },
    );
    const listed = await client.list({ patterns: ['INBOX', 'Mail/%'], statusItems: ['MESSAGES', 'UIDNEXT'] });
    expect(
      listed.map(({ isSubscribed, specialUse, isSelectable, status }) => [
        isSubscribed,
        specialUse,
        isSelectable,
        status,
      ]),
    ).toEqual([
      [true, [], true, { messages: 17, uidNext: 292 }],
      [false, ['\\Sent', '\\Important'], true, undefined],
      [false, [], false, undefined],
    ]);
  });

  test('asks for figures one by one where it must, and lists what refuses them without', async () => {
    const { client } = await session(`
      C: {a} LIST "" *
      S: * LIST () "." a
      S: * LIST (\\Noselect) "." b
      S: * LIST () "." c
      S: {a} OK done
      C: {b} STATUS a (MESSAGES)
      C: {c} STATUS c (MESSAGES)
      S: * STATUS a (MESSAGES 3)
      S: {b} OK done
      S: {c} NO no right`);
    const listed = await client.list({ statusItems: ['MESSAGES'] });
    expect(listed.map(({ status }) => status)).toEqual([{ messages: 3 }, undefined, undefined]);
  });

  test('subscribed names through LSUB', async () => {
    const { client } = await session(`C: {a} LSUB "" *\nS: * LSUB () "." #news.comp.mail.mime\nS: {a} OK done`);
    expect((await client.list({ subscribedOnly: true }))[0]).toMatchObject({
      path: ['#news', 'comp', 'mail', 'mime'],
      isSubscribed: true,
    });
  });

  test('names go back as they came, whatever is in them (pain 17)', async () => {
    const { client, server } = await session(`
      C: {a} LIST "" *
      S: * LIST () "/" {4}
      S: a{x0d}{x0a}b{noeol}
      S:
      S: * LIST () "/" "&Jjo-!&Jjo-"
      S: * LIST () "/" "__proto__"
      S: {a} OK done
      C: {b} STATUS {4+}
      C: a{x0d}{x0a}b (MESSAGES)
      S: * STATUS {4}
      S: a{x0d}{x0a}b (MESSAGES 1)
      S: {b} OK done
      C: {c} STATUS &Jjo-!&Jjo- (MESSAGES)
      S: * STATUS "&Jjo-!&Jjo-" (MESSAGES 2)
      S: {c} OK done`);
    const listed = await client.list();
    expect(listed.map(({ path }) => path)).toEqual([['a\r\nb'], ['☺!☺'], ['__proto__']]);
    expect(await client.status(listed[0]!, ['MESSAGES'])).toEqual({ messages: 1 });
    expect(await client.status(listed[1]!.name, ['MESSAGES'])).toEqual({ messages: 2 });
    expect((await server).outcome).toBe('done');
  });
});

describe('status', () => {
  test('is matched by name (lying server)', async () => {
    const { client } = await session(`
      C: {a} STATUS foo (MESSAGES)
      S: * STATUS bar (MESSAGES 1)
      S: {a} OK done`);
    expect(await outcome(client.status('foo', ['MESSAGES']))).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });

  test('of several mailboxes is asked at once', async () => {
    const { client, server } = await session(`
      C: {a} STATUS foo (MESSAGES)
      C: {b} STATUS bar (MESSAGES)
      S: * STATUS bar (MESSAGES 2)
      S: * STATUS foo (MESSAGES 1)
      S: {a} OK done
      S: {b} OK done`);
    expect(await Promise.all([client.status('foo', ['MESSAGES']), client.status('bar', ['MESSAGES'])])).toEqual([
      { messages: 1 },
      { messages: 2 },
    ]);
    await server;
  });
});

describe('select', () => {
  test('tells what the server told', async () => {
    const { client } = await session(`
      C: {a} EXAMINE "Foo Bar"
      S: * FLAGS (\\Answered \\seen kw)
      S: * OK [PERMANENTFLAGS ()] none
      S: * 18 EXISTS
      S: * 2 RECENT
      S: * OK [UNSEEN 17] first
      S: * OK [UIDVALIDITY 3857529045] valid
      S: * OK [UIDNEXT 4392] next
      S: * OK [HIGHESTMODSEQ 715194045007] modseq
      S: {a} OK [READ-ONLY] done`);
    const mailbox = await client.select('Foo Bar', { readOnly: true });
    expect(mailbox.exists).toBe(18);
    expect(mailbox.flags).toEqual(['\\Answered', '\\Seen', 'kw']);
    expect(mailbox.permanentFlags).toEqual([]);
    expect(mailbox.uidValidity).toBe(3857529045);
    expect(mailbox.uidNext).toBe(4392);
    expect(mailbox.highestModSeq).toBe(715194045007n);
    expect(mailbox.isReadOnly).toBe(true);
  });

  test('asks STATUS for what SELECT left out', async () => {
    const { client } = await session(`
      C: {a} SELECT INBOX
      S: * 1 EXISTS
      S: {a} OK done
      C: {b} STATUS INBOX (UIDVALIDITY UIDNEXT)
      S: * STATUS INBOX (UIDVALIDITY 9 UIDNEXT 5)
      S: {b} OK done`);
    const inbox = await client.select('inbox'.toUpperCase());
    expect([inbox.uidValidity, inbox.uidNext]).toEqual([9, 5]);
  });

  test('refuses a mailbox without lasting UIDs', async () => {
    const { client } = await session(`
      C: {a} SELECT INBOX
      S: * 1 EXISTS
      S: {a} OK done
      C: {b} STATUS INBOX (UIDVALIDITY UIDNEXT)
      S: * STATUS INBOX (UIDNEXT 5)
      S: {b} OK done`);
    expect(await outcome(client.select('INBOX'))).toMatchObject({ code: 'IMAP_NO_UIDVALIDITY' });
  });

  test('a failed one leaves nothing selected, and says why (pains 10 and 11)', async () => {
    const { client } = await session(`${selected(1)}
      C: {a} SELECT nope
      S: {a} NO [NONEXISTENT] no such mailbox`);
    const inbox = await client.select('INBOX');
    const error = await outcome(client.select('nope'));
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ code: 'IMAP_NO', reason: 'NONEXISTENT', status: 'NO', text: 'no such mailbox' });
    expect((error as ServerRefusedError).command).toMatch(/^[A-Z]+\d+ SELECT nope$/);
    expect(inbox.isSelected).toBe(false);
  });

  test('news of the mailbox before do not count for the one after', async () => {
    const { client } = await session(`${selected(7)}
      C: {n} NOOP
      S: * 8 EXISTS
      S: {n} OK done${selected(2, 'other')}`);
    const inbox = await client.select('INBOX');
    const noop = client.noop();
    const other = await client.select('other');
    await noop;
    expect([inbox.exists, other.exists]).toEqual([8, 2]);
  });
});

describe('append', () => {
  test('waits for the server before a literal', async () => {
    const { client } = await session(
      `C: {a} APPEND saved-messages (\\Seen) "17-Jul-1996 02:44:25 -0700" {11}
       S: + ready
       C: hello world
       S: {a} OK [APPENDUID 38505 3955] done`,
      { capabilities: 'IMAP4rev1 UIDPLUS' },
    );
    const internalDate = { epochSeconds: 837596665, offsetMinutes: -420 };
    const appended = await client.append('saved-messages', {
      body: bytes('hello world'),
      flags: ['\\Seen'],
      internalDate,
    });
    expect(appended).toEqual({ uidValidity: 38505, uid: 3955 });
  });

  test('streams, and pipelines where the server can', async () => {
    const { client, server } = await session(`
      C: {a} APPEND INBOX {6+}
      C: foobar
      C: {b} NOOP
      S: {a} OK done
      S: {b} OK done`);
    async function* stream() {
      yield bytes('foo');
      yield bytes('');
      yield bytes('bar');
    }
    const [appended] = await Promise.all([client.append('INBOX', { body: stream(), size: 6 }), client.noop()]);
    expect(appended).toBeUndefined();
    expect((await server).outcome).toBe('done');
  });

  test('an empty message is a message', async () => {
    const { client } = await session('C: {a} APPEND INBOX {0+}\nC: \nS: {a} OK done');
    expect(await client.append('INBOX', { body: new Uint8Array() })).toBeUndefined();
  });

  test('NUL goes as a binary literal where there is one', async () => {
    const { client } = await session('C: {a} APPEND INBOX ~{3+}\nC: a{x00}b\nS: {a} OK done', {
      capabilities: 'IMAP4rev1 LITERAL+ BINARY',
    });
    await client.append('INBOX', { body: Uint8Array.of(0x61, 0, 0x62) });
  });

  test('a refusal before the literal keeps the connection', async () => {
    const { client, server } = await session(
      `C: {a} APPEND nope {5}
       S: {a} NO [TRYCREATE] no such mailbox
       C: {n} NOOP
       S: {n} OK done`,
      { capabilities: 'IMAP4rev1' },
    );
    expect(await outcome(client.append('nope', { body: bytes('hello') }))).toMatchObject({ reason: 'TRYCREATE' });
    await client.noop();
    expect((await server).outcome).toBe('done');
  });

  test('a refusal while octets flow does not put the rest out of step', async () => {
    const { client, server } = await session(`
      C: {a} APPEND INBOX {6+}
      C: foo{noeol}
      S: {a} NO [OVERQUOTA] full
      C: bar
      C: {n} NOOP
      S: {n} OK done`);
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* stream() {
      yield bytes('foo');
      yield bytes('b');
      await held;
      yield bytes('ar');
    }
    const appended = outcome(client.append('INBOX', { body: stream(), size: 6 }));
    await settle();
    release();
    expect(await appended).toMatchObject({ reason: 'OVERQUOTA' });
    await client.noop();
    expect((await server).outcome).toBe('done');
  });

  test.each([
    ['longer', ['foo', 'barbaz']],
    ['shorter', ['foo']],
  ])('a source that is %s than announced never completes the message', async (_, chunks) => {
    const { client, server } = await session('C: {a} APPEND INBOX {6+}\n! end');
    const error = await outcome(client.append('INBOX', { body: chunks.map(bytes), size: 6 }));
    expect(error).toBeInstanceOf(RangeError);
    expect(client.isClosed).toBe(true);
    await outcome(server);
  });

  test('a source that fails rejects with its own error, and costs the connection', async () => {
    const { client } = await session('C: {a} APPEND INBOX {6+}');
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield bytes('foo');
      throw new Error('disk on fire');
    }
    const other = outcome(client.noop());
    const failed = outcome(client.append('INBOX', { body: stream(), size: 6 }));
    expect(await failed).toMatchObject({ message: 'disk on fire' });
    expect(await outcome(client.noop())).toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(await other).not.toBe('resolved');
  });

  test('an abort half-way costs the connection, one before costs nothing', async () => {
    const { client } = await session('C: {a} APPEND INBOX {6+}\n C: {n} NOOP');
    const early = AbortSignal.abort('early');
    expect(await outcome(client.append('INBOX', { body: bytes('x') }, { signal: early }))).toBe('early');
    const abort = new AbortController();
    async function* stream() {
      yield bytes('foo');
      await new Promise(() => {});
    }
    const appended = outcome(client.append('INBOX', { body: stream(), size: 6 }, { signal: abort.signal }));
    await settle();
    expect(client.isClosed).toBe(false);
    abort.abort('late');
    expect(await appended).toBe('late');
    await client.closed;
  });

  test('misuse throws before anything is sent', async () => {
    const { client, server } = await session(LOGOUT);
    await expect(client.append('INBOX', { body: [bytes('x')] })).rejects.toThrow(TypeError);
    await expect(client.append('INBOX', { body: bytes('x'), size: 2 })).rejects.toThrow(RangeError);
    await client.close();
    expect((await server).outcome).toBe('done');
  });
});

describe('store, copy, move, expunge', () => {
  test('a message that the server tells of twice is there once, with all that was told', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID STORE 7:8 +FLAGS (\\Seen)
      S: * 1 FETCH (UID 7 FLAGS (\\Seen))
      S: * 2 FETCH (UID 8 FLAGS (\\Seen))
      S: * 1 FETCH (UID 7 MODSEQ (12))
      S: * 2 FETCH (FLAGS (\\Answered \\Seen) UID 8)
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const { messages } = await inbox.store('7:8', 'add', ['\\Seen']);
    expect(messages).toEqual([
      { uid: 7, sequenceNumber: 1, flags: ['\\Seen'], modSeq: 12n },
      { uid: 8, sequenceNumber: 2, flags: ['\\Answered', '\\Seen'], modSeq: undefined },
    ]);
  });

  test('store tells the new flags and what was left alone', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID STORE 1:3 (UNCHANGEDSINCE 5) +FLAGS (\\Deleted kw)
      S: * 1 FETCH (UID 1 MODSEQ (9) FLAGS (\\Deleted kw))
      S: * 9 FETCH (UID 99 FLAGS ())
      S: {a} OK [MODIFIED 3] some`);
    const inbox = await client.select('INBOX');
    const result = await inbox.store('1:3', 'add', ['\\Deleted', 'kw'], { unchangedSince: 5n as never });
    expect(result.messages).toEqual([{ uid: 1, sequenceNumber: 1, flags: ['\\Deleted', 'kw'], modSeq: 9n }]);
    expect(result.modified?.ranges).toEqual([{ first: 3, last: 3 }]);
  });

  test('copy tells where the copies are, without expanding sets', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID COPY 1:4294967295 Archive
      S: {a} OK [COPYUID 38505 1:4294967295 1:4294967295] done`);
    const inbox = await client.select('INBOX');
    const copied = await inbox.copy('1:4294967295', 'Archive');
    expect(copied).toMatchObject({ uidValidity: 38505, to: { ranges: [{ first: 1, last: 4294967295 }] } });
    expect(() => pairIds(copied!.from, copied!.to)).toThrow('too much');
  });

  test('move with MOVE (RFC 6851)', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID MOVE 42 foo
      S: * OK [COPYUID 432432 42 1202] moved
      S: * 2 EXPUNGE
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const moved = await inbox.move('42', 'foo');
    expect(moved.isExpunged).toBe(true);
    expect(moved.copied?.to.ranges).toEqual([{ first: 1202, last: 1202 }]);
    expect(inbox.exists).toBe(2);
  });

  test('move without MOVE: copy, flag, expunge by UID', async () => {
    const { client, server } = await session(
      `${selected(3)}
      C: {a} UID COPY 42 foo
      S: {a} OK [COPYUID 432432 42 1202] copied
      C: {b} UID STORE 42 +FLAGS.SILENT (\\Deleted)
      S: {b} OK done
      C: {c} UID EXPUNGE 42
      S: * 2 EXPUNGE
      S: {c} OK done`,
      { capabilities: 'IMAP4rev1 UIDPLUS' },
    );
    expect((await (await client.select('INBOX')).move('42', 'foo')).isExpunged).toBe(true);
    expect((await server).outcome).toBe('done');
  });

  test('move without UIDPLUS leaves the originals flagged rather than expunge what others flagged', async () => {
    const { client, server } = await session(
      `${selected(3)}
      C: {a} UID COPY 42 foo
      S: {a} OK copied
      C: {b} UID STORE 42 +FLAGS.SILENT (\\Deleted)
      S: {b} OK done${LOGOUT}`,
      { capabilities: 'IMAP4rev1' },
    );
    const inbox = await client.select('INBOX');
    expect(await inbox.move('42', 'foo')).toEqual({ copied: undefined, isExpunged: false });
    await expect(inbox.expunge('42')).rejects.toThrow(ImapError);
    await client.close();
    expect((await server).outcome).toBe('done');
  });

  test('commands by sequence number wait for what may expunge (RFC 9051 5.5)', async () => {
    const { client, server } = await session(`${selected(3)}
      C: {n} NOOP
      S: {n} OK done
      C: {a} STORE 1 +FLAGS.SILENT (\\Seen)
      C: {b} FETCH 2 (UID FLAGS)
      S: {a} OK done
      S: * 2 FETCH (UID 2 FLAGS ())
      S: {b} OK done`);
    const inbox = await client.select('INBOX');
    const noop = client.noop();
    const stored = inbox.store({ sequenceNumbers: '1' }, 'add', ['\\Seen'], { silent: true });
    const fetched = inbox.fetch({ sequenceNumbers: '2' }, { flags: true })[Symbol.asyncIterator]();
    const [, , message] = await Promise.all([noop, stored, fetched.next()]);
    expect(message.value?.uid).toBe(2);
    await fetched.next();
    expect((await server).outcome).toBe('done');
  });

  test('close never expunges unless asked', async () => {
    const { client, server } = await session(
      `${selected(3)}
      C: {a} EXAMINE INBOX
      S: * 3 EXISTS
      S: {a} OK done
      C: {b} CLOSE
      S: {b} OK done${selected(3)}
      C: {c} CLOSE
      S: {c} OK done${selected(3, 'INBOX', 'EXAMINE')}
      C: {d} CLOSE
      S: {d} OK done`,
      { capabilities: 'IMAP4rev1' },
    );
    await (await client.select('INBOX')).close();
    await (await client.select('INBOX')).close({ expunge: true });
    await (await client.select('INBOX', { readOnly: true })).close();
    expect((await server).outcome).toBe('done');
  });

  test('close does not expunge in a mailbox that was to be examined and is open for writing', async () => {
    const { client, server } = await session(
      `${selected(3)}
      C: {a} EXAMINE INBOX
      S: * 3 EXISTS
      S: {a} OK [READ-WRITE] done
      C: {b} NOOP
      S: {b} OK done`,
      { capabilities: 'IMAP4rev1' },
    );
    await (await client.select('INBOX')).close();
    await client.noop();
    expect((await server).outcome).toBe('done');
  });

  test('close uses UNSELECT where there is one', async () => {
    const { client, server } = await session(`${selected(3)}\nC: {a} UNSELECT\nS: {a} OK done`);
    const inbox = await client.select('INBOX');
    await inbox.close();
    await expect(inbox.expunge()).rejects.toThrow('not selected');
    await server;
  });
});

test('the small commands', async () => {
  const { client, server } = await session(`
    C: {a} CREATE "a b"
    S: {a} OK done
    C: {b} RENAME "a b" c
    S: {b} OK done
    C: {c} SUBSCRIBE c
    S: {c} OK done
    C: {d} UNSUBSCRIBE c
    S: {d} OK done
    C: {e} DELETE c
    S: {e} OK done
    C: {f} ENABLE CONDSTORE
    S: * ENABLED CONDSTORE
    S: {f} OK done
    C: {g} XYZZY foo
    S: * XYZZY bar
    S: {g} OK [X-CODE y] done`);
  await client.create('a b');
  await client.rename('a b', 'c');
  await client.subscribe('c');
  await client.unsubscribe('c');
  await client.delete('c');
  expect(await client.enable(['CONDSTORE'])).toEqual(['CONDSTORE']);
  const raw = await client.command({ name: 'X', command: 'XYZZY', raw: bytes('foo') });
  expect(raw.response.code).toMatchObject({ type: 'atom', name: 'X-CODE', value: 'y' });
  expect(raw.untagged).toMatchObject([{ type: 'unknown', name: 'XYZZY' }]);
  await expect(client.command({ name: 'LOGOUT' })).rejects.toThrow(TypeError);
  expect((await server).outcome).toBe('done');
});

test('commands given together leave together, and an aborted one in the queue is not sent', async () => {
  const { client, server } = await session(`
    C: {a} ENABLE X
    S: {a} OK done
    C: {c} STATUS x (MESSAGES)
    S: * STATUS x (MESSAGES 0)
    S: {c} OK done`);
  const abort = new AbortController();
  const enabled = client.enable(['X']);
  const dropped = outcome(client.noop({ signal: abort.signal }));
  const status = client.status('x', ['MESSAGES']);
  abort.abort('no need');
  expect(await dropped).toBe('no need');
  expect(await enabled).toEqual([]);
  expect(await status).toEqual({ messages: 0 });
  expect((await server).outcome).toBe('done');
});

test('the answer to a command nobody waits for any more is dropped', async () => {
  const { client } = await session(`
    C: {a} STATUS x (MESSAGES)
    C: {b} NOOP
    S: * STATUS x (MESSAGES 0)
    S: {a} NO gone
    S: {b} OK done`);
  const abort = new AbortController();
  const status = outcome(client.status('x', ['MESSAGES'], { signal: abort.signal }));
  await settle();
  abort.abort('late');
  expect(await status).toBe('late');
  await client.noop();
});

test('a server that wants a list of flags for each message gets one, be it empty', async () => {
  const { client: connecting, server } = connectTo(`
    S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] Twisted IMAP4rev1 Ready
    C: {a} APPEND INBOX () {6+}
    C: a: b
    C:
    S: {a} OK done`);
  const client = await connecting;
  await client.append('INBOX', { body: bytes('a: b\r\n') });
  expect((await server).outcome).toBe('done');
});
