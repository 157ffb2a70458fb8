import type { ClientTlsOptions, Transport } from '@posthorn/core';
import { type ConnectTcpOptions, connectTcp, connectTls } from '../connect.ts';

/** What to ask of TLS. */
export interface TlsSettings {
  /** Certificate authorities to trust instead of the system's, in PEM. */
  readonly ca?: string | readonly string[];
  /** Certificate to show the server, in PEM, with its `key`. */
  readonly cert?: string;
  readonly key?: string;
  /** What `key` is encrypted with, when it is. */
  readonly passphrase?: string;
  /**
   * The only certificates to accept, whoever signed them: their SHA-256 in hexadecimal digits, or `sha256/` and base64 of
   * that of their public key.
   */
  readonly fingerprints?: readonly string[];
  /** Accepts any certificate. Only for tests and servers reached over a trusted path. @defaultValue false */
  readonly allowInvalidCertificate?: boolean;
  /** The name that the certificate must be for. @defaultValue the host connected to */
  readonly host?: string;
}

/** Where a server is, and how to reach it. */
export interface ServerPlace {
  /** Name or address. Not needed with a `transport`. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly tls?: TlsSettings | undefined;
  readonly proxy?: ConnectTcpOptions['proxy'];
  readonly keepAliveMs?: number | undefined;
  /** A connection that stands already, instead of host and port. */
  readonly transport?: Transport | undefined;
  readonly timeouts?: { readonly connectMs?: number; readonly tlsMs?: number } | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects as asked, or takes the transport given, and sees to TLS from the first octet.
 * @param defaultPort - Where the protocol is served in this way.
 * @param lendsChunks - As `connectTcp` has it.
 * @throws TypeError without a host and a transport, and as `connectTls` does.
 */
export async function openTransport(
  place: ServerPlace,
  {
    isTls,
    defaultPort,
    lendsChunks,
  }: { readonly isTls: boolean; readonly defaultPort: number; readonly lendsChunks?: boolean },
): Promise<Transport> {
  const { transport, host, port = defaultPort, signal, proxy, keepAliveMs, timeouts } = place;
  if (transport !== undefined) {
    if (isTls && transport.security === 'none') await transport.startTls(clientTls(place));
    return transport;
  }
  if (host === undefined || host === '') throw new TypeError('a host is needed, or a transport');
  const target = { host, port, signal, proxy, keepAliveMs, lendsChunks, timeoutMs: timeouts?.connectMs ?? 10_000 };
  if (!isTls) return connectTcp(target);
  const { role: _, host: name, timeoutMs: __, signal: ___, ...tls } = clientTls(place);
  if (name === host) return connectTls({ ...tls, ...target });
  const opened = await connectTcp({ ...target, lendsChunks: false });
  await opened.startTls(clientTls(place));
  return opened;
}

/** What the handshake of STARTTLS or STLS needs. @throws TypeError when there is no name the certificate must be for */
export function clientTls({ tls = {}, host, signal, timeouts }: ServerPlace): ClientTlsOptions {
  const name = tls.host ?? host;
  if (name === undefined) throw new TypeError('TLS needs the name that the certificate is for: host or tls.host');
  return { ...tls, role: 'client', host: name, signal, timeoutMs: timeouts?.tlsMs ?? 10_000 };
}
