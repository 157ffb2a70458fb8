const KIB = 1024;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** What a server takes from its clients. Sizes are in octets, times in milliseconds. */
export interface ServerLimits {
  /** One command, or one answer to a challenge. RFC 2449 allows commands 255; tokens of SASL mechanisms are longer. */
  readonly maxLineBytes: number;
  /** Time to log in, from the greeting. */
  readonly loginTimeoutMs: number;
  /** Silence after login that ends a session without deleting anything. RFC 1939 section 3 asks for at least 10 minutes. */
  readonly idleTimeoutMs: number;
  /** Time for the client to take what one write sends. */
  readonly writeTimeoutMs: number;
  /** Time that `close` gives the commands that are running. */
  readonly closeTimeoutMs: number;
  /** Failed logins after which the connection ends. */
  readonly maxLoginFailures: number;
  /** Wait before the first failed login of a connection is answered; doubled for each further one. */
  readonly loginFailureDelayMs: number;
  /** Commands in a row that are not understood, after which the connection ends. */
  readonly maxBadCommands: number;
  /** Connections at once. */
  readonly maxConnections: number;
  /** Connections at once from one address. */
  readonly maxConnectionsPerAddress: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  maxLineBytes: 8 * KIB,
  loginTimeoutMs: MINUTE_MS,
  idleTimeoutMs: 10 * MINUTE_MS,
  writeTimeoutMs: 5 * MINUTE_MS,
  closeTimeoutMs: 5 * SECOND_MS,
  maxLoginFailures: 3,
  loginFailureDelayMs: SECOND_MS,
  maxBadCommands: 20,
  maxConnections: 10_000,
  maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
};
