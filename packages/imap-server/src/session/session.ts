import {
  type Account,
  type AccountId,
  InvalidStateError,
  type Logger,
  MailError,
  type SessionId,
  sessionId,
  silentLogger,
  type Transport,
} from '@posthorn/core';
import { offeredMechanisms, type ServerMechanismOptions } from '@posthorn/sasl';
import {
  BrokenResponseError,
  backgroundTimers,
  errorFacts,
  LoginGuard,
  type ServedSession,
  type ServerObserver,
  type SessionPlace,
  type Timers,
} from '@posthorn/transport/serving';
import type { Response } from '@posthorn/wire';
import { limitsOf, type ServerLimits } from '../limits.ts';
import type { AccountWatch } from '../notify/account-watch.ts';
import { hasUnasked, tellUnasked } from '../notify/tell-unasked.ts';
import { greeting, ImapServerProtocol, type ServerEvent } from '../protocol/server-protocol.ts';
import { storeErrorCode } from '../replies/error-replies.ts';
import { untagged } from '../replies/replies.ts';
import type { SelectedMailbox } from '../selected/selected-mailbox.ts';
import { Bell } from './bell.ts';
import { type ClientModes, NO_MODES } from './client-modes.ts';
import { CommandRunner } from './command-runner.ts';
import { Output } from './output.ts';
import { Progress } from './progress.ts';
import { SessionEnded, SessionInput } from './session-input.ts';
import type { SessionOptions } from './session-options.ts';

/** One connection, from greeting to good-bye. Runs its commands one after the other. */
export class Session implements ServedSession {
  readonly id: SessionId = sessionId(crypto.randomUUID());
  readonly transport: Transport;
  readonly options: SessionOptions;
  readonly limits: ServerLimits;
  readonly timers: Timers;
  readonly protocol: ImapServerProtocol;
  readonly output: Output;
  readonly log: Logger;
  readonly bell: Bell = new Bell();
  readonly input: SessionInput;
  readonly loginGuard: LoginGuard;
  readonly observer: ServerObserver;
  account: Account | undefined;
  /** Whose account that is. */
  accountName: AccountId | undefined;
  selected: SelectedMailbox | undefined;
  loginFailures = 0;
  /** Whether both directions are compressed. */
  isCompressed = false;
  /** What the client asked to be told, also between commands; undefined before it asked. */
  notifying: AccountWatch | undefined;
  /** What the client is told of the command under way. */
  progress: Progress;
  /** Made when it is needed: a connection that only waits for a login never asks. */
  #stop: AbortController | undefined;
  readonly #runner: CommandRunner;
  #modes: ClientModes = NO_MODES;
  #loginTimer: unknown;
  readonly #place: SessionPlace | undefined;

  constructor(transport: Transport, options: SessionOptions, place?: SessionPlace) {
    this.transport = transport;
    this.options = options;
    this.limits = limitsOf(options.limits);
    this.timers = options.timers ?? backgroundTimers;
    this.log = options.logger ?? silentLogger;
    this.observer = options.observer ?? {};
    this.#place = place;
    this.loginGuard = options.loginGuard ?? new LoginGuard({ limits: options.limits, timers: this.timers });
    this.progress = new Progress(this, '*');
    this.output = new Output(transport, this.timers, this.limits.writeTimeoutMs);
    this.protocol = new ImapServerProtocol({
      limits: this.limits,
      capabilities: options.capabilities,
      takesUtf8: () => this.modes.utf8,
      loginOffer: () => ({
        canStartTls: options.tls !== undefined && transport.security === 'none',
        canLogin: this.canSendPassword,
        canCompress: this.canCompress,
        hasQuota: this.account?.quota !== undefined,
        canSetQuota: this.account?.quota?.limit !== undefined,
        hasMetadata: this.account?.metadata !== undefined,
        isCompressed: this.isCompressed,
        mechanisms: offeredMechanisms(this.mechanismOptions),
      }),
    });
    const { protocol, output, timers, bell } = this;
    const { idleTimeoutMs } = this.limits;
    this.input = new SessionInput({ transport, protocol, output, timers, bell, idleTimeoutMs });
    this.#runner = new CommandRunner(this);
  }

  /** Fires when the session is dropped; work under way for it is given up. */
  get signal(): AbortSignal {
    this.#stop ??= new AbortController();
    return this.#stop.signal;
  }

  /** Whether mod-sequences can be told: they last as long as UIDs do. */
  get hasModSeq(): boolean {
    const { store, isStoreShared = false } = this.options;
    return this.protocol.isOffered('CONDSTORE') && (store.traits.durableModSeq || !isStoreShared);
  }

  /** Whether the connection can be compressed now. */
  get canCompress(): boolean {
    return this.options.compress === true && !this.isCompressed;
  }

  /** What the client has switched on. */
  get modes(): ClientModes {
    return this.#modes;
  }

  set modes(modes: ClientModes) {
    this.#modes = modes;
    this.output.utf8 = modes.utf8;
    this.output.namesUids = modes.uidOnly;
  }

  get canSendPassword(): boolean {
    return this.transport.security === 'tls' || this.options.allowInsecureAuth === true;
  }

  get mechanismOptions(): ServerMechanismOptions {
    const { authenticator, allowInsecureAuth = false, mechanisms = {} } = this.options;
    const { security, remoteAddress, channelBinding } = this.transport;
    const session = this;
    const context = {
      protocol: 'imap',
      security,
      remoteAddress,
      get signal(): AbortSignal {
        return session.signal;
      },
    } as const;
    const { userOf, ...more } = mechanisms;
    const externalUser = userOf?.(this.transport);
    return { authenticator, context, allowInsecureAuth, channelBinding, externalUser, ...more };
  }

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    this.log.debug('connection opened', this.facts());
    try {
      this.#loginTimer = this.timers.start(
        () => this.input.end('You took too long to log in'),
        this.limits.loginTimeoutMs,
      );
      this.output.send(greeting(this.protocol));
      while (this.protocol.state !== 'logout') {
        const event: ServerEvent | 'woken' | undefined = await this.#nextOrNews();
        if (event === undefined) break;
        if (event === 'woken') await tellUnasked(this);
        else await this.#runner.handle(event);
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

  /** Ends the session with BYE once the command under way is done. */
  shutDown(text: string): void {
    this.input.shutDown(text);
  }

  /** Drops the session now. */
  destroy(reason: unknown): void {
    this.#stop ??= new AbortController();
    this.#stop.abort(reason);
    this.transport.destroy(reason);
  }

  loggedIn(): void {
    this.timers.stop(this.#loginTimer);
    this.protocol.loggedIn();
    this.#place?.loggedIn();
  }

  /** Back to before the login, with as much time for the next one. */
  loggedOff(): void {
    this.protocol.loggedOff();
    this.#place?.loggedOff();
    this.#loginTimer = this.timers.start(
      () => this.input.end('You took too long to log in'),
      this.limits.loginTimeoutMs,
    );
  }

  /** Tells of other mailboxes no more. */
  async stopNotifying(): Promise<void> {
    const { notifying } = this;
    this.notifying = undefined;
    await notifying?.close();
  }

  /** The connection counts no longer as one of its user. */
  leaveAccount(): void {
    if (this.accountName !== undefined) this.loginGuard.leave(this.accountName);
    this.accountName = undefined;
  }

  /** What logs say of this session. */
  facts(): { readonly session: string; readonly remoteAddress: string | undefined } {
    return { session: this.id, remoteAddress: this.transport.remoteAddress };
  }

  /** The account; commands before login never ask. */
  openAccount(): Account {
    if (this.account === undefined) throw new InvalidStateError('nobody is logged in');
    return this.account;
  }

  /** The selected mailbox; commands that need none never ask. */
  openMailbox(): SelectedMailbox {
    if (this.selected === undefined) throw new InvalidStateError('no mailbox is selected');
    return this.selected;
  }

  async deselect(): Promise<void> {
    const { selected } = this;
    if (selected === undefined) return;
    this.selected = undefined;
    this.protocol.deselected();
    await selected.close();
  }

  /** Gathers untagged responses; waits only when there is too much. */
  async send(responses: Iterable<Response>): Promise<void> {
    for (const response of responses) {
      this.output.send(response);
      if (this.output.isFull) await this.output.flush();
    }
  }

  /** What the client sends next, or that there is something it asked to be told of. */
  #nextOrNews(): Promise<ServerEvent | 'woken' | undefined> {
    return this.notifying === undefined
      ? this.input.nextEvent()
      : this.input.nextEvent({ until: () => hasUnasked(this) });
  }

  async #fail(error: unknown): Promise<void> {
    const isStore = storeErrorCode(error) !== undefined;
    if (isStore || (MailError.is(error) && error.code !== 'LIMIT_EXCEEDED' && error.code !== 'WIRE_SYNTAX')) {
      this.log.debug('connection broke', { ...this.facts(), ...errorFacts(error) });
      this.transport.destroy(error);
      return;
    }
    if (error instanceof BrokenResponseError || this.signal.aborted) {
      this.log.error('connection dropped', { ...this.facts(), ...errorFacts(error) });
      this.observer.error?.('session');
      this.transport.destroy(error);
      return;
    }
    const text =
      error instanceof SessionEnded ? error.message : MailError.is(error) ? 'That cannot be IMAP' : 'Internal error';
    if (text === 'Internal error') {
      this.log.error('session failed', { ...this.facts(), ...errorFacts(error) });
      this.observer.error?.('session');
    } else this.log.debug('session ended', { ...this.facts(), reason: text });
    try {
      this.output.send(untagged('BYE', text));
      await this.output.flush();
    } catch {
      // The client is gone already.
    }
  }

  async #release(): Promise<void> {
    try {
      await this.selected?.close();
      await this.stopNotifying();
      this.leaveAccount();
      await this.account?.close();
    } catch (error) {
      this.log.error('session could not be released', { ...this.facts(), ...errorFacts(error) });
    }
  }
}
