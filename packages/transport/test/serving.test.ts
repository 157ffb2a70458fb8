import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { connect as connectTlsSocket, type PeerCertificate } from 'node:tls';
import { type Certificate, makeCertificate } from '@posthorn/certificates';
import { type Transport, utf8Bytes } from '@posthorn/core';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectTcp } from '../src/index.ts';
import { type RunningServer, type ServeOptions, type ServerIdentity, serveSessions } from '../src/serving/index.ts';

let first: Certificate;
let second: Certificate;
beforeAll(async () => {
  [first, second] = await Promise.all([
    makeCertificate({ hosts: ['localhost', '127.0.0.1'] }),
    makeCertificate({ hosts: ['localhost', '127.0.0.1'] }),
  ]);
});

let server: RunningServer | undefined;
const clients: Transport[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await server?.close();
  server = undefined;
});

/** A protocol of three words: says hello, `in` logs in, `out` logs off, and whatever ends the session is said. */
async function serve(options: Partial<ServeOptions> = {}) {
  const seen: string[] = [];
  server = await serveSessions(
    {
      observer: {
        connectionOpened: () => seen.push('opened'),
        connectionRefused: () => seen.push('refused'),
        connectionClosed: () => seen.push('closed'),
      },
      ...options,
    },
    {
      refusal: utf8Bytes('full\n'),
      open: (transport, place) => {
        const ending = new AbortController();
        return {
          async run() {
            await transport.write(utf8Bytes('hello\n')).catch(() => {});
            try {
              for (;;) {
                const chunk = await transport.read({ signal: ending.signal });
                if (chunk === null) break;
                const word = Buffer.from(chunk).toString().trim();
                if (word === 'in') place.loggedIn();
                if (word === 'out') place.loggedOff();
                await transport.write(utf8Bytes(`${word}\n`));
              }
            } catch {
              const text = ending.signal.reason as string | undefined;
              if (text !== undefined) await transport.write(utf8Bytes(`${text}\n`)).catch(() => {});
            }
            await transport.close();
          },
          shutDown: (text) => ending.abort(text),
          destroy: (reason) => transport.destroy(reason),
        };
      },
    },
  );
  return { server, seen };
}

async function client(): Promise<Transport> {
  const transport = await connectTcp({ host: '127.0.0.1', port: server!.port });
  clients.push(transport);
  return transport;
}

async function word(transport: Transport): Promise<string> {
  const chunk = await transport.read();
  return chunk === null ? 'END' : Buffer.from(chunk).toString().trim();
}

async function say(transport: Transport, text: string): Promise<string> {
  await transport.write(utf8Bytes(`${text}\n`));
  return word(transport);
}

describe('connections', () => {
  test('are counted, and so are their octets, also of those that are over', async () => {
    const { server, seen } = await serve();
    const one = await client();
    expect(await word(one)).toBe('hello');
    expect(await say(one, 'in')).toBe('in');
    expect(server).toMatchObject({ sessions: 1, bytesRead: 3, bytesWritten: 9 });
    one.destroy();
    while (server.sessions > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server).toMatchObject({ bytesRead: 3, bytesWritten: 9 });
    expect(seen).toEqual(['opened', 'closed']);
  });

  test('of one address are so many at the most, and fewer before they log in', async () => {
    const { seen } = await serve({ limits: { maxConnectionsPerAddress: 2, maxConnectionsBeforeLoginPerAddress: 1 } });
    const one = await client();
    expect(await word(one)).toBe('hello');
    expect(await word(await client())).toBe('full');
    expect(await say(one, 'in')).toBe('in');
    const two = await client();
    expect(await word(two)).toBe('hello');
    expect(await say(two, 'in')).toBe('in');
    expect(await word(await client())).toBe('full');
    expect(seen.filter((each) => each === 'refused')).toHaveLength(2);
  });

  test('that do not log in make way for new ones, the oldest first; who logs off counts anew', async () => {
    const { server } = await serve({ limits: { maxConnectionsBeforeLogin: 2 } });
    const [one, two] = [await client(), await client()];
    expect([await word(one), await word(two)]).toEqual(['hello', 'hello']);
    expect(await say(one, 'in')).toBe('in');
    const three = await client();
    expect(await word(three)).toBe('hello');
    const four = await client();
    expect(await word(four)).toBe('hello');
    expect(await word(two)).toBe('Too many connections are not logged in');
    expect(await word(two)).toBe('END');
    expect(await say(one, 'out')).toBe('out');
    // It has come anew, so the others are older.
    expect(await word(await client())).toBe('hello');
    expect(await word(three)).toBe('Too many connections are not logged in');
    expect(await say(one, 'still here')).toBe('still here');
    expect(server.sessions).toBeGreaterThanOrEqual(3);
  });

  test('in the middle of a TLS handshake count, and make way without a word', async () => {
    const { server } = await serve({ tls: first, implicitTls: true, limits: { maxConnectionsBeforeLogin: 1 } });
    const silent = await client();
    while (server.sessions < 1) await new Promise((resolve) => setImmediate(resolve));
    expect((await handshake(server)).fingerprint).toBe(fingerprintOf(first));
    await expect(silent.read()).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
  });
});

describe('certificates', () => {
  test('are replaced for new connections; what cannot be one changes nothing', async () => {
    const { server } = await serve({ tls: first, implicitTls: true });
    const old = connectTlsSocket({ port: server.port, host: '127.0.0.1', ca: first.ca });
    await once(old, 'secureConnect');
    server.replaceTls(second);
    expect((await handshake(server)).fingerprint).toBe(fingerprintOf(second));
    const broken: readonly ServerIdentity[] = [
      { cert: '', key: '' },
      { cert: second.cert, key: first.key },
      { cert: second.cert.slice(0, 300), key: second.key },
    ];
    for (const identity of broken) expect(() => server.replaceTls(identity)).toThrow(TypeError);
    expect((await handshake(server)).fingerprint).toBe(fingerprintOf(second));
    // Who came before stays.
    old.write('hello\n');
    const [answer] = (await once(old, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^hello/);
    old.destroy();
  });

  test('are refused at the start when they cannot be, and later where there was none', async () => {
    await expect(serve({ implicitTls: true })).rejects.toThrow(TypeError);
    await expect(serve({ tls: { cert: 'x', key: 'y' } })).rejects.toThrow(TypeError);
    const { server } = await serve();
    expect(() => server.replaceTls(first)).toThrow(/without TLS/);
  });
});

test('closing ends who is there, in a handshake too, and lets nobody in', async () => {
  const { server } = await serve({ tls: first, implicitTls: true });
  const socket = connectSocket(server.port, '127.0.0.1').on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  while (server.sessions < 1) await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  await closed;
  expect(server.sessions).toBe(0);
  await expect(client()).rejects.toMatchObject({ code: 'TRANSPORT_CONNECT' });
});

async function handshake({ port }: RunningServer): Promise<PeerCertificate> {
  const socket = connectTlsSocket({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerCertificate();
  socket.destroy();
  return certificate;
}

function fingerprintOf({ cert }: Certificate): string {
  return new X509Certificate(cert).fingerprint;
}
