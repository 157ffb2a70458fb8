import type { AuthenticationContext, Authenticator, ChannelBinding, ScramHash } from '@posthorn/core';
import { type AnonymousServerOptions, anonymousServer } from './anonymous.ts';
import { cramMd5Server } from './cram-md5.ts';
import { externalServer } from './external.ts';
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
  /** Who the connection proves the client to be, by its certificate for example; adds EXTERNAL. */
  readonly externalUser?: string | undefined;
  /** Adds CRAM-MD5, for which passwords are kept as they are. Not without TLS, unless `allowInsecureAuth`. */
  readonly cramMd5?: { readonly host: string; readonly passwordOf: (user: string) => Promise<string | undefined> };
  /** Lets everybody into one account; adds ANONYMOUS. */
  readonly anonymous?: AnonymousServerOptions;
  /** Mechanisms of your own by name, offered behind the others whatever protects the connection; they replace ours. */
  readonly custom?: ReadonlyMap<string, () => ServerMechanism>;
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
  const { externalUser, cramMd5, anonymous, custom } = options;
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
  if (externalUser !== undefined && authenticator.authorize !== undefined) {
    offered.set('EXTERNAL', () => externalServer(externalUser, authenticator, context));
  }
  if (context.security === 'tls' || allowInsecureAuth) addRevealing(offered, options, cramMd5);
  if (anonymous !== undefined) offered.set('ANONYMOUS', () => anonymousServer(anonymous));
  for (const [name, make] of custom ?? []) offered.set(name.toUpperCase(), make);
  return offered;
}

/** Those that show a password or token, or let it be guessed, to whoever listens. */
function addRevealing(
  offered: Map<string, () => ServerMechanism>,
  { authenticator, context }: ServerMechanismOptions,
  cramMd5: ServerMechanismOptions['cramMd5'],
): void {
  if (cramMd5 !== undefined && authenticator.authorize !== undefined) {
    const authorize = async (user: string) => authenticator.authorize?.(user, context);
    offered.set('CRAM-MD5', () => cramMd5Server({ ...cramMd5, authorize }));
  }
  offered.set('PLAIN', () => plainServer(authenticator, context));
  offered.set('LOGIN', () => loginServer(authenticator, context));
  if (authenticator.checkToken !== undefined) {
    offered.set('OAUTHBEARER', () => oauthBearerServer(authenticator, context));
    offered.set('XOAUTH2', () => xoauth2Server(authenticator, context));
  }
}
