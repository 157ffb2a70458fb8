import { AuthenticationError, utf8Bytes } from '@posthorn/core';
import { type ClientMechanism, chooseMechanism } from '@posthorn/sasl';
import { fromBase64, type StatusResponse, toBase64 } from '@posthorn/wire';
import type { Connection } from './connection.ts';
import { ServerRefusedError } from './errors.ts';
import { printable } from './printable.ts';

/** Who logs in. */
export interface PasswordAuth {
  readonly user: string;
  readonly password: string;
  /** Names of the only SASL mechanisms to use, such as `['PLAIN']`. The LOGIN command is then not used. */
  readonly mechanisms?: readonly string[] | undefined;
}

export interface AuthenticateOptions {
  readonly auth: PasswordAuth;
  readonly allowInsecureAuth: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Logs in: with the strongest of SCRAM and PLAIN that is offered, and with the LOGIN command when none is and the
 * server does not forbid it.
 * @throws {@link AuthenticationError}
 */
export async function authenticate(
  connection: Connection,
  { auth, allowInsecureAuth, signal }: AuthenticateOptions,
): Promise<void> {
  const mechanism = choose(connection, auth, allowInsecureAuth);
  try {
    if (mechanism === undefined) {
      await connection.run({ name: 'LOGIN', user: auth.user, password: auth.password }, { signal });
    } else await runMechanism(connection, mechanism, signal);
  } catch (error) {
    throw error instanceof ServerRefusedError ? refused(error, auth) : error;
  }
}

/** @returns undefined for the LOGIN command */
function choose(
  connection: Connection,
  { user, password, mechanisms }: PasswordAuth,
  allowInsecureAuth: boolean,
): ClientMechanism | undefined {
  const { security, channelBinding } = connection;
  const capabilities = connection.protocol.capabilities;
  const offered = capabilities?.authMechanisms ?? [];
  const preferred =
    mechanisms === undefined ? offered.filter((name) => name === 'PLAIN' || name.startsWith('SCRAM-')) : offered;
  const options = { security, allowInsecureAuth, channelBinding, ...(mechanisms && { mechanisms }) };
  if (preferred.length > 0 || mechanisms !== undefined) return chooseMechanism(preferred, { user, password }, options);
  if (capabilities?.has('LOGINDISABLED') === true)
    return chooseMechanism(offered, { user, password }, { ...options, mechanisms: ['LOGIN'] });
  if (security === 'tls' || allowInsecureAuth) return undefined;
  throw new AuthenticationError('AUTH_INSECURE', 'LOGIN would send the password over a connection without TLS');
}

async function runMechanism(
  connection: Connection,
  mechanism: ClientMechanism,
  signal: AbortSignal | undefined,
): Promise<void> {
  const exchange = new Exchange(mechanism, connection.protocol.capabilities?.has('SASL-IR') === true);
  let abort: (() => void) | undefined;
  try {
    signal?.throwIfAborted();
    await new Promise<StatusResponse>((done, fail) => {
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
function refused(error: ServerRefusedError, auth: PasswordAuth): AuthenticationError {
  const text = withoutSecrets(error.text, auth);
  const { tag, command, status, responseCode } = error;
  const cause = new ServerRefusedError({ tag, command, status, responseCode: withoutValue(responseCode), text });
  const said = text === '' ? '' : `: ${printable(text)}`;
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
      return new AuthenticationError('AUTH_REFUSED', `the server refused the user name or password${said}`, { cause });
  }
}

function withoutSecrets(text: string, { user, password }: PasswordAuth): string {
  const secrets = [`\0${user}\0${password}`, `${user}\0${user}\0${password}`, password].map((secret) =>
    toBase64(utf8Bytes(secret)),
  );
  let clean = text;
  for (const secret of [...secrets, password]) if (secret !== '') clean = clean.replaceAll(secret, '***');
  return clean;
}

function withoutValue(code: ServerRefusedError['responseCode']): ServerRefusedError['responseCode'] {
  return code?.type === 'atom' ? { type: 'atom', name: code.name } : code;
}
