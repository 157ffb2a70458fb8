import type { Endable } from './within.ts';

/**
 * Does what a connection is worth nothing without, such as logging in: when it fails or is aborted, the connection ends
 * with the same reason.
 * @throws what `work` throws, and the reason of the signal
 */
export async function allOrNothing<T>(
  connection: Endable,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const abort = (): void => connection.fail(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (error) {
    connection.fail(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
