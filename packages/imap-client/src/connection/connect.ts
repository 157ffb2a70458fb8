import { ConnectionClosedError, type Logger, printable, silentLogger, type Transport } from '@posthorn/core';
import type { ConnectTcpOptions } from '@posthorn/transport';
import {
  clientTls,
  openTransport,
  systemTimers,
  type Timers,
  type TlsSettings,
  within,
} from '@posthorn/transport/client';
import type { StatusResponse } from '@posthorn/wire';
import { ImapClient } from '../client.ts';
import { ImapError, ServerRefusedError } from '../errors.ts';
import { defaultId } from '../providers/session-defaults.ts';
import { type Auth, authenticate } from './authenticate.ts';
import { Connection } from './connection.ts';
import { learnCapabilities, prepareSession } from './prepare-session.ts';
import { type Referral, ReferredElsewhere, referralsIn } from './referral.ts';
import { tellUnsolicited, type UnsolicitedHook } from './unsolicited.ts';

/** How long to wait, in milliseconds. */
export interface Timeouts {
  /** For the TCP connection. @defaultValue 10_000 */
  readonly connectMs?: number;
  /** For the whole greeting. @defaultValue 10_000 */
  readonly greetingMs?: number;
  /** For a TLS handshake. @defaultValue 10_000 */
  readonly tlsMs?: number;
  /** For all of logging in. @defaultValue 30_000 */
  readonly authMs?: number;
  /** For any answer while a command is in progress. @defaultValue 60_000 */
  readonly commandMs?: number;
  /** For an answer that moves a command on, however much else the server says. @defaultValue 300_000 */
  readonly progressMs?: number;
  /**
   * Fewest octets a second of a body, averaged over 30 s in which we read; a server that drips is given up.
   * @defaultValue 0: any, as long as each KiB takes no longer than `commandMs`
   */
  readonly minBytesPerSecond?: number;
  /** For a polite close, commands in progress included. @defaultValue 10_000 */
  readonly closeMs?: number;
}

export interface ConnectOptions {
  /** Name or address. Not needed with a `transport`. */
  readonly host?: string | undefined;
  /** @defaultValue 993 for `'tls'`, else 143 */
  readonly port?: number | undefined;
  /**
   * `'tls'` from the first octet; `'starttls'` clear text first, and nothing of worth before the upgrade succeeded;
   * `'none'` stays in clear text. @defaultValue `'tls'`, or with a `transport` `'none'`: as the transport is
   */
  readonly security?: 'tls' | 'starttls' | 'none' | undefined;
  /** Without it the server must greet with PREAUTH. */
  readonly auth?: Auth | undefined;
  /** Lets a password or token leave over a connection without TLS. @defaultValue false */
  readonly allowInsecureAuth?: boolean | undefined;
  readonly tls?: TlsSettings | undefined;
  /**
   * Compresses the connection where the server offers COMPRESS=DEFLATE.
   * @defaultValue true, but with a `transport` false, which need not be able to
   * @see RFC 4978
   */
  readonly compress?: boolean | undefined;
  /**
   * Extensions to switch on where they are offered. QRESYNC is one more that can be named.
   * @defaultValue `['IMAP4rev2', 'UTF8=ACCEPT', 'CONDSTORE']`
   */
  readonly enable?: readonly string[] | undefined;
  /**
   * What to tell the server about this program right after the login, where it asks (ID).
   * @defaultValue nothing, or our name where the provider insists
   */
  readonly id?: Readonly<Record<string, string | null>> | undefined;
  /** Hears every answer that no command asked for. {@link SelectedMailbox.watch} is for news of a mailbox. */
  readonly onUnsolicited?: UnsolicitedHook | undefined;
  /** The proxy to go through: `socks5://`, `socks4a://`, `http://` or `https://`, as `@posthorn/transport` has it. */
  readonly proxy?: ConnectTcpOptions['proxy'];
  /** How long the line may be silent before the system probes whether the server still lives; 0 never. @defaultValue 60_000 */
  readonly keepAliveMs?: number | undefined;
  /** A connection that stands already, instead of host and port. */
  readonly transport?: Transport | undefined;
  readonly logger?: Logger | undefined;
  readonly timeouts?: Timeouts | undefined;
  /** Gives up connecting: rejects with its reason. Does nothing once connected. */
  readonly signal?: AbortSignal | undefined;
  /** Where time comes from. @defaultValue the system */
  readonly timers?: Timers | undefined;
}

/**
 * Connects and logs in.
 * @throws {@link ImapError} and {@link NotImapError}, `TransportError`, `AuthenticationError`, `ConnectionClosedError`
 */
export async function connect(options: ConnectOptions): Promise<ImapClient> {
  const { timers = systemTimers, logger = silentLogger, timeouts = {}, signal } = options;
  const { commandMs = 60_000, progressMs = 300_000, closeMs = 10_000, minBytesPerSecond } = timeouts;
  signal?.throwIfAborted();
  const transport = await open(options);
  const connection = new Connection({
    transport,
    timers,
    logger,
    tagPrefix: randomPrefix(),
    silenceMs: commandMs,
    progressMs,
    ...(minBytesPerSecond !== undefined && { minBytesPerSecond }),
  });
  const tell = tellUnsolicited(logger, options.onUnsolicited);
  // What comes in clear text may be anybody's where TLS is to follow.
  connection.onUntagged = (event) => {
    if (securityOf(options) !== 'starttls' || connection.security === 'tls') tell(event);
  };
  const abort = (): void => connection.fail(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    const { greeting, referrals } = await logIn(connection, options, timers);
    const { enable, id, allowInsecureAuth } = options;
    const settings = { enable, id, allowInsecureAuth };
    return new ImapClient({ connection, timers, closeMs, greeting, tell, settings, referrals });
  } catch (error) {
    connection.fail(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function open(options: ConnectOptions): Promise<Transport> {
  const isTls = securityOf(options) === 'tls';
  return openTransport(options, { isTls, defaultPort: isTls ? 993 : 143, lendsChunks: true });
}

function securityOf({ security, transport }: ConnectOptions): 'tls' | 'starttls' | 'none' {
  return security ?? (transport === undefined ? 'tls' : 'none');
}

/** What was said on the way in. */
interface LoggedIn {
  readonly greeting: StatusResponse;
  readonly referrals: readonly Referral[];
}

async function logIn(connection: Connection, options: ConnectOptions, timers: Timers): Promise<LoggedIn> {
  const { auth, allowInsecureAuth = false, signal, timeouts: { greetingMs = 10_000, authMs = 30_000 } = {} } = options;
  const security = securityOf(options);
  const greeting = await within(
    timers,
    connection,
    greetingMs,
    greetingTimeout(security, greetingMs),
    connection.start(),
  );
  if (greeting.status === 'BYE') throw turnedAway(connection, security, greeting);
  let referrals: readonly Referral[] = [];
  const rest = async (): Promise<void> => {
    if (security === 'starttls' && connection.security === 'none') await upgrade(connection, options);
    if (connection.protocol.state === 'notAuthenticated') {
      if (auth === undefined)
        throw new ImapError('IMAP_UNSUPPORTED', 'the server wants a login, and no auth was given');
      await learnCapabilities(connection, signal);
      referrals = referralsIn(
        (await authenticate(connection, { auth, allowInsecureAuth, greeting: greeting.text, signal })).code,
      );
    }
    await learnCapabilities(connection, signal);
    const { capabilities } = connection.protocol;
    const clues = { host: options.host, greeting: greeting.text, capabilities: capabilities?.names };
    const id = options.id ?? defaultId(clues);
    await prepareSession(connection, { compress: options.transport === undefined, ...options, id });
  };
  await within(timers, connection, authMs, `the server did not complete the login within ${authMs} ms`, rest());
  return { greeting, referrals };
}

/** What anybody may have said before TLS that was asked for leads nowhere. */
function turnedAway(connection: Connection, security: string, { text, code }: StatusResponse): ConnectionClosedError {
  const referrals = connection.security === 'tls' || security === 'none' ? referralsIn(code) : [];
  const cause = referrals.length === 0 ? {} : { cause: new ReferredElsewhere(referrals) };
  return new ConnectionClosedError('CONNECTION_BYE', `the server turned us away${said(connection, text)}`, cause);
}

/** Text from before TLS may be anybody's, so it is not shown when TLS was asked for. */
function said(connection: Connection, text: string): string {
  return connection.security === 'tls' && text !== '' ? `: ${printable(text)}` : '';
}

function greetingTimeout(security: string, ms: number): string {
  const hint = security === 'tls' ? '' : ' (it may expect TLS on this port)';
  return `the server sent no greeting within ${ms} ms${hint}`;
}

/** STARTTLS, or nothing: no credentials have left so far, and none will. */
async function upgrade(connection: Connection, options: ConnectOptions): Promise<void> {
  const { signal } = options;
  if (connection.protocol.state !== 'notAuthenticated') {
    throw new ImapError(
      'IMAP_PREAUTH_IN_CLEAR',
      'the server declared the session logged in before TLS, which leaves no way to start it',
    );
  }
  await learnCapabilities(connection, signal);
  if (connection.protocol.capabilities?.has('STARTTLS') !== true) {
    throw new ImapError('IMAP_STARTTLS_UNAVAILABLE', 'the server does not offer STARTTLS, which is required');
  }
  try {
    await connection.startTls(clientTls(options), { signal });
  } catch (error) {
    if (!(error instanceof ServerRefusedError)) throw error;
    throw new ImapError('IMAP_STARTTLS_REFUSED', 'the server refused STARTTLS, which is required', { cause: error });
  }
}

/** Tags that nobody can guess, so that no answer can be sent ahead. */
function randomPrefix(): string {
  const octets = crypto.getRandomValues(new Uint8Array(4));
  return String.fromCharCode(...octets.map((octet) => 0x41 + (octet % 26)));
}
