import type { Timers } from '@posthorn/transport/client';
import type { ImapClient } from '../client.ts';
import type { SelectedMailbox } from '../mailbox/selected-mailbox.ts';
import type { MailboxReference } from '../mailboxes/mailbox-reference.ts';
import type { Need } from './waiters.ts';

/** One connection of a pool, and what it is used for. */
export class PooledClient {
  readonly client: ImapClient;
  readonly #timers: Timers;
  readonly #idleMs: number;
  #users = 0;
  #isExclusive = false;
  #isWatched = false;
  #isRetired = false;
  #key: string | undefined;
  #selected: Promise<SelectedMailbox> | undefined;
  #idleTimer: unknown;

  constructor(client: ImapClient, timers: Timers, idleMs: number) {
    this.client = client;
    this.#timers = timers;
    this.#idleMs = idleMs;
    this.#startIdling();
  }

  /** The mailbox that is selected, or is going to be. */
  get key(): string | undefined {
    return this.#key;
  }

  get isIdle(): boolean {
    return this.#users === 0;
  }

  /** Whether somebody with such a need can use it now. */
  fits({ key, isExclusive, isWatch }: Need): boolean {
    if (this.client.isClosed || this.#isRetired) return false;
    if (this.#users === 0) return true;
    if (isExclusive || this.#isExclusive) return false;
    return key === undefined || (key === this.#key && !(isWatch && this.#isWatched));
  }

  /** Somebody begins to use it. */
  enter({ key, isExclusive, isWatch }: Need): void {
    this.forget();
    this.#users++;
    this.#isExclusive = isExclusive;
    this.#isWatched ||= isWatch;
    if (isExclusive || (key !== undefined && key !== this.#key)) {
      this.#key = isExclusive ? undefined : key;
      this.#selected = undefined;
    }
  }

  leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#isExclusive = this.#isWatched = false;
    this.#startIdling();
  }

  /** A watch is over, though its user may stay. */
  unwatch(): void {
    this.#isWatched = false;
  }

  /** The mailbox that this connection was taken for: selected once, for all who share it. */
  async select(
    mailbox: MailboxReference,
    readOnly: boolean,
    signal: AbortSignal | undefined,
  ): Promise<SelectedMailbox> {
    // Not with the signal of one of those who wait: the others wait for the same.
    this.#selected ??= this.client.select(mailbox, { readOnly });
    const selecting = this.#selected;
    try {
      const selected = await outlasted(selecting, signal);
      if (selected.isSelected) return selected;
      // Somebody with the client in hand selected another.
      if (this.#selected === selecting) this.#selected = undefined;
      return await this.select(mailbox, readOnly, signal);
    } catch (error) {
      if (this.#selected === selecting && !signal?.aborted) this.#selected = undefined;
      throw error;
    }
  }

  /** Nobody gets it any more; it closes politely. */
  retire(): void {
    this.forget();
    this.#isRetired = true;
    void this.client.close();
  }

  /** Stops what would close it for being idle. */
  forget(): void {
    if (this.#idleTimer !== undefined) this.#timers.stop(this.#idleTimer);
    this.#idleTimer = undefined;
  }

  #startIdling(): void {
    this.forget();
    if (this.client.isClosed || this.#isRetired || this.#idleMs === Number.POSITIVE_INFINITY) return;
    this.#idleTimer = this.#timers.start(() => this.retire(), this.#idleMs);
  }
}

/** Waits for what goes on whether or not anybody waits. */
function outlasted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
