import { type ClientTlsOptions, type Logger, MailError, printable, silentLogger, type Transport } from '@posthorn/core';
import { canStopDeflate, lendsChunks } from '@posthorn/transport';
import { type Timers, Watchdog } from '@posthorn/transport/client';
import type { Command, InvalidResponse, LiteralData, StatusResponse } from '@posthorn/wire';
import { ImapError, ServerRefusedError } from '../errors.ts';
import { BodyPace } from './body-pace.ts';
import type { ClientCommand, ClientEvent, UntaggedEvent } from './client-events.ts';
import { ImapClientProtocol } from './client-protocol.ts';
import type { CommandHandler, Pending, RunOptions } from './command-handler.ts';
import { brokenLine, closedByUs, endedByServer, isBroken, timedOut, tooSlow } from './connection-end.ts';
import { ConnectionOutput, type OutputOwner } from './connection-output.ts';
import { type CommandDiagnostics, isWatched, publishCommand } from './diagnostics.ts';
import { ExchangeLog } from './exchange-log.ts';
import { Loan } from './loan.ts';
import { withNumber } from './with-number.ts';

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly tagPrefix: string;
  readonly silenceMs: number;
  readonly progressMs: number;
  /** Fewest octets a second of a body; 0 for any. @defaultValue 0 */
  readonly minBytesPerSecond?: number;
}

/** So much of a literal counts as progress; single octets do not. */
const PROGRESS_BYTES = 1024;
/** So often a server may ask for patience with one command (RFC 9585). */
const MOST_REPORTS = 100;
/** How long to go on reading when writing has failed. */
const LAST_WORDS_MS = 1000;

/**
 * Drives the protocol over a transport: one loop reads, one writes. Reading stops while the answers' consumer is busy,
 * but never while another command is wanted, so that nothing can wait for itself.
 */
export class Connection {
  readonly protocol: ImapClientProtocol;
  readonly closed: Promise<void>;
  /** What no command claimed: news about the mailbox, alerts, capabilities. */
  onUntagged: (event: UntaggedEvent) => void = () => {};
  #onGreeting: ((greeting: StatusResponse) => void) | undefined;
  readonly #transport: Transport;
  readonly #logger: Logger;
  readonly #timers: Timers;
  readonly #output: ConnectionOutput;
  readonly #watchdog: Watchdog;
  readonly #pace: BodyPace;
  readonly #pending = new Map<string, Pending>();
  readonly #log = new ExchangeLog();
  /** Whether what the server says may hold what it was sent to log in. */
  #isSecret = false;
  /** The chunk whose answers are handed out, while it is lent. */
  #loan: Loan | undefined;
  #literal: CommandHandler | undefined;
  /** Who took the start of a literal gets the whole answer too; null when nobody did. */
  #owner: CommandHandler | null | undefined;
  #literalProgress = 0;
  /** What the watchdog is still to hear of. */
  #news: 'answer' | 'progress' | undefined;
  #tls: ClientTlsOptions | undefined;
  #isPaused = false;
  #wakeReader: (() => void) | undefined;
  #lastWords: unknown;
  #failure: { readonly reason: unknown } | undefined;
  #isClosing = false;
  #isCompressed = false;
  #bye: string | undefined;
  #settleClosed: () => void = () => {};

  constructor(options: ConnectionOptions) {
    const { transport, timers, logger, tagPrefix, silenceMs, progressMs, minBytesPerSecond = 0 } = options;
    this.#transport = transport;
    this.#timers = timers;
    this.#logger = logger;
    this.protocol = new ImapClientProtocol({ tagPrefix, onStart: (command) => this.#started(command) });
    this.#output = new ConnectionOutput(this.protocol, transport, this.#outputOwner());
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#watchdog = new Watchdog(timers, { silenceMs, progressMs }, (ms) => this.#expire(ms));
    this.#pace = new BodyPace(() => timers.now(), minBytesPerSecond);
  }

  get isClosed(): boolean {
    return this.#failure !== undefined;
  }

  /** Why the connection ended; undefined while it is open and after a polite close. */
  get closeReason(): unknown {
    return this.#failure?.reason;
  }

  get security(): 'none' | 'tls' {
    return this.#transport.security;
  }

  get channelBinding(): Transport['channelBinding'] {
    return this.#transport.channelBinding;
  }

  /** Whether what is read lies in memory that is used again. */
  get isLending(): boolean {
    return lendsChunks(this.#transport);
  }

  get isCompressed(): boolean {
    return this.#isCompressed;
  }

  /** Whether compression can end without the connection. */
  get canStopCompression(): boolean {
    return canStopDeflate(this.#transport);
  }

  get traffic(): { readonly bytesRead: number; readonly bytesWritten: number } {
    const { bytesRead, bytesWritten } = this.#transport;
    return { bytesRead, bytesWritten };
  }

  /** The last exchanges, without secrets and without what messages say. */
  get transcript(): string {
    return this.#log.toString();
  }

  /** What the server said when it ended the session. */
  get goodbye(): string | undefined {
    return this.#bye;
  }

  /** Whether commands wait for answers. */
  get hasWork(): boolean {
    return this.#pending.size > 0;
  }

  /** Starts reading. @returns the greeting */
  start(): Promise<StatusResponse> {
    return new Promise((resolve, reject) => {
      this.#onGreeting = resolve;
      void this.closed.then(() => reject(this.#failure?.reason));
      void this.#readLoop();
    });
  }

  /**
   * Queues a command.
   * @throws RangeError when an argument cannot be sent; what ended the connection when it is closed.
   */
  submit(command: Command, handler: CommandHandler): ClientCommand {
    if (this.#failure !== undefined) throw this.#failure.reason ?? closedByUs();
    if (this.#isClosing && command.name !== 'LOGOUT') throw closedByUs();
    const entry = this.protocol.send(command);
    this.#pending.set(entry.tag, { command: entry, handler });
    this.flush();
    this.wake();
    return entry;
  }

  /**
   * Sends a command and waits for its end. Aborting ends the wait: a command of which nothing was sent is taken back,
   * the answer to one already sent is dropped when it comes.
   */
  run(command: Command, { signal, accept, literal }: RunOptions = {}): Promise<StatusResponse> {
    return new Promise((done, fail) => {
      if (signal === undefined) this.submit(command, { accept, literal, done, fail });
      else this.#runUntil(signal, command, { accept, literal, done, fail });
    });
  }

  #runUntil(signal: AbortSignal, command: Command, handler: CommandHandler): void {
    signal.throwIfAborted();
    const abort = (): void => {
      this.abandon(entry);
      handler.fail(signal.reason);
    };
    const settled = (): void => signal.removeEventListener('abort', abort);
    const entry = this.submit(command, {
      ...handler,
      done: (response) => {
        settled();
        handler.done(response);
      },
      fail: (reason) => {
        settled();
        handler.fail(reason);
      },
    });
    signal.addEventListener('abort', abort, { once: true });
  }

  /** Nobody waits for a command any more: it is not sent if that is still possible. */
  abandon(command: ClientCommand): void {
    if (this.protocol.cancel(command)) this.#pending.delete(command.tag);
    this.flush();
  }

  /** Writes what the protocol has to say, together with what comes up in the same turn. */
  flush(): void {
    this.#output.flush();
  }

  /** Reading goes on if it was stopped: somebody waits, or there is room again. */
  wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }

  /** Upgrades to TLS. @throws as the server or the handshake has it; the connection is closed after a failed handshake */
  async startTls(options: ClientTlsOptions, runOptions?: RunOptions): Promise<void> {
    this.#tls = options;
    await this.run({ name: 'STARTTLS' }, runOptions);
  }

  /** Says good-bye and closes. Commands in progress are waited for, all in all for `ms`. */
  async close(ms: number): Promise<void> {
    if (this.#isClosing || this.#failure !== undefined) return this.closed;
    this.#isClosing = true;
    const timer = this.#timers.start(() => this.fail(undefined), ms);
    try {
      if (this.protocol.state !== 'greeting' && this.protocol.state !== 'logout') await this.run({ name: 'LOGOUT' });
      await Promise.race([this.#transport.close(), this.closed]);
    } catch {
      // The server may drop the line instead of answering: the result is the same.
    } finally {
      this.#timers.stop(timer);
      this.fail(undefined);
    }
  }

  /** Ends everything at once: each pending command fails with the reason. Idempotent. */
  fail(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { reason };
    if (reason instanceof ImapError) reason.transcript ??= this.transcript;
    this.#watchdog.stop();
    if (this.#lastWords !== undefined) this.#timers.stop(this.#lastWords);
    const error = reason ?? closedByUs();
    this.#transport.destroy(error);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const entry of pending) {
      this.#publish(entry, undefined);
      entry.handler.fail(error);
    }
    this.#literal = undefined;
    this.wake();
    this.#settleClosed();
    if (reason !== undefined)
      this.#logger.debug('connection ended', { reason: MailError.is(reason) ? reason.code : String(reason) });
  }

  async #readLoop(): Promise<void> {
    try {
      while (this.#failure === undefined) {
        const chunk = await this.#transport.read();
        if (this.#failure !== undefined) return;
        if (chunk === null) return this.#ended();
        this.#loan = undefined;
        this.protocol.receive(chunk);
        for (let busy = this.#drain(); busy !== undefined; busy = this.#drain()) {
          await busy;
          if (this.#failure !== undefined) return;
        }
        const returned = this.isLending ? this.#returned() : undefined;
        if (returned !== undefined) await returned;
      }
    } catch (error) {
      this.fail(this.#explain(error));
    }
  }

  /** Waits until nobody looks at the chunk any more, unless the answers behind it are wanted. */
  #returned(): Promise<void> | undefined {
    this.protocol.releaseChunks();
    const loan = this.#loan;
    if (loan?.isOut !== true) return undefined;
    return this.#pauseWhile(() => loan.isOut).then(() => {
      if (loan.isOut) loan.keep();
    });
  }

  /** What there is to borrow of the chunk that was just read. */
  #lent(): Loan | undefined {
    const transport = this.#transport;
    if (this.#loan !== undefined || !lendsChunks(transport)) return this.#loan;
    this.#loan = new Loan(
      () => transport.keepChunk(),
      () => this.wake(),
    );
    return this.#loan;
  }

  /** Hands out what is decoded, up to where something must end first. @returns that, or undefined when all is out */
  #drain(): Promise<void> | undefined {
    const busy = this.#handOut();
    // The clock is asked once for all answers of a chunk.
    if (this.#news === 'progress') this.#watchdog.progress();
    else if (this.#news === 'answer') this.#watchdog.answer();
    this.#news = undefined;
    return busy;
  }

  #handOut(): Promise<void> | undefined {
    for (let event = this.protocol.next(); event !== undefined; event = this.protocol.next()) {
      const busy = this.#dispatch(event);
      if (busy === undefined) continue;
      if (busy instanceof Promise) return busy;
      // Waits until the handler has room, or somebody else wants the answers behind its own.
      if (busy.isFull?.()) return this.#pauseWhile(() => busy.isFull?.() === true);
      if (this.#failure !== undefined) return undefined;
    }
    this.#updateWatchdog();
    this.flush();
    return undefined;
  }

  /** Reads no more as long as it is so and nobody waits for an answer. */
  async #pauseWhile(isSo: () => boolean): Promise<void> {
    while (isSo() && !this.#isAnyoneWaiting() && this.#failure === undefined) {
      this.#isPaused = true;
      this.#pace.hold();
      this.#updateWatchdog();
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#pace.goOn();
    this.#updateWatchdog();
  }

  /** The server owes an answer, and neither we nor our caller are what it waits for. */
  #updateWatchdog(): void {
    const isOurs = this.#isPaused || this.#output.isSourceBusy || this.#failure !== undefined;
    this.#watchdog.watch(!isOurs && this.protocol.isWaiting);
  }

  #isAnyoneWaiting(): boolean {
    for (const { handler } of this.#pending.values())
      if (handler.isWanted === undefined || handler.isWanted()) return true;
    return false;
  }

  #started(command: ClientCommand): void {
    const { name } = command.command;
    // At login both sides may say what is secret; later the server has nothing secret of ours to say.
    this.#isSecret = name === 'LOGIN' || name === 'AUTHENTICATE';
    this.#log.command(command.tag, () => this.protocol.transcribe(command));
    const pending = this.#pending.get(command.tag);
    if (pending === undefined || !isWatched()) return;
    pending.start = { now: this.#timers.now(), ...this.traffic };
  }

  #publish({ command, start }: Pending, status: CommandDiagnostics['status']): void {
    if (start === undefined) return;
    const { bytesRead, bytesWritten } = this.traffic;
    publishCommand({
      tag: command.tag,
      name: command.command.name === 'X' ? command.command.command : command.command.name,
      status,
      durationMs: this.#timers.now() - start.now,
      bytesRead: bytesRead - start.bytesRead,
      bytesWritten: bytesWritten - start.bytesWritten,
    });
  }

  /** @returns the handler that took the event, if it may be full now, or what must end before the next event. */
  #dispatch(event: ClientEvent): CommandHandler | Promise<void> | undefined {
    this.#log.event(event, this.#isSecret);
    switch (event.type) {
      case 'literalData':
        this.#literalProgress += event.bytes.length;
        if (this.#literalProgress >= PROGRESS_BYTES) this.#progressed();
        if (this.#pace.isTooSlow(event.bytes.length)) this.fail(tooSlow());
        this.#lend(event);
        return this.#literal;
      case 'literalEnd': {
        const handler = this.#literal;
        this.#literal = undefined;
        handler?.literal?.(event, undefined);
        return handler;
      }
      case 'completed':
        return this.#complete(event.command, event.response);
      case 'greeting':
        this.#logger.debug('greeting', { text: printable(event.response.text, 500) });
        this.#onGreeting?.(event.response);
        return undefined;
      case 'challenge':
        return this.#challenge(event.command, event.text);
      case 'idling':
        this.#pending.get(event.command.tag)?.handler.idling?.();
        return undefined;
      case 'uidFetch':
      case 'uidLiteralStart':
        return this.#offer(withNumber(event));
      default:
        return this.#offer(event);
    }
  }

  #lend(event: LiteralData): void {
    const handler = this.#literal;
    const loan = this.#lent();
    if (loan === undefined || handler?.takesLoans === true) handler?.literal?.(event, loan);
    else handler?.literal?.({ ...event, bytes: event.bytes.slice() }, undefined);
  }

  #offer(event: UntaggedEvent): CommandHandler | undefined {
    // Behind a literal comes the rest of its answer, readable or not.
    if (this.#owner !== undefined && (event.type === 'fetch' || event.type === 'invalid'))
      return this.#offerToOwner(event);
    if (event.type === 'literalStart') {
      this.#owner ??= null;
      this.#pace.begin();
    }
    for (const { command, handler } of this.#pending.values()) {
      if (!command.isStarted || handler.accept?.(event) !== true) continue;
      this.#progressed();
      if (event.type === 'literalStart') this.#literal = this.#owner = handler;
      return handler;
    }
    this.#news ??= 'answer';
    if (event.type === 'status') this.#hear(event);
    if (event.type === 'invalid') this.#logger.warn('an answer does not parse', { rule: event.diagnostics[0]?.id });
    this.onUntagged(event);
    return undefined;
  }

  /** What the server says to all. */
  #hear({ status, code, text }: StatusResponse): void {
    if (status === 'BYE') this.#bye = text;
    if (code?.type !== 'inProgress' || code.tag === null || code.done === null) return;
    const pending = this.#pending.get(code.tag);
    if (pending === undefined || code.done <= (pending.done ?? -1)) return;
    pending.done = code.done;
    pending.reports = (pending.reports ?? 0) + 1;
    // Whoever counts on for ever is not believed for ever.
    if (pending.reports <= MOST_REPORTS) this.#watchdog.progress();
  }

  #offerToOwner(event: UntaggedEvent): CommandHandler | undefined {
    const owner = this.#owner;
    this.#owner = undefined;
    if (owner?.accept?.(event) === true) return owner;
    if (owner !== null) this.onUntagged(event);
    return undefined;
  }

  #progressed(): void {
    this.#literalProgress = 0;
    this.#news = 'progress';
  }

  #complete(command: ClientCommand, response: StatusResponse | InvalidResponse): Promise<void> | undefined {
    this.#watchdog.progress();
    this.#record(command, response);
    const pending = this.#pending.get(command.tag);
    const handler = pending?.handler;
    if (pending !== undefined) this.#publish(pending, statusOf(response));
    if (response.type === 'status' && response.status === 'OK') {
      if (command.command.name === 'STARTTLS') return this.#secure(command);
      if (command.command.name === 'X' && command.command.command === 'COMPRESS') return this.#compress(command);
      if (command.command.name === 'X' && command.command.command === 'UNAUTHENTICATE' && this.#isCompressed)
        return this.#compressNoMore(command);
    }
    this.#pending.delete(command.tag);
    if (response.type === 'invalid') {
      handler?.fail(new ImapError('IMAP_PROTOCOL', `the server's answer to ${command.command.name} does not parse`));
    } else if (response.status === 'NO' || response.status === 'BAD') {
      const { status, text, code: responseCode } = response;
      handler?.fail(
        new ServerRefusedError({
          tag: command.tag,
          command: this.protocol.describe(command),
          status,
          responseCode,
          text,
          transcript: this.transcript,
        }),
      );
    } else handler?.done(response);
    return undefined;
  }

  /** Writes an exchange down for those who asked for it, secrets left out. */
  #record(command: ClientCommand, response: StatusResponse | InvalidResponse): void {
    if (this.#logger === silentLogger) return;
    const { name } = command.command;
    // A server may repeat what it was sent.
    const text = name === 'LOGIN' || name === 'AUTHENTICATE' || response.type === 'invalid' ? '' : response.text;
    const answer =
      response.type === 'invalid' ? 'an answer that does not parse' : `${response.status} ${text}`.trimEnd();
    this.#logger.debug('command done', {
      command: printable(this.protocol.describe(command), 500),
      answer: printable(answer, 500),
    });
  }

  async #secure(command: ClientCommand): Promise<void> {
    await this.#output.written;
    await this.#transport.startTls(this.#tls!);
    this.protocol.secured();
    this.#watchdog.progress();
    const handler = this.#pending.get(command.tag)?.handler;
    this.#pending.delete(command.tag);
    handler?.done({ type: 'status', tag: command.tag, status: 'OK', text: '' });
  }

  async #compress(command: ClientCommand): Promise<void> {
    await this.#output.written;
    await this.#transport.startDeflate(this.protocol.compressed());
    this.#isCompressed = true;
    const handler = this.#pending.get(command.tag)?.handler;
    this.#pending.delete(command.tag);
    handler?.done({ type: 'status', tag: command.tag, status: 'OK', text: '' });
  }

  async #compressNoMore(command: ClientCommand): Promise<void> {
    await this.#output.written;
    this.protocol.decompressed();
    if (canStopDeflate(this.#transport)) await this.#transport.stopDeflate();
    this.#isCompressed = false;
    const handler = this.#pending.get(command.tag)?.handler;
    this.#pending.delete(command.tag);
    handler?.done({ type: 'status', tag: command.tag, status: 'OK', text: '' });
  }

  #challenge(command: ClientCommand, text: string): Promise<void> | undefined {
    this.#watchdog.progress();
    const answer = this.#pending.get(command.tag)?.handler.challenge?.(text);
    if (answer instanceof Promise) return answer.then((response) => this.protocol.answerChallenge(response));
    this.protocol.answerChallenge(answer);
    return undefined;
  }

  #outputOwner(): OutputOwner {
    const isClosed = (): boolean => this.#failure !== undefined;
    return {
      get isClosed() {
        return isClosed();
      },
      handlerOf: ({ tag }) => this.#pending.get(tag)?.handler,
      sourceFailed: ({ tag }, cause) => {
        this.#pending.get(tag)?.handler.fail(cause);
        this.#pending.delete(tag);
      },
      isOwedAnew: () => this.#updateWatchdog(),
      progressed: () => this.#watchdog.progress(),
      failed: (error) => this.#failWriting(error),
    };
  }

  /** What cannot be written to may still have last words to read, such as why it hung up. */
  #failWriting(error: unknown): void {
    if (this.#failure !== undefined) return;
    if (!isBroken(error)) this.fail(error);
    else this.#lastWords ??= this.#timers.start(() => this.fail(this.#explain(error)), LAST_WORDS_MS);
  }

  #ended(): void {
    // The server hangs up after LOGOUT: `close` does the rest.
    if (this.#isClosing && this.#pending.size === 0) return;
    try {
      this.protocol.endOfStream();
      this.fail(this.#isClosing ? undefined : endedByServer(this.#bye));
    } catch (cause) {
      this.fail(cause instanceof ImapError ? cause : endedByServer(this.#bye, cause));
    }
  }

  /** A broken line has ended the connection, whatever the reason below; other errors say more by themselves. */
  #explain(error: unknown): unknown {
    if (!isBroken(error)) return error;
    if (this.#isClosing) return undefined;
    if (this.#bye !== undefined) return endedByServer(this.#bye, error);
    return brokenLine(error);
  }

  #expire(ms: number): void {
    this.fail(timedOut(this.protocol.inProgress[0]?.command.name, ms));
  }
}

function statusOf(response: StatusResponse | InvalidResponse): CommandDiagnostics['status'] {
  if (response.type === 'invalid') return undefined;
  const { status } = response;
  return status === 'OK' || status === 'NO' || status === 'BAD' ? status : undefined;
}
