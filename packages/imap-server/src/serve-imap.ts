import { ConnectionClosedError, silentLogger, type Transport } from '@posthorn/core';
import { type Listener, listen } from '@posthorn/transport';
import { encodeResponse } from '@posthorn/wire';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
import { LoginGuard } from './login-guard.ts';
import { remoteHost } from './remote-host.ts';
import { untagged } from './replies.ts';
import { Session, type SessionOptions } from './session.ts';
import { systemTimers } from './timers.ts';

export interface ServeImapOptions extends SessionOptions {
  /** @defaultValue `'127.0.0.1'` */
  readonly host?: string | undefined;
  /** 0 takes any free port. @defaultValue 0 */
  readonly port?: number | undefined;
  /** Speaks TLS from the first octet, with `tls`, instead of offering STARTTLS. @defaultValue false */
  readonly implicitTls?: boolean | undefined;
}

/** A running server. */
export interface ImapServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Connections at this moment. */
  readonly sessions: number;
  /**
   * Stops accepting, ends every session with BYE once its command is done, and waits for them; what is left after
   * `closeTimeoutMs` is dropped. The store stays open. Idempotent; never rejects.
   */
  close(): Promise<void>;
}

/**
 * Starts an IMAP server over a store.
 * @throws {@link TransportError} `TRANSPORT_LISTEN` when the port cannot be had.
 * @throws TypeError for `implicitTls` without `tls`.
 */
export async function serveImap(options: ServeImapOptions): Promise<ImapServer> {
  const { host = '127.0.0.1', port = 0, implicitTls = false, tls, logger = silentLogger } = options;
  if (implicitTls && tls === undefined) throw new TypeError('implicit TLS needs a certificate and its key');
  const sessions = new SessionTable({ compress: true, loginGuard: new LoginGuard(options), ...options });
  const listener = await listen({
    host,
    port,
    onConnection: (transport) => sessions.serve(transport),
    ...(implicitTls && tls !== undefined ? { tls } : {}),
    onError: (error) => logger.info('connection failed', { error: error instanceof Error ? error.message : 'unknown' }),
  });
  return new RunningServer(listener, sessions);
}

class RunningServer implements ImapServer {
  readonly #listener: Listener;
  readonly #sessions: SessionTable;
  #closing: Promise<void> | undefined;

  constructor(listener: Listener, sessions: SessionTable) {
    this.#listener = listener;
    this.#sessions = sessions;
  }

  get host(): string {
    return this.#listener.host;
  }

  get port(): number {
    return this.#listener.port;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#listener.close();
    await this.#sessions.close();
  }
}

/** The sessions of a server, and how many each address has. */
class SessionTable {
  readonly #options: SessionOptions;
  readonly #limits: ServerLimits;
  readonly #running = new Map<Session, Promise<void>>();
  readonly #byAddress = new Map<string, number>();
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  get size(): number {
    return this.#running.size;
  }

  async serve(transport: Transport): Promise<void> {
    const address = remoteHost(transport);
    const connections = this.#byAddress.get(address) ?? 0;
    const { maxConnections, maxConnectionsPerAddress } = this.#limits;
    if (this.#isClosed || this.size >= maxConnections || connections >= maxConnectionsPerAddress) {
      return refuse(transport);
    }
    this.#byAddress.set(address, connections + 1);
    const session = new Session(transport, this.#options);
    const done = session.run();
    this.#running.set(session, done);
    await done;
    this.#running.delete(session);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const { timers = systemTimers } = this.#options;
    for (const session of this.#running.keys()) session.shutDown('The server is going away');
    const timer = timers.start(() => {
      const reason = new ConnectionClosedError('CONNECTION_TIMEOUT', 'the server was closed');
      for (const session of this.#running.keys()) session.destroy(reason);
    }, this.#limits.closeTimeoutMs);
    await Promise.all(this.#running.values());
    timers.stop(timer);
  }
}

async function refuse(transport: Transport): Promise<void> {
  const pieces = encodeResponse(untagged('BYE', 'Too many connections', { type: 'atom', name: 'UNAVAILABLE' }));
  await transport.write(pieces.flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : []))).catch(() => {});
  await transport.close();
}
