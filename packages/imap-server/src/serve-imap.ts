import { LoginGuard, type RunningServer, type ServeOptions, serveSessions } from '@posthorn/transport/serving';
import { encodeResponse } from '@posthorn/wire';
import { limitsOf } from './limits.ts';
import { untagged } from './replies/replies.ts';
import { Session } from './session/session.ts';
import type { SessionOptions } from './session/session-options.ts';

export interface ServeImapOptions extends SessionOptions, Pick<ServeOptions, 'host' | 'port' | 'implicitTls'> {}

/** A running server. */
export interface ImapServer extends RunningServer {}

/**
 * Starts an IMAP server over a store.
 * @throws {@link TransportError} `TRANSPORT_LISTEN` when the port cannot be had.
 * @throws TypeError for `implicitTls` without `tls`, and for a certificate that cannot be.
 */
export async function serveImap(options: ServeImapOptions): Promise<ImapServer> {
  const limits = limitsOf(options.limits);
  const session: SessionOptions = { compress: true, loginGuard: new LoginGuard(options), ...options };
  return serveSessions(
    { ...options, limits },
    {
      open: (transport, place, tls) => new Session(transport, { ...session, tls }, place),
      refusal: refusal(),
    },
  );
}

function refusal(): Uint8Array {
  const bye = untagged('BYE', 'Too many connections', { type: 'atom', name: 'UNAVAILABLE' });
  return Buffer.concat(encodeResponse(bye).flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : [])));
}
