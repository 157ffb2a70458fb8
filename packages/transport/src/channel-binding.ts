import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ChannelBinding } from '@posthorn/core';

const EXPORTER_LABEL = 'EXPORTER-Channel-Binding';
const EXPORTER_BYTES = 32;

const SEQUENCE = 0x30;
const OBJECT_IDENTIFIER = 0x06;

/** Hash functions by the object identifier, in hexadecimal DER, of the signature algorithms that use them. */
const SIGNATURE_HASHES: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d010104', 'sha256'], // md5WithRSAEncryption: RFC 5929 section 4.1 asks for SHA-256 instead
  ['2a864886f70d010105', 'sha256'], // sha1WithRSAEncryption: the same
  ['2a8648ce3d0401', 'sha256'], // ecdsa-with-SHA1: the same
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
]);

/** The strongest binding the connection offers: `tls-exporter` with TLS 1.3, else `tls-server-end-point`. */
export function channelBinding(socket: TLSSocket): ChannelBinding | undefined {
  if (socket.getProtocol() === 'TLSv1.3') {
    const data = socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0));
    return { type: 'tls-exporter', data: new Uint8Array(data) };
  }
  // Either side's own certificate is the one it shows.
  const certificate = isServer(socket) ? socket.getCertificate() : socket.getPeerCertificate();
  const raw = certificate !== null && 'raw' in certificate ? certificate.raw : undefined;
  return raw instanceof Uint8Array ? serverEndPoint(raw) : undefined;
}

/** @see RFC 5929 section 4; undefined for a signature algorithm without one hash function, such as Ed25519. */
export function serverEndPoint(certificate: Uint8Array): ChannelBinding | undefined {
  const identifier = signatureAlgorithm(certificate);
  const hash = identifier === undefined ? undefined : SIGNATURE_HASHES.get(identifier);
  if (hash === undefined) return undefined;
  return { type: 'tls-server-end-point', data: new Uint8Array(createHash(hash).update(certificate).digest()) };
}

/** Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER, ... }, ... } */
function signatureAlgorithm(der: Uint8Array): string | undefined {
  const certificate = element(der, 0, SEQUENCE);
  const signed = certificate && element(der, certificate.start, SEQUENCE);
  const algorithm = signed && element(der, signed.end, SEQUENCE);
  const identifier = algorithm && element(der, algorithm.start, OBJECT_IDENTIFIER);
  return identifier && Buffer.from(der.subarray(identifier.start, identifier.end)).toString('hex');
}

/** Where the content of the DER element at `offset` starts and ends. */
function element(der: Uint8Array, offset: number, tag: number): { start: number; end: number } | undefined {
  if (der[offset] !== tag) return undefined;
  const first = der[offset + 1] ?? 0;
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    length = 0;
    for (let left = first & 0x7f; left > 0; left--) length = length * 256 + (der[start++] ?? 0);
  }
  return start + length <= der.length ? { start, end: start + length } : undefined;
}

function isServer(socket: TLSSocket): boolean {
  // Only a client knows the key of the exchange.
  return socket.getEphemeralKeyInfo() === null;
}
