import type { Transport } from '@posthorn/core';
import type { Timers } from '@posthorn/transport/serving';
import type { ImapServerProtocol, ServerEvent } from '../protocol/server-protocol.ts';
import type { Bell } from './bell.ts';
import type { Output } from './output.ts';

/** Ends a session from inside. The message is the last thing that the client is told. */
export class SessionEnded extends Error {}

/** Why a session ends although its client did not ask. */
interface Farewell {
  readonly text: string;
  /** Whether the command under way may finish first. */
  readonly isPatient: boolean;
}

/** What a read brought. */
type Arrived = { readonly chunk: Uint8Array | null } | { readonly error: unknown };

export interface SessionInputOptions {
  readonly transport: Transport;
  readonly protocol: ImapServerProtocol;
  readonly output: Output;
  readonly timers: Timers;
  readonly bell: Bell;
  /** Silence that ends the session: milliseconds. */
  readonly idleTimeoutMs: number;
}

/** What a session waits for: its client, its time, and that it is told to go. */
export class SessionInput {
  readonly #transport: Transport;
  readonly #protocol: ImapServerProtocol;
  readonly #output: Output;
  readonly #timers: Timers;
  readonly #bell: Bell;
  readonly #idleTimeoutMs: number;
  /** Why the connection cannot go on. A store that was given it for a body throws it back. */
  failure: unknown;
  #farewell: Farewell | undefined;
  #isReading = false;
  #arrived: Arrived | undefined;

  constructor({ transport, protocol, output, timers, bell, idleTimeoutMs }: SessionInputOptions) {
    this.#transport = transport;
    this.#protocol = protocol;
    this.#output = output;
    this.#timers = timers;
    this.#bell = bell;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  /** Ends the session once the command under way is done. */
  shutDown(text: string): void {
    this.#farewell ??= { text, isPatient: true };
    this.#bell.ring();
  }

  /**
   * What the client sends next; undefined at the end of the stream. What was gathered is sent before waiting.
   * @param options.isInside - Whether a command is under way, which a patient farewell lets finish.
   * @param options.until - Checked whenever something happens; ends the wait with `'woken'`.
   */
  nextEvent(options?: { readonly isInside?: boolean }): Promise<ServerEvent | undefined>;
  nextEvent(options: { readonly until: () => boolean }): Promise<ServerEvent | 'woken' | undefined>;
  async nextEvent({
    isInside = false,
    until,
  }: {
    readonly isInside?: boolean;
    readonly until?: () => boolean;
  } = {}): Promise<ServerEvent | 'woken' | undefined> {
    let timer: unknown;
    try {
      for (;;) {
        this.#checkFarewell(isInside);
        const event = this.#protocol.next();
        if (event !== undefined) return event;
        if (until?.() === true) return 'woken';
        const arrived = this.#arrived;
        this.#arrived = undefined;
        if (arrived === undefined) {
          await this.#output.flush();
          this.#startReading();
          timer ??= this.#timers.start(() => this.end('You were silent for too long'), this.#idleTimeoutMs);
          await this.#bell.wait();
        } else if ('error' in arrived) throw arrived.error;
        else if (arrived.chunk === null) return undefined;
        else this.#protocol.receive(arrived.chunk);
      }
    } catch (error) {
      this.failure = error;
      throw error;
    } finally {
      this.#timers.stop(timer);
    }
  }

  /**
   * Waits, unless the session ends first, or its client goes away, whose place others may want. What the client sends
   * meanwhile is kept for later.
   */
  async sleep(ms: number): Promise<void> {
    let isOver = false;
    const timer = this.#timers.start(() => {
      isOver = true;
      this.#bell.ring();
    }, ms);
    try {
      while (!isOver) {
        this.#checkFarewell(false);
        this.#checkConnection();
        if (this.#arrived === undefined) this.#startReading();
        await this.#bell.wait();
      }
    } finally {
      this.#timers.stop(timer);
    }
  }

  /** Whether octets came that were not looked at yet. */
  get hasUnreadInput(): boolean {
    return this.#protocol.bufferedBytes > 0 || this.#isReading || this.#arrived !== undefined;
  }

  /** Ends the session because of its client. */
  endWith(text: string): never {
    this.end(text);
    throw new SessionEnded(text);
  }

  /** Ends the session as soon as it waits for its client. */
  end(text: string): void {
    if (this.#farewell?.isPatient !== false) this.#farewell = { text, isPatient: false };
    this.#bell.ring();
  }

  #checkFarewell(isInside: boolean): void {
    const farewell = this.#farewell;
    if (farewell !== undefined && !(isInside && farewell.isPatient)) throw new SessionEnded(farewell.text);
  }

  #checkConnection(): void {
    const arrived = this.#arrived;
    if (arrived === undefined) return;
    if ('error' in arrived) {
      this.failure = arrived.error;
      throw arrived.error;
    }
    if (arrived.chunk === null) throw new SessionEnded('Good-bye');
  }

  #startReading(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#transport.read().then(
      (chunk) => this.#arrive({ chunk }),
      (error: unknown) => this.#arrive({ error }),
    );
  }

  #arrive(arrived: Arrived): void {
    this.#isReading = false;
    this.#arrived = arrived;
    this.#bell.ring();
  }
}
