import { assertNever, decodeText, InvalidStateError, printable, TransportError } from '@posthorn/core';
import {
  CapabilitySet,
  type Command,
  type CommandEncodeOptions,
  type CommandPiece,
  type ContinuationRequest,
  type DecoderOptions,
  encodeCommand,
  encodeDone,
  encodeSaslCancel,
  encodeSaslResponse,
  type InvalidResponse,
  ResponseDecoder,
  type ResponseEvent,
  redactedText,
  type StatusResponse,
} from '@posthorn/wire';
import { ImapError } from '../errors.ts';
import type {
  ChallengeEvent,
  ClientCommand,
  ClientEvent,
  ClientOutput,
  CompletedEvent,
  GreetingEvent,
  IdlingEvent,
  SessionState,
} from './client-events.ts';
import { looksLikeImap, wantsFlagLists } from './greeting.ts';
import { type CommandTraits, mayStart, traitsOf } from './schedule.ts';

export interface ProtocolOptions {
  /** How tags begin: one to eight letters. Unpredictable ones keep a server from answering ahead. @defaultValue 'A' */
  readonly tagPrefix?: string;
  /** Most commands in progress at a time; the others wait. @defaultValue 64 */
  readonly maxInProgress?: number;
  /** Most octets of a line before login. @defaultValue 8_192 */
  readonly maxLineBytesBeforeLogin?: number;
  /** Hears of each command when its first octets are handed out. */
  readonly onStart?: ((command: ClientCommand) => void) | undefined;
  /** Limits for the decoder; they hold from login on, the line's limit excepted. */
  readonly decoder?: DecoderOptions;
}

interface Entry extends ClientCommand {
  isStarted: boolean;
  readonly traits: CommandTraits;
  pieces: readonly CommandPiece[];
  encodedFor: CapabilitySet | undefined;
  /** Whether UTF-8 was allowed when `pieces` were made. */
  isUtf8: boolean;
  /** Index of the piece to send next. */
  position: number;
  /** Octets of the message at `position` are being written. */
  isSendingMessage: boolean;
  /** IDLE: the server accepted it, and DONE was not sent yet. */
  isAccepted: boolean;
  /** IDLE: it is to end. */
  isDone: boolean;
}

/** More would not make a connection busier, and servers read only so far ahead. */
const MOST_IN_PROGRESS = 64;
const LINE_BYTES_BEFORE_LOGIN = 8192;
/** A SEARCH response of a million numbers fits. */
const LINE_BYTES = 16 * 1024 * 1024;
const RESPONSE_BYTES = 32 * 1024 * 1024;

/**
 * The client's half of an IMAP session as a state machine: no socket, no clock. Give it what arrived with
 * {@link receive} and take its {@link next} events; queue commands with {@link send} and write what {@link output}
 * hands out. It assigns tags, keeps to the order that literals demand, lets commands overlap where RFC 9051
 * section 5.5 allows it, ends IDLE when another command waits, and knows the session's state and capabilities.
 *
 * Every method may throw an error that finishes the session: {@link ImapError}, a `WireSyntaxError` or
 * `LimitExceededError` of the decoder. Close the connection then.
 */
export class ImapClientProtocol {
  readonly #options: ProtocolOptions;
  #decoder: ResponseDecoder;
  #head: Uint8Array | undefined = new Uint8Array(0);
  #state: SessionState = 'greeting';
  #capabilities: CapabilitySet | undefined;
  readonly #enabled = new Set<string>();
  #wantsFlagLists = false;
  /** How commands are encoded, and for which capabilities that is so. */
  #encoding: { readonly capabilities: CapabilitySet | undefined; readonly options: CommandEncodeOptions } | undefined;
  #isUpgrading = false;
  #isCompressed = false;
  #tags = 0;
  #sentDone = false;
  readonly #queue: Entry[] = [];
  /** By tag, in the order sent. */
  readonly #inProgress = new Map<string, Entry>();
  /** The IDLE among them: it runs alone. */
  #idle: Entry | undefined;
  #writing: Entry | undefined;
  /** The answer to the command that is being written, held back until its last octet is out. */
  #early: StatusResponse | undefined;
  #answers: ClientOutput[] = [];

  constructor(options: ProtocolOptions = {}) {
    const { tagPrefix = 'A' } = options;
    if (!/^[A-Za-z]{1,8}$/.test(tagPrefix)) throw new RangeError('a tag prefix is one to eight letters');
    this.#options = options;
    this.#decoder = this.#newDecoder();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** What the server offers in this state; undefined while it has not said so since the state last changed. */
  get capabilities(): CapabilitySet | undefined {
    return this.#capabilities;
  }

  /** Whether the server has switched an extension on with ENABLE. */
  isEnabled(capability: string): boolean {
    return this.#enabled.has(capability.toUpperCase());
  }

  /** Whether strings and mailbox names are UTF-8 everywhere. @see RFC 9051 section 5.1, RFC 6855 section 3 */
  get isUtf8(): boolean {
    return this.#enabled.has('IMAP4REV2') || this.#enabled.has('UTF8=ACCEPT');
  }

  /** Commands that were sent, or are being sent, and have no answer yet. */
  get inProgress(): readonly ClientCommand[] {
    return [...this.#inProgress.values()];
  }

  /** Commands that wait for their turn. */
  get queued(): readonly ClientCommand[] {
    return this.#queue;
  }

  /** Whether the server owes an answer. It owes none to an IDLE that it accepted, until DONE is sent. */
  get isWaiting(): boolean {
    return this.#inProgress.size > (this.#idle?.isAccepted === true ? 1 : 0);
  }

  /**
   * Queues a command. Write what {@link output} hands out afterwards.
   * @throws RangeError when an argument cannot be sent; nothing is queued then.
   */
  send(command: Command): ClientCommand {
    if (this.#state === 'logout') throw new InvalidStateError('the session is over');
    const tag = `${this.#options.tagPrefix ?? 'A'}${++this.#tags}`;
    const entry: Entry = {
      tag,
      command,
      isStarted: false,
      traits: traitsOf(command),
      pieces: this.#encode(tag, command),
      encodedFor: this.#capabilities,
      isUtf8: this.isUtf8,
      position: 0,
      isSendingMessage: false,
      isAccepted: false,
      isDone: false,
    };
    // IDLE waits until nothing else is to be done.
    const last = this.#queue.at(-1);
    if (last?.command.name === 'IDLE') this.#queue.splice(-1, 0, entry);
    else this.#queue.push(entry);
    return entry;
  }

  /** Takes back a command of which nothing was sent. @returns false when it is too late. */
  cancel(command: ClientCommand): boolean {
    const index = this.#queue.indexOf(command as Entry);
    if (index >= 0) this.#queue.splice(index, 1);
    return index >= 0;
  }

  /** Ends an IDLE that is in progress; a queued command does so by itself. */
  endIdle(command: ClientCommand): void {
    if (this.#idle?.tag === command.tag) this.#idle.isDone = true;
  }

  /** Answers a challenge, or cancels the authentication when `response` is undefined. */
  answerChallenge(response: Uint8Array | undefined): void {
    const bytes = response === undefined ? encodeSaslCancel() : encodeSaslResponse(response);
    this.#answers.push({ type: 'bytes', bytes, isSecret: response !== undefined });
  }

  /** The command as it goes over the wire, secrets replaced, for logs and errors. */
  describe(command: ClientCommand): string {
    return redactedText((command as Entry).pieces).trimEnd();
  }

  /** The command as it goes over the wire, line by line, secrets replaced and messages left out. */
  transcribe(command: ClientCommand): string {
    const { pieces } = command as Entry;
    const texts = pieces.map((piece) =>
      piece.type !== 'bytes' ? '' : piece.isSecret ? '***' : decodeText(piece.bytes),
    );
    return texts.join('').replace(/\r\n$/, '');
  }

  /** Whether it is worth while to ask for {@link output}. */
  get mayHaveOutput(): boolean {
    if (this.#answers.length > 0 || this.#queue.length > 0 || this.#writing !== undefined) return true;
    return this.#idle?.isDone === true;
  }

  /** What may be written now, in order; empty when the session waits for the server. */
  output(): readonly ClientOutput[] {
    const output = this.#answers;
    this.#answers = [];
    for (;;) {
      const entry = this.#writing ?? this.#start(output);
      if (entry === undefined || !this.#write(entry, output)) return output;
      this.#writing = undefined;
    }
  }

  /** The octets of a message that {@link output} asked for are written. */
  messageSent(command: ClientCommand): void {
    const entry = command as Entry;
    if (entry !== this.#writing || !entry.isSendingMessage) throw new InvalidStateError('no message is being sent');
    entry.isSendingMessage = false;
    entry.position++;
  }

  /**
   * Takes octets from the server.
   * @throws {@link NotImapError} when the first octets belong to another protocol.
   */
  receive(chunk: Uint8Array): void {
    if (this.#isUpgrading) throw plaintextBuffered();
    if (this.#head === undefined) {
      this.#decoder.push(chunk);
      return;
    }
    const head = new Uint8Array(this.#head.length + chunk.length);
    head.set(this.#head);
    head.set(chunk, this.#head.length);
    this.#head = looksLikeImap(head) ? undefined : head;
    if (this.#head === undefined) this.#decoder.push(head);
  }

  /**
   * Copies what is left of what was received, so that its memory may be used again. Octets that `literalData` events hold
   * are views of that memory.
   */
  releaseChunks(): void {
    this.#decoder.releaseChunks();
  }

  /** The server ended the stream. @throws when it did so in the middle of an answer. */
  endOfStream(): void {
    if (this.#head !== undefined && this.#head.length > 0) looksLikeImap(this.#head, true);
    this.#decoder.end();
  }

  /** The next event, or undefined when more octets are needed. */
  next(): ClientEvent | undefined {
    for (;;) {
      if (this.#early !== undefined && this.#writing === undefined) return this.#completeEarly(this.#early);
      if (this.#isUpgrading) return undefined;
      const event = this.#decoder.next();
      if (event === undefined) return undefined;
      const result = this.#accept(event);
      if (result !== undefined) return result;
    }
  }

  /**
   * The server compresses from behind its answer to COMPRESS on. Give {@link receive} what was decompressed.
   * @returns the octets received behind that answer already: the first to decompress
   * @see RFC 4978 section 3
   */
  compressed(): Uint8Array {
    this.#isUpgrading = false;
    this.#isCompressed = true;
    return this.#decoder.takeRest();
  }

  /**
   * The server compresses no more behind its answer to UNAUTHENTICATE: give {@link receive} what comes as it is.
   * @throws ImapError `IMAP_PROTOCOL` when there was more in what was decompressed
   * @see RFC 8437 section 4.1
   */
  decompressed(): void {
    this.#isUpgrading = false;
    this.#isCompressed = false;
    if (this.#decoder.takeRest().length > 0)
      throw protocolError('the server compresses what stands behind its answer to UNAUTHENTICATE');
  }

  /** TLS is in force after STARTTLS: everything learnt before is forgotten. */
  secured(): void {
    this.#isUpgrading = false;
    this.#capabilities = undefined;
    this.#decoder = this.#newDecoder();
  }

  #newDecoder(): ResponseDecoder {
    const { maxLineBytesBeforeLogin = LINE_BYTES_BEFORE_LOGIN, decoder } = this.#options;
    return new ResponseDecoder({ ...decoder, maxLineBytes: maxLineBytesBeforeLogin });
  }

  #encode(tag: string, command: Command): readonly CommandPiece[] {
    let encoding = this.#encoding;
    if (encoding?.capabilities !== this.#capabilities || encoding?.options.utf8 !== this.isUtf8) {
      encoding = { capabilities: this.#capabilities, options: this.#encodeOptions() };
      this.#encoding = encoding;
    }
    return encodeCommand(tag, command, encoding?.options);
  }

  #encodeOptions(): CommandEncodeOptions {
    const has = (name: string): boolean => this.#capabilities?.has(name) ?? false;
    return {
      literalPlus: has('LITERAL+'),
      literalMinus: has('LITERAL-'),
      binary: has('BINARY'),
      utf8: this.isUtf8,
      flagLists: this.#wantsFlagLists,
    };
  }

  /** Begins the next queued command if it may run now; ends IDLE when that is in its way. */
  #start(output: ClientOutput[]): Entry | undefined {
    this.#endIdleIfWanted(output);
    if (this.#isUpgrading || this.#state === 'greeting') return undefined;
    const entry = this.#queue[0];
    if (entry === undefined || this.#inProgress.size >= (this.#options.maxInProgress ?? MOST_IN_PROGRESS))
      return undefined;
    if (this.#inProgress.size > 0 && !mayStart(entry.traits, this.#traitsInProgress())) return undefined;
    this.#queue.shift();
    entry.isStarted = true;
    if (entry.encodedFor !== this.#capabilities || entry.isUtf8 !== this.isUtf8)
      entry.pieces = this.#encode(entry.tag, entry.command);
    entry.encodedFor = this.#capabilities;
    entry.isUtf8 = this.isUtf8;
    this.#inProgress.set(entry.tag, entry);
    if (entry.command.name === 'IDLE') this.#idle = entry;
    this.#writing = entry;
    this.#options.onStart?.(entry);
    return entry;
  }

  *#traitsInProgress(): Iterable<CommandTraits> {
    for (const entry of this.#inProgress.values()) yield entry.traits;
  }

  #endIdleIfWanted(output: ClientOutput[]): void {
    const idle = this.#idle;
    if (idle === undefined) return;
    if (this.#queue.length > 0) idle.isDone = true;
    if (!idle.isDone || !idle.isAccepted) return;
    idle.isAccepted = false;
    this.#sentDone = true;
    output.push({ type: 'bytes', bytes: encodeDone(), isSecret: false });
  }

  /** Hands out pieces up to the next point to wait at. @returns whether all were handed out. */
  #write(entry: Entry, output: ClientOutput[]): boolean {
    for (; entry.position < entry.pieces.length; entry.position++) {
      const piece = entry.pieces[entry.position]!;
      switch (piece.type) {
        case 'bytes':
          output.push(piece);
          break;
        case 'continuation':
          return false;
        case 'message':
          if (!entry.isSendingMessage)
            output.push({ type: 'message', command: entry, index: piece.index, part: piece.part, size: piece.size });
          entry.isSendingMessage = true;
          return false;
        default:
          assertNever(piece);
      }
    }
    return true;
  }

  #accept(event: ResponseEvent): ClientEvent | undefined {
    switch (event.type) {
      case 'status':
        if (event.tag !== undefined) return this.#complete(event, event.tag);
        if (this.#state === 'greeting') return this.#greet(event);
        if (event.code?.type === 'capability') this.#capabilities = new CapabilitySet(event.code.capabilities);
        if (event.status === 'BYE') this.#state = 'logout';
        return event;
      case 'capability':
        this.#capabilities = new CapabilitySet(event.capabilities);
        return event;
      case 'enabled':
        for (const capability of event.capabilities) this.#enabled.add(capability.toUpperCase());
        return event;
      case 'continuation':
        return this.#continue(event);
      case 'invalid':
        return event.tag !== undefined && this.#inProgress.has(event.tag) ? this.#end(event.tag, event) : event;
      default:
        if (this.#state === 'greeting') throw protocolError('the server sent data before its greeting');
        return event;
    }
  }

  #greet(response: StatusResponse): GreetingEvent {
    if (response.status === 'NO' || response.status === 'BAD')
      throw protocolError(`the server greeted with ${response.status}`);
    this.#setState(
      response.status === 'OK' ? 'notAuthenticated' : response.status === 'PREAUTH' ? 'authenticated' : 'logout',
    );
    if (response.code?.type === 'capability') this.#capabilities = new CapabilitySet(response.code.capabilities);
    this.#wantsFlagLists = wantsFlagLists(response.text);
    this.#encoding = undefined;
    return { type: 'greeting', response };
  }

  #continue({ text }: ContinuationRequest): ChallengeEvent | IdlingEvent | undefined {
    const writing = this.#writing;
    if (writing?.pieces[writing.position]?.type === 'continuation') {
      writing.position++;
      return undefined;
    }
    for (const entry of this.#inProgress.values()) {
      if (entry === writing) break;
      if (entry.command.name === 'AUTHENTICATE') return { type: 'challenge', command: entry, text };
      if (entry.command.name === 'IDLE' && !entry.isAccepted) {
        entry.isAccepted = true;
        return { type: 'idling', command: entry };
      }
    }
    throw protocolError('the server asked for more when there was nothing to send');
  }

  #complete(response: StatusResponse, tag: string): CompletedEvent | undefined {
    const entry = this.#inProgress.get(tag);
    if (entry === undefined) {
      // A server that ended IDLE by itself takes the DONE that crosses its answer for the tag of a command.
      if (this.#sentDone && tag.toUpperCase() === 'DONE') return undefined;
      throw protocolError(`the server answered an unknown tag "${printable(tag, 20)}"`);
    }
    if (response.status === 'PREAUTH' || response.status === 'BYE') throw protocolError(`a tagged ${response.status}`);
    if (entry === this.#writing && entry.position < entry.pieces.length) {
      const isWaiting = entry.pieces[entry.position]?.type === 'continuation';
      if (response.status === 'OK' || this.#early !== undefined || entry.position === 0) {
        throw protocolError('the server answered a command before it was sent');
      }
      // Refused while its octets flow: they are announced, so the rest must follow.
      if (!isWaiting) {
        this.#early = response;
        return undefined;
      }
      this.#writing = undefined;
    }
    return this.#end(tag, response);
  }

  #completeEarly(response: StatusResponse): CompletedEvent {
    this.#early = undefined;
    return this.#end(response.tag!, response);
  }

  #end(tag: string, response: StatusResponse | InvalidResponse): CompletedEvent {
    const entry = this.#inProgress.get(tag)!;
    if (entry === this.#writing) throw protocolError('the server answered a command before it was sent');
    this.#inProgress.delete(tag);
    if (entry === this.#idle) this.#idle = undefined;
    if (response.type === 'status' && response.code?.type === 'capability') {
      this.#capabilities = new CapabilitySet(response.code.capabilities);
    }
    this.#applyOutcome(entry, response.type === 'status' ? response.status : undefined);
    return { type: 'completed', command: entry, response };
  }

  #applyOutcome({ command, encodedFor }: Entry, status: StatusResponse['status'] | undefined): void {
    if (this.#state === 'logout') return;
    switch (command.name) {
      case 'STARTTLS':
        if (status !== 'OK') return;
        if (this.#decoder.bufferedBytes > 0) throw plaintextBuffered();
        this.#isUpgrading = true;
        return;
      case 'LOGIN':
      case 'AUTHENTICATE':
        if (status !== 'OK') return;
        // What the server offers changes with login; what it offered before does not count.
        if (this.#capabilities === encodedFor) this.#capabilities = undefined;
        this.#setState('authenticated');
        return;
      case 'SELECT':
      case 'EXAMINE':
        this.#setState(status === 'OK' ? 'selected' : 'authenticated');
        return;
      case 'CLOSE':
      case 'UNSELECT':
        if (status === 'OK') this.#setState('authenticated');
        return;
      case 'LOGOUT':
        this.#setState('logout');
        return;
      case 'X':
        if (status === 'OK') this.#applyExtension(command.command, encodedFor);
        return;
      default:
    }
  }

  #applyExtension(name: string, encodedFor: CapabilitySet | undefined): void {
    switch (name) {
      case 'COMPRESS':
        this.#isUpgrading = true;
        return;
      case 'UNAUTHENTICATE':
        this.#isUpgrading = this.#isCompressed;
        this.#enabled.clear();
        if (this.#capabilities === encodedFor) this.#capabilities = undefined;
        this.#setState('notAuthenticated');
        return;
      default:
    }
  }

  #setState(state: SessionState): void {
    const wasOut = this.#state === 'greeting' || this.#state === 'notAuthenticated';
    this.#state = state;
    if (wasOut && state === 'authenticated') {
      this.#decoder.setLimits({
        ...this.#options.decoder,
        maxLineBytes: this.#options.decoder?.maxLineBytes ?? LINE_BYTES,
        maxResponseBytes: this.#options.decoder?.maxResponseBytes ?? RESPONSE_BYTES,
      });
    }
  }
}

function protocolError(message: string): ImapError {
  return new ImapError('IMAP_PROTOCOL', message);
}

function plaintextBuffered(): TransportError {
  return new TransportError(
    'TRANSPORT_PLAINTEXT_BUFFERED',
    'the server sent octets in clear text behind its answer to STARTTLS',
  );
}
