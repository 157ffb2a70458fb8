import { CommandDecoder, type CommandEvent, type ResponseCode, type StatusResponse } from '@posthorn/wire';
import { type RawCommand, readExtensionCommand } from '@posthorn/wire/extensions';
import { limitsOf, type ServerLimits } from '../limits.ts';
import { bad, type Completion, no, tagged, untagged } from '../replies/replies.ts';
import { type CapabilityFilter, capabilitiesOf, offers } from './capabilities.ts';
import { isKnown, type KnownCommand, refusalOf, type SessionState } from './command-rules.ts';

/** What a connection can offer for logging in. Asked again whenever capabilities are named. */
export interface LoginOffer {
  readonly canStartTls: boolean;
  readonly canLogin: boolean;
  readonly mechanisms: readonly string[];
  /** Whether the account has limits. @defaultValue false */
  readonly hasQuota?: boolean | undefined;
  /** Whether its user may set them. @defaultValue false */
  readonly canSetQuota?: boolean | undefined;
  /** Whether the account has annotations. @defaultValue false */
  readonly hasMetadata?: boolean | undefined;
  /** Whether COMPRESS can be used on this connection now. @defaultValue false */
  readonly canCompress?: boolean | undefined;
  /** Whether it is in use: the login can then not be taken back. @defaultValue false */
  readonly isCompressed?: boolean | undefined;
}

export interface ServerProtocolOptions {
  readonly loginOffer: () => LoginOffer;
  readonly limits?: Partial<ServerLimits> | undefined;
  readonly capabilities?: CapabilityFilter | undefined;
  /** Whether the client may send messages as UTF8: it enabled UTF8=ACCEPT. @defaultValue never */
  readonly takesUtf8?: (() => boolean) | undefined;
}

/** Longest literal that a client may send without waiting, where LITERAL- is offered alone. @see RFC 7888 section 5 */
const LITERAL_MINUS_BYTES = 4096;
const TOO_BIG: ResponseCode = { type: 'atom', name: 'TOOBIG' };

type AppendLiteral = Extract<CommandEvent, { readonly type: 'appendLiteral' }>;

/** What a client sent, as far as it is the session's business. */
export type ServerEvent =
  | { readonly type: 'command'; readonly tag: string; readonly command: KnownCommand }
  /** Call `acceptLiteral` or `refuseLiteral`. */
  | AppendLiteral
  | { readonly type: 'literalData'; readonly bytes: Uint8Array }
  | { readonly type: 'literalEnd' }
  | { readonly type: 'line'; readonly bytes: Uint8Array }
  /** Send this; the command is done with, if there was one. */
  | { readonly type: 'refused'; readonly response: StatusResponse }
  /** Send a continuation request: the client waits with a literal that was accepted. */
  | { readonly type: 'continue' };

/**
 * The server's half of the protocol without sockets and stores: octets in, events out, and what is allowed when.
 * Commands that do not parse, are unknown, or do not fit the state come as `refused`.
 */
export class ImapServerProtocol {
  readonly #options: ServerProtocolOptions;
  readonly #limits: ServerLimits;
  readonly #isOffered: (name: string) => boolean;
  readonly #takesUtf8: () => boolean;
  /** Made when the first octets come: many connections never send any. */
  #lateDecoder: CommandDecoder | undefined;
  #state: SessionState = 'notAuthenticated';
  #isLiteralPending = false;

  constructor(options: ServerProtocolOptions) {
    this.#options = options;
    this.#limits = limitsOf(options.limits);
    this.#isOffered = offers(options.capabilities);
    this.#takesUtf8 = options.takesUtf8 ?? (() => false);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** What CAPABILITY answers now. */
  get capabilities(): readonly string[] {
    return capabilitiesOf({
      ...this.#options.loginOffer(),
      isAuthenticated: this.#state !== 'notAuthenticated',
      maxMessageBytes: this.#limits.maxMessageBytes,
      isOffered: this.#isOffered,
    });
  }

  isOffered(capability: string): boolean {
    return this.#isOffered(capability);
  }

  /** Octets received and not yet turned into events. Must be 0 before TLS begins. */
  get bufferedBytes(): number {
    return this.#lateDecoder?.bufferedBytes ?? 0;
  }

  /** Takes a chunk, which must not be changed afterwards. */
  receive(chunk: Uint8Array): void {
    this.#decoder.push(chunk);
  }

  /**
   * The next event, or undefined when more octets are needed.
   * @throws {@link LimitExceededError}, {@link WireSyntaxError}: say BYE and end the connection.
   */
  next(): ServerEvent | undefined {
    const event = this.#lateDecoder?.next();
    switch (event?.type) {
      case 'command':
        return this.#admit(event);
      case 'appendLiteral':
        return this.#admitAppend(event);
      case 'literal':
        this.#decoder.acceptLiteral();
        return { type: 'continue' };
      case 'invalid':
        return {
          type: 'refused',
          response: tagged(event.tag, bad(event.diagnostics.at(-1)?.message ?? 'Syntax error')),
        };
      default:
        return event;
    }
  }

  /** The next line is a SASL response or the end of IDLE: it comes as a `line`. */
  expectLine(): void {
    this.#decoder.expectLine();
  }

  /** Whether a message was announced and neither accepted nor refused. */
  get isLiteralPending(): boolean {
    return this.#isLiteralPending;
  }

  acceptLiteral(): void {
    this.#isLiteralPending = false;
    this.#decoder.acceptLiteral();
  }

  /** Drops the APPEND at hand; what the client sends of it all the same is skipped. */
  refuseLiteral(): void {
    this.#isLiteralPending = false;
    this.#decoder.refuseLiteral();
  }

  /** Forgets everything from before the TLS handshake. @see RFC 9051 section 6.2.1 */
  tlsStarted(): void {
    this.#lateDecoder = undefined;
  }

  loggedIn(): void {
    this.#state = 'authenticated';
    const { maxLineBytes, maxLiteralBytes } = this.#limits;
    this.#decoder.setLimits({ maxLineBytes, maxLiteralBytes });
  }

  /** @see RFC 8437 */
  loggedOff(): void {
    this.#state = 'notAuthenticated';
    const { maxLineBytesBeforeLogin, maxLiteralBytesBeforeLogin } = this.#limits;
    this.#decoder.setLimits({ maxLineBytes: maxLineBytesBeforeLogin, maxLiteralBytes: maxLiteralBytesBeforeLogin });
  }

  selected(): void {
    this.#state = 'selected';
  }

  deselected(): void {
    this.#state = 'authenticated';
  }

  loggedOut(): void {
    this.#state = 'logout';
  }

  get #decoder(): CommandDecoder {
    const { maxLineBytesBeforeLogin, maxLiteralBytesBeforeLogin, maxDepth } = this.#limits;
    this.#lateDecoder ??= new CommandDecoder({
      maxLineBytes: maxLineBytesBeforeLogin,
      maxLiteralBytes: maxLiteralBytesBeforeLogin,
      maxDepth,
    });
    return this.#lateDecoder;
  }

  #admit({ tag, command: decoded }: Extract<CommandEvent, { readonly type: 'command' }>): ServerEvent {
    const command = decoded.name === 'X' ? extensionOf(decoded) : decoded;
    if (typeof command === 'string') return { type: 'refused', response: tagged(tag, bad(command)) };
    const refusal = refusalOf(command, this.#state, this.#isOffered) ?? this.#refusalOfParts(command);
    if (refusal === undefined) return { type: 'command', tag, command };
    return { type: 'refused', response: tagged(tag, bad(refusal)) };
  }

  /** A message that is put together from URLs alone has no octets that could have been refused. */
  #refusalOfParts(command: KnownCommand): string | undefined {
    const messages = command.name === 'APPEND' ? command.messages : command.name === 'REPLACE' ? [command.message] : [];
    const isCatenated = messages.some((message) => 'parts' in message);
    return isCatenated && !this.#isOffered('CATENATE') ? 'CATENATE is not offered' : undefined;
  }

  #admitAppend(event: AppendLiteral): ServerEvent {
    this.#isLiteralPending = true;
    const completion = this.#refusalOfOctets(event);
    if (completion === undefined) return event;
    this.refuseLiteral();
    return { type: 'refused', response: tagged(event.tag, completion) };
  }

  #refusalOfOctets({ message, index, part, size, isSynchronizing, replaces }: AppendLiteral): Completion | undefined {
    const refusal = refusalOf({ name: replaces === undefined ? 'APPEND' : 'REPLACE' }, this.#state, this.#isOffered);
    if (refusal !== undefined) return bad(refusal);
    if (index > 0 && !this.#isOffered('MULTIAPPEND')) return bad('One message at a time');
    if ('parts' in message && !this.#isOffered('CATENATE')) return bad('CATENATE is not offered');
    // RFC 7888 section 5.
    if (!isSynchronizing && size > LITERAL_MINUS_BYTES && !this.#isOffered('LITERAL+')) {
      return { ...bad(`Wait before you send more than ${LITERAL_MINUS_BYTES} octets`), code: TOO_BIG };
    }
    const { maxMessageBytes } = this.#limits;
    if (size > maxMessageBytes) return no(`A message has at most ${maxMessageBytes} octets`, 'TOOBIG');
    const octets = 'parts' in message ? message.parts[part ?? 0] : message;
    const { isBinary = false, isUtf8 = false } = octets as { readonly isBinary?: boolean; readonly isUtf8?: boolean };
    if (isBinary && !this.#isOffered('BINARY')) return bad('This kind of literal is not offered');
    if (isUtf8 && !this.#takesUtf8()) return bad('Enable UTF8=ACCEPT first');
    return undefined;
  }
}

/** The command of an extension, or what is wrong with it. */
function extensionOf(raw: RawCommand): KnownCommand | string {
  const command = readExtensionCommand(raw);
  if (command === undefined) return 'Unknown command';
  if ('type' in command) return command.diagnostics.at(-1)?.message ?? 'Syntax error';
  return isKnown(command) ? command : 'Unknown command';
}

/** The first thing a server says. */
export function greeting({ capabilities }: ImapServerProtocol): StatusResponse {
  return untagged('OK', 'Posthorn is ready', { type: 'capability', capabilities });
}
