import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMailboxes } from '@posthorn/corpus';
import { connect as connectImap } from '@posthorn/imap-client';
import { type ConnectOptions, connect, memorySeen, type Pop3Client } from '@posthorn/pop3-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PrivateServer, PrivateServerOptions } from './server.ts';

/** A server of POP3 to try our client on. */
export interface Pop3Subject {
  readonly name: string;
  readonly start: (options: PrivateServerOptions) => Promise<PrivateServer>;
  /** The ways in that it offers, and `USER`. */
  readonly mechanisms: readonly string[];
}

const PASSWORD = 'correct horse';

/** Generated mail that every server takes, and bodies that need care with their dots. */
const MESSAGES: readonly string[] = [
  ...[...generateMailboxes({ seed: 5, messages: 40 })].flatMap(({ messages }) =>
    Array.from(messages, ({ bytes }) => withCrlf(Buffer.from(bytes).toString('latin1'))),
  ),
  'Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.x\r\n\r\n.\r\n',
  'Subject: empty\r\n\r\n',
  'Subject: like answers\r\n\r\n+OK\r\n-ERR no\r\n+OK 3 200\r\n',
  'Subject: 8-bit\r\n\r\n\xe9\xff\x80 \x7f\r\n',
  `Subject: big\r\n\r\n${`${'.x'.repeat(35)}\r\n`.repeat(10_000)}`,
].filter((message) => /^[\x21-\x39\x3b-\x7e]+:/.test(message) && !message.includes('\0'));

function withCrlf(text: string): string {
  const lines = text.replace(/\r\n?|\n/g, '\r\n');
  return lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
}

/** Tries everything that the client of POP3 does on a server. */
export function tryPop3({ name, start, mechanisms }: Pop3Subject, isThere: boolean): void {
  describe.skipIf(!isThere)(`a maildrop served by ${name}`, () => {
    let folder: string;
    let server: PrivateServer;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ph-'));
      server = await start({ folder, user: 'alice', password: PASSWORD });
      await fill(MESSAGES);
    }, 120_000);

    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** Puts messages into the maildrop by IMAP. */
    async function fill(messages: readonly string[]): Promise<void> {
      const auth = { user: 'alice', password: PASSWORD };
      const tls = { ca: server.ca };
      const client = await connectImap({ host: '127.0.0.1', port: server.imapsPort, auth, tls });
      await client.appendAll(
        'INBOX',
        messages.map((message) => ({ body: Buffer.from(message, 'latin1') })),
      );
      await client.close();
    }

    function login(options: Partial<ConnectOptions> = {}): Promise<Pop3Client> {
      const { security = 'tls' } = options;
      return connect({
        host: '127.0.0.1',
        port: security === 'tls' ? server.pop3sPort : server.pop3Port,
        tls: { ca: server.ca },
        auth: { user: 'alice', password: PASSWORD },
        ...options,
      });
    }

    it.each(['tls', 'stls', 'none'] as const)(
      'is listed and retrieved octet by octet, security %s',
      async (security) => {
        const client = await login({ security, allowInsecureAuth: security === 'none' });
        expect(client.security).toBe(security === 'none' ? 'none' : 'tls');
        const sizes = await client.list();
        const total = sizes.reduce((sum, { octets }) => sum + octets, 0);
        expect(await client.stat()).toEqual({ messages: MESSAGES.length, octets: total });
        expect(new Set((await client.uniqueIds()).map(({ uniqueId }) => uniqueId)).size).toBe(MESSAGES.length);
        const got: string[] = [];
        for await (const message of client.retrieveMany(sizes.map(({ number }) => number))) {
          const text = Buffer.from(await message.bytes()).toString('latin1');
          expect(text.length).toBe(sizes[message.number - 1]!.octets);
          got.push(text);
        }
        expect(got.toSorted()).toEqual(MESSAGES.toSorted());
        await client.quit();
      },
    );

    it('shows headers and first lines', async () => {
      const client = await login();
      for (const { number } of (await client.list()).slice(-5)) {
        const whole = Buffer.from(await (await client.retrieve(number)).bytes()).toString('latin1');
        const header = whole.slice(0, whole.indexOf('\r\n\r\n') + 4);
        const lines = whole.slice(header.length).split('\r\n').slice(0, -1);
        for (const count of [0, 2]) {
          const top = Buffer.from(await (await client.top(number, count)).bytes()).toString('latin1');
          expect(top).toBe(
            header +
              lines
                .slice(0, count)
                .map((line) => `${line}\r\n`)
                .join(''),
          );
        }
      }
      await expect(client.retrieve(MESSAGES.length + 1)).rejects.toMatchObject({ code: 'POP3_ERR' });
      await client.close();
    });

    it('offers the ways in that are tried here', async () => {
      const client = await connect({ host: '127.0.0.1', port: server.pop3sPort, tls: { ca: server.ca } });
      const sasl = client.capabilities.saslMechanisms.filter((name) => !name.endsWith('-PLUS'));
      const offered = [...sasl, ...(client.capabilities.has('USER') ? ['USER'] : [])];
      expect(offered.toSorted()).toEqual(mechanisms.toSorted());
      await client.close();
    });

    it.each(mechanisms)('lets in by %s', async (mechanism) => {
      for (const initialResponse of [false, true]) {
        const auth = { user: 'alice', password: PASSWORD, mechanisms: [mechanism], initialResponse };
        const client = await login({ auth });
        expect(client.state).toBe('transaction');
        await client.close();
      }
    });

    it('refuses the wrong password', async () => {
      await expect(login({ auth: { user: 'alice', password: 'wrong' } })).rejects.toMatchObject({
        code: 'AUTH_REFUSED',
      });
    });

    it('is given up in the middle of a message without harm', async () => {
      const client = await login();
      const [biggest] = (await client.list()).toSorted((left, right) => right.octets - left.octets);
      for await (const _ of (await client.retrieve(biggest!.number)).stream()) break;
      await client.noop();
      expect((await (await client.retrieve(biggest!.number)).bytes()).length).toBe(biggest!.octets);
      await client.close();
    });

    it('keeps what is marked unless it is committed', async () => {
      const client = await login();
      await client.deleteMany([1, 2, 3]);
      expect((await client.stat()).messages).toBe(MESSAGES.length - 3);
      await client.reset();
      expect((await client.stat()).messages).toBe(MESSAGES.length);
      await client.delete(1);
      await client.close();
      const broken = await login();
      await broken.delete(2);
      broken.destroy();
      await broken.closed;
      const again = await login();
      expect((await again.stat()).messages).toBe(MESSAGES.length);
      await again.close();
    });

    it('gives each message once, and lets it go at QUIT', async () => {
      const seen = memorySeen();
      const fetched = async (policy: 'keep' | 'deleteStored', memory = seen): Promise<readonly string[]> => {
        const got: string[] = [];
        for await (const message of (await login()).fetchNew(memory, { policy }))
          got.push(Buffer.from(await message.bytes()).toString('latin1'));
        return got.toSorted();
      };
      expect(await fetched('keep')).toEqual(MESSAGES.toSorted());
      expect(await fetched('keep')).toEqual([]);
      const late = 'Subject: late\r\n\r\nnews\r\n';
      await fill([late]);
      expect(await fetched('keep')).toEqual([late]);
      const client = await login();
      await client.delete(1);
      await client.quit();
      expect(await fetched('deleteStored', memorySeen())).toHaveLength(MESSAGES.length);
      expect(await fetched('keep', memorySeen())).toEqual([]);
    });
  });
}
