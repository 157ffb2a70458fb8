import { MailError, TransportError } from '@posthorn/core';
import { endpoint } from './endpoint.ts';

const CONNECT_REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ETIMEDOUT', 'it did not answer'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ENETUNREACH', 'its network cannot be reached'],
  ['ECONNRESET', 'it closed the connection at once'],
  ['EACCES', 'permission was denied'],
  ['EPERM', 'permission was denied'],
  ['EMFILE', 'this process has too many open files'],
]);

const BROKEN_REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNRESET', 'the peer reset the connection'],
  ['EPIPE', 'the peer closed the connection'],
  ['ETIMEDOUT', 'the peer no longer answers'],
  ['EHOSTUNREACH', 'the peer can no longer be reached'],
  ['ENETUNREACH', 'the network is gone'],
]);

const LISTEN_REASONS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'the port is in use'],
  ['EADDRNOTAVAIL', 'this machine does not have that address'],
  ['EACCES', 'permission was denied'],
]);

/** The system's code for an error; for a connection tried over several addresses, that of the first. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '' && error instanceof AggregateError ? systemCode(error.errors[0]) : code;
}

export function connectError(error: unknown, host: string, port: number): TransportError {
  const code = systemCode(error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_NODATA' || code === 'EAI_NONAME') {
    const message = code === 'EAI_AGAIN' ? `the name ${host} cannot be looked up now` : `the host ${host} is unknown`;
    return new TransportError('TRANSPORT_HOST_UNKNOWN', message, { cause: error });
  }
  const reason = CONNECT_REASONS.get(code) ?? (code || 'of an unknown error');
  return new TransportError('TRANSPORT_CONNECT', `cannot connect to ${endpoint(host, port)}: ${reason}`, {
    cause: error,
  });
}

export function listenError(error: unknown, host: string, port: number): TransportError {
  const code = systemCode(error);
  const reason = LISTEN_REASONS.get(code) ?? (code || 'of an unknown error');
  return new TransportError('TRANSPORT_LISTEN', `cannot listen on ${endpoint(host, port)}: ${reason}`, {
    cause: error,
  });
}

/** What a stream's error means for a connection that stood. */
export function brokenError(error: unknown): Error {
  if (MailError.is(error)) return error;
  const message = BROKEN_REASONS.get(systemCode(error)) ?? openSslReason(error);
  return new TransportError('TRANSPORT_BROKEN', message ?? 'the connection failed', { cause: error });
}

/** TLS can break after its handshake: with TLS 1.3 a server refuses the client's certificate only then. */
function openSslReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('reason' in error) || typeof error.reason !== 'string') return undefined;
  return `the TLS connection failed: ${error.reason.toLowerCase()}`;
}
