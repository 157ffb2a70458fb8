import { ConnectionClosedError } from '@posthorn/core';
import type { Connection } from './connection.ts';
import type { Timers } from './timers.ts';

/** Ends the connection, for the reason given, when something takes too long. */
export async function within<T>(
  timers: Timers,
  connection: Connection,
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
