import { AuthenticationError } from '@posthorn/core';
import type { Auth } from '../connection/authenticate.ts';

/** What a provider of credentials is told. */
export interface AuthRequest {
  /** Why the last ones were refused, when they were: a token that looked good is not, so get another. */
  readonly refused: AuthenticationError | undefined;
  /** Fires when nobody needs them any more. */
  readonly signal: AbortSignal;
}

/** Tells who logs in, for each attempt to connect. */
export type AuthProvider = (request: AuthRequest) => Auth | Promise<Auth>;

/** Tries with what the provider gives, and once more with what it gives after hearing that it was refused. */
export async function authOf<T>(
  auth: Auth | AuthProvider | undefined,
  signal: AbortSignal,
  attempt: (auth: Auth | undefined) => Promise<T>,
): Promise<T> {
  if (typeof auth !== 'function') return attempt(auth);
  try {
    return await attempt(await auth({ refused: undefined, signal }));
  } catch (error) {
    if (!(error instanceof AuthenticationError) || error.code !== 'AUTH_REFUSED') throw error;
    return attempt(await auth({ refused: error, signal }));
  }
}
