import type { AccountId } from '@posthorn/core';

/**
 * The client's half of one authentication. It answers each step the mechanism has, once; a surplus challenge is an
 * error, so credentials are never sent twice.
 *
 * Where `initialResponse` is not undefined it is the first message: sent with the command, or, when the protocol has
 * no place for it there, as the answer to a first, empty challenge, for which `respond` is not called. Every other
 * challenge is answered by `respond`.
 */
export interface ClientMechanism {
  /** The registered name, such as `SCRAM-SHA-256`. */
  readonly name: string;
  /** Whether the mechanism lets the client speak first. */
  readonly clientFirst: boolean;
  /** The first message, perhaps of no octets; undefined when it follows from a challenge or takes time to make. */
  readonly initialResponse: Uint8Array | undefined;
  /** What the server said of why it refuses, for mechanisms in which it can: one line without control characters. */
  readonly serverError?: string | undefined;
  /**
   * Answers a challenge, both without their base64.
   * @throws {@link AuthenticationError} `AUTH_PROTOCOL` when the challenge breaks the mechanism: the caller cancels.
   */
  respond(challenge: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /**
   * Called when the server reports success, before anybody relies on it.
   * @throws {@link AuthenticationError} `AUTH_PROTOCOL` when the mechanism has not come that far, or the server did not
   *   prove what it has to prove.
   */
  finished(): void;
}

/** What a server does next. */
export type ServerStep =
  | { readonly type: 'challenge'; readonly data: Uint8Array }
  /** `data` is for protocols that carry it beside success; IMAP and POP3 do not, and no mechanism here sets it. */
  | { readonly type: 'success'; readonly account: AccountId; readonly data?: Uint8Array }
  /** `reason` is `protocol` when the client broke the mechanism. The client is told no more than that it failed. */
  | { readonly type: 'failure'; readonly reason: 'credentials' | 'protocol' };

/** The server's half of one authentication. */
export interface ServerMechanism {
  readonly name: string;
  /**
   * Takes the client's next message; undefined at the start when it sent none with its command.
   * @throws {@link InvalidStateError} after success or failure; whatever the authenticator throws, such as
   *   {@link AuthenticationError} `AUTH_UNAVAILABLE`.
   */
  step(response: Uint8Array | undefined): Promise<ServerStep>;
}

export const PROTOCOL_FAILURE: ServerStep = { type: 'failure', reason: 'protocol' };
export const CREDENTIALS_FAILURE: ServerStep = { type: 'failure', reason: 'credentials' };

/** The outcome of asking an authenticator. */
export function outcome(account: AccountId | undefined): ServerStep {
  return account === undefined ? CREDENTIALS_FAILURE : { type: 'success', account };
}
