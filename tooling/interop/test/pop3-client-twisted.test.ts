import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMailboxes } from '@posthorn/corpus';
import { type ConnectOptions, connect, memorySeen, type Pop3Client } from '@posthorn/pop3-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingServer } from '../src/index.ts';
import { findTwisted, startTwistedPop3, type TwistedPop3 } from '../src/twisted-pop3.ts';

const PASSWORD = 'correct horse battery staple';
const python = await findTwisted();
if (python === undefined) missingServer("Twisted's POP3 server", 'python3-twisted python3-openssl');

const text = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1');

/** With LF alone, as Twisted wants them on disk. */
const messages: readonly Uint8Array[] = [
  ...[...generateMailboxes({ seed: 5, messages: 60 })].flatMap(({ messages: each }) =>
    Array.from(each, ({ bytes }) => Buffer.from(text(bytes).replaceAll('\r', ''), 'latin1')),
  ),
  Buffer.from('Subject: dots\n\n.\n..\n.x\n\n'),
];
/** Twisted puts a CR before each LF, and ends the last line. */
function onTheWire(octets: Uint8Array): string {
  const lines = text(octets).replace(/\n/g, '\r\n');
  return lines.endsWith('\n') ? lines : `${lines}\r\n`;
}

describe.skipIf(python === undefined)("a maildrop served by Twisted's POP3 server", () => {
  let folder: string;
  let twisted: TwistedPop3;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ph-'));
    twisted = await startTwistedPop3(python!, { folder, user: 'alice', password: PASSWORD, messages });
  }, 60_000);

  afterAll(async () => {
    await twisted?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const login = (options: Partial<ConnectOptions> = {}): Promise<Pop3Client> =>
    connect({
      host: '127.0.0.1',
      port: options.security === 'none' ? twisted.pop3Port : twisted.pop3sPort,
      tls: { ca: twisted.ca },
      auth: { user: 'alice', password: PASSWORD },
      ...options,
    });

  // Its APOP compares text with octets, and so refuses everybody.
  it('lets in by USER', async () => {
    const user = await login();
    expect(user.capabilities.has('UIDL')).toBe(true);
    await user.close();
    await expect(login({ auth: { user: 'alice', password: 'wrong' } })).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
    await expect(login({ security: 'none' })).rejects.toMatchObject({ code: 'AUTH_INSECURE' });
  });

  it('is retrieved octet by octet', async () => {
    const client = await login();
    expect((await client.stat()).messages).toBe(messages.length);
    for await (const message of client.retrieveMany(messages.map((_, index) => index + 1)))
      expect(text(await message.bytes()) === onTheWire(messages[message.number - 1]!)).toBe(true);
    await expect(client.retrieve(999)).rejects.toMatchObject({ code: 'POP3_ERR' });
    const top = await client.top(messages.length, 1);
    expect(text(await top.bytes())).toBe('Subject: dots\r\n\r\n.\r\n');
    await client.quit();
  });

  it('is drained once', async () => {
    const seen = memorySeen();
    const first = await login();
    let count = 0;
    for await (const message of first.fetchNew(seen)) count += (await message.bytes()).length > 0 ? 1 : 0;
    expect(count).toBe(messages.length);
    const second = await login();
    for await (const message of second.fetchNew(seen, { policy: 'deleteStored' }))
      throw new Error(`message ${message.number} came twice`);
    const third = await login();
    expect(await third.stat()).toEqual({ messages: 0, octets: 0 });
    await third.close();
    expect(twisted.deleted).toHaveLength(messages.length);
  });
});
