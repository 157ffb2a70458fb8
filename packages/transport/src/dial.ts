import { connect, type LookupFunction, type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';
import { TransportError } from '@posthorn/core';
import { endpoint } from './endpoint.ts';
import { connectError } from './socket-errors.ts';

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly lookup: LookupFunction | undefined;
  /** Where octets go instead of the stream. */
  readonly onread?: OnReadOpts | undefined;
  /** Makes the socket. @defaultValue one of TCP alone */
  readonly open?: ((options: TcpNetConnectOpts) => Socket) | undefined;
}

/** @throws TypeError, RangeError when it cannot be an endpoint. */
export function checkEndpoint(host: string, port: number): void {
  if (host === '') throw new TypeError('the host is empty');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`${port} is not a port`);
}

/** A connected socket from which nothing was read. */
export function dial({
  host,
  port,
  signal,
  timeoutMs,
  attemptTimeoutMs,
  keepAliveMs,
  lookup,
  onread,
  open = connect,
}: DialOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const socket = open({
      host,
      port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: keepAliveMs > 0,
      keepAliveInitialDelay: keepAliveMs,
      ...(lookup && { lookup }),
      ...(onread && { onread }),
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
