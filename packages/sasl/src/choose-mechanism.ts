import { AuthenticationError, type ChannelBinding, type ScramHash } from '@posthorn/core';
import { anonymous } from './anonymous.ts';
import { cramMd5 } from './cram-md5.ts';
import type { Credentials, PasswordCredentials } from './credentials.ts';
import { external } from './external.ts';
import { login } from './login.ts';
import type { ClientMechanism } from './mechanism.ts';
import { oauthBearer, xoauth2 } from './oauth.ts';
import { plain } from './plain.ts';
import { type ScramOptions, scram } from './scram-client.ts';

export interface ChooseMechanismOptions {
  /** How the connection is protected. */
  readonly security: 'none' | 'tls';
  /**
   * Allows mechanisms that show a password or token, or let it be guessed, to whoever listens to a connection
   * without TLS. @defaultValue false
   */
  readonly allowInsecureAuth?: boolean;
  /** What the connection can be bound to; makes the `-PLUS` mechanisms possible. */
  readonly channelBinding?: ChannelBinding | undefined;
  /** Names of the only mechanisms to use. @defaultValue every one that fits the credentials */
  readonly mechanisms?: readonly string[];
  /** How many iterations of SCRAM to accept. */
  readonly scram?: Pick<ScramOptions, 'minIterations' | 'maxIterations'>;
  /** Mechanisms of your own that fit the credentials, strongest first. They come before all others. */
  readonly custom?: readonly CandidateMechanism[];
}

/** A mechanism that fits the credentials. */
export interface CandidateMechanism {
  /** As servers offer it, in capitals. */
  readonly name: string;
  /** Whether nothing useful is shown to whoever listens. */
  readonly isSafeInClearText: boolean;
  readonly make: () => ClientMechanism;
}

/** Strongest first. */
const SCRAM_HASHES: readonly ScramHash[] = ['SHA-512', 'SHA-256', 'SHA-1'];

/**
 * The strongest mechanism that the server offers, the credentials fit and the connection allows.
 *
 * @param offered - Names as the server offered them, in any case.
 * @throws {@link AuthenticationError} `AUTH_INSECURE` when only mechanisms are left that need TLS or
 *   `allowInsecureAuth`; `AUTH_NO_MECHANISM` when none is left at all.
 * @throws TypeError when a user name, password or token cannot be sent.
 */
export function chooseMechanism(
  offered: Iterable<string>,
  credentials: Credentials,
  options: ChooseMechanismOptions,
): ClientMechanism {
  const { security, allowInsecureAuth = false, mechanisms } = options;
  const names = new Set(Array.from(offered, (name) => name.toUpperCase()));
  const allowed = mechanisms && new Set(mechanisms.map((name) => name.toUpperCase()));
  const usable = [...(options.custom ?? []), ...candidates(credentials, names, options)].filter(
    ({ name }) => names.has(name) && (allowed === undefined || allowed.has(name)),
  );
  const mayShow = security === 'tls' || allowInsecureAuth;
  const chosen = usable.find(({ isSafeInClearText }) => mayShow || isSafeInClearText);
  if (chosen !== undefined) return chosen.make();
  if (usable.length > 0) {
    const message = `${usable[0]!.name} would send the credentials over a connection without TLS`;
    throw new AuthenticationError('AUTH_INSECURE', message);
  }
  throw new AuthenticationError('AUTH_NO_MECHANISM', 'the server offers no way to authenticate with these credentials');
}

/** Every mechanism that fits the credentials, strongest first. */
function candidates(
  credentials: Credentials,
  names: ReadonlySet<string>,
  options: ChooseMechanismOptions,
): readonly CandidateMechanism[] {
  if ('password' in credentials) return passwordCandidates(credentials, names, options);
  if ('accessToken' in credentials) {
    return [
      { name: 'OAUTHBEARER', isSafeInClearText: false, make: () => oauthBearer(credentials) },
      { name: 'XOAUTH2', isSafeInClearText: false, make: () => xoauth2(credentials) },
    ];
  }
  if ('external' in credentials) {
    return [{ name: 'EXTERNAL', isSafeInClearText: true, make: () => external(credentials) }];
  }
  if ('anonymous' in credentials) {
    return [{ name: 'ANONYMOUS', isSafeInClearText: true, make: () => anonymous(credentials) }];
  }
  throw new TypeError('the credentials hold neither a password, an access token, nor a choice to go without');
}

function passwordCandidates(
  credentials: PasswordCredentials,
  names: ReadonlySet<string>,
  { security, channelBinding, scram: limits }: ChooseMechanismOptions,
): readonly CandidateMechanism[] {
  const binding = security === 'tls' ? channelBinding : undefined;
  const offersBinding = [...names].some((name) => /^SCRAM-.*-PLUS$/.test(name));
  const bound = SCRAM_HASHES.map((hash) => ({
    name: `SCRAM-${hash}-PLUS`,
    isSafeInClearText: true,
    make: () => scram(hash, credentials, { ...limits, channelBinding: binding }),
  }));
  const unbound = SCRAM_HASHES.map((hash) => ({
    name: `SCRAM-${hash}`,
    isSafeInClearText: true,
    make: () => scram(hash, credentials, { ...limits, couldBind: binding !== undefined && !offersBinding }),
  }));
  const plainText = { name: 'PLAIN', isSafeInClearText: false, make: () => plain(credentials) };
  const scrams = binding === undefined ? unbound : [...bound, ...unbound];
  if (credentials.authorizeAs !== undefined) return [...scrams, plainText];
  return [
    ...scrams,
    { name: 'CRAM-MD5', isSafeInClearText: false, make: () => cramMd5(credentials) },
    plainText,
    { name: 'LOGIN', isSafeInClearText: false, make: () => login(credentials) },
  ];
}
