import type { TlsOptions, Transport } from '@posthorn/core';
import { type Played, type PlayOptions, playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { type ConnectOptions, connect, type Pop3Client, type Timers } from '../src/index.ts';

export const CAPABILITIES = ['TOP', 'UIDL', 'USER', 'PIPELINING', 'RESP-CODES'];
export const AUTH = { user: 'mrose', password: 'tanstaaf' };

/** An answer to CAPA, as lines of a transcript. */
export function capa(capabilities: readonly string[] = CAPABILITIES): string {
  return `
    C: CAPA
    S: +OK
    ${capabilities.map((line) => `S: ${line}`).join('\n')}
    S: .`;
}

/** Everything up to and with a login by USER and PASS. */
export function login(capabilities: readonly string[] = CAPABILITIES): string {
  return `
    S: +OK ready${capa(capabilities)}
    C: USER mrose
    S: +OK
    C: PASS tanstaaf
    S: +OK welcome${capa(capabilities)}`;
}

/** A polite end. */
export const QUIT = `
    C: QUIT
    S: +OK bye
    ! end`;

export interface Session {
  readonly client: Pop3Client;
  /** Plays the rest of the conversation. */
  readonly server: Promise<Played>;
}

export interface SessionOptions extends PlayOptions {
  readonly capabilities?: readonly string[];
  readonly connect?: Partial<ConnectOptions>;
}

/** A client that is logged in, and a server that goes on with `transcript`. */
export async function session(
  transcript: string,
  { capabilities, connect: options, ...play }: SessionOptions = {},
): Promise<Session> {
  const { client, server } = connectTo(
    `${login(capabilities)}\n${transcript}`,
    { auth: AUTH, allowInsecureAuth: true, ...options },
    play,
  );
  return { client: await client, server };
}

/** Connects to a server that plays the whole conversation. */
export function connectTo(
  transcript: string,
  options: Partial<ConnectOptions> = {},
  play: PlayOptions = {},
): { readonly client: Promise<Pop3Client>; readonly server: Promise<Played> } {
  const [mine, theirs] = memoryPair();
  const server = playServer(theirs, transcript, play);
  const client = connect({ transport: mine, ...options });
  server.catch(() => {});
  client.catch(() => {});
  return { client, server };
}

/** A transport that pretends to run TLS: it changes what it says of itself, and nothing else. */
export function pretendTls(
  transport: Transport,
  {
    security = 'none',
    startTls,
  }: { security?: 'none' | 'tls'; startTls?: (options: TlsOptions) => Promise<void> } = {},
): Transport {
  let now = security;
  return {
    read: () => transport.read(),
    write: (data) => transport.write(data),
    startTls: async (options) => {
      await startTls?.(options);
      now = 'tls';
    },
    startDeflate: () => transport.startDeflate(),
    close: () => transport.close(),
    destroy: (reason) => transport.destroy(reason),
    get security() {
      return now;
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
