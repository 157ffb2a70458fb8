import {
  type AccountId,
  AuthenticationError,
  type Authenticator,
  InvalidStateError,
  type Logger,
  type MailboxPath,
  MailError,
  type MailStore,
  silentLogger,
  type Transport,
  TransportError,
} from '@posthorn/core';
import { offeredMechanisms, type ServerMechanismOptions } from '@posthorn/sasl';
import {
  BrokenResponseError,
  backgroundTimers,
  errorFacts,
  LoginGuard,
  type ServedSession,
  type ServerIdentity,
  type ServerObserver,
  type SessionPlace,
  type Timers,
} from '@posthorn/transport/serving';
import type { CapabilityFilter } from './capabilities.ts';
import { execute } from './commands/execute.ts';
import { replyOf, storeErrorCode } from './error-replies.ts';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
import type { OpenMaildrop } from './open-maildrop.ts';
import { Output } from './output.ts';
import { CommandRefused, err, ok, type Reply } from './replies.ts';
import { Pop3ServerProtocol, type ServerEvent } from './server-protocol.ts';

export interface SessionOptions {
  readonly store: MailStore;
  readonly authenticator: Authenticator;
  /** The mailbox served as the maildrop of its account. @defaultValue `['INBOX']` */
  readonly mailbox?: MailboxPath | undefined;
  /**
   * Whether a maildrop is for one session at a time, and others are told `[IN-USE]`. Without it each session keeps the
   * messages it found at its start, whatever others do. It binds sessions of this process alone. @defaultValue false
   */
  readonly exclusive?: boolean | undefined;
  /** Certificate and key in PEM: offers STLS on connections in clear text. */
  readonly tls?: ServerIdentity | undefined;
  /** More ways to log in: hashes of SCRAM, ANONYMOUS, EXTERNAL, and mechanisms of your own. */
  readonly mechanisms?: MechanismOptions | undefined;
  /** Accepts passwords without TLS. Only for loopback and tests. @defaultValue false */
  readonly allowInsecureAuth?: boolean | undefined;
  /**
   * The password of a user as it is, or undefined for a user who does not exist: offers APOP and CRAM-MD5, which need
   * it. Both let who listens guess at the password. @defaultValue neither is offered
   */
  readonly passwordOf?: ((user: string) => Promise<string | undefined>) | undefined;
  /** The name after `@` in the challenges of APOP and CRAM-MD5. @defaultValue `'localhost'` */
  readonly hostName?: string | undefined;
  /**
   * What becomes of a message with UTF-8 in its header when the client did not ask for UTF8: RFC 6856 wants it refused,
   * with `[UTF8]`, but many clients then get nothing that comes after it. @defaultValue `'send'`
   */
  readonly utf8Headers?: 'send' | 'refuse' | undefined;
  /** Least time between two logins of one user, in seconds; who comes earlier is told `[LOGIN-DELAY]`. @defaultValue 0 */
  readonly loginDelaySeconds?: number | undefined;
  /** Days after which something outside this server removes messages, to be announced. @defaultValue never */
  readonly expireDays?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  /** Capabilities to switch off, by name, or a test for those to offer. */
  readonly capabilities?: CapabilityFilter | undefined;
  /**
   * What is remembered of logins, for all connections that share it, also of other servers. `servePop3` makes one for
   * the server.
   * @defaultValue one for this connection alone
   */
  readonly loginGuard?: LoginGuard | undefined;
  /** Is told what happens, to count it. */
  readonly observer?: ServerObserver | undefined;
  /** For tests. */
  readonly timers?: Timers | undefined;
}

/** More ways to log in than the authenticator alone has. */
export interface MechanismOptions extends Pick<ServerMechanismOptions, 'scramHashes' | 'anonymous' | 'custom'> {
  /** Who a connection proves its client to be, by a certificate or the owner of a socket; adds EXTERNAL. */
  readonly userOf?: (transport: Transport) => string | undefined;
}

/** Ends the session from inside. The text, if any, is the last thing that the client is told. */
class SessionEnded extends Error {
  readonly reply: Reply | undefined;

  constructor(reply: Reply | undefined) {
    super(reply?.text ?? 'the client was silent for too long');
    this.reply = reply;
  }
}

/** One connection, from greeting to good-bye. Runs its commands one after the other. */
export class Session implements ServedSession {
  readonly id: string = crypto.randomUUID();
  readonly transport: Transport;
  readonly options: SessionOptions;
  readonly limits: ServerLimits;
  readonly timers: Timers;
  readonly protocol: Pop3ServerProtocol;
  readonly output: Output;
  readonly log: Logger;
  /** What APOP signs: stands in the greeting. @see RFC 1939 section 7 */
  readonly timestamp: string;
  readonly loginGuard: LoginGuard;
  readonly observer: ServerObserver;
  loginFailures = 0;
  #maildrop: OpenMaildrop | undefined;
  readonly #stop = new AbortController();
  /** Ends the wait at hand, if there is one. */
  #waking: AbortController | undefined;
  #farewell: SessionEnded | undefined;
  /** Why the connection cannot go on. */
  #lost: unknown;
  #badCommands = 0;
  #loginTimer: unknown;
  readonly #place: SessionPlace | undefined;
  /** Whose maildrop is open. */
  #account: AccountId | undefined;

  constructor(transport: Transport, options: SessionOptions, place?: SessionPlace) {
    this.transport = transport;
    this.options = options;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.timers = options.timers ?? backgroundTimers;
    this.log = options.logger ?? silentLogger;
    this.observer = options.observer ?? {};
    this.loginGuard = options.loginGuard ?? new LoginGuard({ limits: options.limits, timers: this.timers });
    this.#place = place;
    this.output = new Output(transport, this.timers, this.limits.writeTimeoutMs);
    this.timestamp = `<${crypto.randomUUID()}@${this.hostName}>`;
    const { loginDelaySeconds = 0, expireDays } = options;
    this.protocol = new Pop3ServerProtocol({
      limits: this.limits,
      capabilities: options.capabilities,
      offer: () => ({
        canStartTls: options.tls !== undefined && transport.security === 'none',
        canLogin: this.canSendPassword,
        mechanisms: this.#mechanisms(),
        loginDelaySeconds,
        expireDays,
      }),
    });
  }

  get hostName(): string {
    return this.options.hostName ?? 'localhost';
  }

  /** Fires when the session is dropped; work under way for it is given up. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get canSendPassword(): boolean {
    return this.transport.security === 'tls' || this.options.allowInsecureAuth === true;
  }

  get canApop(): boolean {
    return this.options.passwordOf !== undefined && this.protocol.isOffered('APOP');
  }

  get mechanismOptions(): ServerMechanismOptions {
    const { authenticator, allowInsecureAuth = false, mechanisms = {} } = this.options;
    const { security, remoteAddress, channelBinding } = this.transport;
    const context = { protocol: 'pop3', security, remoteAddress, signal: this.signal } as const;
    const { userOf, ...more } = mechanisms;
    const externalUser = userOf?.(this.transport);
    return { authenticator, context, allowInsecureAuth, channelBinding, externalUser, ...more };
  }

  /** The maildrop; commands before login never ask. */
  get maildrop(): OpenMaildrop {
    if (this.#maildrop === undefined) throw new InvalidStateError('nobody is logged in');
    return this.#maildrop;
  }

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    this.log.debug('connection opened', this.facts());
    try {
      this.#loginTimer = this.timers.start(() => this.#end(undefined), this.limits.loginTimeoutMs);
      this.output.send(ok(this.canApop ? `Posthorn is ready ${this.timestamp}` : 'Posthorn is ready'));
      while (this.protocol.state !== 'update') {
        const event = await this.nextEvent();
        if (event === undefined) break;
        await this.#handle(event);
      }
      await this.output.flush();
    } catch (error) {
      await this.#fail(error);
    } finally {
      this.timers.stop(this.#loginTimer);
      await this.#release();
      await this.transport.close();
      this.log.debug('connection closed', this.facts());
    }
  }

  /** Ends the session once the command under way is done. Nothing is deleted, unless that command is QUIT. */
  shutDown(text: string): void {
    this.#end(err(text, 'SYS/TEMP'));
  }

  /** Drops the session now. */
  destroy(reason: unknown): void {
    this.#stop.abort(reason);
    this.transport.destroy(reason);
  }

  loggedIn(account: AccountId, maildrop: OpenMaildrop): void {
    this.timers.stop(this.#loginTimer);
    this.#account = account;
    this.#maildrop = maildrop;
    this.protocol.loggedIn();
    this.#place?.loggedIn();
  }

  /** What logs say of this session. */
  facts(): { readonly session: string; readonly remoteAddress: string | undefined } {
    return { session: this.id, remoteAddress: this.transport.remoteAddress };
  }

  /** What the client sends next; undefined at the end of the stream. What was gathered is sent before waiting. */
  async nextEvent(): Promise<ServerEvent | undefined> {
    let timer: unknown;
    try {
      for (;;) {
        this.#checkFarewell();
        const event = this.protocol.next();
        if (event !== undefined) return event;
        await this.output.flush();
        this.#checkFarewell();
        timer ??= this.timers.start(() => this.#end(undefined), this.limits.idleTimeoutMs);
        const chunk = await this.#read();
        if (chunk === null) return undefined;
        if (chunk !== undefined) this.protocol.receive(chunk);
      }
    } catch (error) {
      this.#lost = error;
      throw error;
    } finally {
      this.timers.stop(timer);
    }
  }

  /**
   * Waits, unless the session ends first, or its client goes away, whose place others may want. What the client sends
   * meanwhile is kept for later.
   */
  async sleep(ms: number): Promise<void> {
    this.#checkFarewell();
    let isOver = false;
    const timer = this.timers.start(() => {
      isOver = true;
      this.#waking?.abort();
    }, ms);
    try {
      const chunk = await this.#read();
      if (chunk === null) this.endWith('Good-bye');
      if (chunk !== undefined) {
        this.protocol.receive(chunk);
        if (!isOver) await this.#woken();
      }
      this.#checkFarewell();
    } catch (error) {
      this.#lost = error;
      throw error;
    } finally {
      this.timers.stop(timer);
    }
  }

  /** Ends the session because of its client. */
  endWith(text: string, code?: string): never {
    this.#end(err(text, code));
    throw this.#farewell;
  }

  #end(reply: Reply | undefined): void {
    this.#farewell ??= new SessionEnded(reply);
    this.#waking?.abort();
  }

  #checkFarewell(): void {
    if (this.#farewell !== undefined) throw this.#farewell;
  }

  /** Waits for nothing but to be woken. */
  async #woken(): Promise<void> {
    const waking = new AbortController();
    this.#waking = waking;
    if (this.#farewell === undefined)
      await new Promise<void>((resolve) => waking.signal.addEventListener('abort', () => resolve(), { once: true }));
    this.#waking = undefined;
  }

  /** The next chunk; undefined when the wait was ended. */
  async #read(): Promise<Uint8Array | null | undefined> {
    const waking = new AbortController();
    this.#waking = waking;
    try {
      return await this.transport.read({ signal: waking.signal });
    } catch (error) {
      if (waking.signal.aborted && error === waking.signal.reason) return undefined;
      throw error;
    } finally {
      this.#waking = undefined;
    }
  }

  async #handle(event: ServerEvent): Promise<void> {
    // A line comes only while a command waits for it.
    if (event.type === 'line') return;
    if (event.type === 'command') return this.#run(event);
    this.output.send(event.reply);
    this.observer.command?.({ name: 'invalid', status: 'ERR', milliseconds: 0 });
    if (++this.#badCommands >= this.limits.maxBadCommands) this.endWith('Too many commands are wrong');
    if (this.output.isFull) await this.output.flush();
  }

  async #run(event: Extract<ServerEvent, { readonly type: 'command' }>): Promise<void> {
    this.#badCommands = 0;
    let reply: Reply | undefined;
    const begun = this.timers.now();
    try {
      reply = await execute(this, event);
    } catch (error) {
      reply = this.#replyOf(error, event.command.name);
    }
    if (reply !== undefined) this.output.send(reply);
    const status = reply?.isOk === false ? 'ERR' : 'OK';
    this.observer.command?.({ name: event.command.name, status, milliseconds: this.timers.now() - begun });
    if (this.output.isFull) await this.output.flush();
  }

  /** Errors of the store end the command; errors of the connection, and ends of the session, end the session. */
  #replyOf(error: unknown, command: string): Reply {
    if (error instanceof CommandRefused) return error.reply;
    const isBroken = error instanceof BrokenResponseError || error instanceof TransportError;
    const isLost = error instanceof SessionEnded || isBroken || this.signal.aborted;
    if (isLost || error === this.#lost || error === this.output.failure) throw error;
    const fields = { ...this.facts(), command, ...errorFacts(error) };
    if (storeErrorCode(error) !== undefined || error instanceof AuthenticationError)
      this.log.info('command failed', fields);
    else {
      this.log.error('command failed unexpectedly', fields);
      this.observer.error?.('command');
    }
    return replyOf(error);
  }

  async #fail(error: unknown): Promise<void> {
    const reply = error instanceof SessionEnded ? error.reply : farewellFor(error);
    if (reply === undefined) {
      const isOurs = error instanceof BrokenResponseError || !(error instanceof SessionEnded || MailError.is(error));
      this.log[isOurs ? 'error' : 'debug']('connection dropped', { ...this.facts(), ...errorFacts(error) });
      if (isOurs) this.observer.error?.('session');
      // Who was silent may wake up: the end of the stream is enough for them.
      if (!(error instanceof SessionEnded)) this.transport.destroy(error);
      return;
    }
    this.log.debug('session ended', { ...this.facts(), reason: reply.text });
    try {
      this.output.send(reply);
      await this.output.flush();
    } catch {
      // The client is gone already.
    }
  }

  async #release(): Promise<void> {
    try {
      await this.#maildrop?.close();
    } catch (error) {
      this.log.error('session could not be released', { ...this.facts(), ...errorFacts(error) });
    } finally {
      if (this.#account !== undefined) this.loginGuard.leave(this.#account);
    }
  }

  #mechanisms(): readonly string[] {
    const mechanisms = offeredMechanisms(this.mechanismOptions);
    return this.options.passwordOf === undefined ? mechanisms : [...mechanisms, 'CRAM-MD5'];
  }
}

/** What a client that sent too long a line is told; undefined when the connection is to be dropped. */
function farewellFor(error: unknown): Reply | undefined {
  return MailError.is(error) && error.code === 'LIMIT_EXCEEDED' ? err('That line is too long') : undefined;
}
