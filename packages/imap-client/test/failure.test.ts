import { ConnectionClosedError, MailError, type Transport, TransportError } from '@posthorn/core';
import { octetByOctet, playServer, randomSplits } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, type ImapClient } from '../src/index.ts';
import { bytes, collect, outcome, playBig, pretendTls, selected, session, settle, TestTimers } from './support.ts';

const BIG = 'y'.repeat(300);

/** A session that uses most of what there is. */
const RECORDED = `
  S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
  C: {a} AUTHENTICATE PLAIN
  S: +
  C: AGFsaWNlAHNlY3JldA==
  S: {a} OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS UNSELECT] in
  C: {b} LIST "" *
  S: * LIST (\\HasNoChildren) "/" INBOX
  S: {b} OK done
  C: {s} SELECT INBOX
  S: * FLAGS (\\Seen)
  S: * 3 EXISTS
  S: * OK [UIDVALIDITY 42] valid
  S: * OK [UIDNEXT 4] next
  S: {s} OK [READ-WRITE] done
  C: {f} UID FETCH 1:3 (UID FLAGS BODY.PEEK[])
  S: * 1 FETCH (UID 1 FLAGS () BODY[] {300}
  S: ${BIG}{noeol}
  S: )
  S: * 2 FETCH (UID 2 FLAGS (\\Seen) BODY[] "two")
  S: * 3 FETCH (UID 3 FLAGS () BODY[] NIL)
  S: {f} OK done
  C: {t} UID STORE 1 +FLAGS (\\Seen)
  S: * 1 FETCH (UID 1 FLAGS (\\Seen))
  S: {t} OK done
  C: {p} APPEND INBOX {5}
  S: + go
  C: hello
  S: * 4 EXISTS
  S: {p} OK [APPENDUID 42 4] done
  C: {i} IDLE
  S: + idling
  S: * 5 EXISTS
  C: DONE
  S: {i} OK done
  C: {l} LOGOUT
  S: * BYE bye
  S: {l} OK done
  ! end`;

/** What the client does in the recorded session, all of it awaited. */
async function use(client: ImapClient): Promise<string[]> {
  const log: string[] = [];
  log.push(`${(await client.list()).length} listed`);
  const inbox = await client.select('INBOX');
  const read = async (): Promise<void> => {
    for await (const message of inbox.fetch('1:3', { flags: true, body: true }, { onIncomplete: () => {} })) {
      log.push(`${message.uid} ${message.flags.length} ${(await message.body.bytes()).length}`);
    }
  };
  await read();
  log.push(`${(await inbox.store('1', 'add', ['\\Seen'])).messages.length} stored`);
  log.push(`${(await client.append('INBOX', { body: bytes('hello') }))?.uid} appended`);
  for await (const change of inbox.watch()) {
    log.push(change.type);
    if (change.type === 'exists' && change.exists === 5) break;
  }
  await client.close();
  return log;
}

const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(async () => {
  await settle();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

const AUTH = { auth: { user: 'alice', password: 'secret' }, allowInsecureAuth: true };

async function run(faults: Parameters<typeof playServer>[2], timers = new TestTimers()): Promise<unknown> {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, RECORDED, faults);
  const work = connect({ transport: mine, timers, ...AUTH }).then(use);
  const [ended] = await Promise.all([outcome(work), outcome(server), work.catch(() => {})]);
  theirs.destroy();
  return ended;
}

const TOTAL = RECORDED.split('\n')
  .map((line) => /^ *S: (.*)$/.exec(line)?.[1])
  .reduce((sum, line) => sum + (line === undefined ? 0 : line.length + 2), 0);

test('a whole session, in any split', async () => {
  const log = ['1 listed', '1 0 300', '2 1 3', '1 stored', '4 appended', 'exists', 'exists'];
  for (const split of [
    octetByOctet,
    ...[1, 2, 3].map((seed) => (octets: Uint8Array) => [...randomSplits(octets, seed, { count: 1 })][0]!),
  ]) {
    const [mine, theirs] = memoryPair();
    const server = playServer(theirs, RECORDED, { split });
    const client = await connect({ transport: mine, ...AUTH });
    const seen = await use(client);
    expect(seen.filter((line) => line !== 'exists')).toEqual(log.filter((line) => line !== 'exists'));
    expect(seen).toContain('exists');
    expect((await server).outcome).toBe('done');
    expect(client.closeReason).toBeUndefined();
  }
});

describe('every promise settles', () => {
  test('when the server ends the connection at any octet (pain 8)', async () => {
    for (let endAt = 0; endAt < TOTAL; endAt++) {
      const ended = await run({ faults: { endAt } });
      if (ended === 'resolved') expect(endAt).toBeGreaterThan(TOTAL - 80);
      else expect(ended, `cut at ${endAt}`).toSatisfy(MailError.is);
    }
  });

  test('when the connection is reset at any octet (pains 1 and 34)', async () => {
    for (let resetAt = 0; resetAt < TOTAL; resetAt += 3) {
      const ended = await run({ faults: { resetAt } });
      if (ended === 'resolved') expect(resetAt).toBeGreaterThan(TOTAL - 80);
      else expect(ended, `reset at ${resetAt}`).toBeInstanceOf(ConnectionClosedError);
    }
  });

  test('when the server falls silent at some octet', async () => {
    for (let stallAt = 0; stallAt < TOTAL; stallAt += 41) {
      const timers = new TestTimers();
      const ended = run({ faults: { stallAt } }, timers);
      // Ten minutes and a half: as long as an IDLE lasts, and then as long as its end may take.
      for (let elapsed = 0; elapsed < 630; elapsed += 30) await timers.advance(30_000);
      const reason = await ended;
      if (reason === 'resolved') expect(stallAt).toBeGreaterThan(TOTAL - 80);
      else expect(reason, `stalled at ${stallAt}`).toBeInstanceOf(ConnectionClosedError);
      expect(timers.pending).toBe(0);
    }
  });
});

describe('deadlines', () => {
  test('a server that only talks around the question is given up too', async () => {
    const timers = new TestTimers();
    const [mine, theirs] = memoryPair();
    void playServer(theirs, 'S: * PREAUTH [CAPABILITY IMAP4rev1] hi\nC: {n} NOOP').catch(() => {});
    const client = await connect({ transport: mine, timers });
    const ended = outcome(client.noop());
    await settle();
    for (let elapsed = 0; elapsed < 330; elapsed += 10) {
      await theirs.write(bytes('* OK still here\r\n')).catch(() => {});
      await timers.advance(10_000);
    }
    expect(await ended).toMatchObject({ code: 'CONNECTION_TIMEOUT' });
  });

  test('a slow consumer is not the fault of the server', async () => {
    const timers = new TestTimers();
    const [mine, theirs] = memoryPair();
    const server = playBig(theirs, 3_000_000);
    const client = await connect({ transport: mine, timers });
    const inbox = await client.select('INBOX');
    let size = 0;
    for await (const message of inbox.fetch('1', { body: true })) {
      for await (const chunk of message.body.stream()) {
        if (size < 200_000) await timers.advance(100_000);
        size += chunk.length;
      }
    }
    expect(size).toBe(3_000_000);
    await server;
  });

  test('a dead peer is noticed while idling, by renewing (pain 2)', async () => {
    const timers = new TestTimers();
    const { client, server } = await session(`${selected(1)}\nC: {i} IDLE\nS: + idling\nC: DONE`, {
      connect: { timers },
    });
    const inbox = await client.select('INBOX');
    const ended = outcome(collect(inbox.watch()));
    await timers.advance(539_999);
    expect(client.isClosed).toBe(false);
    await timers.advance(60_002);
    expect(await ended).toMatchObject({ code: 'CONNECTION_TIMEOUT' });
    await server;
  });
});

test('a closed client refuses commands, and closing twice is closing once', async () => {
  const { client } = await session('C: {l} LOGOUT\nS: * BYE bye\nS: {l} OK done\n! end');
  await Promise.all([client.close(), client.close()]);
  await client.closed;
  expect(await outcome(client.noop())).toMatchObject({ code: 'CONNECTION_CLOSED' });
  expect(client.closeReason).toBeUndefined();
  await client[Symbol.asyncDispose]();
});

test('a server that does not say good-bye is left alone after a while', async () => {
  const timers = new TestTimers();
  const { client } = await session('C: {l} LOGOUT', { connect: { timers } });
  const closed = client.close();
  await timers.advance(10_001);
  await closed;
  expect(timers.pending).toBe(0);
});

test('destroy rejects what is in progress with its reason', async () => {
  const { client } = await session('C: {n} NOOP');
  const pending = [client.noop(), client.status('INBOX', ['MESSAGES']), client.list()].map(outcome);
  const reason = new Error('enough');
  client.destroy(reason);
  client.destroy(new Error('again'));
  expect(await Promise.all(pending)).toEqual([reason, reason, reason]);
  expect(client.closeReason).toBe(reason);
});

test('the end of a session is told as the server told it', async () => {
  const { client } = await session('C: {n} NOOP\nS: * BYE shutting down\n! close');
  expect(await outcome(client.noop())).toMatchObject({
    code: 'CONNECTION_BYE',
    message: 'the server ended the session: shutting down',
  });
});

function unwritable(transport: Transport): Transport {
  return { ...pretendTls(transport), write: () => Promise.reject(new TransportError('TRANSPORT_BROKEN', 'EPIPE')) };
}

test('the last words of a server that hung up are heard, also when writing fails first', async () => {
  const [mine, theirs] = memoryPair();
  await theirs.write(bytes('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'));
  const timers = new TestTimers();
  const transport = unwritable(mine);
  const client = await connect({ transport, timers });
  const noop = outcome(client.noop());
  await settle();
  await theirs.write(bytes('* BYE too many connections\r\n'));
  await theirs.close();
  expect(await noop).toMatchObject({ code: 'CONNECTION_BYE' });
  expect(timers.pending).toBe(0);
});

test('a write that breaks after the end waits for no last words', async () => {
  const [mine, theirs] = memoryPair();
  await theirs.write(bytes('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'));
  const timers = new TestTimers();
  let breakWrite: (error: unknown) => void = () => {};
  const stuck = new Promise<void>((_, reject) => {
    breakWrite = reject;
  });
  const client = await connect({ transport: { ...pretendTls(mine), write: () => stuck }, timers });
  const noop = outcome(client.noop());
  await settle();
  const reason = new Error('enough');
  client.destroy(reason);
  expect(await noop).toBe(reason);
  breakWrite(new TransportError('TRANSPORT_BROKEN', 'EPIPE'));
  await settle();
  expect(timers.pending).toBe(0);
});

test('a connection that can neither be written to nor read from ends soon', async () => {
  const [mine, theirs] = memoryPair();
  await theirs.write(bytes('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n'));
  const timers = new TestTimers();
  const transport = unwritable(mine);
  const client = await connect({ transport, timers });
  const noop = outcome(client.noop());
  await timers.advance(1001);
  expect(await noop).toMatchObject({ code: 'CONNECTION_CLOSED' });
});
