import { connect, createServer, type Server, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { type Certificate, makeCertificate } from '@posthorn/certificates';
import { concatBytes, type Transport } from '@posthorn/core';
import {
  connectTcp,
  connectTls,
  lendsChunks,
  listen,
  memoryPair,
  transportFromDuplex,
  transportFromSocket,
} from '../src/index.ts';

export type Pair = readonly [near: Transport, far: Transport];

let made: Promise<Certificate> | undefined;

/** A self-signed certificate for localhost and 127.0.0.1. */
export function localhost(): Promise<Certificate> {
  made ??= makeCertificate({ hosts: ['localhost', '127.0.0.1', '::1'] });
  return made;
}

/** Two transports over one loopback connection. */
export function tcpPair(): Promise<Pair> {
  return pairOf(false);
}

/** The same; the near one lends its chunks. */
export function lendingPair(): Promise<Pair> {
  return pairOf(true);
}

/** The same, but its reader keeps each chunk. */
async function keepingPair(lending = lendingPair): Promise<Pair> {
  const [near, far] = await lending();
  const read = near.read.bind(near);
  near.read = async (options) => {
    const chunk = await read(options);
    if (lendsChunks(near)) near.keepChunk();
    return chunk;
  };
  return [near, far];
}

/** The same over TLS from the first octet. */
export async function lendingTlsPair(): Promise<Pair> {
  const certificate = await localhost();
  const accepted = deferred<Transport>();
  const listener = await listen({ host: '127.0.0.1', port: 0, tls: certificate, onConnection: accepted.resolve });
  const { port } = listener;
  const near = await connectTls({ host: '127.0.0.1', port, ca: certificate.ca, lendsChunks: true });
  const far = await accepted.promise;
  await listener.close();
  return [near, far];
}

async function pairOf(areLent: boolean): Promise<Pair> {
  const accepted = deferred<Transport>();
  const listener = await listen({ host: '127.0.0.1', port: 0, onConnection: accepted.resolve });
  const near = await connectTcp({ host: '127.0.0.1', port: listener.port, lendsChunks: areLent });
  const far = await accepted.promise;
  await listener.close();
  return [near, far];
}

export async function tlsPair(): Promise<Pair> {
  const [near, far] = await tcpPair();
  const certificate = await localhost();
  await Promise.all([
    near.startTls({ host: 'localhost', ca: certificate.ca }),
    far.startTls({ role: 'server', cert: certificate.cert, key: certificate.key }),
  ]);
  return [near, far];
}

export async function deflatePair(pair: Pair): Promise<Pair> {
  await Promise.all(pair.map((transport) => transport.startDeflate()));
  return pair;
}

/** Two raw sockets over one loopback connection. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  const { server, port } = await rawServer(() => {});
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const near = connect(port, '127.0.0.1');
  const far = await accepted;
  server.close();
  return [near, far];
}

/** Two transports over streams that are no sockets. */
export async function duplexPair(): Promise<Pair> {
  const [there, back] = [new PassThrough(), new PassThrough()];
  return [joined(back, there), joined(there, back)];
}

function joined(input: PassThrough, output: PassThrough): Transport {
  return transportFromDuplex(Duplex.from({ readable: input, writable: output }));
}

export const PAIRS: ReadonlyMap<string, () => Promise<Pair>> = new Map([
  ['memory', async () => memoryPair()],
  ['TCP', tcpPair],
  ['TCP with chunks that are lent', keepingPair],
  ['TLS', tlsPair],
  ['TLS with chunks that are lent', () => keepingPair(lendingTlsPair)],
  ['DEFLATE over TCP with chunks that were lent', async () => deflatePair(await keepingPair())],
  ['TCP with DEFLATE', async () => deflatePair(await tcpPair())],
  ['TLS with DEFLATE', async () => deflatePair(await tlsPair())],
  ['DEFLATE over TLS with chunks that were lent', async () => deflatePair(await keepingPair(lendingTlsPair))],
  ['a duplex stream', duplexPair],
  [
    'sockets',
    async () => {
      const [near, far] = await socketPair();
      return [transportFromSocket(near), transportFromSocket(far)];
    },
  ],
]);

/** A server of raw sockets, which swallow their errors. */
export async function rawServer(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a port');
  return { server, port: address.port };
}

export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
}

export function deferred<Value>(): Deferred<Value> {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Reads up to the end of the stream. */
export async function readAll(transport: Transport): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await transport.read(); chunk !== null; chunk = await transport.read()) chunks.push(chunk);
  return concatBytes(chunks);
}

/** Reads `length` octets, and perhaps a few more. */
export async function readAtLeast(transport: Transport, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let size = 0; size < length; ) {
    const chunk = await transport.read();
    if (chunk === null) break;
    chunks.push(chunk);
    size += chunk.length;
  }
  return concatBytes(chunks);
}

/** Whether a promise settles while the event loop turns `turns` times. */
export async function settles(promise: Promise<unknown>, turns = 50): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let turn = 0; turn < turns && !settled; turn++) await new Promise((resolve) => setImmediate(resolve));
  return settled;
}
