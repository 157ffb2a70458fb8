import { connect, type Socket } from 'node:net';
import { MailError, TransportError, utf8Bytes } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { connectTls, listen } from '../src/index.ts';
import { localhost, type Pair, rawServer, readAll, settles, tcpPair, tlsPair } from './pairs.ts';

/** A proxy to `target` that passes on so many octets of what the server says, then does something. */
async function faultyProxy(target: number, passed: number, fault: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const proxy = await rawServer((near) => {
    const far = connect(target, '127.0.0.1').on('error', () => {});
    sockets.push(near, far);
    near.on('data', (chunk) => far.write(chunk));
    near.on('close', () => far.destroy());
    let left = passed;
    far.on('data', (chunk: Buffer) => {
      if (left >= chunk.length) {
        left -= chunk.length;
        near.write(chunk);
        return;
      }
      far.destroy();
      near.write(chunk.subarray(0, left), () => fault(near));
    });
  });
  return {
    port: proxy.port,
    close: () => {
      proxy.server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('a connection that ends anywhere in the handshake', () => {
  it.each([
    ['politely', (socket: Socket) => socket.end()],
    ['by a reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('%s rejects with an error of ours', async (_, fault) => {
    const certificate = await localhost();
    const { port, close } = await listen({
      host: '127.0.0.1',
      port: 0,
      tls: certificate,
      onConnection: (far) => far.close(),
    });
    for (let passed = 0; passed < 700; passed += 23) {
      const proxy = await faultyProxy(port, passed, fault);
      await expect(connectTls({ host: '127.0.0.1', port: proxy.port, ca: certificate.ca })).rejects.toMatchObject({
        code: 'TRANSPORT_TLS',
      });
      proxy.close();
    }
    await close();
  });
});

describe('a handshake with garbage', () => {
  it('rejects with an error of ours, whatever the octets', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const garbage = Uint8Array.from(
        { length: 1 + ((seed * 37) % 400) },
        (_, index) => (seed * 2654435761 * (index + 1)) >>> 13,
      );
      // Every other one looks like a record at first.
      if (seed % 2 === 0) garbage.set([0x16, 0x03, 0x03].slice(0, garbage.length));
      const { server, port: garbled } = await rawServer((socket) => socket.end(garbage));
      const failure = await connectTls({ host: '127.0.0.1', port: garbled }).catch((error: unknown) => error);
      expect(failure).toSatisfy(MailError.is);
      server.close();
    }
  });
});

describe('nothing is left open', () => {
  const ends: [string, (pair: Pair) => Promise<unknown>][] = [
    ['closing both', (pair) => Promise.all(pair.map((transport) => transport.close()))],
    ['closing one and destroying the other', ([near, far]) => near.close().then(() => far.destroy())],
    [
      'destroying both',
      async (pair) => {
        for (const transport of pair) transport.destroy();
      },
    ],
    ['reading to the end', ([near, far]) => Promise.all([near.close(), readAll(far).then(() => far.close())])],
  ];
  it.each(ends)('after %s', async (_, end) => {
    const open = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Zlib/.test(name)).length;
    const before = open();
    for (const makePair of [tcpPair, tlsPair]) {
      const [near, far] = await makePair();
      await near.write(utf8Bytes('unread'));
      await end([near, far]);
    }
    for (let turn = 0; turn < 1000 && open() > before; turn++) await settles(new Promise(() => {}), 1);
    expect(open()).toBeLessThanOrEqual(before);
  });
});

describe('a connection closed during the handshake', () => {
  it('rejects the handshake and settles', async () => {
    const [near, far] = await tcpPair();
    const starting = near.startTls({ host: 'localhost' });
    const closing = near.close();
    await expect(starting).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    await closing;
    await expect(near.read()).rejects.toThrow(TransportError);
    far.destroy();
  });
});

describe('a TLS connection that breaks later', () => {
  it('says how', async () => {
    const certificate = await localhost();
    const listener = await listen({ host: '127.0.0.1', port: 0, tls: certificate, onConnection: () => {} });
    const sockets: Socket[] = [];
    const { server, port } = await rawServer((near) => {
      const far = connect(listener.port, '127.0.0.1').on('error', () => {});
      near.pipe(far).pipe(near);
      sockets.push(near, far);
    });
    const transport = await connectTls({ host: '127.0.0.1', port, ca: certificate.ca });
    const reading = transport.read();
    sockets[0]!.write('* OK in clear text, past the encryption\r\n');
    await expect(reading).rejects.toMatchObject({
      code: 'TRANSPORT_BROKEN',
      message: expect.stringMatching(/^the TLS connection failed: [a-z ]+$/),
    });
    for (const socket of sockets) socket.destroy();
    server.close();
    await listener.close();
  });
});
