import type { Pop3Command } from '@posthorn/wire/pop3';
import type { Pop3Answer } from './client-protocol.ts';
import type { CommandHandler, Connection } from './connection.ts';
import { ServerRefusedError } from './errors.ts';
import { IncomingMessage, type RetrievedMessage } from './incoming-message.ts';

/** How to retrieve one message. */
export interface RetrieveOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many octets of the message have come, as they come. */
  readonly onProgress?: ((received: number) => void) | undefined;
}

/** How to retrieve one message after the other. */
export interface RetrieveManyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Retrieves only the header and so many lines of the body, with TOP. @defaultValue the whole message */
  readonly lines?: number | undefined;
  /** Most messages asked for ahead, where the server offers PIPELINING. @defaultValue 16 */
  readonly window?: number | undefined;
  /** Told of a message that the server refuses to send; the loop then goes on. @defaultValue the loop throws */
  readonly onRefused?: ((number: number, error: ServerRefusedError) => void) | undefined;
}

/** A command whose answer has a body, from the moment it is given. */
export class Retrieval {
  readonly message: IncomingMessage;
  /** Settles when the body begins, or the server refuses. */
  readonly #begun: Promise<Pop3Answer>;
  readonly #refuse: (reason: unknown) => void;
  /** Whether somebody waits for it to begin. */
  #isAwaited = false;

  constructor(connection: Connection, command: Pop3Command, { signal, onProgress }: RetrieveOptions) {
    let begin: (answer: Pop3Answer) => void = () => {};
    let refuse: (reason: unknown) => void = () => {};
    this.#begun = new Promise((resolve, reject) => {
      begin = resolve;
      refuse = reject;
    });
    this.#begun.catch(() => {});
    const number = 'number' in command ? (command.number ?? 0) : 0;
    const message = new IncomingMessage(number, {
      held: (octets) => connection.hold(octets),
      wake: () => connection.wake(),
      abandon: () => {
        settle();
        connection.abandon(entry);
      },
    });
    this.message = message;
    this.#refuse = refuse;
    const abort = (): void => this.giveUp(signal?.reason);
    const settle = (): void => signal?.removeEventListener('abort', abort);
    const handler: CommandHandler = {
      begin,
      body: (bytes) => {
        message.push(bytes);
        onProgress?.(message.received);
      },
      isFull: () => message.isFull,
      isWanted: () => this.#isAwaited || message.isWanted,
      done: () => {
        settle();
        message.end();
      },
      fail: (reason) => {
        settle();
        message.fail(reason);
        refuse(reason);
      },
    };
    const entry = connection.submit(command, handler, true);
    signal?.addEventListener('abort', abort, { once: true });
  }

  /** Whoever waits for it, or reads it, gets the reason; what is still to come is dropped. */
  giveUp(reason: unknown): void {
    this.message.expire(() => reason);
    this.#refuse(reason);
  }

  /** Waits for it to begin. @throws ServerRefusedError */
  async begin(): Promise<Pop3Answer> {
    this.#isAwaited = true;
    try {
      return await this.#begun;
    } finally {
      this.#isAwaited = false;
    }
  }
}

type RetrieveCommand =
  | { readonly name: 'RETR'; readonly number: number }
  | { readonly name: 'TOP'; readonly number: number; readonly lines: number };

/** Starts a RETR, or a TOP. @throws ServerRefusedError */
export async function retrieve(
  connection: Connection,
  command: RetrieveCommand,
  options: RetrieveOptions,
): Promise<RetrievedMessage> {
  options.signal?.throwIfAborted();
  const retrieval = new Retrieval(connection, command, options);
  await retrieval.begin();
  return retrieval.message;
}

/** Messages one after the other, the next ones asked for ahead. Each is dropped when the loop moves on. */
export async function* retrieveMany(
  connection: Connection,
  numbers: Iterable<number>,
  { signal, lines, window = 16, onRefused }: RetrieveManyOptions,
): AsyncGenerator<RetrievedMessage, void> {
  if (!Number.isSafeInteger(window) || window < 1) throw new RangeError('a window is at least 1');
  const waiting = numbers[Symbol.iterator]();
  const ahead: { readonly number: number; readonly retrieval: Retrieval }[] = [];
  const ask = (count: number): void => {
    for (let asked = 0; asked < count; asked++) {
      const next = waiting.next();
      if (next.done) return;
      const number = next.value;
      const command: RetrieveCommand = lines === undefined ? { name: 'RETR', number } : { name: 'TOP', number, lines };
      ahead.push({ number, retrieval: new Retrieval(connection, command, {}) });
    }
  };
  let current: Retrieval | undefined;
  // One listener for all, however many are asked for.
  const abort = (): void => {
    current?.giveUp(signal?.reason);
    for (const { retrieval } of ahead) retrieval.giveUp(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      signal?.throwIfAborted();
      // Half a window at a time, so that several commands leave in one write.
      if (ahead.length <= window >> 1) ask(window - ahead.length);
      const first = ahead.shift();
      if (first === undefined) return;
      current = first.retrieval;
      if (await hasBegun(first.number, current, onRefused)) yield current.message;
      current.message.expire();
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    current?.message.expire();
    for (const { retrieval } of ahead) retrieval.message.expire();
  }
}

async function hasBegun(
  number: number,
  retrieval: Retrieval,
  onRefused: RetrieveManyOptions['onRefused'],
): Promise<boolean> {
  try {
    await retrieval.begin();
    return true;
  } catch (error) {
    if (onRefused === undefined || !(error instanceof ServerRefusedError)) throw error;
    onRefused(number, error);
    return false;
  }
}
