import { ConnectionClosedError, type Logger, MailError } from '@posthorn/core';
import type { Timers } from '@posthorn/transport/client';
import type { ImapClient } from '../client.ts';
import type { BackOff } from './back-off.ts';
import { PooledClient } from './pooled-client.ts';
import { isNowhere, isPassing } from './retry.ts';
import { throttleOf } from './throttle.ts';
import { type Need, Waiters, type WaitLimits } from './waiters.ts';

export interface PoolParts {
  /** Connects and logs in. */
  open(signal: AbortSignal): Promise<ImapClient>;
  readonly maxConnections: number;
  /** Waits between attempts to connect. */
  readonly backOff: BackOff;
  readonly timers: Timers;
  readonly logger: Logger;
  /** How long a connection that nobody uses is kept. */
  readonly idleMs: number;
  /** How long those who use a connection may go on when the pool is closed. */
  readonly drainMs: number;
  /** How often a host that never let us in is tried when it is not known or not there. */
  readonly firstAttempts: number;
}

/** How long a server that had too many connections is not asked for another. */
const CROWDED_MS = 300_000;

/**
 * A bounded number of connections to one account. Those who need the same mailbox share one; a mailbox that is not open
 * yet takes a free connection, or a new one while there may be more. While connecting fails one attempt is made at a
 * time, each after a longer wait.
 */
export class Pool {
  readonly #parts: PoolParts;
  readonly #clients = new Set<PooledClient>();
  readonly #waiters: Waiters<PooledClient>;
  readonly #stop = new AbortController();
  #opening = 0;
  /** No attempt to connect before this moment. */
  #notBefore = 0;
  #retryTimer: unknown;
  #lastError: unknown;
  /** Whether a connection ever stood. */
  #isProven = false;
  /** Fewer than allowed, because the server said so, until the given moment. */
  #crowded: { readonly limit: number; readonly until: number } | undefined;
  #isClosed = false;
  #isClosedPolitely = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#waiters = new Waiters(parts.timers);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it was closed on purpose, and not because of anything. */
  get isClosedPolitely(): boolean {
    return this.#isClosedPolitely;
  }

  /** Fires when the pool is closed. */
  get closing(): AbortSignal {
    return this.#stop.signal;
  }

  /** Connections that stand. */
  get size(): number {
    return this.#clients.size;
  }

  /**
   * A connection to use; `release` gives it back.
   * @throws the signal's reason; what makes connecting impossible; ConnectionClosedError `CONNECTION_TIMEOUT` when none
   *   could be had in time, with the last failure as its cause, `CONNECTION_CLOSED` after `close`
   */
  async acquire(need: Need, limits: WaitLimits): Promise<PooledClient> {
    limits.signal?.throwIfAborted();
    if (this.#isClosed) throw closed();
    const waiting = this.#waiters.add(need, limits, () => this.#late(limits.timeoutMs));
    this.#serve();
    return waiting;
  }

  /** Nobody uses the connection any more whom it was given to. */
  release(pooled: PooledClient): void {
    pooled.leave();
    if (this.#isClosed && pooled.isIdle) pooled.retire();
    this.#serve();
  }

  /** Nothing is sent for a while, and nothing connected: the server asked for it. */
  pause(ms: number): void {
    this.#notBefore = Math.max(this.#notBefore, this.#parts.timers.now() + ms);
  }

  /**
   * Lets no more in, and settles when what is in progress has ended and every connection is closed. Connections that are
   * still used after a while are closed all the same. Never rejects.
   */
  async close(): Promise<void> {
    const { timers, drainMs } = this.#parts;
    this.#isClosedPolitely = !this.#isClosed || this.#isClosedPolitely;
    this.#shut(closed());
    const all = [...this.#clients];
    for (const pooled of all) if (pooled.isIdle) pooled.retire();
    const timer = timers.start(() => {
      for (const pooled of all) pooled.retire();
    }, drainMs);
    await Promise.all(all.map(({ client }) => client.closed));
    timers.stop(timer);
  }

  destroy(reason: unknown): void {
    this.#isClosedPolitely ||= reason === undefined;
    this.#shut(reason ?? closed());
    for (const { client } of this.#clients) client.destroy(reason);
  }

  #shut(reason: unknown): void {
    this.#isClosed = true;
    this.#stop.abort(reason);
    this.#stopRetrying();
    this.#waiters.rejectAll(reason);
  }

  /** Gives connections to those who wait, as far as there are any, and opens more when there may be. */
  #serve(): void {
    if (this.#isClosed) return;
    let unserved = 0;
    for (const waiter of this.#waiters) {
      const pooled = this.#find(waiter.need);
      if (pooled === undefined) {
        unserved++;
        continue;
      }
      pooled.enter(waiter.need);
      waiter.resolve(pooled);
    }
    while (unserved-- > this.#opening && this.#mayOpen()) void this.#open();
  }

  #find(need: Need): PooledClient | undefined {
    const clients = [...this.#clients].filter((pooled) => pooled.fits(need));
    const selected = clients.find(({ key }) => key !== undefined && key === need.key);
    const idle = clients.filter(({ isIdle }) => isIdle);
    const unselected = idle.find(({ key }) => key === undefined) ?? idle[0];
    if (need.key !== undefined) return selected ?? unselected;
    // A connection that somebody uses is better than a new one that may not be had.
    return unselected ?? (this.#mayOpen() ? undefined : clients[0]);
  }

  #mayOpen(): boolean {
    const { maxConnections, backOff, timers } = this.#parts;
    if (this.#crowded !== undefined && timers.now() >= this.#crowded.until) this.#crowded = undefined;
    const limit = Math.min(maxConnections, this.#crowded?.limit ?? maxConnections);
    if (this.#clients.size + this.#opening >= limit) return false;
    if (backOff.failures > 0 && this.#opening > 0) return false;
    const wait = this.#notBefore - timers.now();
    if (wait <= 0) return true;
    this.#retryTimer ??= timers.start(() => {
      this.#retryTimer = undefined;
      this.#serve();
    }, wait);
    return false;
  }

  async #open(): Promise<void> {
    this.#opening++;
    try {
      const client = await this.#parts.open(this.#stop.signal);
      if (this.#isClosed) {
        client.destroy();
        return;
      }
      this.#parts.backOff.reset();
      this.#lastError = undefined;
      this.#isProven = true;
      this.#keep(client);
    } catch (error) {
      if (!this.#isClosed) this.#failed(error);
    } finally {
      this.#opening--;
      this.#serve();
    }
  }

  #keep(client: ImapClient): void {
    const { timers, idleMs } = this.#parts;
    const pooled = new PooledClient(client, timers, idleMs);
    this.#clients.add(pooled);
    void client.closed.then(() => {
      this.#clients.delete(pooled);
      pooled.forget();
      this.#serve();
    });
  }

  #failed(error: unknown): void {
    const { backOff, timers, logger, firstAttempts } = this.#parts;
    this.#lastError = error;
    // A host or a port that was mistyped will not be there in a minute either.
    const isMistyped = !this.#isProven && isNowhere(error) && backOff.failures + 1 >= firstAttempts;
    if (!isPassing(error) || isMistyped) this.#waiters.rejectAll(error);
    if (!isPassing(error)) return;
    const throttle = throttleOf(error);
    if (throttle?.kind === 'connections' && this.#clients.size > 0) {
      this.#crowded = { limit: this.#clients.size, until: timers.now() + Math.max(CROWDED_MS, throttle.waitMs ?? 0) };
    }
    const wait = backOff.next(throttle?.waitMs);
    this.#stopRetrying();
    this.#notBefore = timers.now() + wait;
    logger.info('connecting failed', {
      reason: MailError.is(error) ? error.code : 'unknown',
      attempts: backOff.failures,
      waitMs: Math.round(wait),
    });
  }

  #stopRetrying(): void {
    if (this.#retryTimer !== undefined) this.#parts.timers.stop(this.#retryTimer);
    this.#retryTimer = undefined;
  }

  #late(ms: number): ConnectionClosedError {
    const { size } = this.#clients;
    const why = size === 0 ? '' : `: ${size === 1 ? 'the only connection is' : `all ${size} connections are`} in use`;
    const options = this.#lastError === undefined ? undefined : { cause: this.#lastError };
    return new ConnectionClosedError('CONNECTION_TIMEOUT', `no connection could be had within ${ms} ms${why}`, options);
  }
}

function closed(): ConnectionClosedError {
  return new ConnectionClosedError('CONNECTION_CLOSED', 'the account is closed');
}
