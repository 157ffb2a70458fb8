import type { MailboxDifference } from '../mailbox/mailbox-changes.ts';
import type { SelectedMailbox } from '../mailbox/selected-mailbox.ts';
import type { AccountWatchOptions, MailboxBinding } from './account-mailbox.ts';
import { Following } from './follow-changes.ts';
import type { PooledClient } from './pooled-client.ts';
import { type AccountParts, Attempts } from './work.ts';

export interface WatchAcrossRequest {
  readonly parts: AccountParts;
  readonly binding: MailboxBinding;
  readonly cursor: string | undefined;
  readonly options: Omit<AccountWatchOptions, 'cursor'>;
  select(pooled: PooledClient, signal: AbortSignal | undefined): Promise<SelectedMailbox>;
}

/**
 * Compares the mailbox with what is known whenever something happens there. What happens while nobody is connected is
 * found by the comparison that begins on each connection, so nothing is missed.
 */
export async function* watchAcross(request: WatchAcrossRequest): AsyncGenerator<MailboxDifference, undefined> {
  const { parts, binding, options, select } = request;
  const { signal, acquireMs = Number.POSITIVE_INFINITY } = options;
  // A watch is to go on whatever happens, so it gives up only on what will not pass.
  const attempts = new Attempts(parts, Number.POSITIVE_INFINITY);
  const following = new Following(request.cursor, binding);
  let told: string | undefined;
  while (!signal?.aborted && !parts.pool.isClosedPolitely) {
    try {
      const need = { key: binding.key, isExclusive: false, isWatch: true };
      const pooled = await parts.pool.acquire(need, { signal, timeoutMs: acquireMs });
      let news: News | undefined;
      try {
        const mailbox = await select(pooled, signal);
        news = new News(mailbox, options, parts.pool.closing);
        for (;;) {
          news.begin();
          for await (const difference of following.compare(mailbox, pooled, signal)) {
            // A cursor that says the same as the last is no news, but the first comes in any case.
            if (difference.type !== 'cursor' || difference.cursor !== told) yield difference;
          }
          told = following.cursor;
          attempts.progressed();
          const goesOn = await news.wait();
          if (parts.pool.isClosed && !parts.pool.isClosedPolitely) throw parts.pool.closing.reason;
          if (!goesOn) return;
        }
      } finally {
        news?.stop();
        pooled.unwatch();
        parts.pool.release(pooled);
      }
    } catch (error) {
      if (signal?.aborted || parts.pool.isClosedPolitely) return;
      await attempts.failed(error, signal).catch((reason: unknown) => {
        if (!signal?.aborted && !parts.pool.isClosedPolitely) throw reason;
      });
    }
  }
}

/** Whether anything has happened to a selected mailbox; what it was is for the comparison to find out. */
class News {
  readonly #stop = new AbortController();
  readonly #mailbox: SelectedMailbox;
  readonly #options: Omit<AccountWatchOptions, 'cursor'>;
  readonly #signals: readonly AbortSignal[];
  #isListening = false;
  #isDirty = false;
  #end: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(mailbox: SelectedMailbox, options: Omit<AccountWatchOptions, 'cursor'>, closing: AbortSignal) {
    this.#mailbox = mailbox;
    this.#options = options;
    this.#signals = [this.#stop.signal, closing, ...(options.signal === undefined ? [] : [options.signal])];
  }

  /** What happens from here on counts. */
  begin(): void {
    this.#isDirty = false;
  }

  /** Waits for something to happen. @returns false when the watch is over @throws what ended the connection */
  async wait(): Promise<boolean> {
    if (!this.#isListening) {
      this.#isListening = true;
      void this.#listen();
    }
    while (!this.#isDirty && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#end?.reason !== undefined) throw this.#end.reason;
    return this.#end === undefined;
  }

  stop(): void {
    this.#stop.abort();
  }

  async #listen(): Promise<void> {
    const { renewMs, pollMs } = this.#options;
    const options = {
      signal: AbortSignal.any([...this.#signals]),
      ...(renewMs !== undefined && { renewMs }),
      ...(pollMs !== undefined && { pollMs }),
    };
    try {
      for await (const _ of this.#mailbox.watch(options)) {
        this.#isDirty = true;
        this.#rouse();
      }
      this.#end = { reason: undefined };
    } catch (reason) {
      this.#end = { reason };
    }
    this.#rouse();
  }

  #rouse(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
