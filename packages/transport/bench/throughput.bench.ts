import { connect, createServer, type Socket } from 'node:net';
import type { Transport } from '@posthorn/core';
import { bench, describe } from 'vitest';
import { memoryPair } from '../src/index.ts';
import { deflatePair, type Pair, tcpPair, tlsPair } from '../test/pairs.ts';

const CHUNK = crypto.getRandomValues(new Uint8Array(64 * 1024));
const CHUNKS = 1024;
const TOTAL = CHUNK.length * CHUNKS;

async function transfer([near, far]: Pair): Promise<void> {
  await Promise.all([send(near), receive(far)]);
}

async function send(transport: Transport): Promise<void> {
  for (let count = 0; count < CHUNKS; count++) await transport.write(CHUNK);
}

async function receive(transport: Transport): Promise<void> {
  for (let size = 0; size < TOTAL; ) size += (await transport.read())?.length ?? TOTAL;
}

/** The same with sockets, for comparison: data events, and waiting for drain. */
async function bareSockets(): Promise<() => Promise<void>> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const far = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const near = connect((server.address() as { port: number }).port, '127.0.0.1');
  const receiver = await far;
  server.close();
  return async () => {
    let size = 0;
    const received = new Promise<void>((resolve) => {
      const onData = (chunk: Buffer): void => {
        size += chunk.length;
        if (size < TOTAL) return;
        receiver.off('data', onData);
        resolve();
      };
      receiver.on('data', onData);
    });
    for (let count = 0; count < CHUNKS; count++) {
      if (!near.write(CHUNK)) await new Promise((resolve) => near.once('drain', resolve));
    }
    await received;
  };
}

describe('64 MiB in chunks of 64 KiB', async () => {
  const pairs: [string, Pair][] = [
    ['memory', memoryPair()],
    ['TCP', await tcpPair()],
    ['TLS', await tlsPair()],
    ['TCP with DEFLATE', await deflatePair(await tcpPair())],
  ];
  const bare = await bareSockets();
  bench('bare sockets', bare, { iterations: 8, time: 0, warmupIterations: 2, warmupTime: 0 });
  for (const [name, pair] of pairs) {
    bench(name, () => transfer(pair), { iterations: 8, time: 0, warmupIterations: 2, warmupTime: 0 });
  }
});
