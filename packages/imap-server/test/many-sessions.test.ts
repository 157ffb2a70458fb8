import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, type FlagOperation, hasFlag, type MailStore, sameFlags } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deliver, message, testServer, testStore } from './harness.ts';
import { TrackingClient } from './tracking-client.ts';

const CLIENTS = 3;

type Action =
  | {
      readonly type: 'noop' | 'idle' | 'append' | 'expunge' | 'fetch' | 'deliver' | 'reselect' | 'search' | 'uidSearch';
    }
  | {
      readonly type: 'silent' | 'store' | 'uidStore';
      readonly at: number;
      readonly flag: string;
      readonly how: FlagOperation;
    }
  | { readonly type: 'move' | 'body' | 'uidExpunge'; readonly at: number };

interface Step {
  readonly client: number;
  readonly action: Action;
}

const flag = fc.constantFrom('\\Seen', '\\Deleted', '\\Flagged', '$One', '$two');
const how = fc.constantFrom<FlagOperation>('add', 'remove', 'replace');
const at = fc.nat(20);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constantFrom('noop', 'idle', 'append', 'expunge', 'fetch', 'deliver', 'search', 'uidSearch') }),
  fc.record({ type: fc.constantFrom('silent', 'store', 'uidStore'), at, flag, how }),
  fc.record({ type: fc.constantFrom('move', 'body', 'uidExpunge'), at }),
) as fc.Arbitrary<Action>;
const step: fc.Arbitrary<Step> = fc.record({ client: fc.nat(CLIENTS - 1), action });

/** @param isAlone - whether nobody else does anything meanwhile */
async function perform(client: TrackingClient, action: Action, account: Account, isAlone: boolean): Promise<void> {
  const count = client.messages.length;
  if (action.type === 'noop') await client.run('NOOP');
  else if (action.type === 'idle') await client.idleOnce();
  else if (action.type === 'append') await client.append();
  else if (action.type === 'expunge') await client.run('EXPUNGE');
  else if (action.type === 'deliver') await deliver(account, ['INBOX'], message('from elsewhere'));
  else if (action.type === 'search') await client.run('SEARCH UNDELETED BODY Hello');
  else if (action.type === 'uidSearch') await client.run('UID SEARCH UNDELETED 1:*');
  else if (count === 0 || !('at' in action)) await client.run('UID FETCH 1:* (FLAGS)');
  else {
    const number = (action.at % count) + 1;
    const sign = 'how' in action ? { add: '+', remove: '-', replace: '' }[action.how] : '';
    if (action.type === 'silent') await client.storeSilently(number, action.how, [action.flag]);
    else if (action.type === 'store' && isAlone) await client.storeAlone(number, count, action.how, action.flag);
    else if (action.type === 'store') await client.run(`STORE ${number}:${count} ${sign}FLAGS (${action.flag})`);
    else if (action.type === 'uidStore') await client.run(`UID STORE ${action.at + 1} ${sign}FLAGS (${action.flag})`);
    else if (action.type === 'move') await client.run(`MOVE ${number} Other`);
    else if (action.type === 'body') await client.run(`FETCH ${number} BODY[TEXT]`);
    else await client.run(`UID EXPUNGE ${action.at + 1}:*`);
  }
}

/** Everybody looks: all must see what is there, and have been told of everything. @see stores.md 5.1 */
async function checkpoint(clients: readonly TrackingClient[], account: Account, facts: Facts): Promise<void> {
  const { added } = await (await account.mailbox(['INBOX'])).changes(undefined);
  const claimed: number[] = [];
  const threads = new Set<string>();
  for (const client of clients) {
    expect(await client.run('NOOP')).toBe('OK Done');
    expect(client.messages).toHaveLength(added.length);
    for (const [index, { uid, flags }] of client.messages.entries()) {
      if (uid !== undefined) expect(uid).toBe(added[index]!.uid);
      if (flags !== undefined)
        expect(sameFlags(flags, added[index]!.flags), `${flags} for ${added[index]!.flags}`).toBe(true);
    }
    await client.run('UID FETCH 1:* (FLAGS)');
    expect(client.messages.map(({ uid }) => uid)).toEqual(added.map(({ uid }) => uid));
    expect(client.recentUids()).toHaveLength(client.recent);
    claimed.push(...client.recentUids());
    for (const [uid, fact] of await client.facts()) expect(fact, `message ${uid}`).toBe(facts.get(uid) ?? fact);
    for (const { key, flag } of [
      { key: 'DELETED', flag: '\\Deleted' },
      { key: 'KEYWORD $one', flag: '$One' },
    ]) {
      const found = added.filter(({ flags }) => hasFlag(flags, flag)).map(({ uid }) => uid);
      expect(await client.ask(`UID SEARCH ${key}`)).toEqual([['* SEARCH', ...found].join(' ')]);
    }
    threads.add((await client.ask('THREAD REFERENCES UTF-8 ALL')).join());
  }
  expect(threads.size, 'all see the same threads').toBe(1);
  expect(new Set(claimed).size, 'a message is recent in one session at the most').toBe(claimed.length);
}

/** What was seen first of each message. */
type Facts = ReadonlyMap<number, string>;

interface Stage {
  readonly account: Account;
  readonly clients: readonly TrackingClient[];
}

const STORES = [
  { name: 'memory', open: testStore, numRuns: 60 },
  { name: 'maildir', open: () => openMaildir(join(directory, `${++made}`), { fsync: false }), numRuns: 15 },
];
let directory = '';
let made = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-sessions-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Three messages, and clients that have selected them. */
async function onStage(store: MailStore, play: (stage: Stage) => Promise<void>): Promise<void> {
  const server = testServer({ store });
  const account = await server.account();
  await account.create(['Other']);
  await deliver(account, ['INBOX'], message('one'), message('two'), message('three'));
  const clients: TrackingClient[] = [];
  while (clients.length < CLIENTS) clients.push(await TrackingClient.select(server, 'INBOX'));
  const facts = new Map(await clients[0]!.facts());
  await play({ account, clients });
  for (const client of clients) for (const [uid, fact] of await client.facts()) facts.set(uid, facts.get(uid) ?? fact);
  await checkpoint(clients, account, facts);
  for (const client of clients) await client.close();
  await server.idle();
  await store.close();
}

describe.each(STORES)('over $name', { timeout: 60_000 }, ({ open, numRuns }) => {
  test('sessions that work on one mailbox one after the other see the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) =>
        onStage(open(), async ({ account, clients }) => {
          for (const { client, action } of steps) await perform(clients[client]!, action, account, true);
        }),
      ),
      { numRuns },
    );
  });

  test('sessions that work on one mailbox at once see the same', async () => {
    const plan = fc.array(action, { minLength: 5, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: CLIENTS, maxLength: CLIENTS }), (plans) =>
        onStage(open(), async ({ account, clients }) => {
          const work = async (client: TrackingClient, actions: readonly Action[]): Promise<void> => {
            for (const each of actions) await perform(client, each, account, false);
          };
          await Promise.all(clients.map((client, index) => work(client, plans[index]!)));
        }),
      ),
      { numRuns },
    );
  });
});
