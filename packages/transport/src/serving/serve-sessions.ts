import { type Logger, silentLogger, type Transport } from '@posthorn/core';
import { type Listener, listen } from '../listen.ts';
import { backgroundTimers, type Timers } from '../timers.ts';
import { errorFacts } from './error-facts.ts';
import { checkIdentity, type ServerIdentity, serverTls } from './server-identity.ts';
import type { ServerObserver } from './server-observer.ts';
import { SERVING_LIMITS, type ServingLimits } from './serving-limits.ts';
import { type Admission, type ServedSession, type SessionPlace, SessionTable } from './session-table.ts';

/** Where and how a server of any protocol listens. */
export interface ServeOptions {
  /** @defaultValue `'127.0.0.1'` */
  readonly host?: string | undefined;
  /** 0 takes any free port. @defaultValue 0 */
  readonly port?: number | undefined;
  /** Certificate and key in PEM. */
  readonly tls?: ServerIdentity | undefined;
  /** Speaks TLS from the first octet, with `tls`, instead of offering to upgrade. @defaultValue false */
  readonly implicitTls?: boolean | undefined;
  readonly limits?: Partial<ServingLimits> | undefined;
  readonly logger?: Logger | undefined;
  /** Is told what happens, to count it. */
  readonly observer?: ServerObserver | undefined;
  /** For tests. */
  readonly timers?: Timers | undefined;
}

/** What is particular about a protocol. */
export interface ServedProtocol {
  /** @param tls - What the session may upgrade with. */
  open(transport: Transport, place: SessionPlace, tls: ServerIdentity | undefined): ServedSession;
  /** What is told to who comes when there are too many connections. */
  readonly refusal: Uint8Array;
}

/** A running server. */
export interface RunningServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Connections at this moment. */
  readonly sessions: number;
  /** Octets of all its connections so far, without those of TLS. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /**
   * Takes another certificate and key for the connections that come from now on; those that stand keep theirs.
   * @throws TypeError when they are not valid PEM, or not of each other, and for a server without TLS. Nothing changes then.
   */
  replaceTls(tls: ServerIdentity): void;
  /**
   * Stops accepting, ends every session once its command is done, and waits for them; what is left after
   * `closeTimeoutMs` is dropped. The store stays open. Idempotent; never rejects.
   */
  close(): Promise<void>;
}

/**
 * Starts a server.
 * @throws {@link TransportError} `TRANSPORT_LISTEN` when the port cannot be had.
 * @throws TypeError for `implicitTls` without `tls`, and for a certificate that cannot be.
 */
export async function serveSessions(options: ServeOptions, protocol: ServedProtocol): Promise<RunningServer> {
  const server = new Server(options, protocol);
  await server.start(options);
  return server;
}

class Server implements RunningServer {
  readonly #protocol: ServedProtocol;
  readonly #table: SessionTable;
  readonly #isTlsImplicit: boolean;
  #tls: ServerIdentity | undefined;
  #listener: Listener | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ServeOptions, protocol: ServedProtocol) {
    const { implicitTls = false, tls, limits, observer = {}, timers = backgroundTimers } = options;
    if (implicitTls && tls === undefined) throw new TypeError('implicit TLS needs a certificate and its key');
    if (tls !== undefined) checkIdentity(tls);
    this.#tls = tls;
    this.#isTlsImplicit = implicitTls;
    this.#protocol = protocol;
    this.#table = new SessionTable({ limits: { ...SERVING_LIMITS, ...limits }, timers, observer });
  }

  async start({ host = '127.0.0.1', port = 0, logger = silentLogger }: ServeOptions): Promise<void> {
    this.#listener = await listen({
      host,
      port,
      onConnection: (transport) => this.#serve(transport),
      onError: (error) => logger.info('connection failed', errorFacts(error)),
    });
  }

  get host(): string {
    return this.#listener?.host ?? '';
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get sessions(): number {
    return this.#table.size;
  }

  get bytesRead(): number {
    return this.#table.bytesRead;
  }

  get bytesWritten(): number {
    return this.#table.bytesWritten;
  }

  replaceTls(tls: ServerIdentity): void {
    if (this.#tls === undefined) throw new TypeError('the server was started without TLS');
    checkIdentity(tls);
    this.#tls = tls;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#listener?.close();
    await this.#table.close();
  }

  async #serve(transport: Transport): Promise<void> {
    const admission = this.#table.admit(transport);
    if (admission === undefined) return this.#refuse(transport);
    try {
      await this.#run(transport, admission);
    } finally {
      admission.release();
    }
  }

  async #run(transport: Transport, admission: Admission): Promise<void> {
    const tls = this.#tls;
    if (this.#isTlsImplicit && tls !== undefined) await transport.startTls(serverTls(tls));
    await this.#table.run(admission, this.#protocol.open(transport, admission, tls));
  }

  /** Nobody pays for a handshake to be told good-bye. */
  async #refuse(transport: Transport): Promise<void> {
    if (this.#isTlsImplicit) return transport.destroy();
    await transport.write(this.#protocol.refusal).catch(() => {});
    await transport.close();
  }
}
