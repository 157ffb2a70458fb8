import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AccountId,
  accountId,
  type ByteRange,
  collectBytes,
  type MailStore,
  StoreError,
  type Uid,
  uid,
  utf8Bytes,
} from '@posthorn/core';
import { openMaildir } from '@posthorn/maildir';
import { setOf } from '@posthorn/message-set';
import { everySplit, octetByOctet } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { handleConnection, type SessionOptions } from '../src/index.ts';
import {
  countOf,
  deliver,
  greeted,
  loggedIn,
  message,
  type RawClient,
  type TestServer,
  testServer,
  testStore,
  USERS,
} from './harness.ts';

let directory = '';
let made = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'posthorn-pop3-'));
});
afterAll(() => rm(directory, { recursive: true }));

const STORES: readonly (readonly [string, () => MailStore])[] = [
  ['memory', testStore],
  ['maildir', () => openMaildir(join(directory, `${++made}`), { fsync: false })],
];

async function expunge(server: TestServer, ...uids: readonly Uid[]): Promise<void> {
  const account = await server.account();
  await (await account.mailbox(['INBOX'])).expunge(setOf(uids));
  await account.close();
}

describe.each(STORES)('over %s', (_, open) => {
  test('what others do does not change what a session sees', async () => {
    const server = testServer({ store: open() });
    await deliver(server, [message('one'), message('two'), message('three')]);
    const client = await loggedIn(server);
    const before = [await client.lines('LIST'), await client.lines('UIDL'), await client.run('STAT')];
    await deliver(server, [message('four')]);
    await expunge(server, uid(2));
    expect([await client.lines('LIST'), await client.lines('UIDL'), await client.run('STAT')]).toEqual(before);
    expect(await client.run('RETR 2')).toBe('-ERR Another session removed that message');
    expect(await client.run('TOP 2 0')).toBe('-ERR Another session removed that message');
    expect((await client.lines('RETR 3'))[1]).toBe('Subject: three');
    expect(await client.run('RETR 4')).toBe('-ERR There is no such message');
    expect(await client.run('DELE 2')).toBe('+OK Marked to be deleted');
    expect(await client.run('DELE 3')).toBe('+OK Marked to be deleted');
    expect(await client.run('QUIT')).toBe('+OK Good-bye');
    const next = await loggedIn(server);
    expect((await next.lines('UIDL')).map((line) => line.slice(0, 10))).toEqual(['1 00000001', '2 00000004']);
    await server.store.close();
  });

  test('a message that is being sent is sent to its end, though another session removes it', async () => {
    const server = testServer({ store: open() });
    const big = message('big', 'x'.repeat(70).concat('\r\n').repeat(20_000));
    await deliver(server, [big]);
    const client = await loggedIn(server);
    await client.write('RETR 1\r\n');
    await client.line();
    await expunge(server, uid(1));
    const lines: string[] = [];
    for (let line = await client.line(); line !== '.'; line = await client.line()) lines.push(line!);
    expect(`${lines.join('\r\n')}\r\n`).toBe(big);
    await server.store.close();
  });

  test('a mailbox that was deleted, and made anew, is not the maildrop any more', async () => {
    const server = testServer({ store: open(), mailbox: ['Drop'] });
    await deliver(server, [message('old')], ['Drop']);
    const client = await loggedIn(server);
    await client.run('DELE 1');
    const account = await server.account();
    await account.delete(['Drop']);
    await deliver(server, [message('new')], ['Drop']);
    expect(await client.run('QUIT')).toBe('-ERR [SYS/PERM] There is no such mailbox');
    expect((await account.status(['Drop'])).messages).toBe(1);
    await account.close();
    const next = await loggedIn(server);
    expect((await next.lines('RETR 1'))[1]).toBe('Subject: new');
    await server.store.close();
  });

  test('UIDLs are never given twice', async () => {
    const server = testServer({ store: open() });
    const seen = new Map<string, string>();
    for (let round = 0; round < 6; round++) {
      await deliver(server, [message(`a${round}`), message(`b${round}`)]);
      const client = await loggedIn(server);
      for (const line of await client.lines('UIDL')) {
        const [number, id] = line.split(' ') as [string, string];
        const subject = (await client.lines(`TOP ${number} 0`))[1]!;
        expect(seen.get(id) ?? subject).toBe(subject);
        seen.set(id, subject);
      }
      await client.run(`DELE ${(round % 2) + 1}`);
      await client.run('DELE 1');
      await client.run('QUIT');
    }
    expect(seen.size).toBe(12);
    await server.store.close();
  });

  test('the sizes of LIST are the octets RETR sends', async () => {
    const server = testServer({ store: open() });
    const ends = ['', '\r\n', 'a', 'a\n', 'a\r', 'a\r\n', '.\r\n', '.', 'a\r\n\r\n', '\n', 'x\n.\ny\r\n'];
    await deliver(server, ends.map((end) => `Subject: x\r\n\r\n${end}`).concat(ends));
    for (let round = 0; round < 2; round++) {
      const client = await loggedIn(server);
      const sizes = (await client.lines('LIST')).map((line) => Number(line.split(' ')[1]));
      for (const [index, size] of sizes.entries()) {
        const sent = `${(await client.lines(`RETR ${index + 1}`)).map((line) => `${line}\r\n`).join('')}`;
        const guarded = (sent.match(/(?<=[^\r]\n)\.(?=\.[\r\n])/g) ?? []).length;
        expect(sent.length - guarded, JSON.stringify(sent)).toBe(size);
      }
      const total = sizes.reduce((sum, size) => sum + size, 0);
      expect(await client.run('STAT')).toBe(`+OK ${sizes.length} ${total}`);
      await deliver(server, ['one more']);
    }
    await server.store.close();
  });

  test('messages come as they are, octet by octet', async () => {
    const store = open();
    const server = testServer({ store });
    const account = await server.account();
    const inbox = await account.mailbox(['INBOX']);
    const body = fc.uint8Array({ maxLength: 200 }).map((octets) => {
      // No bare LF, behind which a lone dot would get another.
      return Uint8Array.from([...octets].flatMap((octet) => (octet === 10 ? [13, 10] : octet === 13 ? [46] : [octet])));
    });
    await fc.assert(
      fc.asyncProperty(body, async (octets) => {
        await inbox.append([{ body: [octets] }]);
        const client = await loggedIn(server);
        const count = Number((await client.run('STAT'))!.split(' ')[1]);
        const text = new TextDecoder('latin1').decode(octets);
        const ended = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
        expect((await client.lines(`RETR ${count}`)).map((line) => `${line}\r\n`).join('')).toBe(ended);
        await client.run('QUIT');
      }),
      { numRuns: 40 },
    );
    await store.close();
  });
});

describe('deletions', () => {
  const commands = utf8Bytes('USER alice\r\nPASS secret\r\nDELE 1\r\nDELE 2\r\nNOOP\r\nQUIT\r\n');

  test('happen at QUIT alone: a connection cut before its end deletes nothing', async () => {
    for (let cut = 0; cut <= commands.length; cut++) {
      for (const isPolite of [true, false]) {
        const server = testServer();
        await deliver(server, [message('one'), message('two'), message('three')]);
        const client = await greeted(server);
        await client.write(new TextDecoder().decode(commands.subarray(0, cut)));
        // What was sent is looked at before the connection breaks.
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (isPolite) await client.transport.close();
        else client.transport.destroy();
        await server.idle();
        expect(await countOf(server), `cut after ${cut} octets`).toBe(cut === commands.length ? 1 : 3);
      }
    }
  });

  test('are all made or none', async () => {
    const store = testStore();
    const failing = failingStore(store, 'expunge');
    const server = testServer({ store: failing });
    await deliver(server, [message('one'), message('two')]);
    const client = await loggedIn(server);
    await client.write('DELE 1\r\nDELE 2\r\nQUIT\r\n');
    expect(await client.rest()).toEqual([
      '+OK Marked to be deleted',
      '+OK Marked to be deleted',
      '-ERR [SYS/TEMP] The mail store failed, try again later',
    ]);
    expect(await countOf(server)).toBe(2);
  });

  test('are refused in a mailbox that cannot be written', async () => {
    const server = testServer({ store: failingStore(testStore(), 'isReadOnly') });
    await deliver(server, [message('one')]);
    const client = await loggedIn(server);
    expect(await client.run('DELE 1')).toBe('-ERR [SYS/PERM] The mailbox is read-only');
    expect(await client.run('QUIT')).toBe('+OK Good-bye');
  });
});

describe('failures of the store', () => {
  test('at login leave the client where it was', async () => {
    const server = testServer({ mailbox: ['Nowhere'] });
    const client = await greeted(server);
    for (let round = 0; round < 2; round++) {
      await client.run('USER alice');
      expect(await client.run('PASS secret')).toBe('-ERR [SYS/PERM] There is no such mailbox');
    }
    expect(await client.run('STAT')).toBe('-ERR Log in first');
  });

  test('in the middle of a message end the connection: half a message never passes for a whole one', async () => {
    const server = testServer({ store: failingStore(testStore(), 'stream') });
    await deliver(server, [message('one')]);
    const client = await loggedIn(server);
    await client.write('RETR 1\r\n');
    await expect(client.rest()).rejects.toThrow();
  });
});

/** A store of which one thing fails. */
function failingStore(
  store: MailStore,
  what: 'expunge' | 'isReadOnly' | 'stream' | 'nothing',
  onLook: () => void = () => {},
): MailStore {
  const failure = new StoreError('STORE_UNAVAILABLE', 'the disk is broken');
  return new Proxy(store, {
    get: (target, key) => {
      if (key !== 'open') return bound(target, key);
      return async (id: AccountId) => {
        const account = await target.open(id);
        return new Proxy(account, {
          get: (of, name) => {
            if (name !== 'mailbox') return bound(of, name);
            return async (path: [string]) => {
              const mailbox = await of.mailbox(path);
              return new Proxy(mailbox, {
                get: (box, field) => {
                  if (field === 'expunge' && what === 'expunge') return () => Promise.reject(failure);
                  if (field === 'isReadOnly') return what === 'isReadOnly';
                  if (field === 'read' && what === 'stream') {
                    return async (each: Uid, range: undefined) => {
                      const body = await box.read(each, range);
                      if (range !== undefined) return body;
                      const stream = async function* () {
                        yield (await collectBytes(body.stream())).subarray(0, 10);
                        throw failure;
                      };
                      return { size: body.size, stream, release: () => body.release() };
                    };
                  }
                  if (field === 'read') {
                    return (each: Uid, range: ByteRange | undefined) => {
                      if (range !== undefined) onLook();
                      return box.read(each, range);
                    };
                  }
                  return bound(box, field);
                },
              });
            };
          },
        });
      };
    },
  });
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key);
  return typeof value === 'function' ? value.bind(target) : value;
}

describe('one session at a time', () => {
  test('is what `exclusive` makes: others are told [IN-USE] until the first is over', async () => {
    const server = testServer({ exclusive: true });
    await deliver(server, [message('one')]);
    const [first, second] = [await loggedIn(server), await greeted(server)];
    await loggedIn(server, 'bob', 'other');
    await second.run('USER alice');
    expect(await second.run('PASS secret')).toBe('-ERR [IN-USE] Another session has that maildrop');
    await first.run('QUIT');
    expect(await first.line()).toBeUndefined();
    await second.run('USER alice');
    expect(await second.run('PASS secret')).toBe('+OK Logged in');
    second.transport.destroy();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    await loggedIn(server);
  });

  test('is not what others get: two sessions may delete the same', async () => {
    const server = testServer();
    await deliver(server, [message('one'), message('two')]);
    const [first, second] = [await loggedIn(server), await loggedIn(server)];
    for (const client of [first, second]) await client.run('DELE 1');
    expect(await first.run('QUIT')).toBe('+OK Good-bye');
    expect(await second.run('QUIT')).toBe('+OK Good-bye');
    expect(await countOf(server)).toBe(1);
  });
});

/** What the server answers to octets that come in these chunks. */
async function answersTo(chunks: readonly Uint8Array[], options: Partial<SessionOptions> = {}): Promise<string> {
  const [client, server] = memoryPair();
  const store = testStore();
  const account = await store.open(accountId('alice'));
  await (await account.mailbox(['INBOX'])).append([{ body: [utf8Bytes(message('one', '.\r\n'))] }]);
  const running = handleConnection(server, { store, authenticator: USERS, allowInsecureAuth: true, ...options });
  const heard: string[] = [];
  const reading = (async () => {
    for (let chunk = await client.read(); chunk !== null; chunk = await client.read()) {
      heard.push(new TextDecoder('latin1').decode(chunk));
    }
  })();
  for (const chunk of chunks) await client.write(chunk);
  await running;
  await reading;
  return heard.join('');
}

test('the answers do not depend on how the octets are cut', async () => {
  const commands = utf8Bytes(
    'CAPA\r\nAUTH PLAIN\r\nAGFsaWNlAHNlY3JldA==\r\nSTAT\nLIST\r\nUIDL 1\r\nbogus\r\nRETR 1\r\nTOP 1 0\r\nDELE 1\r\nRSET\r\n',
  );
  const quit = utf8Bytes('QUIT\r\n');
  const whole = await answersTo([commands, quit]);
  expect(whole).toContain('Subject: one\r\n\r\n..\r\n.\r\n');
  expect(whole.endsWith('+OK Good-bye\r\n')).toBe(true);
  for (const chunks of everySplit(commands)) expect(await answersTo([...chunks, quit])).toBe(whole);
  expect(await answersTo([...octetByOctet(commands), quit])).toBe(whole);
});

test('many who log in at once have each message looked at once', async () => {
  const store = testStore();
  const counted = testServer({ store });
  await deliver(counted, ['no end', message('an end'), 'x']);
  let looks = 0;
  const server = testServer({ store: failingStore(store, 'nothing', () => looks++) });
  const clients = await Promise.all(Array.from({ length: 20 }, () => loggedIn(server)));
  expect(looks).toBe(3);
  for (const client of clients)
    expect(await client.lines('LIST')).toEqual(['1 8', `2 ${message('an end').length}`, '3 3']);
});

test('a hundred sessions at once are all served', async () => {
  const server = testServer();
  await deliver(
    server,
    Array.from({ length: 20 }, (_, index) => message(`${index}`, 'x'.repeat(20_000).concat('\r\n'))),
  );
  const honest = await loggedIn(server);
  const clients = await Promise.all(Array.from({ length: 100 }, () => loggedIn(server)));
  const finished: number[] = [];
  await Promise.all(
    clients.map(async (client: RawClient, index) => {
      for (let number = 1; number <= 20; number++) await client.lines(`RETR ${number}`);
      finished.push(index);
    }),
  );
  expect(finished).toHaveLength(100);
  expect(await honest.run('STAT')).toMatch(/^\+OK 20 /);
});
