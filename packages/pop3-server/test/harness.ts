import { type Account, type Authenticator, accountId, type MailStore, type Transport, utf8Bytes } from '@posthorn/core';
import { memoryStore } from '@posthorn/memory';
import { playClient } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { handleConnection, type SessionOptions } from '../src/index.ts';

const PASSWORDS: ReadonlyMap<string, string> = new Map([
  ['alice', 'secret'],
  ['bob', 'other'],
  ['mrose', 'tanstaaf'],
]);

/** Users alice, bob and mrose, whose passwords are `secret`, `other` and `tanstaaf`. */
export const USERS: Authenticator = {
  async checkPassword(user, password) {
    return PASSWORDS.get(user) === password ? accountId(user) : undefined;
  },
};

export async function passwordOf(user: string): Promise<string | undefined> {
  return PASSWORDS.get(user);
}

const CLOCK: number = Date.UTC(2026, 0, 2, 3, 4, 5);
/** How UIDLs of a test store end. */
export const VALIDITY: string = (CLOCK / 1000).toString(16).padStart(8, '0');

/** A memory store whose UIDVALIDITYs start at 1767323045. */
export function testStore(): MailStore {
  return memoryStore({ clock: () => CLOCK });
}

export interface TestServer {
  readonly store: MailStore;
  /** A client's end of a new connection. */
  connect(): Transport;
  /** Plays the client of a transcript on a new connection. */
  play(transcript: string): Promise<void>;
  account(user?: string): Promise<Account>;
  /** Settles when every connection has ended. */
  idle(): Promise<void>;
}

export function testServer(options: Partial<SessionOptions> = {}): TestServer {
  const store = options.store ?? testStore();
  const running: Promise<void>[] = [];
  const connect = (): Transport => {
    const [client, server] = memoryPair();
    running.push(handleConnection(server, { store, authenticator: USERS, allowInsecureAuth: true, ...options }));
    return client;
  };
  return {
    store,
    connect,
    async play(transcript) {
      const transport = connect();
      await playClient(transport, transcript);
      await transport.close();
    },
    account: (user = 'alice') => store.open(accountId(user)),
    async idle() {
      await Promise.all(running);
    },
  };
}

/** Puts messages into alice's INBOX, or another mailbox, which is made when it is missing. */
export async function deliver(server: TestServer, messages: readonly string[], path = ['INBOX']): Promise<void> {
  const account = await server.account();
  const mailboxPath = path as [string, ...string[]];
  const mailbox = await account.mailbox(mailboxPath).catch(async () => {
    await account.create(mailboxPath);
    return account.mailbox(mailboxPath);
  });
  await mailbox.append(messages.map((text) => ({ body: [utf8Bytes(text)] })));
  await account.close();
}

/** How many messages alice's INBOX holds. */
export async function countOf(server: TestServer): Promise<number | undefined> {
  const account = await server.account();
  const { messages } = await account.status(['INBOX']);
  await account.close();
  return messages;
}

/** A short message. */
export function message(subject: string, body = 'Hello\r\n'): string {
  return `From: Fred <fred@example.com>\r\nSubject: ${subject}\r\n\r\n${body}`;
}

/** A client that is driven by hand. Lines end with CRLF, which is cut off; octets come as ISO 8859-1. */
export class RawClient {
  readonly transport: Transport;
  #buffered = '';

  constructor(transport: Transport) {
    this.transport = transport;
  }

  async write(text: string): Promise<void> {
    await this.transport.write(utf8Bytes(text));
  }

  /** The next line; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#buffered.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#buffered.slice(0, end);
        this.#buffered = this.#buffered.slice(end + 2);
        return line;
      }
      const chunk = await this.transport.read();
      if (chunk === null) return undefined;
      this.#buffered += new TextDecoder('latin1').decode(chunk);
    }
  }

  /** Sends a command and gives the first line of its answer. */
  async run(command: string): Promise<string | undefined> {
    await this.write(`${command}\r\n`);
    return this.line();
  }

  /** Sends a command and gives the lines of its answer behind the first, the dots taken out. */
  async lines(command: string): Promise<readonly string[]> {
    const first = await this.run(command);
    if (first?.startsWith('+OK') !== true) throw new Error(`${command} is answered with ${first}`);
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined) throw new Error('the answer is cut off');
      if (line === '.') return lines;
      lines.push(line.startsWith('.') ? line.slice(1) : line);
    }
  }

  /** Everything the server says until it closes. */
  async rest(): Promise<readonly string[]> {
    const lines: string[] = [];
    for (let line = await this.line(); line !== undefined; line = await this.line()) lines.push(line);
    return lines;
  }
}

/** A client that has read the greeting. */
export async function greeted(server: TestServer): Promise<RawClient> {
  const client = new RawClient(server.connect());
  await client.line();
  return client;
}

/** A client that is logged in. */
export async function loggedIn(server: TestServer, user = 'alice', password = 'secret'): Promise<RawClient> {
  const client = await greeted(server);
  await client.write(`USER ${user}\r\nPASS ${password}\r\n`);
  await client.line();
  const answer = await client.line();
  if (answer !== '+OK Logged in') throw new Error(`PASS is answered with ${answer}`);
  return client;
}
