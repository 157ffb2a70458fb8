import { AuthenticationError, printable, utf8Bytes } from '@posthorn/core';
import { type ClientMechanism, type Credentials, chooseMechanism, type PasswordCredentials } from '@posthorn/sasl';
import { toBase64 } from '@posthorn/wire';
import { apopDigest } from './apop.ts';
import { Pop3Capabilities } from './capabilities.ts';
import type { Connection } from './connection.ts';
import { ServerRefusedError } from './errors.ts';
import { type ExchangeOptions, runMechanism } from './sasl-exchange.ts';

/** How to use the credentials. */
export interface LoginPolicy {
  /**
   * The only ways to log in that may be used: names of SASL mechanisms, and `USER` for the commands USER and PASS.
   * @defaultValue the strongest of SCRAM and PLAIN that is offered, then USER and PASS, then any other
   */
  readonly mechanisms?: readonly string[] | undefined;
  /** Logs in with APOP and nothing else. Only for servers that know no better. @defaultValue false */
  readonly apop?: boolean | undefined;
  /**
   * Sends the first message of a mechanism together with AUTH, which saves a round trip. Servers that predate RFC 5034
   * do not know that form, nor do those of Microsoft. @defaultValue false
   */
  readonly initialResponse?: boolean | undefined;
}

/** Who logs in: with a password, a token, or a mechanism of one's own. */
export type Pop3Auth = (Credentials & LoginPolicy) | CustomAuth;

/** A SASL mechanism that is used whatever the server says it offers. */
export interface CustomAuth {
  readonly mechanism: ClientMechanism;
  readonly initialResponse?: boolean | undefined;
}

export interface LoginOptions {
  /** Lets a password or token leave over a connection without TLS. */
  readonly allowInsecureAuth: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Logs in: with the strongest mechanism that the server offers and the connection allows, and with USER and PASS when
 * it offers none.
 * @throws {@link AuthenticationError}
 */
export async function logIn(connection: Connection, auth: Pop3Auth, options: LoginOptions): Promise<void> {
  try {
    if ('mechanism' in auth) return await runMechanism(connection, auth.mechanism, exchangeOptions(auth, options));
    if (auth.apop === true) return await apop(connection, auth, options);
    const mechanism = choose(connection, auth, options);
    if (mechanism !== undefined) return await runBound(connection, auth, mechanism, exchangeOptions(auth, options));
    await userPass(connection, auth as PasswordCredentials, options);
  } catch (error) {
    throw error instanceof ServerRefusedError ? refused(error, secretsOf(auth)) : error;
  }
}

/** @returns undefined for USER and PASS */
function choose(
  connection: Connection,
  auth: Credentials & LoginPolicy,
  { allowInsecureAuth }: LoginOptions,
): ClientMechanism | undefined {
  const { security, channelBinding } = connection;
  const { mechanisms } = auth;
  const capabilities = connection.protocol.capabilities ?? Pop3Capabilities.unknown;
  const offered = capabilities.saslMechanisms;
  const options = { security, allowInsecureAuth, channelBinding, ...(mechanisms && { mechanisms }) };
  if (!('password' in auth)) return chooseMechanism(offered, auth, options);
  const isAllowed = (name: string): boolean =>
    mechanisms === undefined || mechanisms.some((allowed) => allowed.toUpperCase() === name);
  const mayUser = isAllowed('USER') && auth.authorizeAs === undefined && capabilities.mayHave('USER');
  const preferred = offered.filter((name) => name === 'PLAIN' || name.startsWith('SCRAM-'));
  // Those that are not allowed go along: SCRAM tells the server whether it was seen to offer channel binding.
  if (preferred.some(isAllowed)) return chooseMechanism(preferred, auth, options);
  if (!mayUser) return chooseMechanism(offered, auth, options);
  if (security === 'tls' || allowInsecureAuth) return undefined;
  throw new AuthenticationError('AUTH_INSECURE', 'PASS would send the password over a connection without TLS');
}

/** What servers with the library of Cyrus say when they know another channel binding than ours. */
const OTHER_BINDING = /bad protocol/i;

/**
 * Runs a mechanism. QUIRK: Cyrus offers SCRAM with channel binding over TLS 1.3 and knows no binding but tls-unique, which
 * TLS 1.3 does not have; then SCRAM goes on without. Who wants the binding at any price names it in `mechanisms`.
 */
async function runBound(
  connection: Connection,
  auth: Credentials & LoginPolicy,
  mechanism: ClientMechanism,
  options: ExchangeOptions,
): Promise<void> {
  try {
    await withServerError(connection, mechanism, options);
  } catch (error) {
    const isMisunderstood = error instanceof ServerRefusedError && OTHER_BINDING.test(error.text);
    const other = isMisunderstood ? withoutBinding(connection, auth, mechanism) : undefined;
    if (other === undefined) throw error;
    await withServerError(connection, other, options);
  }
}

/** The same mechanism without channel binding; undefined when it has none, or must not or cannot do without. */
function withoutBinding(
  connection: Connection,
  { mechanisms, ...credentials }: Credentials & LoginPolicy,
  { name }: ClientMechanism,
): ClientMechanism | undefined {
  const plain = /^(SCRAM-.+)-PLUS$/.exec(name)?.[1];
  const offered = connection.protocol.capabilities?.saslMechanisms ?? [];
  const isAllowed = mechanisms === undefined || mechanisms.some((allowed) => allowed.toUpperCase() === plain);
  if (plain === undefined || !isAllowed || !offered.includes(plain)) return undefined;
  // Without a binding to choose it says `n`: `y` would have the server suspect that its offer was changed on the way.
  return chooseMechanism([plain], credentials, { security: connection.security });
}

function exchangeOptions(
  { initialResponse = false }: Pick<LoginPolicy, 'initialResponse'>,
  { signal }: LoginOptions,
): { readonly initialResponse: boolean; readonly signal: AbortSignal | undefined } {
  return { initialResponse, signal };
}

/** A mechanism may have been told why, in a challenge, before the refusal. */
async function withServerError(
  connection: Connection,
  mechanism: ClientMechanism,
  options: Parameters<typeof runMechanism>[2],
): Promise<void> {
  try {
    await runMechanism(connection, mechanism, options);
  } catch (error) {
    if (!(error instanceof ServerRefusedError) || !mechanism.serverError) throw error;
    const { command, responseCode, text } = error;
    throw new ServerRefusedError({ command, responseCode, text: `${text} ${mechanism.serverError}`.trim() });
  }
}

async function userPass(
  connection: Connection,
  { user, password }: PasswordCredentials,
  { signal }: LoginOptions,
): Promise<void> {
  // QUIRK: names and passwords beyond ASCII go as UTF-8 also where UTF8 USER is not offered (RFC 6856 section 2.2 forbids
  // it): servers older than that compare octets.
  await connection.run({ name: 'USER', user }, { signal });
  await connection.run({ name: 'PASS', password }, { signal });
}

async function apop(
  connection: Connection,
  auth: Credentials,
  { allowInsecureAuth, signal }: LoginOptions,
): Promise<void> {
  if (!('password' in auth)) throw new TypeError('APOP needs a user and a password');
  const { timestamp } = connection.protocol;
  if (timestamp === undefined)
    throw new AuthenticationError('AUTH_NO_MECHANISM', 'the server sent no time stamp that APOP could sign');
  if (connection.security === 'none' && !allowInsecureAuth)
    throw new AuthenticationError('AUTH_INSECURE', 'APOP would let the password be guessed at without TLS');
  const digest = await apopDigest(timestamp, auth.password);
  await connection.run({ name: 'APOP', user: auth.user, digest }, { signal });
}

/** The server's no, with nothing secret in it even when the server repeats it. */
function refused(error: ServerRefusedError, secrets: readonly string[]): AuthenticationError {
  const { command, responseCode } = error;
  let text = error.text;
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '***');
  const cause = new ServerRefusedError({ command, responseCode, text });
  const said = text === '' ? '' : `: ${printable(text)}`;
  switch (responseCode) {
    case 'IN-USE':
      return unavailable(`another session has the maildrop open${said}`, cause);
    case 'LOGIN-DELAY':
      return unavailable(`the last login was too short ago${said}`, cause);
    case 'SYS/TEMP':
    case 'SYS/PERM':
      return unavailable(`the server cannot log anybody in now${said}`, cause);
    default:
      return new AuthenticationError('AUTH_REFUSED', `the server refused the user name or password${said}`, { cause });
  }
}

function unavailable(message: string, cause: ServerRefusedError): AuthenticationError {
  return new AuthenticationError('AUTH_UNAVAILABLE', message, { cause });
}

/** What must not show up anywhere, in every form in which it is sent. */
function secretsOf(auth: Pop3Auth): readonly string[] {
  if ('password' in auth) {
    const { user, password } = auth;
    const encoded = [`\0${user}\0${password}`, `${user}\0${user}\0${password}`, password].map((secret) =>
      toBase64(utf8Bytes(secret)),
    );
    return [...encoded, password];
  }
  return 'accessToken' in auth ? [auth.accessToken] : [];
}
