import { TransportError, type WaitOptions } from '@posthorn/core';

/** How long somebody waits: until a signal fires or the time is over. */
export class Patience {
  readonly #signal: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #abort: () => void;
  #end: { readonly reason: unknown } | undefined;

  /**
   * @param what - What is waited for, as the message of the error names it.
   * @param onEnd - Called once, unless it is at its end from the start.
   */
  constructor({ signal, timeoutMs }: WaitOptions, what: string, onEnd: (reason: unknown) => void) {
    const end = (reason: unknown): void => {
      this.#end ??= { reason };
      this.stop();
      onEnd(reason);
    };
    this.#abort = () => end(signal?.reason);
    this.#signal = signal;
    if (signal?.aborted) this.#end = { reason: signal.reason };
    else signal?.addEventListener('abort', this.#abort, { once: true });
    if (timeoutMs !== undefined && timeoutMs !== Number.POSITIVE_INFINITY) {
      const error = new TransportError('TRANSPORT_TIMEOUT', `${what} took longer than ${timeoutMs} ms`);
      this.#timer = setTimeout(() => end(error), timeoutMs);
    }
  }

  /** @throws the signal's reason, or `TRANSPORT_TIMEOUT`, when it is at its end. */
  check(): void {
    if (this.#end === undefined) return;
    this.stop();
    throw this.#end.reason;
  }

  /** Nobody waits any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
  }
}

/** Waits for `work`, which goes on by itself when the wait is given up. */
export async function waitFor<T>(work: Promise<T>, options: WaitOptions | undefined, what: string): Promise<T> {
  if (options === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const patience = new Patience(options, what, reject);
    work.then(resolve, reject).finally(() => patience.stop());
    patience.check();
  });
}
