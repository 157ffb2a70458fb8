const SECOND_MS = 1000;

/** What a server of any protocol takes from its clients. Times are in milliseconds. */
export interface ServingLimits {
  /** Connections at once. */
  readonly maxConnections: number;
  /** Connections at once from one address. */
  readonly maxConnectionsPerAddress: number;
  /** Connections at once that are not logged in. When one more comes, the oldest of them has to go. */
  readonly maxConnectionsBeforeLogin: number;
  /** Connections at once from one address that are not logged in. */
  readonly maxConnectionsBeforeLoginPerAddress: number;
  /** Connections at once that are logged in to one account. */
  readonly maxConnectionsPerUser: number;
  /** Time that `close` gives the commands that are running. */
  readonly closeTimeoutMs: number;
  /** Wait before the first failed login of a connection is answered; doubled for each further one. */
  readonly loginFailureDelayMs: number;
  /** Longest such wait, however often logins of a user or an address failed. */
  readonly maxLoginDelayMs: number;
}

/** Wide enough for a house full of devices, and far below what a server could not bear. */
export const SERVING_LIMITS: ServingLimits = {
  maxConnections: 10_000,
  maxConnectionsPerAddress: 1_024,
  maxConnectionsBeforeLogin: 1_024,
  maxConnectionsBeforeLoginPerAddress: 128,
  maxConnectionsPerUser: 128,
  closeTimeoutMs: 5 * SECOND_MS,
  loginFailureDelayMs: SECOND_MS,
  maxLoginDelayMs: 15 * SECOND_MS,
};
