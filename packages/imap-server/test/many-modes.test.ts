import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, type MailStore, sameFlags } from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CachingClient, type Mode } from './caching-client.ts';
import { deliver, message, testServer, testStore } from './harness.ts';

const MODES: readonly Mode[] = ['plain', 'condstore', 'qresync', 'rev2'];

const plain = [
  'NOOP',
  'IDLE',
  'APPEND',
  'DELIVER',
  'RECONNECT',
  'EXPUNGE',
  'UID FETCH 1:* (FLAGS)',
  'FETCH 1:* (FLAGS)',
  'SEARCH DELETED',
  'UID SEARCH 1:*',
  'CHANGED',
] as const;
const flag = fc.constantFrom('\\Seen', '\\Deleted', '\\Flagged', '$One');
const step = fc.record({
  client: fc.nat(MODES.length - 1),
  action: fc.oneof(
    fc.record({ type: fc.constantFrom(...plain) }),
    fc.record({
      type: fc.constantFrom('STORE', 'UID STORE', 'SILENT', 'CONDITIONAL'),
      at: fc.nat(12),
      sign: fc.constantFrom('+', '-', ''),
      flag,
    }),
    fc.record({ type: fc.constantFrom('BODY', 'MOVE', 'UID EXPUNGE', 'REPLACE'), at: fc.nat(12) }),
  ),
});
type Action = typeof step extends fc.Arbitrary<infer Step extends { action: unknown }> ? Step['action'] : never;

async function perform(client: CachingClient, action: Action, account: Account): Promise<void> {
  const count = client.messages.length;
  switch (action.type) {
    case 'IDLE':
      return client.idleOnce();
    case 'RECONNECT':
      return client.reconnect();
    case 'APPEND':
      await client.run('APPEND INBOX {6+}\r\nA: b\r\n {6+}\r\nA: c\r\n');
      return;
    case 'DELIVER':
      return deliver(account, ['INBOX'], message('from elsewhere'));
    case 'CHANGED':
      await client.run(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1${client.resyncs ? ' VANISHED' : ''})`);
      return;
    default:
  }
  if (!('at' in action)) {
    // Who is told of expunges by UID needs the UIDs.
    const command = client.resyncs ? action.type.replace(/^(FETCH .*)\(FLAGS/, '$1(UID FLAGS') : action.type;
    if (!command.startsWith('FETCH') || count > 0) await client.run(command);
    return;
  }
  if (count === 0) return;
  const number = (action.at % count) + 1;
  if (action.type === 'BODY') await client.run(`FETCH ${number} BODY[TEXT]`);
  else if (action.type === 'MOVE') await client.run(`MOVE ${number} Other`);
  else if (action.type === 'UID EXPUNGE') await client.run(`UID EXPUNGE ${action.at + 1}:*`);
  else if (action.type === 'REPLACE') await client.run(`REPLACE ${number} INBOX {6+}\r\nA: d\r\n`);
  else if ('sign' in action) {
    const { sign, flag: set } = action;
    if (action.type === 'STORE') await client.run(`STORE ${number}:${count} ${sign}FLAGS (${set})`);
    else if (action.type === 'UID STORE') await client.run(`UID STORE ${action.at + 1} ${sign}FLAGS (${set})`);
    else if (action.type === 'CONDITIONAL')
      await client.run(`UID STORE 1:* (UNCHANGEDSINCE ${action.at + 1}) ${sign}FLAGS (${set})`);
    else {
      await client.run(`STORE ${number} ${sign}FLAGS.SILENT (${set})`);
      // It does not work out by itself what came of it.
      client.messages[number - 1]!.flags = undefined;
    }
  }
}

/** Everybody looks: what each was told is what is there. @see RFC 7162, RFC 9051 section 5.2 */
async function checkpoint(clients: readonly CachingClient[], account: Account): Promise<void> {
  const { added } = await (await account.mailbox(['INBOX'])).changes(undefined);
  const threads = new Set<string>();
  for (const client of clients) {
    await client.run('NOOP');
    expect(client.messages, client.mode).toHaveLength(added.length);
    for (const [index, { uid, flags, modSeq }] of client.messages.entries()) {
      const truth = added[index]!;
      if (uid !== undefined) expect(uid).toBe(truth.uid);
      if (flags !== undefined)
        expect(sameFlags(flags, truth.flags), `${client.mode}: ${flags} for ${truth.flags}`).toBe(true);
      if (modSeq !== undefined && flags !== undefined) expect(modSeq, client.mode).toBe(truth.modSeq);
    }
    await client.run('UID FETCH 1:* (FLAGS)');
    const deleted = client.messages.flatMap(({ uid, flags }) => (flags!.includes('\\Deleted') ? [uid] : []));
    expect(deleted).toEqual(added.filter(({ flags }) => flags.includes('\\Deleted')).map(({ uid }) => uid));
    threads.add(await client.run('UID THREAD REFERENCES UTF-8 ALL'));
  }
  expect(threads.size).toBe(1);
}

const STORES = [
  { name: 'memory', open: testStore, numRuns: 60 },
  { name: 'maildir', open: () => openMaildir(join(directory, `${++made}`), { fsync: false }), numRuns: 12 },
];
let directory = '';
let made = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-modes-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function onStage(
  store: MailStore,
  play: (clients: readonly CachingClient[], account: Account) => Promise<void>,
): Promise<void> {
  const server = testServer({ store });
  const account = await server.account();
  await account.create(['Other']);
  await deliver(account, ['INBOX'], message('one'), message('two'), message('three'));
  const clients: CachingClient[] = [];
  for (const mode of MODES) clients.push(await CachingClient.select(server, mode));
  await play(clients, account);
  await checkpoint(clients, account);
  for (const client of clients) await client.reconnect();
  await checkpoint(clients, account);
  for (const client of clients) await client.close();
  await server.idle();
  await store.close();
}

describe.each(STORES)('over $name, clients of every mode', { timeout: 120_000 }, ({ open, numRuns }) => {
  test('believe what is there, one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) =>
        onStage(open(), async (clients, account) => {
          for (const { client, action } of steps) await perform(clients[client]!, action, account);
        }),
      ),
      { numRuns },
    );
  });

  test('believe what is there, all at once', async () => {
    const plan = fc.array(step, { minLength: 4, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(plan, { minLength: MODES.length, maxLength: MODES.length }), (plans) =>
        onStage(open(), async (clients, account) => {
          await Promise.all(
            clients.map(async (client, index) => {
              for (const { action } of plans[index]!) await perform(client, action, account);
            }),
          );
        }),
      ),
      { numRuns },
    );
  });
});
