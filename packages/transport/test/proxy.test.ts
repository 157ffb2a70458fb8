import { inspect } from 'node:util';
import { makeCertificate } from '@posthorn/certificates';
import { decodeText, MailError, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTcp, connectTls, type Listener, listen } from '../src/index.ts';
import { localhost, readAll } from './pairs.ts';
import {
  httpServer,
  oddServer,
  type ProxyServer,
  type ProxyServerOptions,
  socks4Server,
  socks5Server,
} from './proxies.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function started(server: Promise<ProxyServer>): Promise<ProxyServer> {
  const proxy = await server;
  cleanups.push(proxy.close);
  return proxy;
}

/** Greets, and echoes a line. */
async function mailServer(tls?: { cert: string; key: string }): Promise<Listener> {
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    ...(tls && { tls }),
    onConnection: async (transport) => {
      await transport.write(utf8Bytes('* OK\r\n'));
      await transport.write((await transport.read()) ?? utf8Bytes(''));
      await transport.close();
    },
    onError: () => {},
  });
  cleanups.push(listener.close);
  return listener;
}

type Kind = readonly [scheme: string, serve: (options: ProxyServerOptions) => Promise<ProxyServer>, asks: string];
const KINDS: readonly Kind[] = [
  ['socks5', socks5Server, 'socks5 1 imap.example.org:143'],
  ['socks4a', socks4Server, 'socks4 1 @imap.example.org:143'],
  ['http', httpServer, 'CONNECT imap.example.org:143 HTTP/1.1'],
];

describe.each(KINDS)('a %s proxy', (scheme, serve, asks) => {
  it.each([false, true])('is asked for the server by name, and passes octets on (split: %s)', async (isSplit) => {
    const { port: to } = await mailServer();
    const { port, asked } = await started(serve({ to, isSplit }));
    const proxy = `${scheme}://127.0.0.1:${port}`;
    const transport = await connectTcp({ host: 'imap.example.org', port: 143, proxy });
    await transport.write(utf8Bytes('a NOOP\r\n'));
    expect(decodeText(await readAll(transport))).toBe('* OK\r\na NOOP\r\n');
    expect(asked).toEqual([asks]);
    await transport.close();
  });

  it('carries TLS to the server, whose certificate counts', async () => {
    const made = await makeCertificate({ hosts: ['imap.example.org'] });
    const { port: to } = await mailServer(made);
    const { port } = await started(serve({ to }));
    const target = { port: 993, proxy: `${scheme}://127.0.0.1:${port}`, ca: made.ca };
    const transport = await connectTls({ host: 'imap.example.org', ...target });
    await transport.write(utf8Bytes('a NOOP\r\n'));
    expect(decodeText(await readAll(transport))).toBe('* OK\r\na NOOP\r\n');
    await transport.close();
    await expect(connectTls({ host: 'other.example.org', ...target })).rejects.toMatchObject({
      code: 'TRANSPORT_CERTIFICATE',
    });
  });

  it('passes on at once what the server says together with its own answer', async () => {
    const answer = {
      socks5: Uint8Array.of(5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0),
      socks4a: Uint8Array.of(0, 90, 0, 0, 0, 0, 0, 0),
      http: utf8Bytes('HTTP/1.1 200 OK\r\n\r\n'),
    }[scheme]!;
    const { port } = await started(oddServer(Buffer.concat([answer, utf8Bytes('* OK early\r\n')]), true));
    const transport = await connectTcp({ host: 'a', port: 143, proxy: `${scheme}://127.0.0.1:${port}` });
    expect(decodeText(await readAll(transport))).toBe('* OK early\r\n');
    await transport.close();
  });

  it('that ends, is silent, or is not there, is named', async () => {
    const { port } = await started(oddServer(new Uint8Array(), true));
    const target = { host: 'imap.example.org', port: 143 };
    await expect(connectTcp({ ...target, proxy: `${scheme}://127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'TRANSPORT_PROXY',
      message: `the proxy 127.0.0.1:${port} closed the connection`,
    });
    const silent = await started(oddServer(new Uint8Array(), false));
    await expect(
      connectTcp({ ...target, proxy: `${scheme}://127.0.0.1:${silent.port}`, timeoutMs: 50 }),
    ).rejects.toMatchObject({
      code: 'TRANSPORT_PROXY',
      message: `the proxy 127.0.0.1:${silent.port} did not answer within 50 ms`,
    });
    silent.close();
    await expect(connectTcp({ ...target, proxy: `${scheme}://127.0.0.1:${silent.port}` })).rejects.toMatchObject({
      code: 'TRANSPORT_CONNECT',
      message: `cannot connect to 127.0.0.1:${silent.port}: nothing listens there`,
    });
  });

  it('is given up when the signal fires', async () => {
    const { port } = await started(oddServer(new Uint8Array(), false));
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    setTimeout(() => abort.abort(reason), 20);
    const proxy = `${scheme}://127.0.0.1:${port}`;
    await expect(connectTcp({ host: 'a', port: 1, proxy, signal: abort.signal })).rejects.toBe(reason);
  });

  it('may say anything, and ends in an error or a connection', async () => {
    const word = fc.constantFrom(5, 0, 1, 2, 3, 4, 90, 91, 255, 72, 84, 80, 47, 49, 46, 32, 50, 48, 13, 10);
    const says = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(word, { maxLength: 64 }).map((octets) => Uint8Array.from(octets)),
    );
    await fc.assert(
      fc.asyncProperty(says, async (bytes) => {
        const { port, close } = await oddServer(new Uint8Array(bytes), true);
        try {
          const proxy = `${scheme}://u:p@127.0.0.1:${port}`;
          const transport = await connectTcp({ host: 'a', port: 1, proxy }).catch((error: unknown) => {
            expect(MailError.is(error) && error.code).toBe('TRANSPORT_PROXY');
          });
          transport?.destroy();
        } finally {
          close();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(KINDS.filter(([scheme]) => scheme !== 'socks4a'))('a %s proxy with a password', (scheme, serve) => {
  it('lets in who gives the right one', async () => {
    const { port: to } = await mailServer();
    const { port } = await started(serve({ to, credentials: 'al ice:s/e:c@ret' }));
    const proxy = { url: `${scheme}://al%20ice:s%2Fe%3Ac%40ret@127.0.0.1:${port}` };
    const transport = await connectTcp({ host: 'imap.example.org', port: 143, proxy });
    expect(decodeText((await transport.read())!)).toBe('* OK\r\n');
    transport.destroy();
  });

  it('refuses a wrong one, and none, and nobody shows it', async () => {
    const { port } = await started(serve({ to: 1, credentials: 'alice:secret' }));
    const target = { host: 'imap.example.org', port: 143 };
    const wrong = await connectTcp({ ...target, proxy: `${scheme}://alice:swordfish@127.0.0.1:${port}` }).catch(
      (error: unknown) => error,
    );
    expect(wrong).toMatchObject({
      code: 'TRANSPORT_PROXY',
      message: `the proxy 127.0.0.1:${port} refused the user name or password`,
    });
    expect(inspect(wrong, { depth: 9, showHidden: true })).not.toMatch(/swordfish|YWxpY2U6c3dvcmRmaXNo/);
    await expect(connectTcp({ ...target, proxy: `${scheme}://127.0.0.1:${port}` })).rejects.toMatchObject({
      message: expect.stringMatching(/wants a user name and password/),
    });
  });
});

it('an https proxy is spoken to over TLS', async () => {
  const certificate = await localhost();
  const mail = await mailServer();
  const { port: inner, asked } = await started(httpServer({ to: mail.port, credentials: 'alice:secret' }));
  const front = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: certificate,
    onError: () => {},
    onConnection: async (near) => {
      const far = await connectTcp({ host: '127.0.0.1', port: inner });
      const pass = async (from: typeof near, to: typeof near): Promise<void> => {
        for (let chunk = await from.read(); chunk !== null; chunk = await from.read()) await to.write(chunk);
        await to.close();
      };
      await Promise.allSettled([pass(near, far), pass(far, near)]);
    },
  });
  cleanups.push(front.close);
  const url = `https://alice:secret@localhost:${front.port}`;
  const target = { host: 'imap.example.org', port: 143 };
  const transport = await connectTcp({ ...target, proxy: { url, ca: certificate.ca } });
  expect(decodeText((await transport.read())!)).toBe('* OK\r\n');
  expect(asked).toEqual(['CONNECT imap.example.org:143 HTTP/1.1']);
  transport.destroy();
  await expect(connectTcp({ ...target, proxy: url })).rejects.toMatchObject({ code: 'TRANSPORT_CERTIFICATE' });
});

it.each([
  [1, 'cannot connect to the server'],
  [2, 'does not allow this connection'],
  [3, 'cannot reach the network of the server'],
  [4, 'cannot reach the server'],
  [5, 'was refused by the server'],
  [6, 'got no answer from the server'],
  [8, 'cannot make such a connection'],
  [99, 'cannot connect to the server'],
])('a SOCKS 5 proxy that answers %d says that it %s (RFC 1928 section 6)', async (reply, what) => {
  const { port } = await started(socks5Server({ to: 1 }, reply));
  await expect(connectTcp({ host: 'a', port: 1, proxy: `socks5://127.0.0.1:${port}` })).rejects.toMatchObject({
    message: `the proxy 127.0.0.1:${port} ${what}`,
  });
});

it.each([
  ['192.0.2.7', 'socks5 1 192.0.2.7:143', 'socks4 1 me@192.0.2.7:143', 'CONNECT 192.0.2.7:143 HTTP/1.1'],
  ['2001:db8::7', `socks5 1 20010db8${'0'.repeat(20)}0007:143`, undefined, 'CONNECT [2001:db8::7]:143 HTTP/1.1'],
  ['bücher.example', 'socks5 1 xn--bcher-kva.example:143', 'socks4 1 me@xn--bcher-kva.example:143', undefined],
])('%s goes to a proxy as the server understands it', async (host, socks5, socks4, http) => {
  const { port: to } = await mailServer();
  for (const [scheme, serve, expected] of [
    ['socks5', socks5Server, socks5],
    ['socks4', socks4Server, socks4],
    ['http', httpServer, http],
  ] as const) {
    if (expected === undefined) continue;
    const { port, asked } = await started(serve({ to }));
    const transport = await connectTcp({ host, port: 143, proxy: `${scheme}://me@127.0.0.1:${port}` });
    expect(asked).toEqual([expected]);
    transport.destroy();
  }
});

it.each([
  'ftp://proxy',
  'proxy:1080',
  'socks5://',
  'socks5://:secret@',
  'http://proxy:0',
  'http://a:secret%zz@proxy',
  'socks5://a:secret%00@proxy',
  `socks5://a:secret${'x'.repeat(255)}@proxy`,
])('refuses the proxy %s before it connects, without showing it', async (proxy) => {
  const refused = connectTcp({ host: 'a', port: 1, proxy });
  await expect(refused).rejects.toThrow(TypeError);
  await expect(refused).rejects.not.toThrow(/secret/);
});
