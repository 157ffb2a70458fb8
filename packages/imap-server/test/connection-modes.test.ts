import { constants, deflateRawSync } from 'node:zlib';
import { concatBytes, type MailStore, uid, utf8Bytes } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { everySplit, settle, TestTimers } from '@posthorn/testkit';
import { connectTcp } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { serveImap } from '../src/index.ts';
import { deliver, loggedIn, message, RawClient, testServer, testStore, UID_VALIDITY, USERS } from './harness.ts';

describe('COMPRESS=DEFLATE (RFC 4978)', () => {
  test('compresses both directions from the answer on', async () => {
    const store = testStore();
    const server = await serveImap({ store, authenticator: USERS, allowInsecureAuth: true });
    const transport = await connectTcp({ host: server.host, port: server.port });
    const client = new RawClient(transport);
    await client.line();
    expect(await client.run('COMPRESS DEFLATE')).toEqual(['BAD Log in first']);
    expect((await client.run('LOGIN alice secret'))[0]).toContain(' COMPRESS=DEFLATE ');
    expect((await client.run('COMPRESS LZMA'))[0]).toMatch(/^BAD /);
    expect(await client.run('COMPRESS DEFLATE')).toEqual(['OK Compressing']);
    await transport.startDeflate();
    expect(await client.run('APPEND INBOX {6+}\r\nA: b\r\n')).toEqual([expect.stringMatching(/^OK \[APPENDUID /)]);
    expect((await client.run('SELECT INBOX')).at(-1)).toMatch(/^OK /);
    expect((await client.run('FETCH 1 BODY.PEEK[]'))[0]).toBe('* 1 FETCH (BODY[] {6}A: b\r\n)');
    expect(await client.run('COMPRESS DEFLATE')).toEqual([
      'NO [COMPRESSIONACTIVE] The connection is compressed already',
    ]);
    const [capabilities] = await client.run('CAPABILITY');
    expect(capabilities).not.toContain('COMPRESS');
    expect(capabilities).not.toContain('UNAUTHENTICATE');
    expect(await client.run('UNAUTHENTICATE')).toEqual(['BAD Compression cannot end']);
    expect((await client.run('NOOP')).at(-1)).toMatch(/^OK /);
    await transport.close();
    await server.close();
    await store.close();
  });

  test('is not offered over what cannot do it, and nothing may follow it at once', async () => {
    const client = await loggedIn(testServer());
    expect((await client.run('CAPABILITY'))[0]).not.toContain('COMPRESS');
    expect(await client.run('COMPRESS DEFLATE')).toEqual(['BAD That compression is not offered']);
    const hasty = await loggedIn(testServer({ compress: true }));
    await hasty.write('a COMPRESS DEFLATE\r\nb NOOP\r\n');
    expect(await hasty.line()).toBe('* BYE Nothing may follow COMPRESS before its answer');
  });

  test('a client that compresses before it was told to is sent away, wherever its octets are cut', async () => {
    const command = utf8Bytes('a COMPRESS DEFLATE\r\n');
    const behind = deflateRawSync(utf8Bytes('b NOOP\r\n'), { finishFlush: constants.Z_SYNC_FLUSH });
    for (const chunks of everySplit(concatBytes([command, behind]))) {
      // What comes with a later read may as well have waited.
      if (chunks[0]?.length === command.length) continue;
      const client = await loggedIn(testServer({ compress: true }));
      for (const chunk of chunks) {
        // The server may have gone by then.
        await client.transport.write(chunk).catch(() => {});
        await settle();
      }
      expect(await client.line()).toBe('* BYE Nothing may follow COMPRESS before its answer');
      expect(await client.line()).toBeUndefined();
    }
  });
});

describe('UIDONLY (RFC 9586)', () => {
  test('messages have UIDs alone', async () => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'), message('two'));
    const client = await loggedIn(server);
    expect(await client.run('ENABLE UIDONLY')).toEqual(['* ENABLED UIDONLY', 'OK Done']);
    expect((await client.run('SELECT INBOX')).at(-1)).toMatch(/^OK /);
    expect(await client.run('UID FETCH 1:* FLAGS')).toEqual([
      '* 1 UIDFETCH (FLAGS (\\Recent))',
      '* 2 UIDFETCH (FLAGS (\\Recent))',
      'OK Fetched',
    ]);
    expect(await client.run('UID FETCH 2 BODY.PEEK[]<0.4>')).toEqual([
      '* 2 UIDFETCH (BODY[]<0> {4}From)',
      'OK Fetched',
    ]);
    expect(await client.run('UID STORE 2 +FLAGS (\\Seen)')).toEqual([
      '* 2 UIDFETCH (FLAGS (\\Seen \\Recent))',
      'OK Done',
    ]);
    const inbox = await (await server.account()).mailbox(['INBOX']);
    await inbox.store(setOf([uid(2)]), 'add', ['\\Answered']);
    await inbox.expunge(setOf([uid(1)]));
    expect(await client.run('NOOP')).toEqual([
      '* VANISHED 1',
      '* 1 RECENT',
      '* 2 UIDFETCH (FLAGS (\\Seen \\Answered \\Recent))',
      'OK Done',
    ]);
    expect(await client.run('UID SEARCH ALL')).toEqual(['* SEARCH 2', 'OK Searched']);
  });

  test.each([
    'FETCH 1 FLAGS',
    'STORE 1 +FLAGS (\\Seen)',
    'COPY 1 INBOX',
    'MOVE 1 INBOX',
    'SEARCH ALL',
    'UID SEARCH 1:*',
    'UID SEARCH NOT OR ALL 3',
    'SORT (DATE) UTF-8 ALL',
    'THREAD REFERENCES UTF-8 ALL',
    'REPLACE 1 INBOX {2+}\r\nab',
    'ESEARCH IN (personal) 1',
    `SELECT INBOX (QRESYNC (${UID_VALIDITY} 1 1:2 (1 1)))`,
  ])('%s is refused', async (command) => {
    const server = testServer();
    await deliver(await server.account(), ['INBOX'], message('one'));
    const client = await loggedIn(server);
    await client.run('ENABLE UIDONLY QRESYNC');
    await client.run('SELECT INBOX');
    expect(await client.run(command)).toEqual(['BAD [UIDREQUIRED] Messages have UIDs alone']);
    expect((await client.run('UID FETCH 1 UID'))[0]).toBe('* 1 UIDFETCH ()');
  });
});

test('a long search says that it is under way (RFC 9585)', async () => {
  const timers = new TestTimers();
  const store = testStore();
  const slow = slowly(store, () => timers.advance(6_000));
  const server = testServer({ store: slow, timers, limits: { idleTimeoutMs: 10_000_000, writeTimeoutMs: 10_000_000 } });
  await deliver(await server.account(), ['INBOX'], ...Array.from({ length: 5 }, (_, index) => message(`${index}`)));
  const client = await loggedIn(server);
  await client.run('SELECT INBOX');
  await client.write('A001 SEARCH LARGER 1\r\n');
  expect(await client.until('A001')).toEqual([
    expect.stringMatching(/^\* OK \[INPROGRESS \("?A001"? \d 5\)\] Still working$/),
    expect.stringMatching(/^\* OK \[INPROGRESS /),
    '* SEARCH 1 2 3 4 5',
    'OK Searched',
  ]);
});

/** A store whose scans take their time before each message. */
function slowly(store: MailStore, pause: () => Promise<void>): MailStore {
  return {
    traits: store.traits,
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
    async open(...args) {
      const account = await store.open(...args);
      const open = account.mailbox.bind(account);
      account.mailbox = async (path, options) => {
        const mailbox = await open(path, options);
        const scan = mailbox.scan.bind(mailbox);
        mailbox.scan = async function* (...scanned: Parameters<typeof scan>) {
          for await (const row of scan(...scanned)) {
            await pause();
            yield row;
          }
        } as typeof mailbox.scan;
        return mailbox;
      };
      return account;
    },
  };
}
