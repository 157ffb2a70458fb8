import { connect, type Socket } from 'node:net';
import { makeCertificate } from '@posthorn/certificates';
import { decodeText, equalBytes, InvalidStateError, type ServerTlsOptions, utf8Bytes } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { memoryPair, transportFromDuplex, transportFromSocket } from '../src/index.ts';
import {
  duplexPair,
  lendingPair,
  localhost,
  type Pair,
  rawServer,
  readAtLeast,
  settles,
  socketPair,
  tcpPair,
  tlsPair,
} from './pairs.ts';

async function serverOptions(): Promise<ServerTlsOptions> {
  const { cert, key } = await localhost();
  return { role: 'server', cert, key };
}

/** Plays STARTTLS up to the handshake. */
async function agree([near, far]: Pair): Promise<void> {
  await near.write(utf8Bytes('a STARTTLS\r\n'));
  await readAtLeast(far, 12);
  await far.write(utf8Bytes('a OK\r\n'));
  await readAtLeast(near, 6);
}

describe.each([
  ['TCP', tcpPair],
  ['TCP with chunks that are lent', lendingPair],
  ['a duplex stream', duplexPair],
])('startTls over %s', (_, makePair) => {
  it('secures both directions, and goes on counting', async () => {
    const [near, far] = await makePair();
    await agree([near, far]);
    const { ca } = await localhost();
    await Promise.all([near.startTls({ host: 'localhost', ca }), far.startTls(await serverOptions())]);
    expect([near.security, far.security]).toEqual(['tls', 'tls']);
    await near.write(utf8Bytes('b NOOP\r\n'));
    expect(decodeText(await readAtLeast(far, 8))).toBe('b NOOP\r\n');
    await far.write(utf8Bytes('b OK\r\n'));
    expect(decodeText(await readAtLeast(near, 6))).toBe('b OK\r\n');
    expect([near.bytesWritten, near.bytesRead]).toEqual([20, 12]);
    await Promise.all([near.close(), far.close()]);
  });

  it('can bind both ends to the same connection', async () => {
    const [near, far] = await makePair();
    await agree([near, far]);
    const { ca } = await localhost();
    await Promise.all([near.startTls({ host: 'localhost', ca }), far.startTls(await serverOptions())]);
    expect(near.channelBinding).toMatchObject({ type: 'tls-exporter' });
    expect(near.channelBinding?.data).toHaveLength(32);
    expect(far.channelBinding).toEqual(near.channelBinding);
    const before = near.channelBinding;
    near.destroy();
    far.destroy();
    expect(near.channelBinding).toEqual(before);
  });

  it('refuses octets that came in clear text, in the same packet as the answer or after it', async () => {
    for (const injected of ['a OK\r\n* OK [ALERT] injected\r\n', '* 1 EXISTS\r\n']) {
      const [near, far] = await makePair();
      await far.write(utf8Bytes(`x${injected}`));
      // The reader takes what it understands; here one octet would be too little, so a whole chunk, then more comes.
      await near.read();
      await far.write(utf8Bytes(injected));
      await settles(new Promise(() => {}), 20);
      await expect(near.startTls({ host: 'localhost' })).rejects.toMatchObject({
        code: 'TRANSPORT_PLAINTEXT_BUFFERED',
      });
      await expect(near.read()).rejects.toMatchObject({ code: 'TRANSPORT_PLAINTEXT_BUFFERED' });
      await expect(near.write(utf8Bytes('secret'))).rejects.toMatchObject({ code: 'TRANSPORT_PLAINTEXT_BUFFERED' });
      far.destroy();
    }
  });

  it('refuses commands that a client sent in clear text after STARTTLS', async () => {
    const [near, far] = await makePair();
    await near.write(utf8Bytes('a STARTTLS\r\n'));
    await readAtLeast(far, 12);
    await near.write(utf8Bytes('b LOGIN mallory secret\r\n'));
    await settles(new Promise(() => {}), 20);
    await expect(far.startTls(await serverOptions())).rejects.toMatchObject({ code: 'TRANSPORT_PLAINTEXT_BUFFERED' });
    near.destroy();
  });

  it('takes a hello that came before its own call', async () => {
    const [near, far] = await makePair();
    await agree([near, far]);
    const { ca } = await localhost();
    const client = near.startTls({ host: 'localhost', ca });
    await settles(client, 20);
    await far.startTls(await serverOptions());
    await client;
    await far.write(utf8Bytes('ready'));
    expect(decodeText(await readAtLeast(near, 5))).toBe('ready');
    near.destroy();
    far.destroy();
  });

  it('fails the handshake on octets that come in clear text after it began', async () => {
    const [near, far] = await makePair();
    await agree([near, far]);
    const starting = near.startTls({ host: 'localhost' });
    await far.write(utf8Bytes('* OK [ALERT] injected\r\n'));
    await expect(starting).rejects.toMatchObject({ code: 'TRANSPORT_TLS' });
    await expect(near.read()).rejects.toMatchObject({ code: 'TRANSPORT_TLS' });
    far.destroy();
  });

  it('refuses a wrong certificate, and destroys the connection', async () => {
    const [near, far] = await makePair();
    await agree([near, far]);
    const server = far.startTls(await serverOptions()).catch((error: unknown) => error);
    await expect(near.startTls({ host: 'localhost' })).rejects.toMatchObject({
      code: 'TRANSPORT_CERTIFICATE',
      message: 'the certificate of localhost is self-signed',
    });
    await expect(near.write(utf8Bytes('secret'))).rejects.toMatchObject({ code: 'TRANSPORT_CERTIFICATE' });
    near.destroy();
    await near.close();
    await server;
    far.destroy();
  });

  it('rejects with the reason for destroying it during the handshake', async () => {
    const [near, far] = await makePair();
    const reason = new Error('enough');
    const starting = near.startTls({ host: 'localhost' });
    near.destroy(reason);
    await expect(starting).rejects.toBe(reason);
    await expect(near.read()).rejects.toBe(reason);
    far.destroy();
  });

  it('gives up on a handshake that takes too long, on either side', async () => {
    const [near, far] = await makePair();
    await expect(near.startTls({ host: 'localhost', timeoutMs: 20 })).rejects.toThrow(/took longer than 20 ms/);
    const [client, server] = await makePair();
    await expect(server.startTls({ ...(await serverOptions()), timeoutMs: 20 })).rejects.toThrow(/longer than 20 ms/);
    for (const transport of [near, far, client, server]) transport.destroy();
  });

  it('allows nothing else meanwhile', async () => {
    const [near, far] = await makePair();
    const starting = near.startTls({ host: 'localhost' });
    await expect(near.read()).rejects.toThrow(InvalidStateError);
    await expect(near.write(utf8Bytes('x'))).rejects.toThrow(InvalidStateError);
    await expect(near.startTls({ host: 'localhost' })).rejects.toThrow(InvalidStateError);
    await expect(near.startDeflate()).rejects.toThrow(InvalidStateError);
    near.destroy();
    far.destroy();
    await expect(starting).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
  });

  it('refuses wrong options, and leaves the connection as it is', async () => {
    const [near, far] = await makePair();
    await expect(near.startTls({ host: 'localhost', cert: 'x', key: 'y' })).rejects.toThrow(TypeError);
    await expect(near.startTls({ host: '' })).rejects.toThrow(TypeError);
    await expect(far.startTls({ role: 'server', cert: 'x', key: 'y' })).rejects.toThrow(TypeError);
    await near.write(utf8Bytes('still here'));
    expect(decodeText(await readAtLeast(far, 10))).toBe('still here');
    near.destroy();
    far.destroy();
  });
});

describe('startTls', () => {
  it('carries much after the upgrade', async () => {
    const [near, far] = await tcpPair();
    await agree([near, far]);
    const { ca } = await localhost();
    await Promise.all([near.startTls({ host: 'localhost', ca }), far.startTls(await serverOptions())]);
    const block = new Uint8Array(3_000_000).map((_, index) => index * 7);
    const received = readAtLeast(far, block.length);
    await near.write(block);
    expect(equalBytes(await received, block)).toBe(true);
    near.destroy();
    far.destroy();
  });

  it('is not done twice, nor after compression', async () => {
    const [near, far] = await tlsPair();
    await expect(near.startTls({ host: 'localhost' })).rejects.toMatchObject({ code: 'TRANSPORT_UNSUPPORTED' });
    await near.startDeflate();
    await expect(near.startDeflate()).rejects.toMatchObject({ code: 'TRANSPORT_UNSUPPORTED' });
    const [compressed, other] = await tcpPair();
    await compressed.startDeflate();
    await expect(compressed.startTls({ host: 'localhost' })).rejects.toMatchObject({ code: 'TRANSPORT_UNSUPPORTED' });
    for (const transport of [near, far, compressed, other]) transport.destroy();
  });

  it('is not done in memory', async () => {
    const [near] = memoryPair();
    await expect(near.startTls({ host: 'localhost' })).rejects.toMatchObject({ code: 'TRANSPORT_UNSUPPORTED' });
    await expect(near.startDeflate()).rejects.toMatchObject({ code: 'TRANSPORT_UNSUPPORTED' });
  });

  it('is refused once the connection is closed or broken', async () => {
    const [near, far] = await tcpPair();
    await Promise.all([near.close(), far.close()]);
    await expect(near.startTls({ host: 'localhost' })).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    await expect(near.startDeflate()).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
  });

  it('reports a peer that ends or resets the connection during the handshake', async () => {
    for (const end of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const [raw, far] = await socketPair();
      raw.on('error', () => {});
      const starting = transportFromSocket(far).startTls(await serverOptions());
      end(raw);
      await expect(starting).rejects.toMatchObject({ code: 'TRANSPORT_TLS' });
      raw.destroy();
    }
  });

  it('does not send a name where there is an address', async () => {
    const { server, port } = await rawServer((socket) => {
      const far = transportFromSocket(socket);
      void serverOptions()
        .then((options) => far.startTls(options))
        .then(() => far.close());
    });
    const raw = connect(port, '127.0.0.1');
    await new Promise((resolve) => raw.once('connect', resolve));
    const near = transportFromSocket(raw);
    await near.startTls({ host: '127.0.0.1', ca: (await localhost()).ca });
    await near.close();
    server.close();
  });

  it('compares international names in their ASCII form', async () => {
    const certificate = await makeCertificate({ hosts: ['xn--mnchen-3ya.example'] });
    const [near, far] = await tcpPair();
    await Promise.all([
      near.startTls({ host: 'MÜNCHEN.example.', ca: certificate.ca }),
      far.startTls({ role: 'server', cert: certificate.cert, key: certificate.key }),
    ]);
    expect(near.security).toBe('tls');
    near.destroy();
    far.destroy();
  });
});

describe('transportFromDuplex', () => {
  it('refuses streams of objects', async () => {
    const { PassThrough } = await import('node:stream');
    expect(() => transportFromDuplex(new PassThrough({ objectMode: true }))).toThrow(TypeError);
  });
});
