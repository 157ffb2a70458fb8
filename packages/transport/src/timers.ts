/** Where time comes from. Tests bring their own. */
export interface Timers {
  /** Milliseconds since any fixed moment. */
  now(): number;
  /** Calls back once, after `ms` milliseconds. @returns what {@link stop} takes */
  start(callback: () => void, ms: number): unknown;
  stop(timer: unknown): void;
}

/** The system's clock. A timer keeps the process alive, so that who waits gets an answer. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  start: (callback, ms) => setTimeout(callback, Math.min(ms, 0x7fff_ffff)),
  stop: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** The system's clock. Its timers do not keep the process alive: the connections they watch do. */
export const backgroundTimers: Timers = {
  ...systemTimers,
  start: (callback, ms) => setTimeout(callback, Math.min(ms, 0x7fff_ffff)).unref(),
};

/** Waits. Rejects with the signal's reason when aborted. */
export function sleep(timers: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = (): void => {
      timers.stop(timer);
      reject(signal?.reason);
    };
    const timer = timers.start(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
