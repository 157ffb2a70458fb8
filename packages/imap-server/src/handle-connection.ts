import type { Transport } from '@posthorn/core';
import { Session } from './session/session.ts';
import type { SessionOptions } from './session/session-options.ts';

/**
 * Serves one connection until it ends, for those with a listener of their own, and for tests. The transport is the
 * server's from here on. Never rejects.
 */
export async function handleConnection(
  transport: Transport,
  {
    signal,
    ...options
  }: SessionOptions & { /** Ends the session with BYE. */ readonly signal?: AbortSignal | undefined },
): Promise<void> {
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
