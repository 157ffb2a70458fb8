import { connect as connectRaw, type Socket } from 'node:net';
import { makeAuthority, makeCertificate } from '@posthorn/certificates';
import { decodeText, MailError, type Transport, utf8Bytes } from '@posthorn/core';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTcp, connectTls, type Listener, type ListenOptions, listen } from '../src/index.ts';
import { deferred, localhost, rawServer, readAll } from './pairs.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A port on which raw sockets are handled by `onSocket`. */
async function portOf(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const { server, port } = await rawServer((socket) => {
    sockets.add(socket);
    onSocket(socket);
  });
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return port;
}

/** A port that greets over TLS. */
async function tlsPort(
  tls: NonNullable<ListenOptions['tls']>,
  options: Partial<ListenOptions> = {},
): Promise<Listener> {
  const onConnection: ListenOptions['onConnection'] = async (transport) => {
    await transport.write(utf8Bytes('* OK\r\n'));
    await transport.close();
  };
  const listener = await listen({ host: '127.0.0.1', port: 0, tls, onConnection, ...options });
  cleanups.push(listener.close);
  return listener;
}

async function unusedPort(): Promise<number> {
  const { server, port } = await rawServer(() => {});
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Node opens the socket of TLS by itself then. */
const connectTlsLending: typeof connectTls = (options) => connectTls({ ...options, lendsChunks: true });

describe.each([
  ['connectTcp', connectTcp],
  ['connectTls', connectTls],
  ['connectTls with chunks that are lent', connectTlsLending],
])('%s', (_, connect) => {
  it('says that nothing listens', async () => {
    const port = await unusedPort();
    await expect(connect({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'TRANSPORT_CONNECT',
      message: `cannot connect to 127.0.0.1:${port}: nothing listens there`,
    });
  });

  it('says the same of a name with several addresses', async () => {
    const port = await unusedPort();
    await expect(connect({ host: 'localhost', port })).rejects.toMatchObject({ code: 'TRANSPORT_CONNECT' });
  });

  it('says that a host is unknown', async () => {
    const refused = connect({ host: 'no-such-host.invalid', port: 143 });
    await expect(refused).rejects.toMatchObject({ code: 'TRANSPORT_HOST_UNKNOWN' });
    await expect(refused).rejects.toThrow(/no-such-host\.invalid/);
    await expect(refused).rejects.toSatisfy(MailError.is);
  });

  it('rejects with the reason of a signal that fired before, or fires meanwhile', async () => {
    const reason = new Error('changed my mind');
    await expect(connect({ host: '127.0.0.1', port: 9, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const port = await portOf(() => {});
    const connecting = connect({ host: '127.0.0.1', port, signal: abort.signal });
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN])('refuses the port %d', async (port) => {
    await expect(connect({ host: 'localhost', port })).rejects.toThrow(RangeError);
  });

  it('refuses an empty host', async () => {
    await expect(connect({ host: '', port: 1 })).rejects.toThrow(TypeError);
  });
});

describe('connectTcp', () => {
  it('connects by name and tells the address of the peer', async () => {
    const port = await portOf((socket) => socket.end('hello'));
    const transport = await connectTcp({ host: 'localhost', port });
    expect(decodeText(await readAll(transport))).toBe('hello');
    expect(transport.remoteAddress).toBe(`127.0.0.1:${port}`);
    expect(transport.security).toBe('none');
    expect(transport.channelBinding).toBeUndefined();
    await transport.close();
  });

  it('is not affected by its signal once connected', async () => {
    const abort = new AbortController();
    const port = await portOf((socket) => socket.end('hello'));
    const transport = await connectTcp({ host: '127.0.0.1', port, signal: abort.signal });
    abort.abort();
    expect(decodeText(await readAll(transport))).toBe('hello');
    await transport.close();
  });

  it('reports a reset, and keeps what came before it', async () => {
    const sockets = deferred<Socket>();
    const port = await portOf(sockets.resolve);
    const transport = await connectTcp({ host: '127.0.0.1', port });
    const socket = await sockets.promise;
    socket.write('partial');
    expect(decodeText((await transport.read())!)).toBe('partial');
    const reading = transport.read();
    socket.resetAndDestroy();
    await expect(reading).rejects.toMatchObject({
      code: 'TRANSPORT_BROKEN',
      message: 'the peer reset the connection',
    });
    await expect(transport.write(utf8Bytes('x'))).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    await transport.close();
  });

  it('still writes after the peer ended its side', async () => {
    const received = deferred<string>();
    const port = await portOf((socket) => {
      socket.end('bye');
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      socket.on('end', () => received.resolve(text));
    });
    const transport = await connectTcp({ host: '127.0.0.1', port });
    expect(decodeText(await readAll(transport))).toBe('bye');
    await transport.write(utf8Bytes('one more thing'));
    await transport.close();
    expect(await received.promise).toBe('one more thing');
  });

  it('resets the connection when it is destroyed, so that a cut stream does not look like one that ended', async () => {
    const ended = deferred<string>();
    const port = await portOf((socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => ended.resolve(error.code ?? ''));
      socket.on('end', () => ended.resolve('end'));
      socket.resume();
    });
    const transport = await connectTcp({ host: '127.0.0.1', port });
    transport.destroy();
    expect(await ended.promise).toBe('ECONNRESET');
  });
});

describe.each([
  ['connectTls', connectTls],
  ['connectTls with chunks that are lent', connectTlsLending],
])('%s', (_name, connectTls) => {
  it('verifies the certificate of a name and of an address', async () => {
    const certificate = await localhost();
    const { port } = await tlsPort(certificate);
    for (const host of ['localhost', '127.0.0.1']) {
      const transport = await connectTls({ host, port, ca: certificate.ca });
      expect(transport.security).toBe('tls');
      expect(transport.remoteAddress).toBe(`127.0.0.1:${port}`);
      expect(decodeText(await readAll(transport))).toBe('* OK\r\n');
      await transport.close();
    }
  });

  it('trusts an authority and no other', async () => {
    const issuer = await makeAuthority();
    const { port } = await tlsPort(await makeCertificate({ hosts: ['localhost'], issuer }));
    const stranger = await makeAuthority({ name: 'Another authority' });
    const transport = await connectTls({ host: 'localhost', port, ca: [stranger.cert, issuer.cert] });
    await transport.close();
    await expect(connectTls({ host: 'localhost', port, ca: stranger.cert })).rejects.toMatchObject({
      code: 'TRANSPORT_CERTIFICATE',
      message: 'the certificate of localhost is signed by an authority that is not known',
    });
  });

  it('accepts any certificate when told so', async () => {
    const { port } = await tlsPort(await makeCertificate({ hosts: ['example.org'], validTo: new Date('2020-01-01') }));
    const transport = await connectTls({ host: 'localhost', port, allowInvalidCertificate: true });
    expect(decodeText(await readAll(transport))).toBe('* OK\r\n');
    await transport.close();
  });

  const wrong: [string, Parameters<typeof makeCertificate>[0], string, string][] = [
    ['for another host', { hosts: ['example.org'] }, 'localhost', 'is for example.org, not for localhost'],
    [
      'for another address',
      { hosts: ['localhost', '::1'] },
      '127.0.0.1',
      'is for localhost, 0:0:0:0:0:0:0:1, not for 127.0.0.1',
    ],
    [
      'for many others',
      { hosts: ['a', 'b', 'c', 'd', 'e'] },
      'localhost',
      'is for a, b, c and 2 more, not for localhost',
    ],
    ['expired', { hosts: ['localhost'], validTo: new Date('2024-02-03') }, 'localhost', 'expired on 2024-02-03'],
    [
      'from the future',
      { hosts: ['localhost'], validFrom: new Date('2199-02-03') },
      'localhost',
      'is not valid before 2199-02-03',
    ],
  ];
  it.each(wrong)('refuses a certificate %s', async (_, options, host, message) => {
    const certificate = await makeCertificate(options);
    const { port } = await tlsPort(certificate);
    await expect(connectTls({ host, port, ca: certificate.ca })).rejects.toMatchObject({
      code: 'TRANSPORT_CERTIFICATE',
      message: `the certificate of ${host} ${message}`,
    });
  });

  it('refuses a self-signed certificate', async () => {
    const { port } = await tlsPort(await localhost());
    await expect(connectTls({ host: 'localhost', port })).rejects.toMatchObject({
      code: 'TRANSPORT_CERTIFICATE',
      message: 'the certificate of localhost is self-signed',
    });
  });

  it.each([
    ['an IMAP greeting', '* OK IMAP4rev1 ready\r\n'],
    ['an SMTP greeting', '220 mail.example.org ESMTP\r\n'],
    ['a POP3 greeting', '+OK ready <1@example.org>\r\n'],
    ['an HTTP answer', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
  ])('says that a port with %s does not speak TLS', async (_, greeting) => {
    const port = await portOf((socket) => socket.write(greeting));
    await expect(connectTls({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'TRANSPORT_TLS',
      message: `127.0.0.1:${port} does not speak TLS on this port`,
    });
  });

  it.each([
    ['ends', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('says that the peer %s the connection during the handshake', async (_, end) => {
    const port = await portOf((socket) => socket.once('data', () => end(socket)));
    await expect(connectTls({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'TRANSPORT_TLS',
      message: `127.0.0.1:${port} closed the connection during the TLS handshake`,
    });
  });

  it('gives up on a handshake that does not come to an end', async () => {
    const port = await portOf((socket) => socket.resume());
    await expect(connectTls({ host: '127.0.0.1', port, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'TRANSPORT_TLS',
      message: `the TLS handshake with 127.0.0.1:${port} took longer than 50 ms`,
    });
  });

  it('rejects with the reason of a signal that fires during the handshake', async () => {
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    const port = await portOf((socket) => socket.once('data', () => abort.abort(reason)));
    await expect(connectTls({ host: '127.0.0.1', port, signal: abort.signal })).rejects.toBe(reason);
  });

  it('refuses what is no certificate', async () => {
    await expect(connectTls({ host: '127.0.0.1', port: 9, cert: 'x', key: 'y' })).rejects.toThrow(TypeError);
    await expect(tlsPort({ cert: 'x', key: 'y' })).rejects.toThrow(TypeError);
  });

  it('shows a client certificate', async () => {
    const certificate = await localhost();
    const { port } = await tlsPort(certificate);
    const own = await makeCertificate({ hosts: ['alice'] });
    const transport = await connectTls({ host: 'localhost', port, ...own, ca: certificate.ca });
    expect(decodeText(await readAll(transport))).toBe('* OK\r\n');
    await transport.close();
  });
});

describe('listen', () => {
  it('tells its port, accepts until it is closed, and leaves connections alone', async () => {
    const accepted = deferred<Awaited<ReturnType<typeof connectTcp>>>();
    const listener = await listen({ host: '127.0.0.1', port: 0, onConnection: accepted.resolve });
    expect(listener.host).toBe('127.0.0.1');
    const near = await connectTcp(listener);
    const far = await accepted.promise;
    await listener.close();
    await listener[Symbol.asyncDispose]();
    await expect(connectTcp(listener)).rejects.toMatchObject({ code: 'TRANSPORT_CONNECT' });
    await far.write(utf8Bytes('still here'));
    await Promise.all([far.close(), readAll(near).then(() => near.close())]);
  });

  it('says that a port is in use', async () => {
    const listener = await listen({ host: '127.0.0.1', port: 0, onConnection: () => {} });
    cleanups.push(listener.close);
    await expect(listen({ ...listener, onConnection: () => {} })).rejects.toMatchObject({
      code: 'TRANSPORT_LISTEN',
      message: `cannot listen on 127.0.0.1:${listener.port}: the port is in use`,
    });
  });

  it('destroys a connection whose handler fails, reports it, and goes on', async () => {
    const errors: unknown[] = [];
    const failure = new Error('handler failed');
    const listener = await listen({
      host: '127.0.0.1',
      port: 0,
      onConnection: () => Promise.reject(failure),
      onError: (error) => errors.push(error),
    });
    cleanups.push(listener.close);
    for (let count = 0; count < 2; count++) {
      const reading = connectTcp(listener).then((transport) => transport.read());
      await expect(reading).rejects.toSatisfy(MailError.is);
    }
    expect(errors).toEqual([failure, failure]);
  });

  it('survives clients that never finish, or never start, a handshake', async () => {
    const errors = deferred<unknown>();
    const certificate = await localhost();
    const { port } = await tlsPort({ ...certificate, timeoutMs: 50 }, { onError: errors.resolve });
    const silent = connectRaw(port, '127.0.0.1').on('error', () => {});
    expect(await errors.promise).toMatchObject({ code: 'TRANSPORT_TLS' });
    const plain = connectRaw(port, '127.0.0.1', () => plain.write('a LOGIN alice secret\r\n')).on('error', () => {});
    await new Promise((resolve) => plain.once('close', resolve));
    // On a machine that is busy an honest handshake may take too long as well.
    const connecting = async (): Promise<Transport> =>
      connectTls({ host: 'localhost', port, ca: certificate.ca }).catch(connecting);
    const transport = await connecting();
    expect(decodeText(await readAll(transport))).toBe('* OK\r\n');
    await transport.close();
    silent.destroy();
  });

  it('drops handshakes under way when it is closed', async () => {
    const errors = deferred<unknown>();
    const listener = await tlsPort(await localhost(), { onError: errors.resolve });
    const raw = connectRaw(listener.port, '127.0.0.1').on('error', () => {});
    // An octet of a handshake, then silence.
    raw.write(Uint8Array.of(0x16));
    await new Promise((resolve) => raw.once('connect', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await listener.close();
    expect(await errors.promise).toMatchObject({ code: 'TRANSPORT_TLS' });
  });
});
