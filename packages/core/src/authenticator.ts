import type { AccountId } from './ids.ts';

/** Who asks to be let in, and how. */
export interface AuthenticationContext {
  readonly protocol: 'imap' | 'pop3';
  readonly security: 'none' | 'tls';
  readonly remoteAddress?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Hash functions that SCRAM is used with. */
export type ScramHash = 'SHA-1' | 'SHA-256' | 'SHA-512';

/** What a server keeps of a password for SCRAM. @see RFC 5802 section 3 */
export interface ScramKeys {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/**
 * Decides who may open which account. Every method takes about the same time whether the user exists or not, and
 * answers undefined for "no". A method left out means that the mechanisms that need it are not offered.
 */
export interface Authenticator {
  /**
   * The account of a user who gave the right password.
   * @param authorizeAs - The account asked for when it is not the user's own; undefined for the user's own.
   * @throws {@link AuthenticationError} `AUTH_UNAVAILABLE` when it cannot be decided now.
   */
  checkPassword(
    user: string,
    password: string,
    context: AuthenticationContext,
    authorizeAs?: string,
  ): Promise<AccountId | undefined>;
  /** The SCRAM keys of a user; a made-up, stable answer for a user who does not exist. */
  scramKeys?(user: string, hash: ScramHash, context: AuthenticationContext): Promise<ScramKeys | undefined>;
  /** The account a bearer token is for. */
  checkToken?(user: string, token: string, context: AuthenticationContext): Promise<AccountId | undefined>;
  /** The account of a user who proved who they are by another mechanism, such as SCRAM. */
  authorize?(user: string, context: AuthenticationContext, authorizeAs?: string): Promise<AccountId | undefined>;
}
