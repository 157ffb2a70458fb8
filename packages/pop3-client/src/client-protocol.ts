import {
  assertNever,
  concatBytes,
  decodeText,
  InvalidStateError,
  LimitExceededError,
  TransportError,
} from '@posthorn/core';
import { type CommandPiece, encodeSaslCancel, encodeSaslResponse, redactedText } from '@posthorn/wire';
import {
  encodePop3Command,
  hasPop3Body,
  type Pop3Command,
  type Pop3DecoderOptions,
  Pop3ResponseDecoder,
  type Pop3ResponseEvent,
  pop3Timestamp,
} from '@posthorn/wire/pop3';
import { Pop3Capabilities } from './capabilities.ts';
import { Pop3Error } from './errors.ts';
import { looksLikePop3 } from './greeting.ts';

/** Where a session stands. `ended` is behind QUIT, and behind a greeting that turns the client away. @see RFC 1939 section 3 */
export type SessionState = 'greeting' | 'authorization' | 'transaction' | 'ended';

/** A command given to {@link Pop3ClientProtocol.send}. */
export interface ClientCommand {
  readonly command: Pop3Command;
  /** Whether a positive answer has a body. */
  readonly hasBody: boolean;
  /** Whether {@link Pop3ClientProtocol.output} has handed it out. */
  readonly isStarted: boolean;
}

/** The first line of an answer. */
export interface Pop3Answer {
  readonly isOk: boolean;
  /** The extended response code in upper case, such as `IN-USE` or `SYS/TEMP`. @see RFC 2449 section 8, RFC 3206 */
  readonly responseCode: string | undefined;
  /** What the server says besides. It may hold anything. */
  readonly text: string;
}

/** The greeting came. */
export interface GreetingEvent {
  readonly type: 'greeting';
  readonly answer: Pop3Answer;
}

/** The first line of an answer came. With `hasBody`, `body` and `bodyEnd` follow for the same command. */
export interface AnswerEvent {
  readonly type: 'answer';
  readonly command: ClientCommand;
  readonly answer: Pop3Answer;
  readonly hasBody: boolean;
}

/** Octets of a body, dots taken out: views of what was received, or copies. */
export interface BodyEvent {
  readonly type: 'body';
  readonly command: ClientCommand;
  readonly bytes: Uint8Array;
}

export interface BodyEndEvent {
  readonly type: 'bodyEnd';
  readonly command: ClientCommand;
}

/** The server waits for an answer to AUTH. Call {@link Pop3ClientProtocol.answerChallenge}. */
export interface ChallengeEvent {
  readonly type: 'challenge';
  readonly command: ClientCommand;
  /** The challenge in base64, as sent. */
  readonly text: string;
}

export type ClientEvent = GreetingEvent | AnswerEvent | BodyEvent | BodyEndEvent | ChallengeEvent;

/** What to write next. Octets of a secret must not show up in logs. */
export interface ClientOutput {
  readonly bytes: Uint8Array;
  readonly isSecret: boolean;
}

export interface ProtocolOptions {
  /** Most commands in progress at a time where the server offers PIPELINING. @defaultValue 32 */
  readonly maxInProgress?: number;
  /** Limits for the decoder. */
  readonly decoder?: Pop3DecoderOptions;
}

export interface SendOptions {
  /** Whether a positive answer has a body, for commands this package does not know. */
  readonly hasBody?: boolean | undefined;
}

interface Entry extends ClientCommand {
  isStarted: boolean;
  readonly pieces: readonly CommandPiece[];
  readonly isExclusive: boolean;
}

const MOST_IN_PROGRESS = 32;
/** Octets of an answer to CAPA. */
const CAPABILITY_BYTES = 64 * 1024;

/**
 * The client's half of a POP3 session as a state machine: no socket, no clock. Give it what arrived with
 * {@link receive} and take its {@link next} events; queue commands with {@link send} and write what {@link output}
 * hands out. It knows which answer belongs to which command, lets commands overlap where the server offers PIPELINING
 * and RFC 2449 section 6.6 allows it, reads capabilities and forgets them when they stop being true.
 *
 * Every method may throw an error that finishes the session: {@link Pop3Error}, a `WireSyntaxError` or
 * `LimitExceededError` of the decoder. Close the connection then.
 */
export class Pop3ClientProtocol {
  readonly #options: ProtocolOptions;
  #decoder: Pop3ResponseDecoder;
  /** What came before it was clear whether this is POP3. */
  #head: Uint8Array | undefined = new Uint8Array(0);
  #state: SessionState = 'greeting';
  #greeting: string | undefined;
  #capabilities: Pop3Capabilities | undefined;
  #capabilityChunks: Uint8Array[] = [];
  #capabilityBytes = 0;
  #isUpgrading = false;
  readonly #queue: Entry[] = [];
  readonly #inProgress: Entry[] = [];
  #answers: ClientOutput[] = [];

  constructor(options: ProtocolOptions = {}) {
    this.#options = options;
    this.#decoder = new Pop3ResponseDecoder(options.decoder);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The text of the greeting. Undefined after STLS, since anybody could have sent it. */
  get greeting(): string | undefined {
    return this.#greeting;
  }

  /** What APOP signs: the message id in the greeting, when there is one. */
  get timestamp(): string | undefined {
    return this.#greeting === undefined ? undefined : pop3Timestamp(this.#greeting);
  }

  /** What the server offers in this state; undefined while it was not asked since the state last changed. */
  get capabilities(): Pop3Capabilities | undefined {
    return this.#capabilities;
  }

  /** Commands that were sent and whose answers have not wholly come, in that order. */
  get inProgress(): readonly ClientCommand[] {
    return this.#inProgress;
  }

  /** Commands that wait for their turn. */
  get queued(): readonly ClientCommand[] {
    return this.#queue;
  }

  /** Whether the server owes an answer. */
  get isWaiting(): boolean {
    return this.#inProgress.length > 0;
  }

  /**
   * Queues a command. Write what {@link output} hands out afterwards.
   * @throws RangeError when an argument cannot be sent; nothing is queued then.
   */
  send(command: Pop3Command, { hasBody = hasPop3Body(command) }: SendOptions = {}): ClientCommand {
    if (this.#state === 'ended') throw new InvalidStateError('the session is over');
    const pieces = encodePop3Command(command);
    const entry: Entry = { command, hasBody, isStarted: false, pieces, isExclusive: !OVERLAPPING.has(command.name) };
    this.#queue.push(entry);
    return entry;
  }

  /** Takes back a command that was not sent. @returns false when it is too late */
  cancel(command: ClientCommand): boolean {
    const index = this.#queue.indexOf(command as Entry);
    if (index >= 0) this.#queue.splice(index, 1);
    return index >= 0;
  }

  /** Answers a challenge, or cancels the authentication when `response` is undefined. */
  answerChallenge(response: Uint8Array | undefined): void {
    const bytes = response === undefined ? encodeSaslCancel() : encodeSaslResponse(response);
    this.#answers.push({ bytes, isSecret: response !== undefined });
  }

  /** The command as it goes over the wire, secrets replaced, for logs and errors. */
  describe(command: ClientCommand): string {
    return redactedText((command as Entry).pieces);
  }

  /** What may be written now, in order; empty when the session waits for the server. */
  output(): readonly ClientOutput[] {
    const output = this.#answers;
    this.#answers = [];
    for (let entry = this.#queue[0]; entry !== undefined && this.#mayStart(entry); entry = this.#queue[0]) {
      this.#queue.shift();
      entry.isStarted = true;
      this.#inProgress.push(entry);
      this.#decoder.expect(entry.hasBody);
      for (const piece of entry.pieces)
        if (piece.type === 'bytes') output.push({ bytes: piece.bytes, isSecret: piece.isSecret });
    }
    return output;
  }

  /**
   * Takes octets from the server.
   * @throws {@link NotPop3Error} when the first octets belong to another protocol.
   */
  receive(chunk: Uint8Array): void {
    if (this.#isUpgrading) throw plaintextBuffered();
    if (this.#head === undefined) {
      this.#decoder.push(chunk);
      return;
    }
    const head = concatBytes([this.#head, chunk]);
    this.#head = looksLikePop3(head) ? undefined : head;
    if (this.#head === undefined) this.#decoder.push(head);
  }

  /** The server ended the stream. @throws when it did so in the middle of an answer. */
  endOfStream(): void {
    if (this.#head !== undefined && this.#head.length > 0) looksLikePop3(this.#head, true);
    this.#decoder.end();
  }

  /** The next event, or undefined when more octets are needed. */
  next(): ClientEvent | undefined {
    if (this.#isUpgrading) return undefined;
    const event = this.#decoder.next();
    return event === undefined ? undefined : this.#accept(event);
  }

  /** TLS is in force after STLS: everything learnt before is forgotten. */
  secured(): void {
    this.#isUpgrading = false;
    this.#capabilities = undefined;
    this.#greeting = undefined;
  }

  /** Commands that change the session run alone. Without PIPELINING every command does. */
  #mayStart({ isExclusive }: Entry): boolean {
    if (this.#state === 'greeting' || this.#isUpgrading) return false;
    if (this.#inProgress.length === 0) return true;
    if (isExclusive || this.#capabilities?.has('PIPELINING') !== true) return false;
    const { maxInProgress = MOST_IN_PROGRESS } = this.#options;
    return !this.#inProgress[0]!.isExclusive && this.#inProgress.length < maxInProgress;
  }

  #accept(event: Pop3ResponseEvent): ClientEvent {
    switch (event.type) {
      case 'status': {
        const { isOk, code: responseCode, text, hasBody } = event;
        const answer: Pop3Answer = { isOk, responseCode, text };
        return this.#state === 'greeting' ? this.#greet(answer) : this.#answer(answer, hasBody);
      }
      case 'continuation':
        return this.#challenge(event.text);
      case 'bodyData': {
        const command = this.#inProgress[0]!;
        if (command.command.name === 'CAPA') this.#gatherCapabilities(event.bytes);
        return { type: 'body', command, bytes: event.bytes };
      }
      case 'bodyEnd': {
        const command = this.#inProgress.shift()!;
        if (command.command.name === 'CAPA') this.#readCapabilities();
        return { type: 'bodyEnd', command };
      }
      default:
        return assertNever(event);
    }
  }

  #greet(answer: Pop3Answer): GreetingEvent {
    this.#state = answer.isOk ? 'authorization' : 'ended';
    if (answer.isOk) this.#greeting = answer.text;
    return { type: 'greeting', answer };
  }

  #answer(answer: Pop3Answer, hasBody: boolean): AnswerEvent {
    const command = this.#inProgress[0]!;
    if (hasBody) this.#startBody(command);
    else {
      this.#inProgress.shift();
      this.#applyOutcome(command, answer);
    }
    return { type: 'answer', command, answer, hasBody };
  }

  #challenge(text: string): ChallengeEvent {
    const [command] = this.#inProgress;
    if (command?.command.name !== 'AUTH' || command.hasBody)
      throw new Pop3Error('POP3_PROTOCOL', 'the server asked for more when there was nothing to send');
    return { type: 'challenge', command, text };
  }

  #startBody({ command }: Entry): void {
    if (command.name !== 'CAPA') return;
    this.#capabilityChunks = [];
    this.#capabilityBytes = 0;
  }

  #gatherCapabilities(bytes: Uint8Array): void {
    this.#capabilityBytes += bytes.length;
    if (this.#capabilityBytes > CAPABILITY_BYTES) throw new LimitExceededError('response', CAPABILITY_BYTES);
    this.#capabilityChunks.push(bytes);
  }

  #readCapabilities(): void {
    const lines = decodeText(concatBytes(this.#capabilityChunks)).split(/\r?\n/);
    this.#capabilities = new Pop3Capabilities(lines.filter((line) => line !== ''));
    this.#capabilityChunks = [];
  }

  #applyOutcome({ command }: Entry, { isOk }: Pop3Answer): void {
    switch (command.name) {
      case 'CAPA':
        if (!isOk) this.#capabilities = Pop3Capabilities.unknown;
        return;
      case 'STLS':
        if (!isOk) return;
        if (this.#decoder.bufferedBytes > 0) throw plaintextBuffered();
        this.#isUpgrading = true;
        return;
      case 'PASS':
      case 'APOP':
      case 'AUTH':
        if (!isOk) return;
        // What the server offers may change with login (RFC 2449 section 5).
        this.#capabilities = undefined;
        this.#state = 'transaction';
        return;
      case 'QUIT':
        this.#state = 'ended';
        return;
      default:
    }
  }
}

/** Commands that may be in progress together. */
const OVERLAPPING: ReadonlySet<Pop3Command['name']> = new Set([
  'STAT',
  'LIST',
  'UIDL',
  'RETR',
  'TOP',
  'DELE',
  'NOOP',
  'RSET',
] as const);

function plaintextBuffered(): TransportError {
  return new TransportError(
    'TRANSPORT_PLAINTEXT_BUFFERED',
    'the server sent octets in clear text behind its answer to STLS',
  );
}
