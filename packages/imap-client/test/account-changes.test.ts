import type { Uid } from '@posthorn/core';
import { ids, setOf } from '@posthorn/message-set';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AccountMailbox, type ImapAccount, type MailboxDifference, openAccount } from '../src/index.ts';
import { type Cut, ModelServer, type ModelServerOptions } from './account-server.ts';
import { collect, settle } from './support.ts';

const COUNTING = 'IMAP4rev1 IDLE UIDPLUS ESEARCH CONDSTORE ENABLE LITERAL+';
const QUICK = `${COUNTING} QRESYNC`;
const PLAIN = 'IMAP4rev1 IDLE UIDPLUS ESEARCH LITERAL+';
const accounts: ImapAccount[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeEach(() => void process.on('unhandledRejection', onUnhandled));
afterEach(async () => {
  for (const account of accounts.splice(0)) account.destroy();
  await settle();
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

async function opened(server: ModelServer, distrustsModSeq = false): Promise<AccountMailbox> {
  const account = await openAccount({
    transport: server.connect,
    auth: { user: 'alice', password: 'secret' },
    allowInsecureAuth: true,
    backOff: { initialMs: 0, maxMs: 0 },
    maxRetries: 1000,
    distrustsModSeq,
  });
  accounts.push(account);
  return account.mailbox('INBOX');
}

/** Somebody who knows only what changes told. */
class Follower {
  readonly messages = new Map<number, string>();
  readonly arrivals: number[] = [];
  cursor: string | undefined;

  take(change: MailboxDifference): void {
    switch (change.type) {
      case 'reset':
        throw new Error('the mailbox is bound to its UIDVALIDITY');
      case 'message':
        if (change.isNew === this.messages.has(change.uid) && change.isNew)
          throw new Error(`${change.uid} is new twice`);
        if (change.isNew) this.arrivals.push(change.uid);
        this.messages.set(change.uid, [...change.flags].sort().join(' '));
        break;
      case 'vanished':
        for (const uid of ids(change.uids)) {
          if (!this.messages.delete(uid)) throw new Error(`${uid} vanished, and never arrived`);
        }
        break;
      case 'cursor':
        this.cursor = change.cursor;
    }
  }

  get state(): readonly (readonly [number, string])[] {
    return [...this.messages].sort(([left], [right]) => left - right);
  }
}

async function follow(follower: Follower, mailbox: AccountMailbox): Promise<void> {
  for await (const change of mailbox.changes({ cursor: follower.cursor })) follower.take(change);
}

/** Does one thing to the mailbox. */
function act(server: ModelServer, kind: number, which: number): void {
  const uid = server.messages[which % Math.max(1, server.messages.length)]?.uid ?? 0;
  if (kind === 0) server.append(which % 3 === 0 ? ['\\Seen'] : []);
  else if (kind === 1) server.expunge(uid);
  else server.setFlags(uid, [['\\Seen'], [], ['\\Flagged', '$Label'], ['\\Deleted']][which % 4]!);
}

describe.each([
  ['with QRESYNC', QUICK],
  ['with CONDSTORE', COUNTING],
  ['without CONDSTORE', PLAIN],
])('changes %s', (_, capabilities) => {
  test('tell what arrived, changed and vanished since a cursor', async () => {
    const server = new ModelServer({ capabilities });
    for (let count = 0; count < 5; count++) server.append(['\\Seen']);
    const inbox = await opened(server);
    const first = await collect(inbox.changes());
    expect(first.map(({ type }) => type)).toEqual([...Array(5).fill('message'), 'cursor']);
    const { cursor } = first.at(-1) as { cursor: string };
    server.append([]);
    server.setFlags(2, []);
    server.expunge(4);
    const changes = await collect(inbox.changes({ cursor }));
    expect(changes.map((change) => ({ ...change, modSeq: undefined, cursor: undefined }))).toEqual([
      { type: 'message', isNew: false, uid: 2, flags: [], modSeq: undefined, cursor: undefined },
      { type: 'message', isNew: true, uid: 6, flags: [], modSeq: undefined, cursor: undefined },
      { type: 'vanished', uids: setOf([4 as Uid]), modSeq: undefined, cursor: undefined },
      { type: 'cursor', modSeq: undefined, cursor: undefined },
    ]);
    // The old cursor still means the same.
    expect(await collect(inbox.changes({ cursor }))).toHaveLength(4);
  });

  test('lead whoever follows to the state of the server, whatever happens between (pain 22)', async () => {
    const step = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 50 }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 8 }), { maxLength: 5 }), async (rounds) => {
        const server = new ModelServer({ capabilities });
        const inbox = await opened(server);
        const follower = new Follower();
        for (const round of rounds) {
          for (const [kind, which] of round) act(server, Math.min(kind, 2), which);
          await follow(follower, inbox);
          expect(follower.state).toEqual(server.state);
        }
        expect(new Set(follower.arrivals).size).toBe(follower.arrivals.length);
      }),
      { numRuns: 40 },
    );
  });

  test.each(['end', 'reset'] as const)('come whole although the connection breaks at any octet (%s)', async (how) => {
    const played = async (options: ModelServerOptions): Promise<{ server: ModelServer; follower: Follower }> => {
      const server = new ModelServer({ capabilities, ...options });
      for (let count = 0; count < 3; count++) server.append([]);
      const inbox = await opened(server);
      const follower = new Follower();
      await follow(follower, inbox);
      act(server, 2, 0);
      act(server, 1, 1);
      act(server, 0, 1);
      await follow(follower, inbox);
      expect(follower.state).toEqual(server.state);
      return { server, follower };
    };
    // Many at a time: each has a server and an account of its own.
    let at = 0;
    for (let isCut = true; isCut; at += 32) {
      const runs = Array.from({ length: 32 }, (_, index) => {
        const cut: Cut = { at: at + index, how };
        return played({ cuts: (connection) => (connection === 0 ? cut : undefined) });
      });
      isCut = (await Promise.all(runs)).every(({ server }) => server.connections > 1);
      for (const account of accounts.splice(0)) account.destroy();
    }
    expect(at).toBeGreaterThan(500);
  });

  test('go on although every connection breaks after a few hundred octets', async () => {
    // A connection that lasts for one step more than the last.
    const server = new ModelServer({
      capabilities,
      cuts: (connection) => ({ at: 250 + connection * 40, how: 'reset' }),
    });
    for (let count = 0; count < 30; count++) server.append([]);
    const follower = new Follower();
    await follow(follower, await opened(server));
    expect(follower.state).toEqual(server.state);
    expect(server.connections).toBeGreaterThan(5);
  });
});

test('a server whose count went back, or that stopped counting, is compared as a whole', async () => {
  const server = new ModelServer({ capabilities: COUNTING });
  for (let count = 0; count < 3; count++) server.append([]);
  const follower = new Follower();
  await follow(follower, await opened(server));
  server.modSeq = 1;
  server.messages[1]!.flags = ['\\Flagged'];
  server.messages[1]!.modSeq = 1;
  await follow(follower, await opened(server));
  expect(follower.state).toEqual(server.state);
  server.messages[0]!.flags = ['\\Answered'];
  await follow(follower, await opened(server, true));
  expect(follower.state).toEqual(server.state);
});

test('a listing shorter than the server says proves no deletion', async () => {
  const server = new ModelServer({ capabilities: PLAIN });
  for (let count = 0; count < 3; count++) server.append([]);
  const follower = new Follower();
  const inbox = await opened(server);
  await follow(follower, inbox);
  const liar = new ModelServer({ capabilities: PLAIN });
  for (let count = 0; count < 4; count++) liar.append([]);
  const { connect } = liar;
  // It keeps a message from FETCH and SEARCH, and counts it all the same.
  const account = await openAccount({
    transport: async () => {
      const transport = await connect();
      const { read } = transport;
      const lie = (chunk: Uint8Array | null): Uint8Array | null =>
        chunk &&
        new TextEncoder().encode(
          new TextDecoder()
            .decode(chunk)
            .replace(/ ALL 1,2,/, ' ALL 1,')
            .replace(/^\* 2 FETCH .*\r\n/m, ''),
        );
      return Object.assign(transport, { read: async () => lie(await read.call(transport)) });
    },
    auth: { user: 'alice', password: 'secret' },
    allowInsecureAuth: true,
  });
  accounts.push(account);
  const changes = await collect((await account.mailbox('INBOX')).changes({ cursor: follower.cursor }));
  expect(changes.filter(({ type }) => type === 'vanished')).toEqual([]);
});

describe('watch', () => {
  /** Follows until the follower knows what the server has. */
  async function watchUntilSame(
    server: ModelServer,
    inbox: AccountMailbox,
    follower: Follower,
    script: (() => void)[],
  ) {
    const stop = new AbortController();
    for await (const change of inbox.watch({ cursor: follower.cursor, signal: stop.signal })) {
      follower.take(change);
      if (change.type !== 'cursor') continue;
      const next = script.shift();
      if (next !== undefined) next();
      else if (JSON.stringify(follower.state) === JSON.stringify(server.state)) stop.abort();
    }
  }

  test.each([
    ['with QRESYNC', QUICK],
    ['with CONDSTORE', COUNTING],
    ['without CONDSTORE', PLAIN],
  ])('tells what happens, on and between connections, %s (pain 21)', async (_, capabilities) => {
    const server = new ModelServer({ capabilities });
    server.append([]);
    const inbox = await opened(server);
    const follower = new Follower();
    await watchUntilSame(server, inbox, follower, [
      () => void server.append(['\\Seen']),
      () => {
        server.cut();
        // Nobody is there to hear of it.
        server.append(['$One']);
        server.expunge(1);
      },
      () => server.setFlags(2, ['\\Flagged']),
      () => {
        for (let count = 0; count < 20; count++) server.append([]);
        server.expunge(3);
      },
    ]);
    expect(follower.state).toEqual(server.state);
    expect(server.connections).toBe(2);
  });

  test('goes on although connections break anywhere', async () => {
    const cut = fc.record({ at: fc.nat({ max: 900 }), how: fc.constantFrom('end' as const, 'reset' as const) });
    const step = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 50 }));
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 6 }), fc.array(step, { maxLength: 10 }), async (cuts, steps) => {
        const server = new ModelServer({ capabilities: QUICK, cuts: (connection) => cuts[connection] });
        server.append([]);
        const follower = new Follower();
        const script = steps.map(([kind, which]) => () => {
          act(server, kind, which);
          // Something that is news in any case, so that the watch goes on.
          server.append([]);
        });
        await watchUntilSame(server, await opened(server), follower, script);
        expect(follower.state).toEqual(server.state);
        expect(new Set(follower.arrivals).size).toBe(follower.arrivals.length);
      }),
      { numRuns: 60 },
    );
  });

  test('many changes at once are told in few commands', async () => {
    const server = new ModelServer();
    const inbox = await opened(server);
    const follower = new Follower();
    await watchUntilSame(server, inbox, follower, [
      () => {
        for (let count = 0; count < 500; count++) server.append([]);
      },
    ]);
    expect(follower.state).toHaveLength(500);
    expect(server.commands.length).toBeLessThan(30);
  });

  test('ends with its signal, also while the loop does something else, and two can watch', async () => {
    const server = new ModelServer();
    server.append([]);
    const inbox = await opened(server);
    const stop = new AbortController();
    const [one, two] = [collect(inbox.watch({ signal: stop.signal })), collect(inbox.watch({ signal: stop.signal }))];
    await settle();
    await settle();
    stop.abort();
    expect((await one).map(({ type }) => type)).toEqual(['message', 'cursor']);
    expect((await two).map(({ type }) => type)).toEqual(['message', 'cursor']);
    expect(server.connections).toBe(2);
    expect(await collect(inbox.watch({ signal: AbortSignal.abort() }))).toEqual([]);
    for await (const change of inbox.watch()) if (change.type === 'cursor') break;
  });
});
