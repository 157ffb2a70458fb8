import { isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  TLSSocket,
} from 'node:tls';
import { domainToASCII } from 'node:url';
import { type ClientTlsOptions, type TlsOptions, TransportError } from '@posthorn/core';
import { fingerprintOf, isPinned, parseFingerprints } from './fingerprint.ts';
import { tlsError } from './tls-errors.ts';

/**
 * Runs a handshake over `stream`, which nobody else may read or write from here on. When it fails, the stream is
 * destroyed.
 * @param peer - How error messages name the other side.
 * @throws {@link TransportError} `TRANSPORT_CERTIFICATE`, `TRANSPORT_TLS`; the signal's reason when aborted.
 */
export async function secureStream(stream: Duplex, options: TlsOptions, peer: string): Promise<TLSSocket> {
  if (stream.destroyed) throw closedEarly(peer);
  const isServer = options.role === 'server';
  if (!isServer && options.signal?.aborted) {
    stream.destroy();
    throw options.signal.reason;
  }
  const socket = isServer
    ? serverSocket(stream, options)
    : connect({ ...clientOptions(options), socket: stream as Socket });
  return handshake(socket, stream, options, peer);
}

/** A socket that connects with these options, and begins a handshake as soon as it has. {@link handshake} waits for it. */
export function openSecure(connection: TcpNetConnectOpts, options: ClientTlsOptions): TLSSocket {
  const { noDelay, keepAlive, keepAliveInitialDelay } = connection;
  const socket = connect({ ...(connection as ConnectionOptions), ...clientOptions(options) });
  // `tls.connect` drops these.
  return socket.once('connect', () => socket.setNoDelay(noDelay).setKeepAlive(keepAlive, keepAliveInitialDelay));
}

/**
 * Waits for the handshake of a socket, which may be `stream` itself.
 * @throws {@link TransportError} as {@link secureStream}
 */
export function handshake(socket: TLSSocket, stream: Duplex, options: TlsOptions, peer: string): Promise<TLSSocket> {
  const { timeoutMs = 10_000 } = options;
  const isServer = options.role === 'server';
  const signal = isServer ? undefined : options.signal;
  let certificate: PeerCertificate | undefined;
  // The certificate is out of reach by the time its error arrives, and the error does not carry its dates.
  if (!isServer) socket.prependOnceListener('secure', () => (certificate = socket.getPeerCertificate()));

  return new Promise((resolve, reject) => {
    const fail = (failure: unknown): void => {
      settle();
      socket.destroy();
      stream.destroy();
      reject(failure);
    };
    const succeed = (): void => {
      const refusal = isServer ? undefined : refuseOthers(socket, options);
      if (refusal !== undefined) {
        fail(refusal);
        return;
      }
      settle();
      resolve(socket);
    };
    const abort = (): void => fail(signal?.reason);
    const onError = (error: Error): void =>
      fail(tlsError(error, { host: isServer ? peer : options.host, peer, certificate }));
    const onClose = (): void => fail(closedEarly(peer));
    const timer = setTimeout(() => {
      fail(new TransportError('TRANSPORT_TLS', `the TLS handshake with ${peer} took longer than ${timeoutMs} ms`));
    }, timeoutMs);
    const established = isServer ? 'secure' : 'secureConnect';
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.off(established, succeed).off('error', onError).off('end', onClose).off('close', onClose);
      stream.off('error', onError).off('close', onClose);
    };
    signal?.addEventListener('abort', abort, { once: true });
    socket.once(established, succeed).on('error', onError).once('end', onClose).once('close', onClose);
    stream.on('error', onError).once('close', onClose);
    // For the rest of their lives, so that no error event is ever unhandled.
    socket.on('error', ignore);
    stream.on('error', ignore);
  });
}

function closedEarly(peer: string): TransportError {
  return new TransportError('TRANSPORT_TLS', `${peer} closed the connection during the TLS handshake`);
}

/** @throws TypeError when the options cannot be meant, before anything is done with them. */
export function checkTlsOptions(options: TlsOptions): void {
  if (options.role !== 'server') {
    asciiHost(options.host);
    if (options.fingerprints !== undefined) parseFingerprints(options.fingerprints);
  }
  contextFor(options);
}

/** What is wrong with a certificate that had to be one of a few. */
function refuseOthers(socket: TLSSocket, { host, fingerprints }: ClientTlsOptions): TransportError | undefined {
  if (fingerprints === undefined) return undefined;
  const { raw } = socket.getPeerCertificate();
  if (raw !== undefined && isPinned(raw, parseFingerprints(fingerprints))) return undefined;
  const shown = raw === undefined ? '' : `: it has ${fingerprintOf(raw)}`;
  const message = `the certificate of ${host} is not one of those with the expected fingerprints${shown}`;
  return new TransportError('TRANSPORT_CERTIFICATE', message);
}

function serverSocket(stream: Duplex, options: TlsOptions): TLSSocket {
  return new TLSSocket(stream as Socket, {
    isServer: true,
    secureContext: contextFor(options),
    ...{ allowHalfOpen: true },
  });
}

function clientOptions(options: ClientTlsOptions): ConnectionOptions {
  const host = asciiHost(options.host);
  return {
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    secureContext: contextFor(options),
    // A fingerprint says more than any authority; it is compared before anything is sent or read.
    rejectUnauthorized: options.allowInvalidCertificate !== true && options.fingerprints === undefined,
    ...{ allowHalfOpen: true },
  };
}

function asciiHost(host: string): string {
  if (isIP(host) !== 0) return host;
  const ascii = domainToASCII(host).replace(/\.$/, '');
  if (ascii === '') throw new TypeError('the host whose certificate is expected is neither a name nor an address');
  return ascii;
}

const contexts = new WeakMap<TlsOptions, SecureContext>();

/** Parsing certificates costs milliseconds, so a server's options are parsed once. */
function contextFor(options: TlsOptions): SecureContext {
  let context = contexts.get(options);
  if (context === undefined) {
    const { cert, key } = options;
    const { ca, passphrase } = options.role === 'server' ? {} : options;
    try {
      context = createSecureContext({
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...(passphrase === undefined ? {} : { passphrase }),
        ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
      });
    } catch (error) {
      throw new TypeError('the certificate, its key or its authority is not valid PEM, or they do not match', {
        cause: error,
      });
    }
    contexts.set(options, context);
  }
  return context;
}

function ignore(): void {}
