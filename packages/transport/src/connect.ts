import type { LookupFunction, Socket, TcpNetConnectOpts } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClientTlsOptions, Transport } from '@posthorn/core';
import { checkEndpoint, type DialOptions, dial } from './dial.ts';
import { endpoint } from './endpoint.ts';
import { LentInput } from './lent-input.ts';
import { type ProxyEndpoint, type ProxyOptions, parseProxy } from './proxy.ts';
import { StreamTransport } from './stream-transport.ts';
import { checkTlsOptions, handshake, openSecure, secureStream } from './tls-handshake.ts';

export interface ConnectTcpOptions {
  /** Name or address to connect to. All addresses of a name are tried, IPv6 and IPv4 in turn (RFC 8305). */
  readonly host: string;
  readonly port: number;
  /** Gives up connecting: rejects with its reason. Does nothing once connected. */
  readonly signal?: AbortSignal | undefined;
  /** Most time for connecting, and anew for the answer of a proxy. @defaultValue 10_000 */
  readonly timeoutMs?: number;
  /** Most time for one address of several, before the next is tried; the last one has all that is left. @defaultValue 1_000 */
  readonly attemptTimeoutMs?: number | undefined;
  /** How long the line may be silent before the system probes whether the peer still lives; 0 never. @defaultValue 60_000 */
  readonly keepAliveMs?: number | undefined;
  /** The proxy to go through, as its URL or with what else it needs. @defaultValue none */
  readonly proxy?: string | ProxyOptions | undefined;
  /** Looks names up instead of the system: a function such as `dns.lookup`. Not asked when a proxy looks them up. */
  readonly lookup?: LookupFunction | undefined;
  /**
   * Whether chunks are lent, see {@link LendingTransport}: reading costs a fraction then. Not by a proxy, nor once the
   * connection is encrypted by `startTls`, or compressed.
   * @defaultValue false
   */
  readonly lendsChunks?: boolean | undefined;
}

/** How to connect with TLS. `timeoutMs` bounds connecting, and anew the answer of a proxy and each handshake. */
export interface ConnectTlsOptions extends ConnectTcpOptions, Omit<ClientTlsOptions, 'role' | 'signal'> {
  readonly timeoutMs?: number;
}

/**
 * Connects in clear text.
 * @throws {@link TransportError} `TRANSPORT_CONNECT`, `TRANSPORT_HOST_UNKNOWN`, `TRANSPORT_PROXY`; the signal's reason
 *   when aborted.
 * @throws TypeError, RangeError when host, port or proxy cannot be one.
 */
export async function connectTcp(options: ConnectTcpOptions): Promise<Transport> {
  const input = lentInput(options);
  return new StreamTransport(await connectSocket(options, { onread: input?.onread }), input);
}

/**
 * Connects with TLS from the first octet. The certificate must be valid for `host`, or one of `fingerprints`.
 * @throws {@link TransportError} as {@link connectTcp}, and `TRANSPORT_CERTIFICATE`, `TRANSPORT_TLS`.
 * @throws TypeError when `ca`, `cert`, `key` or `fingerprints` are not what they should be.
 */
export async function connectTls(options: ConnectTlsOptions): Promise<Transport> {
  const tls: ClientTlsOptions = { ...options, role: 'client' };
  checkTlsOptions(tls);
  const peer = endpoint(options.host, options.port);
  const input = lentInput(options);
  if (input === undefined) return new StreamTransport(await secureStream(await connectSocket(options), tls, peer));
  // Node reads into memory of ours when it opens the socket of TLS itself, and only then.
  const open = (connection: TcpNetConnectOpts): TLSSocket => openSecure(connection, tls);
  const socket = (await connectSocket(options, { onread: input.onread, open })) as TLSSocket;
  return new StreamTransport(await handshake(socket, socket, tls, peer), input);
}

function lentInput({ lendsChunks, proxy }: ConnectTcpOptions): LentInput | undefined {
  return lendsChunks === true && proxy === undefined ? new LentInput() : undefined;
}

/** A socket connected to the host, perhaps by a proxy. */
async function connectSocket(
  options: ConnectTcpOptions,
  opening: Pick<DialOptions, 'onread' | 'open'> = {},
): Promise<Socket> {
  const { host, port, signal, timeoutMs = 10_000, attemptTimeoutMs = 1000, keepAliveMs = 60_000, lookup } = options;
  checkEndpoint(host, port);
  const settings = { signal, timeoutMs, attemptTimeoutMs, keepAliveMs, lookup };
  if (options.proxy === undefined) return dial({ host, port, ...settings, ...opening });
  const given = typeof options.proxy === 'string' ? { url: options.proxy } : options.proxy;
  const proxy = parseProxy(given.url);
  // Loaded by who goes through a proxy: most programs never do, and start without it.
  const { openTunnel } = await import('./tunnel.ts');
  const socket = await dial({ host: proxy.host, port: proxy.port, ...settings });
  const line = proxy.type === 'https' ? await secureProxy(socket, proxy, given, settings) : socket;
  await openTunnel(line, proxy, { host, port }, settings);
  return line;
}

function secureProxy(
  socket: Socket,
  { host, port }: ProxyEndpoint,
  { ca }: ProxyOptions,
  { signal, timeoutMs }: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
): Promise<Socket> {
  const tls: ClientTlsOptions = { host, signal, timeoutMs, ...(ca !== undefined && { ca }) };
  return secureStream(socket, tls, endpoint(host, port));
}
