import type { Transport } from '@posthorn/core';
import { checkOptions } from './check-options.ts';
import { Session, type SessionOptions } from './session.ts';

/**
 * Serves one connection until it ends, for those with a listener of their own, and for tests. The transport is the
 * server's from here on. Rejects for nothing that comes from outside.
 * @throws RangeError for an option that cannot be.
 */
export async function handleConnection(
  transport: Transport,
  {
    signal,
    ...options
  }: SessionOptions & {
    /** Ends the session once the command under way is done. */ readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  checkOptions(options);
  const session = new Session(transport, options);
  const end = (): void => session.shutDown('The server is going away');
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  try {
    await session.run();
  } finally {
    signal?.removeEventListener('abort', end);
  }
}
