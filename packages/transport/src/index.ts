/**
 * Byte transports for mail protocols: TCP, TLS, STARTTLS, DEFLATE, proxies, child processes, any Node stream, and an
 * in-memory pair.
 * @module
 */
export { type ConnectTcpOptions, type ConnectTlsOptions, connectTcp, connectTls } from './connect.ts';
export { canStopDeflate, type DeflatingTransport } from './deflating-transport.ts';
export { type LendingTransport, lendsChunks } from './lending-transport.ts';
export { type Listener, type ListenOptions, listen } from './listen.ts';
export { type MemoryPairOptions, memoryPair } from './memory-pair.ts';
export type { ProxyOptions } from './proxy.ts';
export { type SpawnOptions, spawnTransport } from './spawn-transport.ts';
export { transportFromDuplex, transportFromSocket } from './stream-transport.ts';
