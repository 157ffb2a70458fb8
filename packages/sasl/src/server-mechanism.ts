import type { AuthenticationContext, Authenticator, ChannelBinding, ScramHash } from '@posthorn/core';
import { loginServer } from './login.ts';
import type { ServerMechanism } from './mechanism.ts';
import { oauthBearerServer, xoauth2Server } from './oauth.ts';
import { plainServer } from './plain.ts';
import { scramServer } from './scram-server.ts';

export interface ServerMechanismOptions {
  readonly authenticator: Authenticator;
  /** The connection; its `security` decides what is offered. */
  readonly context: AuthenticationContext;
  /** Offers mechanisms that show a password or token also without TLS. @defaultValue false */
  readonly allowInsecureAuth?: boolean;
  /** What the connection can be bound to; adds the `-PLUS` mechanisms. */
  readonly channelBinding?: ChannelBinding | undefined;
  /** The hashes for which the authenticator has keys of every user. @defaultValue `['SHA-256']` */
  readonly scramHashes?: readonly ScramHash[];
}

/** The mechanisms a server offers, in the order of its capabilities: those the authenticator can decide about. */
export function offeredMechanisms(options: ServerMechanismOptions): readonly string[] {
  return [...mechanisms(options).keys()];
}

/** The server's half of a mechanism that is offered, by its name in any case; undefined when it is not offered. */
export function serverMechanism(name: string, options: ServerMechanismOptions): ServerMechanism | undefined {
  return mechanisms(options).get(name.toUpperCase())?.();
}

function mechanisms(options: ServerMechanismOptions): ReadonlyMap<string, () => ServerMechanism> {
  const { authenticator, context, allowInsecureAuth = false, scramHashes = ['SHA-256'] } = options;
  const channelBinding = context.security === 'tls' ? options.channelBinding : undefined;
  const offered = new Map<string, () => ServerMechanism>();
  if (authenticator.scramKeys !== undefined && authenticator.authorize !== undefined) {
    for (const plus of channelBinding === undefined ? [false] : [true, false]) {
      for (const hash of scramHashes) {
        const make = () => scramServer(hash, authenticator, context, { channelBinding, plus });
        offered.set(`SCRAM-${hash}${plus ? '-PLUS' : ''}`, make);
      }
    }
  }
  if (context.security === 'none' && !allowInsecureAuth) return offered;
  offered.set('PLAIN', () => plainServer(authenticator, context));
  offered.set('LOGIN', () => loginServer(authenticator, context));
  if (authenticator.checkToken !== undefined) {
    offered.set('OAUTHBEARER', () => oauthBearerServer(authenticator, context));
    offered.set('XOAUTH2', () => xoauth2Server(authenticator, context));
  }
  return offered;
}
