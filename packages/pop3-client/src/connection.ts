import {
  assertNever,
  type ClientTlsOptions,
  type Logger,
  MailError,
  printable,
  silentLogger,
  type Transport,
} from '@posthorn/core';
import {
  brokenLine,
  closedByUs,
  endedByServer,
  isBroken,
  type Timers,
  timedOut,
  Watchdog,
} from '@posthorn/transport/client';
import type { Pop3Command } from '@posthorn/wire/pop3';
import { type ClientCommand, type ClientEvent, type Pop3Answer, Pop3ClientProtocol } from './client-protocol.ts';
import { Pop3Error, ServerRefusedError } from './errors.ts';

/** Who waits for a command: gets what the server says on its behalf, and then exactly one of `done` and `fail`. */
export interface CommandHandler {
  /** +OK came, and a body is about to follow. */
  begin?(answer: Pop3Answer): void;
  /** Octets of the body. */
  body?(bytes: Uint8Array): void;
  /** A SASL challenge in base64. @returns the answer, or undefined to give up */
  challenge?(text: string): Promise<Uint8Array | undefined>;
  /** Whether it can take no more for now. Reading stops then, unless another command is wanted. */
  isFull?(): boolean;
  /** Whether somebody waits for it right now. @defaultValue always */
  isWanted?(): boolean;
  done(answer: Pop3Answer): void;
  fail(reason: unknown): void;
}

export interface ConnectionOptions {
  readonly transport: Transport;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly silenceMs: number;
  readonly progressMs: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether a positive answer has a body, for commands this package does not know. */
  readonly hasBody?: boolean | undefined;
  readonly body?: ((bytes: Uint8Array) => void) | undefined;
}

interface Pending {
  handler: CommandHandler;
  answer: Pop3Answer | undefined;
}

/** So much of a body counts as progress; single octets do not. */
const PROGRESS_BYTES = 1024;
/** How long to go on reading when writing has failed. */
const LAST_WORDS_MS = 1000;

/** Takes what nobody waits for any more. */
const NOBODY: CommandHandler = { isWanted: () => false, done: () => {}, fail: () => {} };

/**
 * Drives the protocol over a transport: one loop reads, one writes. Reading stops while the reader of a body is busy,
 * but never while another command is wanted, so that nothing can wait for itself.
 */
export class Connection {
  readonly protocol: Pop3ClientProtocol;
  readonly closed: Promise<void>;
  readonly #transport: Transport;
  readonly #logger: Logger;
  readonly #timers: Timers;
  readonly #watchdog: Watchdog;
  readonly #pending = new Map<ClientCommand, Pending>();
  #onGreeting: ((greeting: Pop3Answer) => void) | undefined;
  #bodyProgress = 0;
  #hasProgressed = false;
  #heldBytes = 0;
  #tls: ClientTlsOptions | undefined;
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  #isPaused = false;
  #isAnswering = false;
  #wakeReader: (() => void) | undefined;
  #lastWords: unknown;
  #failure: { readonly reason: unknown } | undefined;
  #isEnding = false;
  #settleClosed: () => void = () => {};

  constructor({ transport, timers, logger, silenceMs, progressMs }: ConnectionOptions) {
    this.#transport = transport;
    this.#timers = timers;
    this.#logger = logger;
    this.protocol = new Pop3ClientProtocol({ decoder: { findLineDot } });
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#watchdog = new Watchdog(timers, { silenceMs, progressMs }, (ms) => this.#expire(ms));
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

  /** Starts reading. @returns the greeting */
  start(): Promise<Pop3Answer> {
    return new Promise((resolve, reject) => {
      this.#onGreeting = resolve;
      void this.closed.then(() => reject(this.#failure?.reason ?? closedByUs()));
      void this.#readLoop();
    });
  }

  /**
   * Queues a command.
   * @throws RangeError when an argument cannot be sent; what ended the connection when it is closed.
   */
  submit(command: Pop3Command, handler: CommandHandler, hasBody?: boolean): ClientCommand {
    if (this.#failure !== undefined) throw this.#failure.reason ?? closedByUs();
    const entry = this.protocol.send(command, { hasBody });
    this.#pending.set(entry, { handler, answer: undefined });
    this.flush();
    this.wake();
    return entry;
  }

  /**
   * Sends a command and waits for its whole answer. Aborting ends the wait: a command that was not sent is taken back,
   * the answer to one already sent is dropped when it comes.
   * @throws {@link ServerRefusedError}
   */
  async run(command: Pop3Command, { signal, hasBody, body }: RunOptions = {}): Promise<Pop3Answer> {
    signal?.throwIfAborted();
    let abort: (() => void) | undefined;
    try {
      return await new Promise<Pop3Answer>((done, fail) => {
        const entry = this.submit(command, { ...(body && { body }), done, fail }, hasBody);
        abort = () => {
          this.abandon(entry);
          fail(signal?.reason);
        };
        signal?.addEventListener('abort', abort, { once: true });
      });
    } finally {
      if (abort !== undefined) signal?.removeEventListener('abort', abort);
    }
  }

  /** Nobody waits for a command any more: it is not sent if that is still possible, else its answer is dropped. */
  abandon(command: ClientCommand): void {
    const pending = this.#pending.get(command);
    if (pending === undefined) return;
    if (this.protocol.cancel(command)) this.#pending.delete(command);
    else pending.handler = NOBODY;
    this.flush();
    this.wake();
  }

  /** So many octets more, or less, wait for a reader. @returns how many do now */
  hold(octets: number): number {
    this.#heldBytes += octets;
    return this.#heldBytes;
  }

  /** Writes what the protocol has to say, together with what comes up in the same turn. */
  flush(): void {
    if (this.#isWriting || this.#failure !== undefined) return;
    this.#isWriting = true;
    this.#writing = this.#writeLoop();
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
    await this.run({ name: 'STLS' }, runOptions);
  }

  /**
   * Says QUIT, waits for the answer, and closes: all in all for `ms` beyond what the commands before it need.
   * @throws {@link ServerRefusedError}, or what ended the connection before the answer came.
   */
  async quit(ms: number, signal?: AbortSignal): Promise<Pop3Answer> {
    this.#isEnding = true;
    try {
      return await this.run({ name: 'QUIT' }, { signal });
    } finally {
      await this.#hangUp(ms);
    }
  }

  /** Ends everything at once: each pending command fails with the reason. Idempotent. */
  fail(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { reason };
    this.#watchdog.stop();
    if (this.#lastWords !== undefined) this.#timers.stop(this.#lastWords);
    const error = reason ?? closedByUs();
    this.#transport.destroy(error);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { handler } of pending) handler.fail(error);
    this.wake();
    this.#settleClosed();
    if (reason !== undefined)
      this.#logger.debug('connection ended', { reason: MailError.is(reason) ? reason.code : String(reason) });
  }

  async #hangUp(ms: number): Promise<void> {
    const timer = this.#timers.start(() => this.fail(undefined), ms);
    await Promise.race([this.#transport.close(), this.closed]);
    this.#timers.stop(timer);
    this.fail(undefined);
  }

  async #readLoop(): Promise<void> {
    try {
      while (this.#failure === undefined) {
        const chunk = await this.#transport.read();
        if (this.#failure !== undefined) return;
        if (chunk === null) return this.#ended();
        this.protocol.receive(chunk);
        await this.#drain();
      }
    } catch (error) {
      this.fail(this.#explain(error));
    }
  }

  /** Hands out what is decoded. */
  async #drain(): Promise<void> {
    for (let event = this.protocol.next(); event !== undefined; event = this.protocol.next()) {
      const busy = this.#dispatch(event);
      if (busy !== undefined) await busy;
      if (this.#failure !== undefined) return;
    }
    if (this.#hasProgressed) this.#watchdog.progress();
    else this.#watchdog.answer();
    this.#hasProgressed = false;
    this.#updateWatchdog();
    this.flush();
  }

  /** @returns what must end before the next event */
  #dispatch(event: ClientEvent): Promise<void> | undefined {
    switch (event.type) {
      case 'greeting':
        this.#logger.debug('greeting', { text: printable(event.answer.text, 500) });
        this.#onGreeting?.(event.answer);
        return undefined;
      case 'body':
        return this.#body(event.command, event.bytes);
      case 'bodyEnd':
        this.#progressed();
        return this.#finish(event.command);
      case 'challenge':
        return this.#challenge(event.command, event.text);
      case 'answer':
        return this.#answer(event.command, event.answer, event.hasBody);
      default:
        return assertNever(event);
    }
  }

  #answer(command: ClientCommand, answer: Pop3Answer, hasBody: boolean): Promise<void> | undefined {
    this.#progressed();
    this.#record(command, answer);
    const pending = this.#pending.get(command);
    if (pending === undefined) return undefined;
    pending.answer = answer;
    if (hasBody) {
      pending.handler.begin?.(answer);
      return undefined;
    }
    if (command.command.name === 'STLS' && answer.isOk) return this.#secure(command);
    return this.#finish(command);
  }

  #finish(command: ClientCommand): undefined {
    const pending = this.#pending.get(command);
    this.#pending.delete(command);
    if (pending?.answer === undefined) return;
    const { handler, answer } = pending;
    if (answer.isOk) handler.done(answer);
    else handler.fail(new ServerRefusedError({ command: this.protocol.describe(command), ...answer }));
  }

  #body(command: ClientCommand, bytes: Uint8Array): Promise<void> | undefined {
    this.#bodyProgress += bytes.length;
    if (this.#bodyProgress >= PROGRESS_BYTES) this.#progressed();
    const handler = this.#pending.get(command)?.handler;
    handler?.body?.(bytes);
    return handler?.isFull?.() === true ? this.#pauseFor(command) : undefined;
  }

  /** Waits until the handler has room, or somebody else wants the answers behind its own. */
  async #pauseFor(command: ClientCommand): Promise<void> {
    while (this.#pending.get(command)?.handler.isFull?.() && !this.#isAnyoneWaiting()) {
      this.#isPaused = true;
      this.#updateWatchdog();
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#updateWatchdog();
  }

  #isAnyoneWaiting(): boolean {
    for (const { handler } of this.#pending.values())
      if (handler.isWanted === undefined || handler.isWanted()) return true;
    return false;
  }

  /** The server owes an answer, and neither we nor our caller are what it waits for. */
  #updateWatchdog(): void {
    const isOurs = this.#isPaused || this.#isAnswering || this.#failure !== undefined;
    this.#watchdog.watch(!isOurs && this.protocol.isWaiting);
  }

  #progressed(): void {
    this.#bodyProgress = 0;
    this.#hasProgressed = true;
  }

  /** Writes an exchange down for those who asked for it, secrets left out. */
  #record(command: ClientCommand, { isOk, responseCode, text }: Pop3Answer): void {
    if (this.#logger === silentLogger) return;
    // A server may repeat what it was sent.
    const words = LOGIN_COMMANDS.has(command.command.name) ? '' : text;
    const code = responseCode === undefined ? '' : `[${responseCode}] `;
    this.#logger.debug('command done', {
      command: printable(this.protocol.describe(command), 500),
      answer: printable(`${isOk ? '+OK' : '-ERR'} ${code}${words}`.trimEnd(), 500),
    });
  }

  async #secure(command: ClientCommand): Promise<void> {
    await this.#writing;
    await this.#transport.startTls(this.#tls!);
    this.protocol.secured();
    this.#progressed();
    this.#finish(command);
  }

  async #challenge(command: ClientCommand, text: string): Promise<void> {
    this.#isAnswering = true;
    this.#updateWatchdog();
    try {
      const handler = this.#pending.get(command)?.handler;
      this.protocol.answerChallenge(await handler?.challenge?.(text));
    } finally {
      this.#isAnswering = false;
      this.#updateWatchdog();
    }
  }

  async #writeLoop(): Promise<void> {
    try {
      // Commands given in the same turn leave in one write.
      await undefined;
      for (let output = this.protocol.output(); output.length > 0; output = this.protocol.output()) {
        if (this.#failure !== undefined) return;
        this.#updateWatchdog();
        await this.#transport.write(output.map(({ bytes }) => bytes));
      }
      this.#isWriting = false;
    } catch (error) {
      this.#failWriting(error);
    }
  }

  /** What cannot be written to may still have last words to read, such as why it hung up. */
  #failWriting(error: unknown): void {
    if (this.#failure !== undefined) return;
    if (!isBroken(error)) this.fail(error);
    else this.#lastWords ??= this.#timers.start(() => this.fail(this.#explain(error)), LAST_WORDS_MS);
  }

  #ended(): void {
    // The server hangs up after QUIT: `quit` does the rest.
    if (this.#isEnding && this.#pending.size === 0) return;
    try {
      this.protocol.endOfStream();
      this.fail(endedByServer());
    } catch (cause) {
      this.fail(cause instanceof Pop3Error ? cause : endedByServer(undefined, cause));
    }
  }

  /** A broken line has ended the connection, whatever the reason below; other errors say more by themselves. */
  #explain(error: unknown): unknown {
    if (!isBroken(error)) return error;
    if (this.#isEnding && this.#pending.size === 0) return undefined;
    return brokenLine(error);
  }

  #expire(ms: number): void {
    const [oldest] = this.protocol.inProgress;
    this.fail(timedOut(oldest && nameOf(oldest.command), ms));
  }
}

const CRLF_DOT = Uint8Array.of(0x0d, 0x0a, 0x2e);

/** Node searches octets several times as fast as code can. */
function findLineDot(bytes: Uint8Array, from: number): number {
  return Buffer.prototype.indexOf.call(bytes, CRLF_DOT, from);
}

/** Commands whose answers may repeat a secret. */
const LOGIN_COMMANDS: ReadonlySet<string> = new Set(['USER', 'PASS', 'APOP', 'AUTH']);

function nameOf(command: Pop3Command): string {
  return command.name === 'X' ? printable(command.command, 40) : command.name;
}
