import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { connect, type LookupFunction, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { decodeText, utf8Bytes } from '@posthorn/core';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTcp, connectTls, type Listener, type ListenOptions, listen } from '../src/index.ts';
import { localhost, readAll } from './pairs.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function greeter(host: string, port = 0, tls?: ListenOptions['tls']): Promise<Listener> {
  const listener = await listen({
    host,
    port,
    ...(tls && { tls }),
    onConnection: async (transport) => {
      await transport.write(utf8Bytes(`* OK from ${host}\r\n`));
      await transport.close();
    },
  });
  cleanups.push(listener.close);
  return listener;
}

/** A resolver that has these addresses for every name. */
function addresses(...list: readonly string[]): LookupFunction {
  const entries: LookupAddress[] = list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_name, options, callback) => {
    if (options.all) callback(null, entries);
    else callback(null, entries[0]!.address, entries[0]!.family);
  };
}

/** A port of 127.0.0.2 that takes no more connections and refuses none: the system drops what asks for one. */
async function blackHole(): Promise<number> {
  const worker = new Worker(
    `const { createServer } = require('node:net');
     const { parentPort } = require('node:worker_threads');
     const server = createServer().listen({ host: '127.0.0.2', port: 0, backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const [port] = (await once(worker, 'message')) as [number];
  await new Promise((resolve) => setTimeout(resolve, 50));
  const sockets: Socket[] = [];
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await worker.terminate();
  });
  for (let isOpen = true; isOpen; ) {
    const socket = connect(port, '127.0.0.2').on('error', () => {});
    sockets.push(socket);
    const connected = once(socket, 'connect').then(() => true);
    isOpen = await Promise.race([connected, new Promise<false>((resolve) => setTimeout(resolve, 100, false))]);
    // On a busy machine the time may be over although the connection stands: it is looked at once more.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    isOpen ||= !socket.connecting;
  }
  return port;
}

describe('a name with several addresses', () => {
  it('is reached by the second when the first refuses', async () => {
    const { port } = await greeter('127.0.0.1');
    for (const first of ['127.0.0.3', '::1']) {
      const lookup = addresses(first, '127.0.0.1');
      const transport = await connectTcp({ host: 'mail.example', port, lookup });
      expect(decodeText(await readAll(transport))).toBe('* OK from 127.0.0.1\r\n');
      await transport.close();
    }
  });

  it.each([false, true])('is reached so by TLS too, with chunks that are lent or not: %s', async (lendsChunks) => {
    const { ca, ...tls } = await localhost();
    const { port } = await greeter('127.0.0.1', 0, tls);
    const lookup = addresses('127.0.0.3', '::1', '127.0.0.1');
    const transport = await connectTls({ host: 'localhost', port, lookup, ca, lendsChunks });
    expect(transport.remoteAddress).toBe(`127.0.0.1:${port}`);
    expect(decodeText(await readAll(transport))).toBe('* OK from 127.0.0.1\r\n');
    await transport.close();
  });

  it('is reached by IPv6 when it comes first and works', async () => {
    const { port } = await greeter('::1');
    const transport = await connectTcp({ host: 'mail.example', port, lookup: addresses('::1', '127.0.0.1') });
    expect(transport.remoteAddress).toBe(`[::1]:${port}`);
    expect(decodeText(await readAll(transport))).toBe('* OK from ::1\r\n');
    await transport.close();
  });

  it.runIf(process.platform === 'linux')('is reached by the second when the first says nothing', async () => {
    const port = await blackHole();
    await greeter('127.0.0.1', port);
    const target = { host: 'mail.example', port, attemptTimeoutMs: 50 };
    await expect(connectTcp({ ...target, lookup: addresses('127.0.0.2'), timeoutMs: 200 })).rejects.toMatchObject({
      message: `mail.example:${port} did not answer within 200 ms`,
    });
    const transport = await connectTcp({ ...target, lookup: addresses('127.0.0.2', '127.0.0.1') });
    expect(decodeText(await readAll(transport))).toBe('* OK from 127.0.0.1\r\n');
    await transport.close();
  });

  it('is not reached when all refuse, and that is said once', async () => {
    const { port, close } = await greeter('127.0.0.1');
    await close();
    const lookup = addresses('127.0.0.3', '127.0.0.1');
    await expect(connectTcp({ host: 'mail.example', port, lookup })).rejects.toMatchObject({
      code: 'TRANSPORT_CONNECT',
      message: `cannot connect to mail.example:${port}: nothing listens there`,
    });
  });
});
