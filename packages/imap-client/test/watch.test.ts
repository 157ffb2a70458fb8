import { InvalidStateError } from '@posthorn/core';
import { describe, expect, test } from 'vitest';
import type { MailboxChange } from '../src/index.ts';
import { collect, LOGOUT, outcome, selected, session, settle, TestTimers } from './support.ts';

/** Takes so many changes. */
async function take(changes: AsyncIterable<MailboxChange>, count: number): Promise<MailboxChange[]> {
  const taken: MailboxChange[] = [];
  for await (const change of changes) {
    taken.push(change);
    if (taken.length === count) break;
  }
  return taken;
}

test('tells what happens during IDLE', async () => {
  const { client, server } = await session(`${selected(3)}
    C: {i} IDLE
    S: + idling
    S: * 4 EXISTS
    S: * 2 EXPUNGE
    S: * 3 FETCH (UID 9 FLAGS (\\Seen) MODSEQ (12))
    C: DONE
    S: {i} OK done${LOGOUT}`);
  const inbox = await client.select('INBOX');
  expect(await take(inbox.watch(), 3)).toEqual([
    { type: 'exists', exists: 4 },
    { type: 'expunged', sequenceNumber: 2, exists: 3 },
    { type: 'flags', sequenceNumber: 3, uid: 9, flags: ['\\Seen'], modSeq: 12n },
  ]);
  await client.close();
  expect((await server).outcome).toBe('done');
});

test('what the server told since SELECT is not missed (pain 21)', async () => {
  const { client } = await session(`${selected(3)}
    C: {n} NOOP
    S: * 5 EXISTS
    S: {n} OK done
    C: {f} UID FETCH 1:* (UID RFC822.SIZE)
    S: * 1 FETCH (UID 1 RFC822.SIZE 1)
    S: * 2 FETCH (FLAGS (\\Deleted))
    S: {f} OK done
    C: {i} IDLE
    S: + idling
    C: DONE
    S: {i} OK done`);
  const inbox = await client.select('INBOX');
  await client.noop();
  await collect(inbox.fetch('1:*', { size: true }));
  expect(await take(inbox.watch(), 2)).toEqual([
    { type: 'exists', exists: 5 },
    { type: 'flags', sequenceNumber: 2, uid: undefined, flags: ['\\Deleted'], modSeq: undefined },
  ]);
});

test('arrivals between two waits, and while DONE is on its way, are kept', async () => {
  const { client } = await session(`${selected(3)}
    C: {i} IDLE
    S: + idling
    S: * 4 EXISTS
    C: DONE
    S: * 5 EXISTS
    S: {i} OK done
    C: {n} NOOP
    S: * 6 EXISTS
    S: {n} OK done
    C: {j} IDLE
    S: + idling
    C: DONE
    S: {j} OK done`);
  const inbox = await client.select('INBOX');
  const seen: number[] = [];
  for await (const change of inbox.watch()) {
    if (change.type === 'exists') seen.push(change.exists);
    if (seen.length === 1) await client.noop();
    if (seen.at(-1) === 6) break;
  }
  expect(seen[0]).toBe(4);
  expect(seen.at(-1)).toBe(6);
});

test('a command ends IDLE, runs, and IDLE begins again', async () => {
  const timers = new TestTimers();
  const { client, server } = await session(
    `${selected(1)}
    C: {i} IDLE
    S: + idling
    C: DONE
    S: {i} OK done
    C: {a} STATUS x (MESSAGES)
    C: {b} STATUS y (MESSAGES)
    S: * STATUS x (MESSAGES 1)
    S: {a} OK done
    S: * STATUS y (MESSAGES 2)
    S: {b} OK done
    C: {j} IDLE
    S: + idling
    S: * 2 EXISTS
    C: DONE
    S: {j} OK done`,
    { connect: { timers } },
  );
  const inbox = await client.select('INBOX');
  const changes = take(inbox.watch(), 1);
  await settle();
  const answers = await Promise.all([client.status('x', ['MESSAGES']), client.status('y', ['MESSAGES'])]);
  expect(answers).toEqual([{ messages: 1 }, { messages: 2 }]);
  await timers.advance(1000);
  expect(await changes).toEqual([{ type: 'exists', exists: 2 }]);
  expect((await server).outcome).toBe('done');
});

test('IDLE is renewed every nine minutes (pain 2)', async () => {
  const timers = new TestTimers();
  const { client, server } = await session(
    `${selected(1)}
    C: {i} IDLE
    S: + idling
    C: DONE
    S: {i} OK done
    C: {j} IDLE
    S: + idling
    S: * 2 EXISTS
    C: DONE
    S: {j} OK done`,
    { connect: { timers } },
  );
  const inbox = await client.select('INBOX');
  const changes = take(inbox.watch(), 1);
  await timers.advance(540_000);
  expect(await changes).toEqual([{ type: 'exists', exists: 2 }]);
  expect((await server).outcome).toBe('done');
});

test('a server that ends IDLE by itself, as DONE crosses its answer', async () => {
  const { client, server } = await session(`${selected(1)}
    C: {i} IDLE
    S: + idling
    C: DONE
    S: {i} OK timed out
    S: DONE BAD what is that
    C: {n} NOOP
    S: {n} OK done`);
  const inbox = await client.select('INBOX');
  const watch = inbox.watch()[Symbol.asyncIterator]();
  void watch.next();
  await settle();
  const noop = client.noop();
  await watch.return?.();
  await noop;
  expect((await server).outcome).toBe('done');
});

test.each([
  ['without IDLE', 'IMAP4rev1', ''],
  ['where IDLE is refused', 'IMAP4rev1 IDLE', 'C: {i} IDLE\nS: {i} NO not today'],
])('polls %s', async (_, capabilities, refusal) => {
  const timers = new TestTimers();
  const { client } = await session(
    `${selected(1)}
    ${refusal}
    C: {a} NOOP
    S: {a} OK done
    C: {b} NOOP
    S: * 2 EXISTS
    S: {b} OK done`,
    { capabilities, connect: { timers } },
  );
  const inbox = await client.select('INBOX');
  const changes = take(inbox.watch({ pollMs: 5000 }), 1);
  await timers.advance(4999);
  await timers.advance(1);
  expect(await changes).toEqual([{ type: 'exists', exists: 2 }]);
});

describe('the end of a watch', () => {
  const IDLE = `${selected(1)}\nC: {i} IDLE\nS: + idling`;

  test('an abort leaves the loop without an error', async () => {
    const { client, server } = await session(`${IDLE}\nC: DONE\nS: {i} OK done${LOGOUT}`);
    const inbox = await client.select('INBOX');
    const abort = new AbortController();
    const changes = collect(inbox.watch({ signal: abort.signal }));
    await settle();
    abort.abort();
    expect(await changes).toEqual([]);
    expect(await collect(inbox.watch({ signal: AbortSignal.abort() }))).toEqual([]);
    await client.close();
    expect((await server).outcome).toBe('done');
  });

  test('closing the client does too', async () => {
    const { client } = await session(`${IDLE}\nC: DONE\nS: {i} OK done${LOGOUT}`);
    const inbox = await client.select('INBOX');
    const changes = collect(inbox.watch());
    await settle();
    await client.close();
    expect(await changes).toEqual([]);
  });

  test('a lost connection rejects, once', async () => {
    const { client } = await session(`${IDLE}\nS: * 2 EXISTS\n! reset`);
    const inbox = await client.select('INBOX');
    const watch = inbox.watch()[Symbol.asyncIterator]();
    expect((await watch.next()).value).toEqual({ type: 'exists', exists: 2 });
    expect(await outcome(watch.next())).toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect(client.isClosed).toBe(true);
  });

  test('another selection rejects', async () => {
    const { client } = await session(`${IDLE}\nC: DONE\nS: {i} OK done${selected(2, 'other')}`);
    const inbox = await client.select('INBOX');
    const changes = outcome(collect(inbox.watch()));
    await settle();
    await client.select('other');
    expect(await changes).toBeInstanceOf(InvalidStateError);
  });

  test('only one watch at a time', async () => {
    const { client } = await session(selected(1));
    const inbox = await client.select('INBOX');
    const watch = inbox.watch()[Symbol.asyncIterator]();
    expect(() => inbox.watch()).toThrow(InvalidStateError);
    await watch.return?.();
    inbox.watch();
  });
});

test('a flood that nobody watches is kept in bounded memory, and said to be one', async () => {
  const flood = Array.from({ length: 10_000 }, (_, index) => `S: * 1 FETCH (FLAGS (kw${index}))`).join('\n');
  const { client } = await session(`${selected(3)}
    C: {n} NOOP
    ${flood}
    S: * 4 EXISTS
    S: {n} OK done
    C: {i} IDLE
    S: + idling
    S: * 5 EXISTS
    C: DONE
    S: {i} OK done`);
  const inbox = await client.select('INBOX');
  await client.noop();
  const [first, second] = await take(inbox.watch(), 2);
  expect(first).toEqual({ type: 'overflow', exists: 4 });
  expect(second).toEqual({ type: 'exists', exists: 5 });
});

test('many turns of IDLE pile nothing up', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on('warning', note);
  const timers = new TestTimers();
  const turns = Array.from(
    { length: 40 },
    (_, turn) => `C: {i${turn}} IDLE\nS: + idling\nC: DONE\nS: {i${turn}} OK done`,
  );
  const { client, server } = await session(
    `${selected(1)}\n${turns.join('\n')}\nC: {z} IDLE\nS: + idling\nS: * 2 EXISTS`,
    { connect: { timers } },
  );
  const inbox = await client.select('INBOX');
  const changes = take(inbox.watch({ renewMs: 1000, signal: new AbortController().signal }), 1);
  await timers.advance(40_000);
  expect(await changes).toEqual([{ type: 'exists', exists: 2 }]);
  await server;
  await settle();
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
