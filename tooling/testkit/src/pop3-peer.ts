import { concatBytes, decodeText, type ServerTlsOptions, type Transport, utf8Bytes } from '@posthorn/core';

/** What a scripted POP3 server does instead of the honest answer to a command: octets to send, or anything else. */
export type Pop3Behaviour =
  | string
  | ((peer: Pop3Conversation, argument: string) => string | undefined | Promise<string | undefined>);

export interface Pop3PeerOptions {
  /** First line, without its end. @defaultValue '+OK ready' */
  readonly greeting?: Pop3Behaviour;
  /** Lines of CAPA. @defaultValue those of {@link POP3_CAPABILITIES} */
  readonly capabilities?: readonly string[];
  /** Lines of CAPA after login. @defaultValue as before it */
  readonly capabilitiesAfterLogin?: readonly string[];
  /** The maildrop: messages, as octets written as Latin-1, without the dots of the wire. @defaultValue two short ones */
  readonly messages?: readonly string[];
  /** @defaultValue `id1`, `id2` and so on */
  readonly uniqueIds?: readonly string[];
  /** Commands, by name in capitals, that are answered otherwise. Each string is sent as it is. */
  readonly on?: Readonly<Record<string, Pop3Behaviour>>;
  /** For STLS. */
  readonly tls?: Omit<ServerTlsOptions, 'role'>;
}

/** Sends octets as they are, then does something else. */
export function sendThen(octets: string, then: (peer: Pop3Conversation) => unknown): Pop3Behaviour {
  return async (peer) => {
    await peer.send(octets);
    await then(peer);
    return undefined;
  };
}

/** A line that the client sent. */
export interface Pop3Line {
  readonly line: string;
  readonly security: 'none' | 'tls';
}

/** The capabilities of a scripted server that is told nothing else. */
export const POP3_CAPABILITIES: readonly string[] = ['TOP', 'UIDL', 'USER', 'SASL PLAIN', 'PIPELINING', 'RESP-CODES'];

const MESSAGES = ['Subject: one\r\n\r\n.first\r\n', 'Subject: two\r\n\r\nsecond\r\n'];
const LF = 0x0a;

/** One conversation of a scripted server. */
export class Pop3Conversation {
  readonly transport: Transport;
  /** Every line that came, in order. */
  readonly lines: Pop3Line[] = [];
  #received: Uint8Array = new Uint8Array();

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Sends text as Latin-1 octets, exactly as it is. */
  async send(text: string): Promise<void> {
    await this.transport.write(latin1(text));
  }

  /** Sends the same again and again until the client hangs up. */
  async flood(text: string): Promise<never> {
    const octets = latin1(text);
    for (;;) await this.transport.write(octets);
  }

  /** Says nothing until the client hangs up. */
  async stall(): Promise<never> {
    while ((await this.transport.read()) !== null);
    throw new Error('the client hung up');
  }

  /** The next line of the client; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#received.indexOf(LF);
      if (end >= 0) {
        const line = decodeText(this.#received.subarray(0, end)).replace(/\r$/, '');
        this.#received = this.#received.subarray(end + 1);
        this.lines.push({ line, security: this.transport.security });
        return line;
      }
      const chunk = await this.transport.read();
      if (chunk === null) return undefined;
      this.#received = concatBytes([this.#received, chunk]);
    }
  }
}

/**
 * Plays a POP3 server that takes any password, until the client ends the connection. It is honest but for what
 * `options.on` says.
 * @returns every line the client sent
 */
export async function playPop3(transport: Transport, options: Pop3PeerOptions = {}): Promise<readonly Pop3Line[]> {
  const peer = new Pop3Conversation(transport);
  try {
    await perform(peer, options.greeting ?? '+OK ready', '');
    await new HonestServer(peer, options).serve();
  } catch {
    // The client hung up, or the script broke the connection: what was said until then counts.
  } finally {
    transport.destroy();
  }
  return peer.lines;
}

async function perform(peer: Pop3Conversation, behaviour: Pop3Behaviour, argument: string): Promise<void> {
  const text = typeof behaviour === 'string' ? behaviour : await behaviour(peer, argument);
  if (text !== undefined) await peer.send(text.endsWith('\n') ? text : `${text}\r\n`);
}

class HonestServer {
  readonly #peer: Pop3Conversation;
  readonly #options: Pop3PeerOptions;
  readonly #messages: readonly string[];
  #isLoggedIn = false;

  constructor(peer: Pop3Conversation, options: Pop3PeerOptions) {
    this.#peer = peer;
    this.#options = options;
    this.#messages = options.messages ?? MESSAGES;
  }

  async serve(): Promise<void> {
    for (let line = await this.#peer.line(); line !== undefined; line = await this.#peer.line()) {
      const [, name = '', argument = ''] = /^(\S*) ?(.*)$/.exec(line) ?? [];
      const command = name.toUpperCase();
      const behaviour = this.#options.on?.[command];
      if (behaviour !== undefined) await perform(this.#peer, behaviour, argument);
      else await this.#answer(command, argument);
      if (command === 'QUIT') return this.#peer.transport.close();
    }
  }

  async #answer(command: string, argument: string): Promise<void> {
    if (command === 'STLS') return this.#startTls();
    if (command === 'AUTH') return this.#authenticate(argument);
    if (command === 'PASS' || command === 'APOP') this.#isLoggedIn = true;
    await this.#peer.send(this.#text(command, argument));
  }

  #text(command: string, argument: string): string {
    const number = Number(argument.split(' ')[0]);
    const message = this.#messages[number - 1];
    switch (command) {
      case 'CAPA':
        return listing(this.#capabilities());
      case 'STAT':
        return `+OK ${this.#messages.length} ${this.#messages.join('').length}\r\n`;
      case 'LIST':
        if (argument === '') return listing(this.#messages.map((each, index) => `${index + 1} ${each.length}`));
        return message === undefined ? NO_SUCH_MESSAGE : `+OK ${number} ${message.length}\r\n`;
      case 'UIDL':
        if (argument === '')
          return listing(this.#messages.map((_, index) => `${index + 1} ${this.#uniqueId(index + 1)}`));
        return message === undefined ? NO_SUCH_MESSAGE : `+OK ${number} ${this.#uniqueId(number)}\r\n`;
      case 'RETR':
        return message === undefined ? NO_SUCH_MESSAGE : body(message);
      case 'TOP':
        return message === undefined ? NO_SUCH_MESSAGE : body(top(message, Number(argument.split(' ')[1])));
      case 'DELE':
        return message === undefined ? NO_SUCH_MESSAGE : '+OK\r\n';
      default:
        return ANSWERED.has(command) ? '+OK\r\n' : '-ERR unknown command\r\n';
    }
  }

  #capabilities(): readonly string[] {
    const { capabilities = POP3_CAPABILITIES, capabilitiesAfterLogin = capabilities } = this.#options;
    return this.#isLoggedIn ? capabilitiesAfterLogin : capabilities;
  }

  #uniqueId(number: number): string {
    return this.#options.uniqueIds?.[number - 1] ?? `id${number}`;
  }

  async #startTls(): Promise<void> {
    const { tls } = this.#options;
    if (tls === undefined) return this.#peer.send('-ERR no TLS\r\n');
    await this.#peer.send('+OK begin\r\n');
    await this.#peer.transport.startTls({ ...tls, role: 'server' });
  }

  /** Takes whatever is sent in one message. */
  async #authenticate(argument: string): Promise<void> {
    if (!argument.includes(' ')) {
      await this.#peer.send('+ \r\n');
      await this.#peer.line();
    }
    this.#isLoggedIn = true;
    await this.#peer.send('+OK\r\n');
  }
}

function latin1(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) octets[index] = text.charCodeAt(index);
  return octets;
}

const NO_SUCH_MESSAGE = '-ERR no such message\r\n';
const ANSWERED = new Set(['USER', 'PASS', 'APOP', 'NOOP', 'RSET', 'QUIT', 'UTF8', 'LANG']);

/** An answer of several lines. */
export function listing(lines: readonly string[]): string {
  return `+OK\r\n${lines.map((line) => `${line}\r\n`).join('')}.\r\n`;
}

/** A message as RETR sends it, with its dots. */
function body(message: string): string {
  return `+OK ${utf8Bytes(message).length} octets\r\n${message.replace(/(^|\r\n)\./g, '$1..')}.\r\n`;
}

function top(message: string, lines: number): string {
  const end = message.indexOf('\r\n\r\n');
  if (end < 0) return message;
  const rest = message
    .slice(end + 4)
    .split('\r\n')
    .slice(0, lines);
  return `${message.slice(0, end + 4)}${rest.map((line) => `${line}\r\n`).join('')}`;
}
