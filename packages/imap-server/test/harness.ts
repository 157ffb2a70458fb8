import { type Account, type Authenticator, accountId, type MailStore, type Transport, utf8Bytes } from '@posthorn/core';
import { type MemoryStoreOptions, memoryStore } from '@posthorn/memory';
import { playClient } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { handleConnection, type SessionOptions } from '../src/index.ts';

/** Users alice and bob, whose passwords are `secret` and `other`. */
export const USERS: Authenticator = {
  async checkPassword(user, password) {
    const isRight = (user === 'alice' && password === 'secret') || (user === 'bob' && password === 'other');
    return isRight ? accountId(user) : undefined;
  },
};

const CLOCK: number = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A memory store whose UIDVALIDITYs start at 1767323045. */
export function testStore(options: MemoryStoreOptions = {}): MailStore {
  let ids = 0;
  return memoryStore({ ...options, clock: () => CLOCK, newId: () => `id${ids++}` });
}

export const UID_VALIDITY: number = CLOCK / 1000;

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

/** Puts messages into a mailbox of alice's, which is made when it is missing. */
export async function deliver(
  account: Account,
  path: readonly string[],
  ...messages: readonly string[]
): Promise<void> {
  const mailboxPath = path as [string, ...string[]];
  const mailbox = await account.mailbox(mailboxPath).catch(async () => {
    await account.create(mailboxPath);
    return account.mailbox(mailboxPath);
  });
  await mailbox.append(messages.map((text) => ({ body: [utf8Bytes(text)] })));
}

/** A short message. */
export function message(subject: string, body = 'Hello\r\n'): string {
  return `From: Fred <fred@example.com>\r\nSubject: ${subject}\r\n\r\n${body}`;
}

/** A client that is driven by hand. Lines end with CRLF, which is cut off; literals come within their line. */
export class RawClient {
  readonly transport: Transport;
  #buffered = '';
  #tag = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  async write(text: string): Promise<void> {
    await this.transport.write(utf8Bytes(text));
  }

  /** The next line; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    let line = '';
    for (;;) {
      const end = this.#buffered.indexOf('\r\n');
      if (end < 0) {
        const chunk = await this.transport.read();
        if (chunk === null) return undefined;
        this.#buffered += new TextDecoder('latin1').decode(chunk);
        continue;
      }
      line += this.#buffered.slice(0, end);
      this.#buffered = this.#buffered.slice(end + 2);
      const size = Number(/\{(\d+)\}$/.exec(line)?.[1] ?? -1);
      if (size < 0) return line;
      while (this.#buffered.length < size) {
        const chunk = await this.transport.read();
        if (chunk === null) return undefined;
        this.#buffered += new TextDecoder('latin1').decode(chunk);
      }
      line += this.#buffered.slice(0, size);
      this.#buffered = this.#buffered.slice(size);
    }
  }

  /** Sends a command and gives all lines up to and with its tagged response, the tag cut off. */
  async run(command: string): Promise<readonly string[]> {
    const tag = `r${++this.#tag}`;
    await this.write(`${tag} ${command}\r\n`);
    return this.until(tag);
  }

  async until(tag: string): Promise<readonly string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined) return lines;
      if (line.startsWith(`${tag} `)) return [...lines, line.slice(tag.length + 1)];
      lines.push(line);
    }
  }
}

/** A client that is logged in. */
export async function loggedIn(server: TestServer, user = 'alice', password = 'secret'): Promise<RawClient> {
  const client = new RawClient(server.connect());
  await client.line();
  await client.run(`LOGIN ${user} ${password}`);
  return client;
}
