import { InvalidStateError, type Transport } from '@posthorn/core';
import type { ClientCommand, ClientOutput } from './client-events.ts';
import type { ImapClientProtocol } from './client-protocol.ts';
import type { CommandHandler } from './command-handler.ts';
import { appendGivenUp } from './connection-end.ts';
import { type MeasuredChunks, type MessageSource, measured } from './message-source.ts';

/** What writing needs of the connection that it is a part of. */
export interface OutputOwner {
  readonly isClosed: boolean;
  handlerOf(command: ClientCommand): CommandHandler | undefined;
  /** The octets of a message of this command cannot be had. */
  sourceFailed(command: ClientCommand, cause: unknown): void;
  /** The server may owe something now, or something else than before. */
  isOwedAnew(): void;
  /** Octets of a message were taken. */
  progressed(): void;
  failed(error: unknown): void;
}

type MessageOutput = Extract<ClientOutput, { readonly type: 'message' }>;

/** Output beyond this is written before more is gathered. */
const BATCH_BYTES = 64 * 1024;
const BATCH_CHUNKS = 16;
const NOTHING_TO_WAIT_FOR: Promise<void> = Promise.resolve();

/** Writes what the protocol has to say: together what comes up in one turn, and messages as their octets come. */
export class ConnectionOutput {
  readonly #protocol: ImapClientProtocol;
  readonly #transport: Transport;
  readonly #owner: OutputOwner;
  #isWriting = false;
  #isSourceBusy = false;
  /** What is left of a message: it goes out with what follows. */
  #batch: Uint8Array[] = [];
  /** Settles when what was given to the transport is out. */
  written: Promise<void> = Promise.resolve();

  constructor(protocol: ImapClientProtocol, transport: Transport, owner: OutputOwner) {
    this.#protocol = protocol;
    this.#transport = transport;
    this.#owner = owner;
  }

  /** Whether the caller's own stream is what all wait for. The server cannot be blamed then. */
  get isSourceBusy(): boolean {
    return this.#isSourceBusy;
  }

  /** Writes what there is, together with what comes up in the same turn. */
  flush(): void {
    if (this.#isWriting || this.#owner.isClosed || !this.#protocol.mayHaveOutput) return;
    this.#isWriting = true;
    // Commands given in the same turn leave in one write.
    this.#follow(NOTHING_TO_WAIT_FOR);
  }

  /** Goes on when something is written. No async function: each command comes this way. */
  #follow(written: Promise<void>): void {
    void written.then(this.#goOn, this.#fail);
  }

  readonly #goOn = (): void => {
    try {
      const written = this.#writeNext();
      this.#isWriting = written !== undefined;
      if (written !== undefined) this.#follow(written);
    } catch (error) {
      this.#owner.failed(error);
    }
  };

  readonly #fail = (error: unknown): void => this.#owner.failed(error);

  /** Writes up to the next message that comes in pieces, or to the end. @returns undefined when there is nothing */
  #writeNext(): Promise<void> | undefined {
    while (!this.#owner.isClosed && this.#protocol.mayHaveOutput) {
      const message = this.#gather();
      if (message === undefined) break;
      const source = this.#sourceOf(message);
      if (!isSmall(source, message.size)) return this.#sendMessage(message, source);
      this.#batch.push(source);
      this.#protocol.messageSent(message.command);
      if (octetsOf(this.#batch) >= BATCH_BYTES) break;
    }
    return this.#batch.length === 0 || this.#owner.isClosed ? undefined : this.#write();
  }

  /** Takes what there is up to a message. @returns the message */
  #gather(): MessageOutput | undefined {
    for (const item of this.#protocol.output()) {
      if (item.type === 'message') return item;
      this.#batch.push(item.bytes);
    }
    return undefined;
  }

  #sourceOf({ command, index, part }: MessageOutput): MessageSource {
    const source = this.#owner.handlerOf(command)?.message?.(index, part);
    if (source === undefined) throw new InvalidStateError('a message has no source');
    return source;
  }

  #write(): Promise<void> {
    const data = this.#batch;
    this.#batch = [];
    this.#owner.isOwedAnew();
    this.written = this.#transport.write(data);
    return this.written;
  }

  /** Writes the octets of a message, but for the last ones, which go out with what follows. */
  async #sendMessage({ command, size }: MessageOutput, source: MessageSource): Promise<void> {
    const chunks = measured(source, size);
    let isDone = false;
    try {
      for (;;) {
        const chunk = await this.#nextChunk(chunks, command);
        isDone = chunk === undefined;
        if (chunk === undefined) break;
        this.#batch.push(chunk);
        if (chunk.length < BATCH_BYTES && this.#batch.length < BATCH_CHUNKS) continue;
        await this.#write();
        this.#owner.progressed();
      }
    } finally {
      if (!isDone) void Promise.resolve(chunks.return(undefined)).catch(() => {});
    }
    this.#protocol.messageSent(command);
    if (octetsOf(this.#batch) >= BATCH_BYTES) await this.#write();
  }

  /** The next octets of a message, undefined at its end. When they fail the connection is over. */
  async #nextChunk(chunks: MeasuredChunks, command: ClientCommand): Promise<Uint8Array | undefined> {
    try {
      const next = chunks.next();
      return (next instanceof Promise ? await this.#whileSourceBusy(next) : next).value;
    } catch (cause) {
      this.#owner.sourceFailed(command, cause);
      throw appendGivenUp(cause);
    }
  }

  async #whileSourceBusy<T>(next: Promise<T>): Promise<T> {
    this.#isSourceBusy = true;
    this.#owner.isOwedAnew();
    try {
      return await next;
    } finally {
      this.#isSourceBusy = false;
      this.#owner.isOwedAnew();
    }
  }
}

/** Whether a message is at hand as a whole, and so small that it goes out with what is around it. */
function isSmall(source: MessageSource, size: number): source is Uint8Array {
  return source instanceof Uint8Array && source.length === size && size < BATCH_BYTES;
}

function octetsOf(chunks: readonly Uint8Array[]): number {
  let octets = 0;
  for (const chunk of chunks) octets += chunk.length;
  return octets;
}
