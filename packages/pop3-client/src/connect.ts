import { type ClientTlsOptions, ConnectionClosedError, printable, silentLogger, type Transport } from '@posthorn/core';
import {
  allOrNothing,
  type ClientOptions,
  type ClientTimeouts,
  clientTls,
  openTransport,
  systemTimers,
  type Timers,
  within,
} from '@posthorn/transport/client';
import { Pop3Client } from './client.ts';
import { Connection } from './connection.ts';
import { ServerRefusedError } from './errors.ts';
import type { Pop3Auth } from './login.ts';

/** How long to wait, in milliseconds. */
export interface Timeouts extends ClientTimeouts {
  /** For any octet while a command is in progress. @defaultValue 60_000 */
  readonly commandMs?: number;
  /** For an answer, or a KiB of one, however much else the server says. @defaultValue 300_000 */
  readonly progressMs?: number;
}

/** Where the maildrop is, who opens it, and how. */
export interface ConnectOptions extends ClientOptions {
  /** @defaultValue 995 for `'tls'`, else 110 */
  readonly port?: number | undefined;
  /**
   * `'tls'` from the first octet; `'stls'` clear text first, and nothing of worth before the upgrade succeeded;
   * `'none'` stays in clear text. @defaultValue `'tls'`, or with a `transport` `'none'`: as the transport is
   */
  readonly security?: 'tls' | 'stls' | 'none' | undefined;
  /** Without it the client is not logged in: call `login`. */
  readonly auth?: Pop3Auth | undefined;
  /**
   * Switches to UTF-8 mode before logging in: `'ifOffered'`, or `true` to fail without it. @defaultValue false
   * @see RFC 6856
   */
  readonly utf8?: boolean | 'ifOffered' | undefined;
  readonly timeouts?: Timeouts | undefined;
}

/**
 * Connects and logs in.
 * @throws {@link Pop3Error} and {@link NotPop3Error}, `TransportError`, `AuthenticationError`, `ConnectionClosedError`,
 *   {@link ServerRefusedError} when the server turns everybody away
 */
export async function connect(options: ConnectOptions): Promise<Pop3Client> {
  const { timers = systemTimers, logger = silentLogger, timeouts = {}, signal, allowInsecureAuth = false } = options;
  const { commandMs = 60_000, progressMs = 300_000, closeMs = 10_000, authMs = 30_000 } = timeouts;
  signal?.throwIfAborted();
  const transport = await open(options);
  const connection = new Connection({ transport, timers, logger, silenceMs: commandMs, progressMs });
  const tls = (): ClientTlsOptions => clientTls(options);
  const client = new Pop3Client({ connection, timers, authMs, closeMs, allowInsecureAuth, tls });
  await allOrNothing(connection, signal, async () => {
    await greet(connection, options, timers);
    const late = `the server did not complete the login within ${authMs} ms`;
    await within(timers, connection, authMs, late, prepare(connection, client, options));
  });
  return client;
}

async function open(options: ConnectOptions): Promise<Transport> {
  const isTls = securityOf(options) === 'tls';
  return openTransport(options, { isTls, defaultPort: isTls ? 995 : 110 });
}

function securityOf({ security, transport }: ConnectOptions): 'tls' | 'stls' | 'none' {
  return security ?? (transport === undefined ? 'tls' : 'none');
}

async function greet(connection: Connection, options: ConnectOptions, timers: Timers): Promise<void> {
  const { timeouts: { greetingMs = 10_000 } = {} } = options;
  const hint = securityOf(options) === 'tls' ? '' : ' (it may expect TLS on this port)';
  const message = `the server sent no greeting within ${greetingMs} ms${hint}`;
  const { isOk, responseCode, text } = await within(timers, connection, greetingMs, message, connection.start());
  if (isOk) return;
  // Text from before TLS may be anybody's, so it is not shown when TLS was asked for.
  const isTrusted = connection.security === 'tls' || securityOf(options) === 'none';
  const refusal = new ServerRefusedError({ command: 'the connection', responseCode, text: isTrusted ? text : '' });
  const said = isTrusted && text !== '' ? `: ${printable(text)}` : '';
  throw new ConnectionClosedError('CONNECTION_BYE', `the server turned us away${said}`, { cause: refusal });
}

async function prepare(connection: Connection, client: Pop3Client, options: ConnectOptions): Promise<void> {
  const { auth, signal, utf8 = false } = options;
  if (securityOf(options) === 'stls' && connection.security === 'none') await client.startTls({ signal });
  await client.readCapabilities({ signal });
  if (utf8 === true || (utf8 === 'ifOffered' && client.capabilities.has('UTF8'))) await client.enableUtf8({ signal });
  if (auth !== undefined) await client.login(auth, { signal });
}
