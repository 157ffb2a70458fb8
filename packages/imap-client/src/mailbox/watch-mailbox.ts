import { sleep, type Timers } from '@posthorn/transport/client';
import type { ClientCommand } from '../connection/client-events.ts';
import type { Connection } from '../connection/connection.ts';
import { ServerRefusedError } from '../errors.ts';
import type { MailboxChange, MailboxView } from './mailbox-view.ts';

export interface WatchOptions {
  /** Ends the watch: the loop is left without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How long one IDLE lasts before it is renewed, which also finds out whether the server still lives. @defaultValue 540_000 (9 minutes) */
  readonly renewMs?: number;
  /** How often to ask a server that cannot push. @defaultValue 30_000 */
  readonly pollMs?: number;
}

export interface WatchRequest extends WatchOptions {
  readonly connection: Connection;
  readonly view: MailboxView;
  readonly timers: Timers;
  checkSelected(): void;
  /** The watch is over. */
  onEnd(): void;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<MailboxChange, undefined>) => void;
  readonly reject: (reason: unknown) => void;
}

/** After another command IDLE begins again when nothing was sent for so long. */
const RESUME_MS = 100;
const DONE: IteratorResult<never, undefined> = { done: true, value: undefined };

/**
 * Changes of the selected mailbox as they happen. IDLE stays in force while the loop is busy with a change; a command
 * ends it for as long as it takes.
 */
export class MailboxWatch implements AsyncIterableIterator<MailboxChange, undefined> {
  readonly #request: WatchRequest;
  readonly #stop = new AbortController();
  #isStarted = false;
  #idle: ClientCommand | undefined;
  #waiter: Waiter | undefined;
  #end: { readonly reason: unknown } | undefined;
  readonly #abort = (): void => this.#finish(undefined);

  constructor(request: WatchRequest) {
    this.#request = request;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<MailboxChange, undefined>> {
    if (this.#end === undefined && !this.#isStarted) this.#start();
    // What the server told before it went away is still news; after the watch was left nothing is.
    const isLeft = this.#end !== undefined && this.#end.reason === undefined;
    const change = isLeft ? undefined : this.#request.view.take();
    if (change !== undefined) return Promise.resolve({ done: false, value: change });
    if (this.#end !== undefined) return this.#ended(this.#end.reason);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#request.view.onChange(() => this.#deliver());
    });
  }

  return(): Promise<IteratorResult<MailboxChange, undefined>> {
    this.#finish(undefined);
    return Promise.resolve(DONE);
  }

  #start(): void {
    const { signal } = this.#request;
    this.#isStarted = true;
    if (signal?.aborted) {
      this.#finish(undefined);
      return;
    }
    signal?.addEventListener('abort', this.#abort, { once: true });
    const { connection } = this.#request;
    void connection.closed.then(() => this.#finish(connection.closeReason));
    void this.#run().catch((reason: unknown) => this.#finish(reason));
  }

  #deliver(): void {
    const waiter = this.#waiter;
    const change = this.#request.view.take();
    if (waiter === undefined || change === undefined) return;
    this.#waiter = undefined;
    waiter.resolve({ done: false, value: change });
  }

  #finish(reason: unknown): void {
    if (this.#end !== undefined) return;
    const { connection, signal, view, onEnd } = this.#request;
    // A client that was closed on purpose ends its watches; anything else is an error.
    this.#end = { reason: connection.isClosed && connection.closeReason === undefined ? undefined : reason };
    signal?.removeEventListener('abort', this.#abort);
    this.#stop.abort();
    view.onChange(undefined);
    if (this.#idle !== undefined) {
      connection.protocol.endIdle(this.#idle);
      connection.abandon(this.#idle);
    }
    onEnd();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) this.#ended(this.#end.reason).then(waiter.resolve, waiter.reject);
  }

  #ended(reason: unknown): Promise<IteratorResult<MailboxChange, undefined>> {
    return reason === undefined ? Promise.resolve(DONE) : Promise.reject(reason);
  }

  async #run(): Promise<void> {
    const { connection, checkSelected, renewMs = 540_000, pollMs = 30_000 } = this.#request;
    let canIdle = connection.protocol.capabilities?.has('IDLE') === true;
    while (this.#end === undefined) {
      checkSelected();
      if (canIdle) {
        canIdle = await this.#idleOnce(renewMs);
        while (connection.hasWork && this.#end === undefined) await this.#pause(RESUME_MS);
      } else {
        await connection.run({ name: 'NOOP' });
        await this.#pause(pollMs);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(this.#request.timers, ms, this.#stop.signal).catch(() => {});
  }

  /** One IDLE, until it is renewed, a command needs the line, or the watch ends. @returns false when the server refuses it */
  async #idleOnce(renewMs: number): Promise<boolean> {
    const { connection, timers } = this.#request;
    let timer: unknown;
    let stop: () => void = () => {};
    try {
      await new Promise<unknown>((done, fail) => {
        stop = () => done(undefined);
        this.#stop.signal.addEventListener('abort', stop);
        const idling = (): void => {
          timer = timers.start(() => {
            if (this.#idle !== undefined) connection.protocol.endIdle(this.#idle);
            connection.flush();
          }, renewMs);
        };
        this.#idle = connection.submit({ name: 'IDLE' }, { idling, isWanted: () => false, done, fail });
      });
      return true;
    } catch (error) {
      if (error instanceof ServerRefusedError) return false;
      throw error;
    } finally {
      this.#idle = undefined;
      this.#stop.signal.removeEventListener('abort', stop);
      if (timer !== undefined) timers.stop(timer);
    }
  }
}
