/** Where time comes from. Tests bring their own. */
export interface Timers {
  /** Milliseconds since any fixed moment. */
  now(): number;
  /** Calls back once, after `ms` milliseconds. @returns what {@link stop} takes */
  start(callback: () => void, ms: number): unknown;
  stop(timer: unknown): void;
}

/** The system's clock. Its timers do not keep the process alive: the connections they watch do. */
export const systemTimers: Timers = {
  now: () => performance.now(),
  start: (callback, ms) => setTimeout(callback, Math.min(ms, 0x7fff_ffff)).unref(),
  stop: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
