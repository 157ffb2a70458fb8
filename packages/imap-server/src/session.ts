import {
  type Account,
  type AccountId,
  AuthenticationError,
  type Authenticator,
  InvalidStateError,
  type Logger,
  MailError,
  type MailStore,
  type SessionId,
  sessionId,
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
import type { Response, StatusResponse } from '@posthorn/wire';
import { Bell } from './bell.ts';
import type { CapabilityFilter } from './capabilities.ts';
import { type ClientModes, NO_MODES } from './client-modes.ts';
import { holdsExpunges, type KnownCommand } from './command-rules.ts';
import { execute } from './commands/execute.ts';
import { completionOf, storeErrorCode } from './error-replies.ts';
import { limitsOf, type ServerLimits } from './limits.ts';
import type { AccountWatch } from './notify/account-watch.ts';
import { hasUnasked, tellOthers, tellUnasked } from './notify/tell-unasked.ts';
import { Output } from './output.ts';
import { Progress } from './progress.ts';
import { CommandRefused, type Completion, tagged, untagged } from './replies.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';
import { greeting, ImapServerProtocol, type ServerEvent } from './server-protocol.ts';
import { tellNews } from './tell-news.ts';

export interface SessionOptions {
  readonly store: MailStore;
  readonly authenticator: Authenticator;
  /** Certificate and key in PEM: offers STARTTLS on connections in clear text. */
  readonly tls?: ServerIdentity | undefined;
  /** More ways to log in: hashes of SCRAM, ANONYMOUS, CRAM-MD5, EXTERNAL, and mechanisms of your own. */
  readonly mechanisms?: MechanismOptions | undefined;
  /** Accepts passwords without TLS. Only for loopback and tests. @defaultValue false */
  readonly allowInsecureAuth?: boolean | undefined;
  readonly logger?: Logger | undefined;
  readonly limits?: Partial<ServerLimits> | undefined;
  /**
   * Whether other processes serve the same accounts at the same time. Mod-sequences of a store that does not keep them
   * (`traits.durableModSeq`) then differ from process to process, and clients are told NOMODSEQ. @defaultValue false
   */
  readonly isStoreShared?: boolean | undefined;
  /** Offers COMPRESS=DEFLATE, which the transport must be able to. @defaultValue true in `serveImap`, else false */
  readonly compress?: boolean | undefined;
  /**
   * What is remembered of logins, for all connections that share it. `serveImap` makes one for the server.
   * @defaultValue one for this connection alone
   */
  readonly loginGuard?: LoginGuard | undefined;
  /** Capabilities to switch off, by name, or a test for those to offer. */
  readonly capabilities?: CapabilityFilter | undefined;
  /** Is told what happens, to count it. */
  readonly observer?: ServerObserver | undefined;
  /** For tests. */
  readonly timers?: Timers | undefined;
}

/** More ways to log in than the authenticator alone has. */
export interface MechanismOptions
  extends Pick<ServerMechanismOptions, 'scramHashes' | 'cramMd5' | 'anonymous' | 'custom'> {
  /** Who a connection proves its client to be, by a certificate or the owner of a socket; adds EXTERNAL. */
  readonly userOf?: (transport: Transport) => string | undefined;
}

/** Why a session ends although its client did not ask. */
interface Farewell {
  readonly text: string;
  /** Whether the command under way may finish first. */
  readonly isPatient: boolean;
}

/** Commands whose own doing is told whatever a client asked for with NOTIFY. */
const OWN_EXPUNGES: ReadonlySet<string> = new Set(['EXPUNGE', 'MOVE', 'REPLACE', 'SELECT', 'EXAMINE']);

/** What a read brought. */
type Arrived = { readonly chunk: Uint8Array | null } | { readonly error: unknown };

class SessionEnded extends Error {}

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
  readonly #stop = new AbortController();
  #farewell: Farewell | undefined;
  #isReading = false;
  #arrived: Arrived | undefined;
  /** Why the connection cannot go on. A store that was given it for a body throws it back. */
  #lost: unknown;
  #badCommands = 0;
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
        hasMetadata: this.account?.metadata !== undefined,
        isCompressed: this.isCompressed,
        mechanisms: offeredMechanisms(this.mechanismOptions),
      }),
    });
  }

  /** Fires when the session is dropped; work under way for it is given up. */
  get signal(): AbortSignal {
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
    const context = { protocol: 'imap', security, remoteAddress, signal: this.signal } as const;
    const { userOf, ...more } = mechanisms;
    const externalUser = userOf?.(this.transport);
    return { authenticator, context, allowInsecureAuth, channelBinding, externalUser, ...more };
  }

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    this.log.debug('connection opened', this.facts());
    try {
      this.#loginTimer = this.timers.start(() => this.#end('You took too long to log in'), this.limits.loginTimeoutMs);
      this.output.send(greeting(this.protocol));
      while (this.protocol.state !== 'logout') {
        const event = await this.#nextOrNews();
        if (event === undefined) break;
        if (event === 'woken') await tellUnasked(this);
        else await this.#handle(event);
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
    this.#farewell ??= { text, isPatient: true };
    this.bell.ring();
  }

  /** Drops the session now. */
  destroy(reason: unknown): void {
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
    this.#loginTimer = this.timers.start(() => this.#end('You took too long to log in'), this.limits.loginTimeoutMs);
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

  /**
   * What the client sends next; undefined at the end of the stream. What was gathered is sent before waiting.
   * @param options.isInside - Whether a command is under way, which a patient farewell lets finish.
   * @param options.until - Checked whenever something happens; ends the wait with `'woken'`.
   */
  nextEvent(options?: { readonly isInside?: boolean }): Promise<ServerEvent | undefined>;
  nextEvent(options: { readonly until: () => boolean }): Promise<ServerEvent | 'woken' | undefined>;
  async nextEvent({
    isInside = false,
    until,
  }: {
    readonly isInside?: boolean;
    readonly until?: () => boolean;
  } = {}): Promise<ServerEvent | 'woken' | undefined> {
    let timer: unknown;
    try {
      for (;;) {
        this.#checkFarewell(isInside);
        const event = this.protocol.next();
        if (event !== undefined) return event;
        if (until?.() === true) return 'woken';
        const arrived = this.#arrived;
        this.#arrived = undefined;
        if (arrived === undefined) {
          await this.output.flush();
          this.#startReading();
          timer ??= this.timers.start(() => this.#end('You were silent for too long'), this.limits.idleTimeoutMs);
          await this.bell.wait();
        } else if ('error' in arrived) throw arrived.error;
        else if (arrived.chunk === null) return undefined;
        else this.protocol.receive(arrived.chunk);
      }
    } catch (error) {
      this.#lost = error;
      throw error;
    } finally {
      this.timers.stop(timer);
    }
  }

  /** Waits, unless the session ends first. */
  async sleep(ms: number): Promise<void> {
    let isOver = false;
    const timer = this.timers.start(() => {
      isOver = true;
      this.bell.ring();
    }, ms);
    try {
      while (!isOver) {
        this.#checkFarewell(false);
        await this.bell.wait();
      }
    } finally {
      this.timers.stop(timer);
    }
  }

  /** Whether octets came that were not looked at yet. */
  get hasUnreadInput(): boolean {
    return this.protocol.bufferedBytes > 0 || this.#isReading || this.#arrived !== undefined;
  }

  /** Ends the session because of its client. */
  endWith(text: string): never {
    this.#end(text);
    throw new SessionEnded(text);
  }

  #end(text: string): void {
    if (this.#farewell?.isPatient !== false) this.#farewell = { text, isPatient: false };
    this.bell.ring();
  }

  #checkFarewell(isInside: boolean): void {
    const farewell = this.#farewell;
    if (farewell !== undefined && !(isInside && farewell.isPatient)) throw new SessionEnded(farewell.text);
  }

  #startReading(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.transport.read().then(
      (chunk) => this.#arrive({ chunk }),
      (error: unknown) => this.#arrive({ error }),
    );
  }

  #arrive(arrived: Arrived): void {
    this.#isReading = false;
    this.#arrived = arrived;
    this.bell.ring();
  }

  /** What the client sends next, or that there is something it asked to be told of. */
  #nextOrNews(): Promise<ServerEvent | 'woken' | undefined> {
    return this.notifying === undefined ? this.nextEvent() : this.nextEvent({ until: () => hasUnasked(this) });
  }

  async #handle(event: ServerEvent): Promise<void> {
    switch (event.type) {
      case 'continue':
        this.output.send({ type: 'continuation', text: 'Go ahead' });
        return;
      case 'refused':
        return this.#refuse(event.response);
      case 'command':
        return this.#run(event.tag, event.command);
      case 'appendLiteral': {
        const { tag, mailbox, message, replaces } = event;
        if (replaces === undefined) return this.#run(tag, { name: 'APPEND', mailbox, messages: [message] }, event);
        return this.#run(tag, { name: 'REPLACE', mailbox, message, replaces }, event);
      }
      default:
        // Data and lines come only while a command waits for them.
        return;
    }
  }

  #refuse(response: StatusResponse): void {
    if (response.status === 'BAD') this.#badCommands++;
    this.observer.command?.({ name: 'invalid', status: response.status, milliseconds: 0 });
    this.output.send(response);
    if (this.#badCommands >= this.limits.maxBadCommands) this.endWith('Too many commands are wrong');
  }

  async #run(
    tag: string,
    command: KnownCommand,
    literal?: Extract<ServerEvent, { readonly type: 'appendLiteral' }>,
  ): Promise<void> {
    let completion: Completion;
    let lost: unknown;
    this.progress = new Progress(this, tag);
    const begun = this.timers.now();
    try {
      completion = await execute(this, tag, command, literal);
      if (completion.status === 'BAD') this.#badCommands++;
      else this.#badCommands = 0;
    } catch (error) {
      completion = this.#completionOf(error, command);
    }
    try {
      await this.#report(command);
    } catch (error) {
      lost = error;
      if (storeErrorCode(error) === undefined) throw error;
    }
    if (this.protocol.state === 'logout') this.output.send(untagged('BYE', 'Good-bye'));
    if (completion.tellsModSeq === true) completion = this.#withModSeq(completion);
    const isAnswered = command.name === 'STARTTLS' || command.name === 'COMPRESS';
    if (!isAnswered || completion.status !== 'OK') this.output.send(tagged(tag, completion));
    const { status } = completion;
    this.observer.command?.({ name: command.name, status, milliseconds: this.timers.now() - begun });
    if (lost !== undefined) this.#loseMailbox(lost);
  }

  /** Errors of the store end the command; errors of the connection, and ends of the session, end the session. */
  #completionOf(error: unknown, command: KnownCommand): Completion {
    if (error instanceof CommandRefused) return error.completion;
    const isBroken = error instanceof BrokenResponseError || error instanceof TransportError;
    const isLost = error instanceof SessionEnded || isBroken || this.signal.aborted;
    if (isLost || error === this.#lost || error === this.output.failure) throw error;
    const fields = { ...this.facts(), command: command.name, ...errorFacts(error) };
    if (storeErrorCode(error) !== undefined || error instanceof AuthenticationError)
      this.log.info('command failed', fields);
    else {
      this.log.error('command failed unexpectedly', fields);
      this.observer.error?.('command');
    }
    return completionOf(error);
  }

  /** Tells the client what happened in its mailbox, as far as the command allows. */
  async #report(command: KnownCommand): Promise<void> {
    await tellOthers(this);
    const { selected } = this;
    if (selected === undefined) return;
    const isFresh = command.name === 'SELECT' || command.name === 'EXAMINE';
    // A FETCH looked when it began, and its own changes are known.
    if (!isFresh && (command.name !== 'FETCH' || selected.isHinted || selected.isStale))
      await selected.refresh(this.signal);
    const { view } = selected;
    const isOwnExpunge = OWN_EXPUNGES.has(command.name);
    await tellNews(this, selected, { holdExpunges: holdsExpunges(command), isOwnExpunge });
    // A client that breaks off now must come back with a mod-sequence from before the expunges it was not told.
    if (selected.hasModSeq && this.modes.qresync && view.holdsVanished) {
      this.output.send(untagged('OK', 'Expunges follow', { type: 'highestModSeq', modSeq: view.toldModSeq }));
    }
  }

  /** Names the mod-sequence up to which the client was just told everything. @see RFC 7162 section 3.2.7 */
  #withModSeq(completion: Completion): Completion {
    const { view, hasModSeq = false } = this.selected ?? {};
    if (view === undefined || !hasModSeq || !this.modes.qresync) return completion;
    return { ...completion, code: { type: 'highestModSeq', modSeq: view.toldModSeq } };
  }

  #loseMailbox(error: unknown): never {
    this.log.info('selected mailbox lost', { ...this.facts(), ...errorFacts(error) });
    const isGone = storeErrorCode(error) === 'STORE_NONEXISTENT';
    return this.endWith(isGone ? 'The selected mailbox was deleted' : 'The selected mailbox cannot be read any more');
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
