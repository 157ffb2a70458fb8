import { type ClientTlsOptions, InvalidStateError, printable } from '@posthorn/core';
import { type Timers, within } from '@posthorn/transport/client';
import { type Pop3Command, parsePop3Size, parsePop3Stat, parsePop3UniqueId } from '@posthorn/wire/pop3';
import type { Pop3Capabilities } from './capabilities.ts';
import type { Pop3Answer, SessionState } from './client-protocol.ts';
import type { Connection } from './connection.ts';
import { CommitFailedError, Pop3Error, ServerRefusedError } from './errors.ts';
import { type FetchNewOptions, fetchNew, type NewMessage } from './fetch-new/fetch-new.ts';
import type { SeenMessages } from './fetch-new/seen-messages.ts';
import type { RetrievedMessage, StreamedBody } from './incoming-message.ts';
import { ListingReader } from './lines.ts';
import { logIn, type Pop3Auth } from './login.ts';
import { Retrieval, type RetrieveManyOptions, type RetrieveOptions, retrieve, retrieveMany } from './retrieve.ts';

/** How long to wait for a command. Aborting ends the wait: see the command for what becomes of it. */
export interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
}

/** How much there is in the maildrop. */
export interface MaildropStatus {
  readonly messages: number;
  readonly octets: number;
}

/** A message of LIST. */
export interface MessageSize {
  readonly number: number;
  readonly octets: number;
}

/** A message of UIDL. */
export interface MessageId {
  readonly number: number;
  /** As the server spells it: one to 70 printable characters, by the RFC. */
  readonly uniqueId: string;
}

/** A language of LANG. */
export interface Language {
  readonly tag: string;
  readonly description: string;
}

/** The answer to a command of one's own, and its body. */
export interface AnswerWithBody {
  readonly answer: Pop3Answer;
  readonly body: StreamedBody;
}

/** What a client is made of. */
export interface ClientParts {
  readonly connection: Connection;
  readonly timers: Timers;
  readonly authMs: number;
  readonly closeMs: number;
  readonly allowInsecureAuth: boolean;
  readonly tls: () => ClientTlsOptions;
}

/**
 * A POP3 connection. Commands may be given at any time and in any number; they overlap where the server offers
 * PIPELINING. Messages have numbers from 1, which hold for this session alone.
 */
export class Pop3Client {
  /** Settles when the connection has ended, for whatever reason; never rejects. */
  readonly closed: Promise<void>;
  readonly #parts: ClientParts;
  readonly #connection: Connection;
  /** Messages marked as deleted in this session. */
  readonly #deleted = new Set<number>();
  /** Whether more may be marked than that. */
  #isInDoubt = false;
  #quitting: Promise<void> | undefined;

  /** @internal Use `connect`. */
  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#connection = parts.connection;
    this.closed = parts.connection.closed;
  }

  /** Where the session stands. */
  get state(): SessionState {
    return this.#connection.protocol.state;
  }

  /** What the server offers in this state. It is asked anew after TLS and after login. */
  get capabilities(): Pop3Capabilities {
    const { capabilities } = this.#connection.protocol;
    if (capabilities === undefined) throw new InvalidStateError('the capabilities are not known');
    return capabilities;
  }

  /** The server's greeting. It may hold anything. Undefined after STLS, since anybody could have sent it. */
  get greeting(): string | undefined {
    return this.#connection.protocol.greeting;
  }

  /** The message id in the greeting that APOP signs, when there is one. */
  get timestamp(): string | undefined {
    return this.#connection.protocol.timestamp;
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  /** Why the connection ended; undefined while it is open, and after {@link quit} and {@link close}. */
  get closeReason(): unknown {
    return this.#connection.closeReason;
  }

  /** Whether the connection is encrypted. */
  get security(): 'none' | 'tls' {
    return this.#connection.security;
  }

  /** Numbers of the messages that are marked as deleted, and go at {@link quit}. */
  get deleted(): readonly number[] {
    return [...this.#deleted];
  }

  /** Asks for the capabilities. A server that does not know CAPA has none, and `isKnown` is false. */
  async readCapabilities(options: CommandOptions = {}): Promise<Pop3Capabilities> {
    try {
      await this.#connection.run({ name: 'CAPA' }, options);
    } catch (error) {
      if (!(error instanceof ServerRefusedError)) throw error;
    }
    return this.capabilities;
  }

  /**
   * Starts TLS; the capabilities are asked for before and after.
   * @throws {@link Pop3Error} `POP3_STLS_UNAVAILABLE`, `POP3_STLS_REFUSED`; `TransportError` of the handshake, after
   *   which the connection is closed.
   * @see RFC 2595
   */
  async startTls({ signal }: CommandOptions = {}): Promise<void> {
    if (this.security === 'tls') throw new InvalidStateError('the connection is encrypted already');
    if (this.state !== 'authorization') throw new InvalidStateError('TLS starts before login');
    const capabilities = this.#connection.protocol.capabilities ?? (await this.readCapabilities({ signal }));
    if (!capabilities.mayHave('STLS'))
      throw new Pop3Error('POP3_STLS_UNAVAILABLE', 'the server does not offer STLS, which is required');
    try {
      await this.#connection.startTls(this.#parts.tls(), { signal });
    } catch (error) {
      if (!(error instanceof ServerRefusedError)) throw error;
      throw new Pop3Error('POP3_STLS_REFUSED', 'the server refused STLS, which is required', { cause: error });
    }
    await this.readCapabilities({ signal });
  }

  /**
   * Logs in, when `connect` was not given whom; the capabilities are asked for afterwards.
   * @throws AuthenticationError
   */
  async login(auth: Pop3Auth, { signal }: CommandOptions = {}): Promise<void> {
    if (this.state !== 'authorization') throw new InvalidStateError('the client is logged in already');
    const { timers, authMs, allowInsecureAuth } = this.#parts;
    const work = async (): Promise<void> => {
      if (this.#connection.protocol.capabilities === undefined) await this.readCapabilities({ signal });
      await logIn(this.#connection, auth, { allowInsecureAuth, signal });
      await this.readCapabilities({ signal });
    };
    const late = `the server did not complete the login within ${authMs} ms`;
    await within(timers, this.#connection, authMs, late, work());
  }

  /** How many messages and octets there are, without those marked as deleted. */
  async stat(options: CommandOptions = {}): Promise<MaildropStatus> {
    const { text } = await this.#connection.run({ name: 'STAT' }, options);
    const status = parsePop3Stat(text);
    if (status === undefined) throw senseless('STAT');
    return { messages: status.count, octets: status.octets };
  }

  /** Sizes of the messages that are not marked as deleted. A line that makes no sense is left out. */
  async list(options: CommandOptions = {}): Promise<readonly MessageSize[]> {
    const sizes: MessageSize[] = [];
    await this.#listing({ name: 'LIST' }, options, (line) => {
      const size = parsePop3Size(line);
      if (size !== undefined) sizes.push(size);
    });
    return sizes;
  }

  /** The size of one message. @throws ServerRefusedError when there is no such message */
  async sizeOf(number: number, options: CommandOptions = {}): Promise<number> {
    const { text } = await this.#connection.run({ name: 'LIST', number }, options);
    const size = parsePop3Size(text);
    if (size?.number !== number) throw senseless('LIST');
    return size.octets;
  }

  /**
   * Unique ids of the messages that are not marked as deleted.
   * @throws ServerRefusedError when the server does not know UIDL
   */
  async uniqueIds(options: CommandOptions = {}): Promise<readonly MessageId[]> {
    const uniqueIds: MessageId[] = [];
    await this.#listing({ name: 'UIDL' }, options, (line) => {
      const uniqueId = parsePop3UniqueId(line);
      if (uniqueId !== undefined) uniqueIds.push(uniqueId);
    });
    return uniqueIds;
  }

  /** The unique id of one message. @throws ServerRefusedError when there is no such message, or no UIDL */
  async uniqueIdOf(number: number, options: CommandOptions = {}): Promise<string> {
    const { text } = await this.#connection.run({ name: 'UIDL', number }, options);
    const uniqueId = parsePop3UniqueId(text);
    if (uniqueId?.number !== number) throw senseless('UIDL');
    return uniqueId.uniqueId;
  }

  /** Retrieves a message. @throws ServerRefusedError when there is no such message */
  retrieve(number: number, options: RetrieveOptions = {}): Promise<RetrievedMessage> {
    return retrieve(this.#connection, { name: 'RETR', number }, options);
  }

  /** Retrieves the header of a message and the first lines of its body. @throws ServerRefusedError */
  top(number: number, lines: number, options: RetrieveOptions = {}): Promise<RetrievedMessage> {
    return retrieve(this.#connection, { name: 'TOP', number, lines }, options);
  }

  /**
   * Retrieves many messages, one after the other; the next ones are asked for ahead where the server offers PIPELINING.
   * Leaving the loop drops what is still to come.
   */
  retrieveMany(numbers: Iterable<number>, options: RetrieveManyOptions = {}): AsyncGenerator<RetrievedMessage, void> {
    return retrieveMany(this.#connection, numbers, options);
  }

  /** Marks a message as deleted. It goes at {@link quit}. @throws ServerRefusedError */
  async delete(number: number, options: CommandOptions = {}): Promise<void> {
    try {
      await this.#connection.run({ name: 'DELE', number }, options);
      this.#deleted.add(number);
    } catch (error) {
      // Given up while it was under way, it may have been done.
      if (!(error instanceof ServerRefusedError)) this.#isInDoubt = true;
      throw error;
    }
  }

  /**
   * Marks many messages as deleted, from the highest number down, so that a server that renumbers at once (which it must
   * not) still deletes the right ones.
   * @returns the numbers that the server refused to mark, such as those marked already
   */
  async deleteMany(numbers: Iterable<number>, { signal }: CommandOptions = {}): Promise<readonly number[]> {
    signal?.throwIfAborted();
    const refused: number[] = [];
    const one = async (number: number): Promise<void> => {
      try {
        await this.delete(number);
      } catch (error) {
        if (!(error instanceof ServerRefusedError)) throw error;
        refused.push(number);
      }
    };
    const descending = [...new Set(numbers)].sort((left, right) => right - left);
    await this.#unlessAborted(Promise.all(descending.map(one)), signal);
    return refused;
  }

  /** Keeps the session alive. */
  async noop(options: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'NOOP' }, options);
  }

  /** Takes back every deletion of this session. */
  async reset(options: CommandOptions = {}): Promise<void> {
    await this.#connection.run({ name: 'RSET' }, options);
    this.#deleted.clear();
    this.#isInDoubt = false;
  }

  /**
   * Switches to UTF-8 mode, before login.
   * @throws Pop3Error `POP3_UNSUPPORTED` when the server does not offer it; ServerRefusedError
   * @see RFC 6856
   */
  async enableUtf8(options: CommandOptions = {}): Promise<void> {
    if (!this.capabilities.mayHave('UTF8'))
      throw new Pop3Error('POP3_UNSUPPORTED', 'the server does not offer UTF-8 mode');
    await this.#connection.run({ name: 'UTF8' }, options);
  }

  /** The languages in which the server can talk. @throws ServerRefusedError when it knows only one @see RFC 6856 */
  async languages(options: CommandOptions = {}): Promise<readonly Language[]> {
    const languages: Language[] = [];
    await this.#listing({ name: 'LANG' }, options, (line) => {
      const [tag = '', ...words] = line.split(' ');
      if (tag !== '') languages.push({ tag, description: words.join(' ') });
    });
    return languages;
  }

  /** Chooses the language of the server's texts, or with `*` the server's own choice. @returns the tag it chose */
  async setLanguage(language: string, options: CommandOptions = {}): Promise<string> {
    const { text } = await this.#connection.run({ name: 'LANG', language }, options);
    return text.split(' ')[0] ?? '';
  }

  /**
   * Sends any command whose answer is one line, for extensions that have no method yet.
   * @throws RangeError when it cannot be sent in one line; TypeError for one that changes the session
   */
  async command(name: string, argument = '', options: CommandOptions = {}): Promise<Pop3Answer> {
    return this.#connection.run(rawCommand(name, argument), { ...options, hasBody: false });
  }

  /** Sends any command whose positive answer has a body. @throws as {@link command} */
  async commandWithBody(name: string, argument = '', options: RetrieveOptions = {}): Promise<AnswerWithBody> {
    options.signal?.throwIfAborted();
    const retrieval = new Retrieval(this.#connection, rawCommand(name, argument), options);
    const answer = await retrieval.begin();
    return { answer, body: retrieval.message };
  }

  /**
   * Downloads the messages that were not downloaded before, deletes those that the policy says, and ends the session.
   * See {@link fetchNew}.
   */
  fetchNew(seen: SeenMessages, options: FetchNewOptions = {}): AsyncGenerator<NewMessage, void> {
    return fetchNew(this, seen, options);
  }

  /**
   * Ends the session and makes the deletions happen.
   * @throws {@link CommitFailedError} when there were deletions and the server did not confirm them. Without deletions
   *   only an aborted signal makes it reject.
   */
  async quit({ signal }: CommandOptions = {}): Promise<void> {
    this.#quitting ??= this.#quit(signal);
    await this.#quitting;
  }

  /**
   * Ends the session without making deletions happen: they are taken back first. Waits for the commands in progress.
   * Idempotent; never rejects.
   */
  async close(): Promise<void> {
    if (this.#quitting !== undefined || this.isClosed) return this.closed;
    const { timers, closeMs } = this.#parts;
    const timer = timers.start(() => this.#connection.fail(undefined), closeMs);
    try {
      if (this.#deleted.size > 0 || this.#isInDoubt) await this.reset();
      this.#quitting = this.#quit(undefined);
      await this.#quitting;
    } catch {
      // The line is dropped instead, and with it the deletions.
      this.#connection.fail(undefined);
    } finally {
      timers.stop(timer);
    }
  }

  /** Drops the connection at once: commands in progress reject with the reason, deletions do not happen. Idempotent. */
  destroy(reason?: unknown): void {
    this.#connection.fail(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Deletions that are under way go on when nobody waits for them any more. */
  async #unlessAborted(deletions: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
    let abort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        this.#isInDoubt = true;
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
    try {
      await Promise.race([deletions, aborted]);
    } finally {
      if (abort !== undefined) signal?.removeEventListener('abort', abort);
    }
  }

  async #quit(signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#connection.quit(this.#parts.closeMs, signal);
    } catch (error) {
      if (this.#deleted.size > 0) throw new CommitFailedError(this.deleted, error);
      signal?.throwIfAborted();
    }
  }

  async #listing(command: Pop3Command, { signal }: CommandOptions, onLine: (line: string) => void): Promise<void> {
    const reader = new ListingReader(onLine);
    await this.#connection.run(command, { signal, body: (bytes) => reader.push(bytes) });
  }
}

/** Commands that change the session, or whose answers need more care. */
const REFUSED: ReadonlySet<string> = new Set(['STLS', 'AUTH', 'USER', 'PASS', 'APOP', 'QUIT', 'DELE', 'RSET', 'CAPA']);

function rawCommand(name: string, argument: string): Pop3Command {
  const command = name.toUpperCase();
  if (REFUSED.has(command)) throw new TypeError(`${command} has a method of its own`);
  return { name: 'X', command, argument };
}

function senseless(command: string): Pop3Error {
  return new Pop3Error('POP3_PROTOCOL', `the server's answer to ${printable(command)} makes no sense`);
}
