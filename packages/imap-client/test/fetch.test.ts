import { InvalidStateError, sequenceNumber, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { connect, FetchIncompleteError, type IncompleteMessage, ServerRefusedError } from '../src/index.ts';
import { CAPABILITIES, collect, LOGOUT, outcome, selected, session, settle, text } from './support.ts';

const ENVELOPE = '("Wed, 17 Jul 1996 02:23:25 -0700" "IMAP4rev2 WG mtg" NIL NIL NIL NIL NIL NIL NIL "<a@b>")';

test('gives what the query asks for, by UID', async () => {
  const { client, server } = await session(`${selected(2)}
    C: {a} UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)
    S: * 1 FETCH (UID 7 FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE ${ENVELOPE})
    S: * 2 FETCH (ENVELOPE ${ENVELOPE} RFC822.SIZE 1 INTERNALDATE "17-Jul-1996 02:44:25 -0700" FLAGS () UID 9)
    S: {a} OK done${LOGOUT}`);
  const inbox = await client.select('INBOX');
  const query = { flags: true, internalDate: true, size: true, envelope: true } as const;
  const messages = await collect(inbox.fetch('1:*', query));
  expect(messages.map((message) => [message.uid, message.sequenceNumber, message.flags, message.size])).toEqual([
    [7, 1, ['\\Seen'], 4286],
    [9, 2, [], 1],
  ]);
  expect(messages[0]!.envelope.subject).toBe('IMAP4rev2 WG mtg');
  expect(messages[0]!.internalDate.offsetMinutes).toBe(-420);
  expect(Object.keys(messages[0]!)).toEqual(['uid', 'sequenceNumber', 'flags', 'internalDate', 'size', 'envelope']);
  await client.close();
  expect((await server).outcome).toBe('done');
});

test('asks by sequence number only when told so', async () => {
  const { client } = await session(`${selected(5)}
    C: {a} FETCH 2:4 (UID FLAGS)
    S: * 2 FETCH (UID 20 FLAGS ())
    S: * 4 FETCH (UID 40 FLAGS ())
    S: {a} OK done`);
  const inbox = await client.select('INBOX');
  const messages = await collect(inbox.fetch({ sequenceNumbers: '2:4' }, { flags: true }));
  expect(messages.map((message) => message.uid)).toEqual([20, 40]);
});

test('sends nothing for an empty set, nor for an empty mailbox (pain 26)', async () => {
  const { client, server } = await session(`${selected(0)}
    C: {n} NOOP
    S: {n} OK done`);
  const inbox = await client.select('INBOX');
  expect(await collect(inbox.fetch('1:*', { flags: true }))).toEqual([]);
  expect(await collect(inbox.fetch(setOf([]), { flags: true }))).toEqual([]);
  await client.noop();
  expect((await server).outcome).toBe('done');
});

test('an open range means that UID and above, whatever the server thinks', async () => {
  const { client } = await session(`${selected(3)}
    C: {a} UID FETCH 1000:* (UID FLAGS)
    S: * 3 FETCH (UID 30 FLAGS ())
    S: {a} OK done`);
  const inbox = await client.select('INBOX');
  expect(await collect(inbox.fetch('1000:*', { flags: true }))).toEqual([]);
});

test('drops messages that were not asked for, and repetitions (lying server)', async () => {
  const { client } = await session(`${selected(9)}
    C: {a} UID FETCH 5:6 (UID RFC822.SIZE)
    S: * 1 FETCH (UID 1 RFC822.SIZE 10)
    S: * 5 FETCH (UID 5 RFC822.SIZE 50)
    S: * 5 FETCH (UID 5 RFC822.SIZE 51)
    S: * 6 FETCH (UID 6 RFC822.SIZE 60)
    S: {a} OK done`);
  const inbox = await client.select('INBOX');
  const messages = await collect(inbox.fetch('5:6', { size: true }));
  expect(messages.map(({ uid, size }) => [uid, size])).toEqual([
    [5, 50],
    [6, 60],
  ]);
});

test('splits a set that is too long for a line (pain 19)', async () => {
  const uids = Array.from({ length: 3000 }, (_, index) => uid(1 + 2 * index));
  const { client, server } = await session(`${selected(9)}
    C: {a} UID FETCH {any} (UID FLAGS)
    C: {b} UID FETCH {any} (UID FLAGS)
    S: * 1 FETCH (UID 1 FLAGS ())
    S: {a} OK done
    S: * 9 FETCH (UID 5999 FLAGS ())
    S: {b} OK done`);
  const inbox = await client.select('INBOX');
  const messages = await collect(inbox.fetch(setOf(uids), { flags: true }));
  expect(messages.map((message) => message.uid)).toEqual([1, 5999]);
  expect((await server).outcome).toBe('done');
});

describe('bodies', () => {
  const BIG = 'x'.repeat(70_000);

  test('come whole or in chunks, with one command (pain 7)', async () => {
    const { client } = await session(`${selected(2)}
      C: {a} UID FETCH 1:2 (UID BODY.PEEK[])
      S: * 1 FETCH (UID 1 BODY[] {5}
      S: hello{noeol}
      S: )
      S: * 2 FETCH (UID 2 BODY[] {70000}
      S: ${BIG}{noeol}
      S: )
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const read: string[] = [];
    for await (const message of inbox.fetch('1:2', { body: true })) {
      expect(message.body.size).toBe(message.uid === 1 ? 5 : 70_000);
      read.push(text(await message.body.bytes()));
    }
    expect(read).toEqual(['hello', BIG]);
  });

  test('need not be read, or not to the end', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID BODY.PEEK[])
      S: * 1 FETCH (UID 1 BODY[] {70000}
      S: ${BIG}{noeol}
      S: )
      S: * 2 FETCH (UID 2 BODY[] {70000}
      S: ${BIG}{noeol}
      S: )
      S: * 3 FETCH (UID 3 BODY[] "end")
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const sizes: number[] = [];
    for await (const message of inbox.fetch('1:3', { body: true })) {
      if (message.uid === 2) for await (const chunk of message.body.stream()) if (chunk.length > 0) break;
      sizes.push(message.body.size);
    }
    expect(sizes).toEqual([70_000, 70_000, 3]);
  });

  test('cannot be read after the loop moved on, nor twice', async () => {
    const { client } = await session(`${selected(2)}
      C: {a} UID FETCH 1:2 (UID BODY.PEEK[])
      S: * 1 FETCH (UID 1 BODY[] "one")
      S: * 2 FETCH (UID 2 BODY[] "two")
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const messages = await collect(inbox.fetch('1:2', { body: true }));
    for (const { body } of messages) await expect(body.bytes()).rejects.toThrow(InvalidStateError);
  });

  test('may come before the UID, with the rest of the answer behind', async () => {
    const { client } = await session(`${selected(1)}
      C: {a} UID FETCH 1 (UID FLAGS BODY.PEEK[])
      S: * 1 FETCH (BODY[] {70000}
      S: ${BIG}{noeol}
      S:  FLAGS (\\Seen) UID 1)
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    for await (const message of inbox.fetch('1', { body: true, flags: true })) {
      expect(message.flags).toEqual(['\\Seen']);
      expect(text(await message.body.bytes())).toBe(BIG);
    }
    expect.assertions(2);
  });

  test('a section that does not exist is null', async () => {
    const { client } = await session(`${selected(1)}
      C: {a} UID FETCH 1 (UID BODY.PEEK[2.MIME])
      S: * 1 FETCH (UID 1 BODY[2.MIME] NIL)
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const [message] = await collect(inbox.fetch('1', { body: { part: [2], text: 'MIME' } }));
    expect(message!.body).toBeNull();
  });

  test('a whole message that does not exist is reported, not skipped', async () => {
    const { client } = await session(`${selected(1)}
      C: {a} UID FETCH 1 (UID BODY.PEEK[])
      S: * 1 FETCH (UID 1 BODY[] NIL)
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const error = await outcome(collect(inbox.fetch('1', { body: true })));
    expect(error).toBeInstanceOf(FetchIncompleteError);
    expect((error as FetchIncompleteError).messages).toMatchObject([{ uid: 1, missing: ['body'] }]);
  });

  test('many are asked for in batches, so that a command in the loop gets its turn (pain 3)', async () => {
    const { client, server } = await session(`${selected(40)}
      C: {u} UID FETCH 1:* UID
      ${Array.from({ length: 40 }, (_, index) => `S: * ${index + 1} FETCH (UID ${index + 1})`).join('\n')}
      S: {u} OK done
      C: {a} UID FETCH 1:16 (UID BODY.PEEK[])
      ${Array.from({ length: 16 }, (_, index) => `S: * ${index + 1} FETCH (UID ${index + 1} BODY[] "x")`).join('\n')}
      S: {a} OK done
      C: {b} UID {any}
      C: {c} UID {any}
      ${Array.from({ length: 24 }, (_, index) => `S: * ${index + 17} FETCH (UID ${index + 17} BODY[] "x")`).join('\n')}
      S: {b} OK done
      S: {c} OK done`);
    const inbox = await client.select('INBOX');
    const seen: number[] = [];
    for await (const message of inbox.fetch('1:*', { body: true })) {
      if (message.uid === 16) await inbox.store('16', 'add', ['\\Seen'], { silent: true });
      seen.push(message.uid);
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect((await server).outcome).toBe('done');
  });
});

describe('answers that are not as they should be', () => {
  test('an answer may come in several responses', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID FLAGS RFC822.SIZE)
      S: * 1 FETCH (UID 1 FLAGS (\\Seen))
      S: * 2 FETCH (RFC822.SIZE 20)
      S: * 1 FETCH (RFC822.SIZE 10)
      S: * 2 FETCH (FLAGS () UID 2)
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const messages = await collect(inbox.fetch('1:3', { flags: true, size: true }));
    expect(messages).toEqual([
      { uid: 1, sequenceNumber: 1, flags: ['\\Seen'], size: 10 },
      { uid: 2, sequenceNumber: 2, flags: [], size: 20 },
    ]);
  });

  test('an EXPUNGE between the parts moves them along', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID FLAGS RFC822.SIZE)
      S: * 3 FETCH (UID 3 FLAGS ())
      S: * 1 EXPUNGE
      S: * 2 FETCH (RFC822.SIZE 30)
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const messages = await collect(inbox.fetch('1:3', { flags: true, size: true }));
    expect(messages).toEqual([{ uid: 3, sequenceNumber: 2, flags: [], size: 30 }]);
    expect(inbox.exists).toBe(2);
  });

  test('news of flags during a fetch are news, not half an answer', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID RFC822.SIZE)
      S: * 1 FETCH (UID 1 RFC822.SIZE 10 FLAGS (\\Seen))
      S: * 1 FETCH (UID 1 FLAGS (\\Flagged))
      S: * 3 FETCH (UID 3 FLAGS (\\Draft))
      S: * 2 FETCH (UID 2 RFC822.SIZE 20)
      S: {a} OK done
      C: {i} IDLE
      S: + idling`);
    const inbox = await client.select('INBOX');
    expect(await collect(inbox.fetch('1:3', { size: true }))).toHaveLength(2);
    const changes: unknown[] = [];
    for await (const change of inbox.watch()) {
      if (change.type === 'flags') changes.push([change.uid, change.flags]);
      if (changes.length === 3) break;
    }
    expect(changes).toEqual([
      [1, ['\\Seen']],
      [1, ['\\Flagged']],
      [3, ['\\Draft']],
    ]);
    client.destroy();
  });

  test('an EXPUNGE while two commands are in progress moves the parts once', async () => {
    const sparse = setOf(Array.from({ length: 2500 }, (_, index) => uid(1 + 2 * index)));
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH {any} (UID FLAGS RFC822.SIZE)
      C: {b} UID FETCH {any} (UID FLAGS RFC822.SIZE)
      S: * 3 FETCH (UID 5 RFC822.SIZE 50)
      S: * 1 EXPUNGE
      S: * 2 FETCH (FLAGS ())
      S: {a} OK done
      S: {b} OK done`);
    const inbox = await client.select('INBOX');
    expect(await collect(inbox.fetch(sparse, { flags: true, size: true }))).toEqual([
      { uid: 5, sequenceNumber: 2, flags: [], size: 50 },
    ]);
  });

  test('one bad envelope leaves the other messages intact and is reported at the end (pain 4)', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID ENVELOPE)
      S: * 1 FETCH (UID 1 ENVELOPE ${ENVELOPE})
      S: * 2 FETCH (UID 2 ENVELOPE (oops))
      S: * 3 FETCH (UID 3 ENVELOPE ${ENVELOPE})
      S: {a} OK done
      C: {n} NOOP
      S: {n} OK done`);
    const inbox = await client.select('INBOX');
    const uids: number[] = [];
    const read = async (): Promise<void> => {
      for await (const message of inbox.fetch('1:3', { envelope: true })) uids.push(message.uid);
    };
    const error = await outcome(read());
    expect(uids).toEqual([1, 3]);
    expect(error).toBeInstanceOf(FetchIncompleteError);
    expect((error as FetchIncompleteError).messages[0]).toMatchObject({ uid: 2, missing: ['envelope'] });
    await client.noop();
  });

  test('bad messages can be had as they are found, instead of an error', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID ENVELOPE)
      S: * 2 FETCH (UID 2 ENVELOPE (oops))
      S: * 3 FETCH (UID 3 ENVELOPE ${ENVELOPE})
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    const bad: IncompleteMessage[] = [];
    const messages = await collect(
      inbox.fetch('1:3', { envelope: true }, { onIncomplete: (message) => bad.push(message) }),
    );
    expect(messages.map((message) => message.uid)).toEqual([3]);
    expect(bad.map((message) => message.uid)).toEqual([2]);
  });

  test('an answer that does not parse at all is not taken for no message', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID FLAGS)
      S: * 2 FETCH ((((
      S: * 3 FETCH (UID 3 FLAGS ())
      S: {a} OK done`);
    const inbox = await client.select('INBOX');
    expect(await outcome(collect(inbox.fetch('1:3', { flags: true })))).toMatchObject({
      code: 'IMAP_FETCH_INCOMPLETE',
      count: 1,
    });
  });

  test('a refused fetch rejects after the messages that came', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID FLAGS)
      S: * 1 FETCH (UID 1 FLAGS ())
      S: {a} NO [SERVERBUG] oops`);
    const inbox = await client.select('INBOX');
    const uids: number[] = [];
    const read = async (): Promise<void> => {
      for await (const message of inbox.fetch('1:3', { flags: true })) uids.push(message.uid);
    };
    expect(await outcome(read())).toBeInstanceOf(ServerRefusedError);
    expect(uids).toEqual([1]);
  });

  test('NO [EXPUNGEISSUED] only means that some are gone', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID FLAGS)
      S: * 1 FETCH (UID 1 FLAGS ())
      S: {a} NO [EXPUNGEISSUED] some are gone`);
    const inbox = await client.select('INBOX');
    expect(await collect(inbox.fetch('1:3', { flags: true }))).toHaveLength(1);
  });
});

describe('leaving a loop', () => {
  test('break drops the rest, and the connection goes on (pain 9)', async () => {
    const { client, server } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID FLAGS)
      S: * 1 FETCH (UID 1 FLAGS ())
      S: * 2 FETCH (UID 2 FLAGS ())
      C: {n} NOOP
      S: * 3 FETCH (UID 3 FLAGS ())
      S: {a} OK done
      S: {n} OK done`);
    const inbox = await client.select('INBOX');
    for await (const message of inbox.fetch('1:3', { flags: true })) if (message.uid === 1) break;
    await client.noop();
    expect((await server).outcome).toBe('done');
  });

  test('an abort rejects the loop with its reason', async () => {
    const { client } = await session(`${selected(3)}
      C: {a} UID FETCH 1:3 (UID FLAGS)
      S: * 1 FETCH (UID 1 FLAGS ())
      C: {n} NOOP
      S: * 2 FETCH (UID 2 FLAGS ())
      S: {a} OK done
      S: {n} OK done`);
    const inbox = await client.select('INBOX');
    const abort = new AbortController();
    const reason = { name: 'reason' };
    const read = async (): Promise<void> => {
      for await (const _ of inbox.fetch('1:3', { flags: true }, { signal: abort.signal })) abort.abort(reason);
    };
    expect(await outcome(read())).toBe(reason);
    await client.noop();
  });

  test('a fetch aborted before it began sends nothing', async () => {
    const { client, server } = await session(selected(3) + LOGOUT);
    const inbox = await client.select('INBOX');
    const signal = AbortSignal.abort(new Error('no'));
    await expect(collect(inbox.fetch('1:3', { flags: true }, { signal }))).rejects.toThrow('no');
    await client.close();
    expect((await server).outcome).toBe('done');
  });

  test('selecting another mailbox ends what is left of it', async () => {
    const { client } = await session(`${selected(3)}
      C: {x} EXAMINE other
      S: * 1 EXISTS
      S: * OK [UIDVALIDITY 1] x
      S: * OK [UIDNEXT 2] x
      S: {x} OK done`);
    const inbox = await client.select('INBOX');
    await client.select('other', { readOnly: true });
    expect(inbox.isSelected).toBe(false);
    await expect(collect(inbox.fetch('1', { flags: true }))).rejects.toThrow('not selected any more');
    await expect(inbox.store('1', 'add', ['\\Seen'])).rejects.toThrow(InvalidStateError);
  });
});

test('a misused argument throws at once', async () => {
  const { client } = await session(selected(3));
  const inbox = await client.select('INBOX');
  expect(() => inbox.fetch('one', {})).toThrow(RangeError);
  expect(() => inbox.fetch('1', { subject: true } as object)).toThrow(TypeError);
  expect(() => inbox.fetch('0', {})).toThrow(RangeError);
  expect(sequenceNumber(1)).toBe(1);
  await settle();
});

test('a loop does not end well when the connection broke in a body, read or not', async () => {
  for (const reads of [0, 1, 2]) {
    const [mine, theirs] = memoryPair();
    void playServer(
      theirs,
      `S: * PREAUTH [CAPABILITY ${CAPABILITIES}] hi${selected(2)}
       C: {a} UID FETCH 1:2 (UID BODY.PEEK[])
       S: * 1 FETCH (UID 1 BODY[] {200000}
       S: ${'x'.repeat(150_000)}{noeol}`,
    ).catch(() => {});
    const inbox = await (await connect({ transport: mine })).select('INBOX');
    const loop = async (): Promise<void> => {
      for await (const { body } of inbox.fetch('1:2', { body: true })) {
        const octets = body.stream()[Symbol.asyncIterator]();
        for (let read = 0; read < reads; read++) await octets.next();
        await settle();
        theirs.destroy();
        await settle();
      }
    };
    expect(await outcome(loop())).toMatchObject({ code: 'CONNECTION_CLOSED' });
  }
});
