import { LoginGuard, type RunningServer, type ServeOptions, serveSessions } from '@posthorn/transport/serving';
import { encodePop3Status } from '@posthorn/wire/pop3';
import { checkOptions } from './check-options.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { err } from './replies.ts';
import { Session, type SessionOptions } from './session.ts';

export interface ServePop3Options extends SessionOptions, Pick<ServeOptions, 'host' | 'port' | 'implicitTls'> {}

/** A running server. When it is closed nothing is deleted but by a QUIT under way. */
export interface Pop3Server extends RunningServer {}

/**
 * Starts a POP3 server over a store.
 * @throws {@link TransportError} `TRANSPORT_LISTEN` when the port cannot be had.
 * @throws TypeError for `implicitTls` without `tls`, and for a certificate that cannot be; RangeError for an option that
 *   cannot be.
 */
export async function servePop3(options: ServePop3Options): Promise<Pop3Server> {
  checkOptions(options);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const session: SessionOptions = { loginGuard: new LoginGuard(options), ...options };
  return serveSessions(
    { ...options, limits },
    {
      open: (transport, place, tls) => new Session(transport, { ...session, tls }, place),
      refusal: encodePop3Status(err('Too many connections', 'SYS/TEMP')),
    },
  );
}
