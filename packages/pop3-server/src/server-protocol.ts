import { Pop3CommandDecoder } from '@posthorn/wire/pop3';
import { type CapabilityFilter, type CapabilityState, capabilitiesOf, offers } from './capabilities.ts';
import { type KnownCommand, refusalOf, type SessionState } from './command-rules.ts';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
import { err, type Reply } from './replies.ts';

/** What a connection can offer. Asked again whenever capabilities are named. */
export type ServerOffer = Omit<CapabilityState, 'isAuthenticated' | 'isOffered'>;

export interface ServerProtocolOptions {
  readonly offer: () => ServerOffer;
  readonly limits?: Partial<ServerLimits> | undefined;
  readonly capabilities?: CapabilityFilter | undefined;
}

/** What a client sent, as far as it is the session's business. */
export type ServerEvent =
  /** PASS comes only right behind the USER whose name is in `user`. */
  | { readonly type: 'command'; readonly command: KnownCommand; readonly user?: string }
  /** The line that {@link Pop3ServerProtocol.expectLine} announced. */
  | { readonly type: 'line'; readonly bytes: Uint8Array }
  /** Send this. */
  | { readonly type: 'refused'; readonly reply: Reply };

/**
 * The server's half of the protocol without sockets and stores: octets in, events out, and what is allowed when.
 * Commands that do not parse, are unknown, or do not fit the state come as `refused`.
 */
export class Pop3ServerProtocol {
  readonly #options: ServerProtocolOptions;
  readonly #limits: ServerLimits;
  readonly #isOffered: (name: string) => boolean;
  #decoder: Pop3CommandDecoder;
  #state: SessionState = 'authorization';
  #user: string | undefined;
  #isUtf8 = false;

  constructor(options: ServerProtocolOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#isOffered = offers(options.capabilities);
    this.#decoder = this.#newDecoder();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Whether the client switched to UTF-8. @see RFC 6856 section 2 */
  get isUtf8(): boolean {
    return this.#isUtf8;
  }

  /** The lines CAPA answers now. */
  get capabilities(): readonly string[] {
    return capabilitiesOf({
      ...this.#options.offer(),
      isAuthenticated: this.#state !== 'authorization',
      isOffered: this.#isOffered,
    });
  }

  isOffered(capability: string): boolean {
    return this.#isOffered(capability);
  }

  /** Octets received and not yet turned into events. Must be 0 before TLS begins. */
  get bufferedBytes(): number {
    return this.#decoder.bufferedBytes;
  }

  /** Takes a chunk, which must not be changed afterwards. */
  receive(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
  }

  /**
   * The next event, or undefined when more octets are needed.
   * @throws {@link LimitExceededError} for a line that is too long: end the connection.
   */
  next(): ServerEvent | undefined {
    const event = this.#decoder.next();
    switch (event?.type) {
      case 'command':
        if (event.command.name !== 'X') return this.#admit(event.command);
        return this.#refuse('Unknown command');
      case 'invalid':
        return this.#refuse(event.diagnostics[0]?.message ?? 'Syntax error');
      default:
        return event;
    }
  }

  /** The next line is a SASL response: it comes as a `line`. */
  expectLine(): void {
    this.#decoder.expectLine();
  }

  /** Forgets everything from before the TLS handshake. @see RFC 2595 section 4 */
  tlsStarted(): void {
    this.#user = undefined;
    this.#decoder = this.#newDecoder();
  }

  utf8Enabled(): void {
    this.#isUtf8 = true;
  }

  loggedIn(): void {
    this.#state = 'transaction';
  }

  ended(): void {
    this.#state = 'update';
  }

  #newDecoder(): Pop3CommandDecoder {
    return new Pop3CommandDecoder({ maxLineBytes: this.#limits.maxLineBytes });
  }

  #admit(command: KnownCommand): ServerEvent {
    const user = this.#user;
    this.#user = undefined;
    const refusal = refusalOf(command, this.#state, this.#isOffered);
    if (refusal !== undefined) return this.#refuse(refusal);
    if (command.name === 'USER') this.#user = command.user;
    if (command.name !== 'PASS') return { type: 'command', command };
    return user === undefined ? this.#refuse('Give the name first, with USER') : { type: 'command', command, user };
  }

  #refuse(text: string): ServerEvent {
    this.#user = undefined;
    return { type: 'refused', reply: err(text) };
  }
}
