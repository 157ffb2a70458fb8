import { StoreError, uid, utf8Bytes } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { describe, expect, test } from 'vitest';
import { deliver, loggedIn, message, type RawClient, type TestServer, testServer } from './harness.ts';

async function selected(server: TestServer, command = 'SELECT INBOX'): Promise<RawClient> {
  const client = await loggedIn(server);
  expect((await client.run(command)).at(-1)).toMatch(/^OK/);
  return client;
}

async function withMail(count: number): Promise<TestServer> {
  const server = testServer();
  const subjects = Array.from({ length: count }, (_, index) => message(`number ${index + 1}`));
  await deliver(await server.account(), ['INBOX'], ...subjects);
  return server;
}

describe('two sessions on one mailbox', () => {
  test('each learns of what the other does (RFC 9051 section 5.2)', async () => {
    const server = await withMail(3);
    const [one, other] = [await selected(server), await selected(server)];
    expect(await one.run('STORE 2 +FLAGS (\\Flagged)')).toContain('OK Done');
    expect(await other.run('NOOP')).toEqual(['* 2 FETCH (UID 2 FLAGS (\\Flagged))', 'OK Done']);
    await one.run('STORE 1,3 +FLAGS.SILENT (\\Deleted)');
    expect(await one.run('EXPUNGE')).toEqual(['* 3 EXPUNGE', '* 1 EXPUNGE', '* 1 RECENT', 'OK Expunged']);
    expect(await other.run('NOOP')).toEqual(['* 3 EXPUNGE', '* 1 EXPUNGE', 'OK Done']);
    await one.run('APPEND INBOX {6+}\r\nA: b\r\n');
    expect(await other.run('CHECK')).toEqual(['* 2 EXISTS', '* 0 RECENT', 'OK Done']);
    expect(await one.run('NOOP')).toEqual(['OK Done']);
  });

  test('a message is \\Recent in the first session alone (RFC 3501 section 2.3.2)', async () => {
    const server = await withMail(2);
    const first = await loggedIn(server);
    expect(await first.run('SELECT INBOX')).toContain('* 2 RECENT');
    const second = await loggedIn(server);
    expect(await second.run('SELECT INBOX')).toContain('* 0 RECENT');
    await deliver(await server.account(), ['INBOX'], message('new'));
    const counts = [await second.run('NOOP'), await first.run('NOOP')].map((lines) => lines[1]);
    expect(counts).toEqual(['* 1 RECENT', '* 2 RECENT']);
    expect(await second.run('FETCH 3 FLAGS')).toContain('* 3 FETCH (FLAGS (\\Recent))');
    expect(await first.run('FETCH 3 FLAGS')).toContain('* 3 FETCH (FLAGS ())');
  });

  test('EXAMINE shows what is \\Recent, and leaves it to others (RFC 3501 section 6.3.2)', async () => {
    const server = await withMail(2);
    const looking = await loggedIn(server);
    expect(await looking.run('EXAMINE INBOX')).toContain('* 2 RECENT');
    expect(await looking.run('FETCH 1 FLAGS')).toContain('* 1 FETCH (FLAGS (\\Recent))');
    expect(await looking.run('SEARCH NEW')).toContain('* SEARCH 1 2');
    await deliver(await server.account(), ['INBOX'], message('new'));
    expect(await looking.run('NOOP')).toEqual(['* 3 EXISTS', '* 3 RECENT', 'OK Done']);
    const other = await loggedIn(server);
    expect(await other.run('EXAMINE INBOX')).toContain('* 3 RECENT');
    expect(await other.run('SELECT INBOX')).toContain('* 3 RECENT');
    expect(await looking.run('EXAMINE INBOX')).toContain('* 0 RECENT');
  });

  test('FETCH and STORE by number hold EXPUNGE back; UID FETCH does not (RFC 9051 section 7.5.1)', async () => {
    const server = await withMail(3);
    const [one, other] = [await selected(server), await selected(server)];
    await one.run('UID STORE 1 +FLAGS.SILENT (\\Deleted)');
    await one.run('EXPUNGE');
    expect(await other.run('FETCH 1:3 UID')).toEqual([
      '* 1 FETCH (UID 1)',
      '* 2 FETCH (UID 2)',
      '* 3 FETCH (UID 3)',
      'OK Fetched',
    ]);
    expect(await other.run('STORE 2 +FLAGS.SILENT (\\Seen)')).toEqual(['OK Done']);
    expect(await other.run('UID FETCH 2:3 UID')).toEqual([
      '* 2 FETCH (UID 2)',
      '* 3 FETCH (UID 3)',
      '* 1 EXPUNGE',
      'OK Fetched',
    ]);
  });

  test('what is gone but not told is answered with EXPUNGEISSUED (RFC 2180 section 4.1)', async () => {
    const server = await withMail(3);
    const [one, other] = [await selected(server), await selected(server)];
    await one.run('UID STORE 2 +FLAGS.SILENT (\\Deleted)');
    await one.run('EXPUNGE');
    const lines = await other.run('FETCH 1:3 (UID BODY.PEEK[TEXT])');
    expect(lines.map((line) => line.slice(0, 18))).toEqual([
      '* 1 FETCH (UID 1 B',
      '* 3 FETCH (UID 3 B',
      'NO [EXPUNGEISSUED]',
    ]);
    expect((await other.run('FETCH 1:3 RFC822.SIZE')).at(-1)).toMatch(/^NO \[EXPUNGEISSUED\]/);
    for (const store of ['STORE 1:3 +FLAGS (\\Seen)', 'STORE 2 +FLAGS (\\Seen)', 'STORE 2 +FLAGS.SILENT (\\Seen)'])
      expect((await other.run(store)).at(-1)).toBe('OK [EXPUNGEISSUED] Some of the messages no longer exist');
    expect((await other.run('SEARCH BODY Hello')).at(-1)).toBe('OK [EXPUNGEISSUED] Searched');
    expect((await other.run('SORT (SIZE) UTF-8 ALL')).at(-1)).toBe('OK [EXPUNGEISSUED] Sorted');
    expect((await other.run('THREAD REFERENCES UTF-8 ALL')).at(-1)).toBe('OK [EXPUNGEISSUED] Threaded');
    expect(await other.run('COPY 1:2 INBOX')).toEqual([
      '* 2 EXPUNGE',
      'NO [EXPUNGEISSUED] Some of the messages no longer exist',
    ]);
    expect((await other.run('SEARCH BODY Hello')).at(-1)).toBe('OK Searched');
    expect(await other.run('UID COPY 1:2 INBOX')).toContainEqual(expect.stringMatching(/^OK \[COPYUID \d+ 1 4\]/));
  });

  test('a FETCH knows of messages that came since the last command', async () => {
    const server = await withMail(1);
    const client = await selected(server);
    await deliver(await server.account(), ['INBOX'], message('new'));
    expect(await client.run('UID FETCH 2 UID')).toEqual([
      '* 2 EXISTS',
      '* 2 RECENT',
      '* 2 FETCH (UID 2)',
      'OK Fetched',
    ]);
  });

  test('a keyword of another session is in FLAGS before it is in a FETCH', async () => {
    const server = await withMail(1);
    const [one, other] = [await selected(server), await selected(server)];
    await one.run('STORE 1 +FLAGS.SILENT ($Label1)');
    const lines = await other.run('FETCH 1 FLAGS');
    expect(lines[0]).toMatch(/^\* FLAGS .*\$Label1\)$/);
    expect(lines).toContain('* 1 FETCH (FLAGS ($Label1))');
  });

  test('BODY[] sets \\Seen and says so, BODY.PEEK[] and EXAMINE do not', async () => {
    const server = await withMail(3);
    const [one, other] = [await selected(server), await selected(server)];
    await one.run('FETCH 1 BODY.PEEK[]');
    expect((await one.run('FETCH 2:3 BODY[]'))[1]).toMatch(/^\* 3 FETCH \(FLAGS \(\\Recent \\Seen\)/);
    expect((await one.run('FETCH 2 BODY[]'))[0]).toMatch(/^\* 2 FETCH \(BODY\[\]/);
    expect(await other.run('NOOP')).toEqual([
      '* 2 FETCH (UID 2 FLAGS (\\Seen))',
      '* 3 FETCH (UID 3 FLAGS (\\Seen))',
      'OK Done',
    ]);
    const examining = await selected(server, 'EXAMINE INBOX');
    expect((await examining.run('FETCH 1 BODY[]'))[0]).toMatch(/^\* 1 FETCH \(BODY\[\]/);
    expect(await other.run('NOOP')).toEqual(['OK Done']);
  });
});

describe('IDLE (RFC 9051 section 6.3.13)', () => {
  test('tells of changes as they happen', async () => {
    const server = await withMail(2);
    const client = await selected(server);
    const inbox = await (await server.account()).mailbox(['INBOX']);
    await client.write('i IDLE\r\n');
    expect(await client.line()).toBe('+ Idling');
    await inbox.append([{ body: [utf8Bytes(message('new'))] }]);
    expect(await client.line()).toBe('* 3 EXISTS');
    expect(await client.line()).toBe('* 3 RECENT');
    await inbox.store(setOf([uid(2)]), 'add', ['\\Seen']);
    expect(await client.line()).toBe('* 2 FETCH (UID 2 FLAGS (\\Seen \\Recent))');
    await inbox.expunge(setOf([uid(1)]));
    expect(await client.line()).toBe('* 1 EXPUNGE');
    expect(await client.line()).toBe('* 2 RECENT');
    await client.write('DONE\r\n');
    expect(await client.line()).toBe('i OK Done');
  });

  test('no change is lost between DONE and the next IDLE', async () => {
    const server = await withMail(1);
    const client = await selected(server);
    const inbox = await (await server.account()).mailbox(['INBOX']);
    for (let count = 2; count < 30; count++) {
      await client.write('i IDLE\r\n');
      expect(await client.line()).toBe('+ Idling');
      const appended = inbox.append([{ body: [utf8Bytes('A: b\r\n\r\n')] }]);
      if (count % 2 === 0) await appended;
      await client.write('DONE\r\n');
      await appended;
      const lines = [...(await client.until('i')), ...(await client.run('NOOP'))];
      expect(lines).toContain(`* ${count} EXISTS`);
    }
  });

  test('works without a mailbox; anything but DONE ends it with BAD', async () => {
    const server = testServer();
    const client = await loggedIn(server);
    await client.write('i IDLE\r\n');
    expect(await client.line()).toBe('+ Idling');
    await client.write('i2 NOOP\r\n');
    expect(await client.line()).toBe('i BAD Expected DONE');
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });
});

describe('a selected mailbox that changes its name or goes away', () => {
  test('deleted by another session: BYE', async () => {
    const server = testServer();
    await deliver(await server.account(), ['Work'], message('one'));
    const [one, other] = [await selected(server, 'SELECT Work'), await selected(server, 'SELECT Work')];
    const idling = await selected(server, 'SELECT Work');
    await idling.write('i IDLE\r\n');
    expect(await idling.line()).toBe('+ Idling');
    expect(await one.run('DELETE Work')).toEqual(['OK Deleted']);
    expect(await one.run('FETCH 1 FLAGS')).toEqual(['BAD Select a mailbox first']);
    expect(await other.run('NOOP')).toEqual(['OK Done']);
    expect(await other.line()).toBe('* BYE The selected mailbox was deleted');
    expect(await other.line()).toBeUndefined();
    expect(await idling.line()).toBe('i NO [NONEXISTENT] There is no such mailbox');
    expect(await idling.line()).toBe('* BYE The selected mailbox was deleted');
  });

  test('renamed: the session goes on, and copies from the right place', async () => {
    const server = testServer();
    const account = await server.account();
    await deliver(account, ['Work'], message('one'));
    const client = await selected(server, 'SELECT Work');
    await account.rename(['Work'], ['Play']);
    await deliver(account, ['Work'], message('not this one'));
    expect(await client.run('NOOP')).toEqual(['OK Done']);
    expect((await client.run('COPY 1 INBOX')).at(-1)).toMatch(/^OK \[COPYUID \d+ 1 1\]/);
    expect(await client.run('STATUS INBOX (SIZE)')).toContain('* STATUS INBOX (SIZE 54)');
    await deliver(account, ['Play'], message('two'));
    expect(await client.run('NOOP')).toContain('* 2 EXISTS');
    await client.write('i IDLE\r\n');
    const idling = await client.line();
    expect(idling).toBe('+ Idling');
    await deliver(account, ['Play'], message('three'));
    expect(await client.line()).toBe('* 3 EXISTS');
  });
});

describe('errors of the store', () => {
  test('end the command and nothing else', async () => {
    const server = testServer();
    const account = await server.account();
    await deliver(account, ['INBOX'], message('one'));
    const client = await selected(server);
    const failing = await selected(
      testServer({
        store: {
          ...server.store,
          traits: server.store.traits,
          open: async (id) => {
            const real = await server.store.open(id);
            return new Proxy(real, {
              get: (target, name) =>
                name === 'list'
                  ? () => Promise.reject(new Error('disk on fire'))
                  : bound(target, Reflect.get(target, name, target)),
            });
          },
          close: async () => {},
          [Symbol.asyncDispose]: async () => {},
        },
      }),
    );
    expect(await failing.run('LIST "" *')).toEqual(['NO [SERVERBUG] Internal error']);
    expect(await failing.run('NOOP')).toEqual(['OK Done']);
    expect(await client.run('NOOP')).toEqual(['OK Done']);
  });

  test('a watch that fails ends the session: it could not tell of news any more', async () => {
    const server = testServer();
    const failing = testServer({
      store: {
        ...server.store,
        traits: server.store.traits,
        open: async (id) => {
          const real = await server.store.open(id);
          const watch = async function* () {
            yield { path: ['INBOX'] as const };
            throw new StoreError('STORE_UNAVAILABLE', 'too many files are open');
          };
          return new Proxy(real, {
            get: (target, name) => (name === 'watch' ? watch : bound(target, Reflect.get(target, name, target))),
          });
        },
        close: async () => {},
        [Symbol.asyncDispose]: async () => {},
      },
    });
    const client = await selected(failing);
    await client.write('i IDLE\r\n');
    const lines = await client.until('i');
    expect([...lines, await client.line()]).toContain('* BYE The selected mailbox cannot be read any more');
  });

  test('a body that breaks off in the middle ends the connection rather than the truth', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one', 'x'.repeat(200_000)));
    const breaking = testServer({
      store: {
        ...server.store,
        traits: server.store.traits,
        open: async (id) => {
          const account = await server.store.open(id);
          const mailbox = await account.mailbox(['INBOX']);
          const broken = new Proxy(mailbox, {
            get: (target, name) =>
              name === 'read'
                ? async () => ({
                    size: 200_054,
                    stream: async function* () {
                      yield new Uint8Array(100_000);
                      throw new Error('bad sector');
                    },
                    release: async () => {},
                  })
                : bound(target, Reflect.get(target, name, target)),
          });
          return new Proxy(account, {
            get: (target, name) =>
              name === 'mailbox' ? async () => broken : bound(target, Reflect.get(target, name, target)),
          });
        },
        close: async () => {},
        [Symbol.asyncDispose]: async () => {},
      },
    });
    const client = await selected(breaking);
    await client.write('f FETCH 1 BODY.PEEK[]\r\n');
    await expect(client.until('f')).rejects.toThrow();
  });
});

test('two users never meet (security catalogue 1.6)', async () => {
  const server = testServer();
  const alice = await server.account('alice');
  await deliver(alice, ['INBOX'], message('private'));
  await deliver(alice, ['Secret'], message('very private'));
  const bob = await loggedIn(server, 'bob', 'other');
  expect(await bob.run('LIST "" *')).toEqual(['* LIST (\\HasNoChildren) "/" INBOX', 'OK Done']);
  expect(await bob.run('SELECT INBOX')).toContain('* 0 EXISTS');
  for (const name of ['Secret', 'alice/Secret', '../alice/Secret', '/alice/INBOX', '~alice/INBOX', 'alice']) {
    expect((await bob.run(`STATUS "${name}" (MESSAGES)`)).at(-1)).toMatch(/^NO \[NONEXISTENT\]/);
    expect((await bob.run(`SELECT "${name}"`)).at(-1)).toMatch(/^NO \[NONEXISTENT\]/);
  }
  await bob.run('CREATE Secret');
  await bob.run('SELECT Secret');
  expect(await bob.run('UID FETCH 1:* BODY[]')).toEqual(['OK There was nothing to fetch']);
  await bob.run('DELETE Secret');
  expect((await alice.status(['Secret'])).messages).toBe(1);
});

function bound(target: object, value: unknown): unknown {
  return typeof value === 'function' ? value.bind(target) : value;
}
