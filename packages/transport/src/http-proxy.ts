import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { TransportError } from '@posthorn/core';
import { endpoint } from './endpoint.ts';
import type { ProxyEndpoint, Target } from './proxy.ts';

const REASONS: ReadonlyMap<number, string> = new Map([
  [401, 'wants a user name and password'],
  [403, 'does not allow this connection'],
  [405, 'does not make connections for others'],
  [407, 'wants a user name and password'],
  [501, 'does not make connections for others'],
  [502, 'cannot connect to the server'],
  [503, 'cannot connect to the server now'],
  [504, 'got no answer from the server'],
]);

/** @see RFC 9110 section 9.3.6 */
export function openHttpTunnel(socket: Socket, proxy: ProxyEndpoint, target: Target): Promise<void> {
  const peer = endpoint(proxy.host, proxy.port);
  const authority = endpoint(target.host, target.port);
  return new Promise((resolve, reject) => {
    const refuse = (what: string, cause?: unknown): void =>
      reject(new TransportError('TRANSPORT_PROXY', `the proxy ${peer} ${what}`, cause === undefined ? {} : { cause }));
    const asked = request({
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...authorization(proxy) },
      createConnection: () => socket,
    });
    asked.once('connect', ({ statusCode = 0 }: IncomingMessage, _socket: Socket, head: Buffer) => {
      if (statusCode < 200 || statusCode > 299) {
        const hasPassword = proxy.user !== undefined && (statusCode === 407 || statusCode === 401);
        refuse(hasPassword ? 'refused the user name or password' : reasonOf(statusCode));
        return;
      }
      socket.pause();
      if (head.length > 0) socket.unshift(head);
      resolve();
    });
    asked.on('error', (error: NodeJS.ErrnoException) =>
      refuse(error.code?.startsWith('HPE_') ? 'does not speak HTTP' : 'closed the connection', error),
    );
    asked.end();
    socket.resume();
  });
}

function reasonOf(status: number): string {
  return REASONS.get(status) ?? `refused the connection with status ${status}`;
}

function authorization({ user, password = '' }: ProxyEndpoint): Readonly<Record<string, string>> {
  if (user === undefined) return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
