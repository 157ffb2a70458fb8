import type { PeerCertificate } from 'node:tls';
import { TransportError } from '@posthorn/core';
import { systemCode } from './socket-errors.ts';

export interface HandshakeContext {
  /** The name or address the certificate must be for. */
  readonly host: string;
  /** How messages name the other side. */
  readonly peer: string;
  /** What the server showed, when the handshake came that far. */
  readonly certificate: PeerCertificate | undefined;
}

/** What the code of a failed verification says about the certificate, after `the certificate of HOST`. */
const CERTIFICATE_FAULTS: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'is signed by an authority that is not trusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'is signed by an authority that is not known'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'is signed by an authority that is not known'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'is signed by an authority that is not known'],
  ['CERT_UNTRUSTED', 'is not trusted'],
  ['CERT_REJECTED', 'is not trusted for servers'],
  ['INVALID_PURPOSE', 'is not meant for servers'],
  ['INVALID_CA', 'is signed by a certificate that may not sign others'],
  ['PATH_LENGTH_EXCEEDED', 'has a longer chain than its authority allows'],
  ['CERT_CHAIN_TOO_LONG', 'has a chain that is too long'],
  ['CERT_REVOKED', 'was revoked'],
  ['CERT_SIGNATURE_FAILURE', 'has a wrong signature'],
  ['HOSTNAME_MISMATCH', 'is for another host'],
]);

const OTHER_CERTIFICATE_CODE = /^(?:CERT|CRL|UNABLE_TO|ERROR_IN_CERT|ERROR_IN_CRL|EE_KEY|CA_KEY|CA_MD)_/;

/** The errors of OpenSSL for a peer whose first octets are no TLS record, or whose TLS is of another age. */
const NOT_TLS: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_UNKNOWN_PROTOCOL',
  'ERR_SSL_BAD_RECORD_TYPE',
  'ERR_SSL_UNEXPECTED_MESSAGE',
]);

/** The error a failed handshake becomes. */
export function tlsError(error: Error, context: HandshakeContext): TransportError {
  const code = systemCode(error);
  const fault = certificateFault(code, context);
  if (fault !== undefined) {
    return new TransportError('TRANSPORT_CERTIFICATE', `the certificate of ${context.host} ${fault}`, { cause: error });
  }
  return new TransportError('TRANSPORT_TLS', handshakeFault(code, error, context), { cause: error });
}

function certificateFault(code: string, { host, certificate }: HandshakeContext): string | undefined {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'ERR_TLS_CERT_ALTNAME_FORMAT': {
      const names = certificateNames(certificate);
      return names === '' ? `names no host, so it is not for ${host}` : `is for ${names}, not for ${host}`;
    }
    case 'CERT_HAS_EXPIRED': {
      const day = dayOf(certificate?.valid_to);
      return day !== undefined && day.getTime() < Date.now()
        ? `expired on ${isoDay(day)}`
        : 'has an issuer that expired';
    }
    case 'CERT_NOT_YET_VALID': {
      const day = dayOf(certificate?.valid_from);
      return day !== undefined && day.getTime() > Date.now()
        ? `is not valid before ${isoDay(day)}`
        : 'has an issuer that is not valid yet';
    }
    default:
      return (
        CERTIFICATE_FAULTS.get(code) ??
        (OTHER_CERTIFICATE_CODE.test(code)
          ? `is not acceptable (${code.toLowerCase().replaceAll('_', ' ')})`
          : undefined)
      );
  }
}

function handshakeFault(code: string, error: Error, { peer }: HandshakeContext): string {
  if (NOT_TLS.has(code)) return `${peer} does not speak TLS on this port`;
  if (code === 'ECONNRESET' || code === 'EPIPE') return `${peer} closed the connection during the TLS handshake`;
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : code;
  return reason === ''
    ? `the TLS handshake with ${peer} failed`
    : `the TLS handshake with ${peer} failed: ${reason.toLowerCase()}`;
}

/** Up to three of the names in a certificate. They are the peer's text, so only what can stand in a host name passes. */
function certificateNames(certificate: PeerCertificate | undefined): string {
  const names = (certificate?.subjectaltname ?? '')
    .split(', ')
    .map((entry) => /^(?:DNS|IP Address):([\w.*:-]{1,253})$/.exec(entry)?.[1])
    .filter((name) => name !== undefined);
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

function dayOf(text: string | undefined): Date | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time);
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
