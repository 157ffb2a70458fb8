import { ConnectionClosedError } from '@posthorn/core';
import type { Timers } from '../timers.ts';

/** What can be ended when it takes too long. */
export interface Endable {
  fail(reason: unknown): void;
}

/** Ends the connection, with `message` as the reason, when something takes longer than `ms`. */
export async function within<T>(
  timers: Timers,
  connection: Endable,
  ms: number,
  message: string,
  work: Promise<T>,
): Promise<T> {
  const timer = timers.start(() => connection.fail(new ConnectionClosedError('CONNECTION_TIMEOUT', message)), ms);
  try {
    return await work;
  } finally {
    timers.stop(timer);
  }
}
