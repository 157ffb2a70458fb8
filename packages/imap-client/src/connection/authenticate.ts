import { AuthenticationError, printable, utf8Bytes } from '@posthorn/core';
import {
  type AnonymousCredentials,
  type CandidateMechanism,
  type ClientMechanism,
  chooseMechanism,
  type ExternalCredentials,
  type TokenCredentials,
} from '@posthorn/sasl';
import { fromBase64, type StatusResponse, toBase64 } from '@posthorn/wire';
import { ServerRefusedError } from '../errors.ts';
import type { Connection } from './connection.ts';

/** How to log in, whoever it is. */
export interface AuthChoice {
  /** Names of the only SASL mechanisms to use, such as `['PLAIN']`. The LOGIN command is then not used. */
  readonly mechanisms?: readonly string[] | undefined;
  /** Mechanisms of your own that fit, strongest first. They come before all others. */
  readonly custom?: readonly CandidateMechanism[] | undefined;
}

/** A user and a password. */
export interface PasswordAuth extends AuthChoice {
  readonly user: string;
  readonly password: string;
  /** The account to open when it is not the user's own: another user's, for those who may. */
  readonly authorizeAs?: string | undefined;
}

/** A user and an OAuth 2 access token. */
export interface TokenAuth extends AuthChoice, TokenCredentials {}

/** Whoever the certificate shows, or nobody. */
export type ProvenAuth = AuthChoice & (ExternalCredentials | AnonymousCredentials);

/** Who logs in. */
export type Auth = PasswordAuth | TokenAuth | ProvenAuth;

export interface AuthenticateOptions {
  readonly auth: Auth;
  readonly allowInsecureAuth: boolean;
  /** What the server greeted with, when it is known. */
  readonly greeting?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Logs in. A password goes with the strongest of SCRAM and PLAIN that is offered, and with the LOGIN command when none
 * is and the server does not forbid it; everything else with the strongest mechanism that is offered and fits.
 * @returns the server's yes
 * @throws {@link AuthenticationError}
 */
export async function authenticate(
  connection: Connection,
  { auth, allowInsecureAuth, greeting, signal }: AuthenticateOptions,
): Promise<StatusResponse> {
  const mechanism = choose(connection, auth, { allowInsecureAuth, greeting });
  try {
    if (mechanism !== undefined) return await runBound(connection, auth, mechanism, signal);
    const { user, password } = auth as PasswordAuth;
    return await connection.run({ name: 'LOGIN', user, password }, { signal });
  } catch (error) {
    throw error instanceof ServerRefusedError ? refused(error, auth, mechanism) : error;
  }
}

/** @returns undefined for the LOGIN command */
function choose(
  connection: Connection,
  auth: Auth,
  { allowInsecureAuth, greeting = '' }: Pick<AuthenticateOptions, 'allowInsecureAuth' | 'greeting'>,
): ClientMechanism | undefined {
  const { mechanisms, custom, ...credentials } = auth;
  const { security } = connection;
  const isMisunderstood = mechanisms === undefined && OLD_CYRUS.test(greeting);
  const channelBinding = isMisunderstood ? undefined : connection.channelBinding;
  const capabilities = connection.protocol.capabilities;
  const offered = capabilities?.authMechanisms ?? [];
  const options = {
    security,
    allowInsecureAuth,
    channelBinding,
    ...(mechanisms && { mechanisms }),
    ...(custom && { custom }),
  };
  const isPlainLogin = 'password' in auth && auth.authorizeAs === undefined;
  if (!isPlainLogin || mechanisms !== undefined) return chooseMechanism(offered, credentials, options);
  const ours = new Set(custom?.map(({ name }) => name));
  const preferred = offered.filter((name) => name === 'PLAIN' || name.startsWith('SCRAM-') || ours.has(name));
  if (preferred.length > 0) return chooseMechanism(preferred, credentials, options);
  if (capabilities?.has('LOGINDISABLED') === true)
    return chooseMechanism(offered, credentials, { ...options, mechanisms: ['LOGIN'] });
  if (security === 'tls' || allowInsecureAuth) return undefined;
  throw new AuthenticationError('AUTH_INSECURE', 'LOGIN would send the password over a connection without TLS');
}

/** Versions that are known to offer a channel binding that does not work: see {@link runBound}. */
const OLD_CYRUS = /\bCyrus IMAP v?(?:2\.|3\.[0-6]\b)/i;
/** What servers with the library of Cyrus say when they know another channel binding than ours. */
const OTHER_BINDING = /bad protocol/i;

/**
 * Runs a mechanism. QUIRK: Cyrus offers SCRAM with channel binding over TLS 1.3 and knows no binding but tls-unique, which
 * TLS 1.3 does not have; then SCRAM goes on without, or begins without where the greeting tells the version. Who wants the binding at any price names it in `mechanisms`.
 */
async function runBound(
  connection: Connection,
  auth: Auth,
  mechanism: ClientMechanism,
  signal: AbortSignal | undefined,
): Promise<StatusResponse> {
  try {
    return await runMechanism(connection, mechanism, signal);
  } catch (error) {
    const isMisunderstood = error instanceof ServerRefusedError && OTHER_BINDING.test(error.text);
    const other = isMisunderstood ? withoutBinding(connection, auth, mechanism) : undefined;
    if (other === undefined) throw error;
    return runMechanism(connection, other, signal);
  }
}

/** The same mechanism without channel binding; undefined when it has none, or must not or cannot do without. */
function withoutBinding(connection: Connection, auth: Auth, { name }: ClientMechanism): ClientMechanism | undefined {
  const { mechanisms, custom, ...credentials } = auth;
  const isOurs = custom?.some((candidate) => candidate.name === name) === true;
  const plain = /^(SCRAM-.+)-PLUS$/.exec(name)?.[1];
  const offered = connection.protocol.capabilities?.authMechanisms ?? [];
  const isAllowed = mechanisms === undefined || mechanisms.some((allowed) => allowed.toUpperCase() === plain);
  if (plain === undefined || isOurs || !isAllowed || !offered.includes(plain)) return undefined;
  // Without a binding to choose it says `n`: `y` would have the server suspect that its offer was changed on the way.
  return chooseMechanism([plain], credentials, { security: connection.security });
}

async function runMechanism(
  connection: Connection,
  mechanism: ClientMechanism,
  signal: AbortSignal | undefined,
): Promise<StatusResponse> {
  const exchange = new Exchange(mechanism, connection.protocol.capabilities?.has('SASL-IR') === true);
  let abort: (() => void) | undefined;
  let response: StatusResponse;
  try {
    signal?.throwIfAborted();
    response = await new Promise<StatusResponse>((done, fail) => {
      abort = () => connection.fail(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      connection.submit(
        { name: 'AUTHENTICATE', mechanism: mechanism.name, initialResponse: exchange.initialResponse },
        { challenge: (text) => exchange.answer(text), done, fail },
      );
    });
  } catch (error) {
    throw exchange.failure ?? error;
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
  }
  if (exchange.failure !== undefined) throw exchange.failure;
  mechanism.finished();
  return response;
}

/** Steps of any mechanism, at the most. */
const MOST_STEPS = 10;

/** The client's side of one AUTHENTICATE. */
class Exchange {
  /** Why we gave up. */
  failure: unknown;
  readonly initialResponse: Uint8Array | undefined;
  readonly #mechanism: ClientMechanism;
  #isFirstSent: boolean;
  #steps = 0;

  constructor(mechanism: ClientMechanism, hasInitialResponse: boolean) {
    this.#mechanism = mechanism;
    this.initialResponse = hasInitialResponse ? mechanism.initialResponse : undefined;
    this.#isFirstSent = this.initialResponse !== undefined;
  }

  /** @returns undefined to cancel */
  async answer(text: string): Promise<Uint8Array | undefined> {
    if (this.failure !== undefined || ++this.#steps > MOST_STEPS) throw surplus();
    try {
      const first = this.#isFirstSent ? undefined : this.#mechanism.initialResponse;
      this.#isFirstSent = true;
      if (first !== undefined) return first;
      return await this.#mechanism.respond(fromBase64(text.trim()) ?? notBase64());
    } catch (error) {
      this.failure = error;
      return undefined;
    }
  }
}

function surplus(): AuthenticationError {
  return new AuthenticationError('AUTH_PROTOCOL', 'the server goes on asking after the authentication was cancelled');
}

function notBase64(): never {
  throw new AuthenticationError('AUTH_PROTOCOL', 'the server sent a challenge that is not base64');
}

/** The server's no, with nothing of the password in it even when the server repeats it. */
function refused(error: ServerRefusedError, auth: Auth, mechanism: ClientMechanism | undefined): AuthenticationError {
  const text = withoutSecrets(error.text, auth);
  const { tag, command, status, responseCode } = error;
  const cause = new ServerRefusedError({ tag, command, status, responseCode: withoutValue(responseCode), text });
  const reason = withoutSecrets(mechanism?.serverError ?? '', auth);
  const words = [text, reason].filter((part) => part !== '').join(' ');
  const said = words === '' ? '' : `: ${printable(words)}`;
  switch (error.reason) {
    case 'UNAVAILABLE':
    case 'INUSE':
    case 'LIMIT':
      return new AuthenticationError('AUTH_UNAVAILABLE', `the server cannot log anybody in now${said}`, { cause });
    case 'PRIVACYREQUIRED':
      return new AuthenticationError('AUTH_INSECURE', `the server wants TLS before it takes a password${said}`, {
        cause,
      });
    default:
      return new AuthenticationError('AUTH_REFUSED', `the server refused ${whatWasShown(auth)}${said}`, { cause });
  }
}

function whatWasShown(auth: Auth): string {
  if ('password' in auth) return 'the user name or password';
  return 'accessToken' in auth ? 'the access token' : 'the login';
}

function withoutSecrets(text: string, auth: Auth): string {
  let clean = text;
  for (const secret of secretsOf(auth)) if (secret !== '') clean = clean.replaceAll(secret, '***');
  return clean;
}

/** What a server may repeat, longest first. */
function secretsOf(auth: Auth): readonly string[] {
  const encode = (text: string): string => toBase64(utf8Bytes(text));
  if ('password' in auth) {
    const { user, password, authorizeAs = '' } = auth;
    const messages = [
      `\0${user}\0${password}`,
      `${user}\0${user}\0${password}`,
      `${authorizeAs}\0${user}\0${password}`,
    ];
    return [...messages.map(encode), encode(password), password];
  }
  if (!('accessToken' in auth)) return [];
  const { user, accessToken } = auth;
  return [encode(`user=${user}\x01auth=Bearer ${accessToken}\x01\x01`), encode(accessToken), accessToken];
}

function withoutValue(code: ServerRefusedError['responseCode']): ServerRefusedError['responseCode'] {
  return code?.type === 'atom' ? { type: 'atom', name: code.name } : code;
}
