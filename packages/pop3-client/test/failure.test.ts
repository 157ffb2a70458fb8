import { ConnectionClosedError, MailError } from '@posthorn/core';
import { octetByOctet, playServer, randomSplits, UnhandledRejections } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, memorySeen, type Pop3Client } from '../src/index.ts';
import { outcome, session, settle, TestTimers, text } from './support.ts';

const BIG = 'y'.repeat(300);

/** A session that uses most of what there is. */
const RECORDED = `
  S: +OK ready <1.2@example.org>
  C: CAPA
  S: +OK
  S: SASL PLAIN
  S: UTF8
  S: LANG
  S: .
  C: UTF8
  S: +OK
  C: AUTH PLAIN
  S: +{x20}
  C: AGFsaWNlAHNlY3JldA==
  S: +OK in
  C: CAPA
  S: +OK
  S: PIPELINING
  S: LANG
  S: .
  C: LANG
  S: +OK
  S: en English
  S: .
  C: STAT
  C: LIST
  C: UIDL
  S: +OK 3 340
  S: +OK
  S: 1 302
  S: 2 18
  S: 3 20
  S: .
  S: +OK
  S: 1 a
  S: 2 b
  S: 3 c
  S: .
  C: RETR 1
  C: RETR 3
  S: +OK 302 octets
  S: ${BIG}
  S: .
  S: +OK 20 octets
  S: ..dots
  S:
  S: ...
  S: .
  C: DELE 3
  C: DELE 2
  C: DELE 1
  S: +OK
  S: +OK
  S: -ERR [SYS/TEMP] not now
  C: QUIT
  S: +OK bye
  ! end`;

/** What the client does in the recorded session, all of it awaited. */
async function use(client: Pop3Client): Promise<string[]> {
  const log: string[] = [];
  log.push(`${(await client.languages()).length} languages`);
  const seen = memorySeen([{ key: 'uidl:b', storedAt: 0, octets: 18 }]);
  const onWarning = ({ type, number }: { readonly type: string; readonly number: number }): void => {
    log.push(`${number} ${type}`);
  };
  for await (const message of client.fetchNew(seen, { policy: 'deleteStored', onWarning }))
    log.push(`${message.number} ${text(await message.bytes()).length}`);
  log.push(`${[...seen.entries()].map(({ key }) => key)} seen`);
  return log;
}

const LOG = ['1 languages', '1 302', '3 13', '1 notDeleted', 'uidl:a seen'];
const AUTH = { auth: { user: 'alice', password: 'secret' }, allowInsecureAuth: true, utf8: true };

const rejections = new UnhandledRejections();

beforeEach(() => rejections.begin());

afterEach(async () => {
  await settle();
  expect(await rejections.end()).toEqual([]);
});

async function run(faults: Parameters<typeof playServer>[2], timers = new TestTimers()): Promise<unknown> {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, RECORDED, faults);
  const work = connect({ transport: mine, timers, ...AUTH }).then(use);
  const [ended] = await Promise.all([outcome(work), outcome(server)]);
  theirs.destroy();
  await settle();
  expect(timers.pending).toBe(0);
  return ended;
}

const TOTAL = RECORDED.split('\n')
  .map((line) => /^ *S: ?(.*)$/.exec(line)?.[1])
  .reduce((sum, line) => sum + (line === undefined ? 0 : line.replace('{x20}', ' ').length + 2), 0);

test('a whole session, in any split', async () => {
  const splits = [
    octetByOctet,
    ...[1, 2, 3, 4, 5].map((seed) => (octets: Uint8Array) => [...randomSplits(octets, seed, { count: 1 })][0]!),
  ];
  for (const split of splits) {
    const [mine, theirs] = memoryPair();
    const server = playServer(theirs, RECORDED, { split });
    const client = await connect({ transport: mine, ...AUTH });
    expect(await use(client)).toEqual(LOG);
    expect((await server).outcome).toBe('done');
    expect(client.closeReason).toBeUndefined();
  }
});

describe('every promise settles', () => {
  test('when the connection ends, at any octet', async () => {
    for (let endAt = 0; endAt < TOTAL; endAt++) expectEnded(await run({ faults: { endAt } }), endAt);
  }, 60_000);

  test('when the connection breaks, at any octet', async () => {
    for (let resetAt = 0; resetAt < TOTAL; resetAt++) expectEnded(await run({ faults: { resetAt } }), resetAt);
  }, 60_000);

  test('when the server falls silent, at any octet', async () => {
    for (let stallAt = 0; stallAt < TOTAL; stallAt++) {
      const [mine, theirs] = memoryPair();
      const timers = new TestTimers();
      const server = outcome(playServer(theirs, RECORDED, { faults: { stallAt } }));
      const ended = outcome(connect({ transport: mine, timers, ...AUTH }).then(use));
      let isSettled = false;
      void ended.then(() => {
        isSettled = true;
      });
      for (let waited = 0; !isSettled && waited < 120_000; waited += 10_000) await timers.advance(10_000);
      expectTimeout(await ended, stallAt);
      await server;
    }
  }, 120_000);
});

function expectEnded(ended: unknown, at: number): void {
  expect(MailError.is(ended), `at octet ${at}: ${ended}`).toBe(true);
  const { code } = ended as MailError;
  expect(['CONNECTION_CLOSED', 'POP3_COMMIT_FAILED', 'POP3_NOT_POP3'], `at octet ${at}`).toContain(code);
}

function expectTimeout(ended: unknown, at: number): void {
  expect(MailError.is(ended), `at octet ${at}: ${ended}`).toBe(true);
  expect(['CONNECTION_TIMEOUT', 'POP3_COMMIT_FAILED'], `at octet ${at}`).toContain((ended as MailError).code);
}

describe('ends', () => {
  test('a server that hangs up between two commands is noticed', async () => {
    const { client } = await session('! close');
    await client.closed;
    expect(client.isClosed).toBe(true);
    expect(client.closeReason).toBeInstanceOf(ConnectionClosedError);
    await expect(client.noop()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    await client.close();
    await client.quit();
  });

  test('destroy rejects what is in progress with its reason', async () => {
    const { client } = await session('C: NOOP');
    const noop = outcome(client.noop());
    const reason = new Error('enough');
    client.destroy(reason);
    expect(await noop).toBe(reason);
    expect(client.closeReason).toBe(reason);
  });

  test('a caller that has all its time is not taken for a silent server', async () => {
    const timers = new TestTimers();
    const { client, server } = await session(
      `C: RETR 1
       S: +OK
       S: ${'z'.repeat(300_000)}
       S: .
       C: QUIT
       S: +OK
       ! end`,
      { connect: { timers } },
    );
    const message = await client.retrieve(1);
    await timers.advance(3_600_000);
    expect((await message.bytes()).length).toBe(300_002);
    await client.quit();
    expect((await server).outcome).toBe('done');
  });
});
