import type { Logger } from '@posthorn/core';
import { sleep, type Timers } from '@posthorn/transport/client';
import { BackOff, type BackOffOptions } from './back-off.ts';
import type { Pool } from './pool.ts';
import type { PooledClient } from './pooled-client.ts';
import { isPassing } from './retry.ts';
import { throttleOf } from './throttle.ts';
import type { Need } from './waiters.ts';

/** What an account's mailboxes share with it. */
export interface AccountParts {
  readonly pool: Pool;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly random: () => number;
  readonly backOff: BackOffOptions;
  /** How long work waits for a connection. */
  readonly acquireMs: number;
  /** How often work is begun again after a failure that may pass. */
  readonly maxRetries: number;
}

export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for a connection, instead of the account's own. */
  readonly acquireMs?: number | undefined;
}

/** Attempts of one piece of work: counts them, and waits between them. */
export class Attempts {
  readonly #parts: AccountParts;
  readonly #backOff: BackOff;
  readonly #maxRetries: number;

  constructor(parts: AccountParts, maxRetries: number = parts.maxRetries) {
    this.#parts = parts;
    this.#backOff = new BackOff(parts.backOff, parts.random);
    this.#maxRetries = maxRetries;
  }

  /** It got somewhere: what comes now counts anew. */
  progressed(): void {
    this.#backOff.reset();
  }

  /** Waits before the next attempt. @throws the error itself when another makes no sense, or enough were made */
  async failed(error: unknown, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { pool, timers } = this.#parts;
    if (pool.isClosed || !isPassing(error) || this.#backOff.failures >= this.#maxRetries) throw error;
    const throttle = throttleOf(error);
    const wait = this.#backOff.next(throttle?.waitMs);
    if (throttle?.kind === 'rate') pool.pause(wait);
    await sleep(timers, wait, signal === undefined ? pool.closing : AbortSignal.any([signal, pool.closing]));
  }
}

/** Does work on a connection that fits, and gives it back. */
export async function withClient<T>(
  { pool, acquireMs }: AccountParts,
  need: Need,
  { signal, acquireMs: ownMs = acquireMs }: WorkOptions,
  work: (pooled: PooledClient) => Promise<T>,
): Promise<T> {
  const pooled = await pool.acquire(need, { signal, timeoutMs: ownMs });
  try {
    return await work(pooled);
  } finally {
    pool.release(pooled);
  }
}

/** The same, again on another connection when that may help: for work that can be done twice. */
export async function repeatedly<T>(
  parts: AccountParts,
  need: Need,
  options: WorkOptions,
  work: (pooled: PooledClient) => Promise<T>,
): Promise<T> {
  const attempts = new Attempts(parts);
  for (;;) {
    try {
      return await withClient(parts, need, options, work);
    } catch (error) {
      await attempts.failed(error, options.signal);
    }
  }
}
