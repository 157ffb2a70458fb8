import type { Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import { TransportError } from '@posthorn/core';
import { endpoint } from './endpoint.ts';
import { openHttpTunnel } from './http-proxy.ts';
import type { ProxyEndpoint, Target } from './proxy.ts';
import { openSocksTunnel } from './socks-proxy.ts';

/**
 * Has a proxy connect to a server. Octets that come from the server already can be read from the socket that comes back.
 * @param socket - Connected to the proxy, with TLS when it wants it. Destroyed when anything goes wrong.
 * @throws {@link TransportError} `TRANSPORT_PROXY`, also when the time is over; the signal's reason when aborted.
 */
export async function openTunnel(
  socket: Socket,
  proxy: ProxyEndpoint,
  target: Target,
  { signal, timeoutMs }: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
): Promise<void> {
  const peer = endpoint(proxy.host, proxy.port);
  let failure: { readonly reason: unknown } | undefined;
  const giveUp = (reason: unknown): void => {
    failure ??= { reason };
    socket.destroy();
  };
  const abort = (): void => giveUp(signal?.reason);
  const message = `the proxy ${peer} did not answer within ${timeoutMs} ms`;
  const timer = setTimeout(() => giveUp(new TransportError('TRANSPORT_PROXY', message)), timeoutMs);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    if (failure !== undefined) throw failure;
    const there = { host: domainToASCII(target.host) || target.host, port: target.port };
    await (proxy.type.startsWith('socks') ? openSocksTunnel : openHttpTunnel)(socket, proxy, there);
  } catch (error) {
    socket.destroy();
    if (failure !== undefined) throw failure.reason;
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
