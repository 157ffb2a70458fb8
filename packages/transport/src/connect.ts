import { connect, type Socket } from 'node:net';
import { type ClientTlsOptions, type TlsOptions, type Transport, TransportError } from '@posthorn/core';
import { endpoint } from './endpoint.ts';
import { connectError } from './socket-errors.ts';
import { StreamTransport } from './stream-transport.ts';
import { checkTlsOptions, secureStream } from './tls-handshake.ts';

export interface ConnectTcpOptions {
  /** Name or address to connect to. All addresses of a name are tried, IPv6 and IPv4 in turn (RFC 8305). */
  readonly host: string;
  readonly port: number;
  /** Gives up connecting: rejects with its reason. Does nothing once connected. */
  readonly signal?: AbortSignal;
  /** Most time for connecting. @defaultValue 10_000 */
  readonly timeoutMs?: number;
  /** How long the line may be silent before the system probes whether the peer still lives; 0 never. @defaultValue 60_000 */
  readonly keepAliveMs?: number;
}

/** How to connect with TLS. `timeoutMs` bounds connecting and, anew, the handshake. */
export interface ConnectTlsOptions extends ConnectTcpOptions, Omit<ClientTlsOptions, 'role'> {
  readonly timeoutMs?: number;
}

/**
 * Connects in clear text.
 * @throws {@link TransportError} `TRANSPORT_CONNECT`, `TRANSPORT_HOST_UNKNOWN`; the signal's reason when aborted.
 */
export async function connectTcp(options: ConnectTcpOptions): Promise<Transport> {
  return new StreamTransport(await connectSocket(options));
}

/**
 * Connects with TLS from the first octet. The certificate must be valid for `host`.
 * @throws {@link TransportError} as {@link connectTcp}, and `TRANSPORT_CERTIFICATE`, `TRANSPORT_TLS`.
 * @throws TypeError when `ca`, `cert` or `key` are not what they should be.
 */
export async function connectTls(options: ConnectTlsOptions): Promise<Transport> {
  const { host, port, signal } = options;
  const tls: TlsOptions = { ...options, role: 'client' };
  checkTlsOptions(tls);
  const socket = await connectSocket(options);
  const abort = (): void => {
    socket.destroy();
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return new StreamTransport(await secureStream(socket, tls, endpoint(host, port)));
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** A connected socket from which nothing was read. */
function connectSocket({
  host,
  port,
  signal,
  timeoutMs = 10_000,
  keepAliveMs = 60_000,
}: ConnectTcpOptions): Promise<Socket> {
  if (host === '') throw new TypeError('the host is empty');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`${port} is not a port`);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const socket = connect({
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: keepAliveMs > 0,
      keepAliveInitialDelay: keepAliveMs,
    });
    // Octets that come before anybody reads stay with the system.
    socket.pause();
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (reason: unknown): void => {
      settle();
      socket.destroy();
      reject(reason);
    };
    const abort = (): void => fail(signal?.reason);
    const timer = setTimeout(() => {
      const message = `${endpoint(host, port)} did not answer within ${timeoutMs} ms`;
      fail(new TransportError('TRANSPORT_CONNECT', message));
    }, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
    // Stays for the life of the socket, so that no error event is ever unhandled.
    socket.on('error', (error) => fail(connectError(error, host, port)));
  });
}
