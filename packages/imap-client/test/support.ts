import type { TlsOptions, Transport } from '@posthorn/core';
import { type Played, type PlayOptions, playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { type ConnectOptions, connect, type ImapClient, type Timers } from '../src/index.ts';

export const CAPABILITIES = 'IMAP4rev1 IDLE UIDPLUS MOVE UNSELECT LITERAL+ SASL-IR';

/** Answers to SELECT of a mailbox with so many messages. */
export function selected(exists: number, name = 'INBOX', command = 'SELECT'): string {
  return `
    C: {select} ${command} ${name}
    S: * FLAGS (\\Answered \\Seen)
    S: * ${exists} EXISTS
    S: * OK [UIDVALIDITY 42] UIDs valid
    S: * OK [UIDNEXT 1000] predicted
    S: * OK [PERMANENTFLAGS (\\Answered \\Seen \\*)] limited
    S: {select} OK [READ-WRITE] done`;
}

/** A polite end. */
export const LOGOUT = `
    C: {logout} LOGOUT
    S: * BYE see you
    S: {logout} OK done
    ! end`;

export interface Session {
  readonly client: ImapClient;
  /** Plays the rest of the conversation. */
  readonly server: Promise<Played>;
}

export interface SessionOptions extends PlayOptions {
  readonly capabilities?: string;
  readonly connect?: Partial<ConnectOptions>;
}

/** A client that is logged in, and a server that goes on with `transcript`. */
export async function session(
  transcript: string,
  { capabilities = CAPABILITIES, connect: options, ...play }: SessionOptions = {},
): Promise<Session> {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, `S: * PREAUTH [CAPABILITY ${capabilities}] ready\n${transcript}`, play);
  server.catch(() => {});
  const client = await connect({ transport: mine, ...options });
  return { client, server };
}

/** Connects to a server that plays the whole conversation. */
export function connectTo(
  transcript: string,
  options: Partial<ConnectOptions> = {},
  play: PlayOptions = {},
): { readonly client: Promise<ImapClient>; readonly server: Promise<Played> } {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, transcript, play);
  const client = connect({ transport: mine, ...options });
  server.catch(() => {});
  client.catch(() => {});
  return { client, server };
}

/** A transport that pretends to run TLS: it changes what it says of itself, and nothing else. */
export function pretendTls(transport: Transport, startTls?: (options: TlsOptions) => Promise<void>): Transport {
  let security: 'none' | 'tls' = 'none';
  return {
    read: () => transport.read(),
    write: (data) => transport.write(data),
    startTls: async (options) => {
      await startTls?.(options);
      security = 'tls';
    },
    startDeflate: () => transport.startDeflate(),
    close: () => transport.close(),
    destroy: (reason) => transport.destroy(reason),
    get security() {
      return security;
    },
    get bytesRead() {
      return transport.bytesRead;
    },
    get bytesWritten() {
      return transport.bytesWritten;
    },
  };
}

/** A clock that stands still until it is told. */
export class TestTimers implements Timers {
  #now = 0;
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  #count = 0;

  now(): number {
    return this.#now;
  }

  start(callback: () => void, ms: number): unknown {
    const timer = ++this.#count;
    this.#timers.set(timer, { at: this.#now + ms, callback });
    return timer;
  }

  stop(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer, each with what it sets in motion. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, left], [, right]) => left.at - right.at);
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.#now = Math.max(this.#now, next[1].at);
      next[1].callback();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets everything run that can run without time or network. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** All of an iterable. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** How a promise ended. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => error,
  );
}

export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Plays a server with one message of so many octets, which is fetched as UID 1. @returns octets the client had taken by the time of each write */
export async function playBig(
  transport: Transport,
  size: number,
  onWritten: (octets: number) => void = () => {},
): Promise<void> {
  const begun = await playServer(
    transport,
    `S: * PREAUTH [CAPABILITY ${CAPABILITIES}] hi${selected(1)}
     C: {f} UID FETCH 1 (UID BODY.PEEK[])
     S: * 1 FETCH (UID 1 BODY[] {noeol}`,
  );
  await transport.write(bytes(`{${size}}\r\n`));
  const chunk = new Uint8Array(16_384).fill(0x7a);
  for (let sent = 0; sent < size; sent += chunk.length) {
    await transport.write(chunk.subarray(0, Math.min(chunk.length, size - sent)));
    onWritten(Math.min(size, sent + chunk.length));
  }
  await transport.write(bytes(`)\r\n${begun.values.get('f')} OK done\r\n`));
}
