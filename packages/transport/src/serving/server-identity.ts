import type { ServerTlsOptions } from '@posthorn/core';
import { checkTlsOptions } from '../tls-handshake.ts';

/** Certificate chain and private key of a server, in PEM. */
export interface ServerIdentity {
  readonly cert: string;
  readonly key: string;
}

const options = new WeakMap<ServerIdentity, ServerTlsOptions>();

/** What a handshake takes. One identity gives the same object each time, so that its PEM is parsed once. */
export function serverTls(identity: ServerIdentity): ServerTlsOptions {
  let known = options.get(identity);
  if (known === undefined) {
    known = { ...identity, role: 'server' };
    options.set(identity, known);
  }
  return known;
}

/** @throws TypeError when certificate and key are not valid PEM, or not of each other. */
export function checkIdentity(identity: ServerIdentity): void {
  // Node takes an empty text for none, and then no handshake succeeds.
  const isEmpty = [identity.cert, identity.key].some((pem) => !pem.includes('-----BEGIN '));
  if (isEmpty) throw new TypeError('the certificate or its key is not in PEM form');
  checkTlsOptions(serverTls(identity));
}
