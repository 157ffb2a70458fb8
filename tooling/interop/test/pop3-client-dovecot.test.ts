import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountId, collectBytes } from '@posthorn/core';
import { generateMailboxes } from '@posthorn/corpus';
import { memoryStore } from '@posthorn/memory';
import { type ConnectOptions, connect, memorySeen, openSeenFile, type Pop3Client } from '@posthorn/pop3-client';
import { memoryState, pullMaildrop } from '@posthorn/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DovecotPop3, filesOf, hasDovecotPop3, startDovecotPop3 } from '../src/dovecot-pop3.ts';
import { missingServer } from '../src/index.ts';

const PASSWORD = 'correct horse battery staple';
const isThere = await hasDovecotPop3();
if (!isThere) missingServer('Dovecot with POP3', 'dovecot-pop3d');

/** Generated mail, and bodies that need care with their dots. */
const messages: readonly Uint8Array[] = [
  ...[...generateMailboxes({ seed: 3, messages: 300 })].flatMap(({ messages: each }) =>
    Array.from(each, ({ bytes }) => bytes),
  ),
  ...['Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.x\r\n\r\n', 'A: b\r\n\r\n\r\n', '\r\n', 'only: header\r\n\r\n.\r\n'].map(
    (text) => Buffer.from(text),
  ),
];

/** Dovecot ends every message with CRLF, and every line of its answer. */
function onTheWire(octets: Uint8Array): string {
  const text = Buffer.from(octets).toString('latin1').replace(/\r?\n/g, '\r\n');
  return text.endsWith('\r\n') ? text : `${text}\r\n`;
}

describe.skipIf(!isThere)('a maildrop served by Dovecot', () => {
  let folder: string;
  let dovecot: DovecotPop3;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    dovecot = await startDovecotPop3({ folder, user: 'alice', password: PASSWORD, messages });
  }, 60_000);

  afterAll(async () => {
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const login = (options: Partial<ConnectOptions> = {}): Promise<Pop3Client> => {
    const { security = 'tls' } = options;
    return connect({
      host: '127.0.0.1',
      port: security === 'tls' ? dovecot.pop3sPort : dovecot.pop3Port,
      tls: { ca: dovecot.ca },
      auth: { user: 'alice', password: PASSWORD },
      ...options,
    });
  };

  it.each(['tls', 'stls', 'none'] as const)(
    'is listed and retrieved octet by octet, security %s',
    async (security) => {
      const client = await login({ security, allowInsecureAuth: security === 'none' });
      expect(client.security).toBe(security === 'none' ? 'none' : 'tls');
      expect((await client.stat()).messages).toBe(messages.length);
      const sizes = await client.list();
      const ids = await client.uniqueIds();
      expect(new Set(ids.map(({ uniqueId }) => uniqueId)).size).toBe(messages.length);
      const numbers = sizes.map(({ number }) => number);
      for await (const message of client.retrieveMany(numbers)) {
        const octets = await message.bytes();
        expect(Buffer.from(octets).toString('latin1')).toBe(onTheWire(messages[message.number - 1]!));
        expect(octets.length).toBe(sizes[message.number - 1]!.octets);
      }
      for await (const message of client.retrieveMany(numbers, { lines: 0 })) {
        const whole = onTheWire(messages[message.number - 1]!);
        const header = Buffer.from(await message.bytes()).toString('latin1');
        expect(whole.startsWith(header)).toBe(true);
      }
      await client.quit();
    },
    60_000,
  );

  it.each(['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'USER'])(
    'lets in by %s',
    async (mechanism) => {
      for (const initialResponse of [false, true]) {
        const auth = { user: 'alice', password: PASSWORD, mechanisms: [mechanism], initialResponse };
        const client = await login({ auth });
        expect(client.state).toBe('transaction');
        await client.close();
      }
    },
  );

  it('lets in by APOP, and by SCRAM in clear text', async () => {
    const apop = await login({ auth: { user: 'alice', password: PASSWORD, apop: true } });
    await apop.close();
    const scram = await login({ security: 'none' });
    await scram.close();
  });

  it('refuses the wrong password with a reason', async () => {
    for (const mechanisms of [undefined, ['USER'], ['PLAIN']]) {
      const auth = { user: 'alice', password: 'wrong', mechanisms };
      await expect(login({ auth })).rejects.toMatchObject({ code: 'AUTH_REFUSED', cause: { responseCode: 'AUTH' } });
    }
  });

  it('is open for one session at a time', async () => {
    const first = await login();
    await expect(login()).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE', cause: { responseCode: 'IN-USE' } });
    await first.close();
    await (await login()).close();
  }, 60_000);

  it('is given up in the middle of a message without harm', async () => {
    const client = await login();
    let biggest = { number: 0, octets: 0 };
    for (const size of await client.list()) if (size.octets > biggest.octets) biggest = size;
    const message = await client.retrieve(biggest.number);
    for await (const _ of message.stream()) break;
    await client.noop();
    const again = await client.retrieve(biggest.number);
    expect((await again.bytes()).length).toBe(biggest.octets);
    await client.close();
  });

  it('keeps what is marked as deleted unless it is committed', async () => {
    const client = await login();
    await client.deleteMany([1, 2, 3]);
    await expect(client.retrieve(2)).rejects.toMatchObject({ code: 'POP3_ERR' });
    expect((await client.stat()).messages).toBe(messages.length - 3);
    await client.reset();
    expect((await client.stat()).messages).toBe(messages.length);
    await client.delete(1);
    await client.close();
    expect(await filesOf(folder)).toHaveLength(messages.length);
  });

  it('is brought into a store, and again after it changed behind the session', async () => {
    const account = await memoryStore().open(accountId('alice'));
    const state = memoryState();
    const sync = async (): Promise<unknown> => {
      let last: unknown;
      for await (const event of pullMaildrop(await login(), account, { state })) last = event;
      return last;
    };
    expect(await sync()).toMatchObject({ type: 'done', added: messages.length, failed: 0 });
    await dovecot.deliver(Buffer.from('Subject: late\r\n\r\nnews\r\n'));
    expect(await sync()).toMatchObject({ added: 1 });
    const inbox = await account.mailbox(['INBOX']);
    const { added } = await inbox.changes(undefined);
    const body = await inbox.read(added.at(-1)!.uid);
    expect(Buffer.from(await collectBytes(body.stream())).toString()).toBe('Subject: late\r\n\r\nnews\r\n');
    await body.release();
  }, 60_000);

  it('is drained, in sessions that break off, message by message', async () => {
    const path = join(folder, 'seen.jsonl');
    const got: string[] = [];
    for (let left = true; left; ) {
      const seen = await openSeenFile(path);
      const client = await login();
      left = false;
      for await (const message of client.fetchNew(seen, { policy: 'deleteStored' })) {
        got.push(onTheWire(await message.bytes()));
        await message.stored();
        if (got.length % 70 !== 0) continue;
        left = true;
        break;
      }
      client.destroy();
      await client.closed;
      await seen.close();
    }
    const all = [...messages.map(onTheWire), 'Subject: late\r\n\r\nnews\r\n'];
    expect(got.toSorted()).toEqual(all.toSorted());
    expect(await filesOf(folder)).toEqual([]);
    const client = await login();
    for await (const message of client.fetchNew(memorySeen())) throw new Error(`message ${message.number} is left`);
  }, 120_000);
});
