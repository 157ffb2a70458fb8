const KIB = 1024;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** What a server takes from its clients. Sizes are in octets, times in milliseconds. */
export interface ServerLimits {
  /** One command without its literals, before login. */
  readonly maxLineBytesBeforeLogin: number;
  /** One literal that is not a message, before login. */
  readonly maxLiteralBytesBeforeLogin: number;
  readonly maxLineBytes: number;
  readonly maxLiteralBytes: number;
  /** One message of an APPEND. Announced as APPENDLIMIT. */
  readonly maxMessageBytes: number;
  /** How deeply the lists of a command may nest. */
  readonly maxDepth: number;
  /** Time to log in, from the greeting. */
  readonly loginTimeoutMs: number;
  /** Silence after login that ends a session. RFC 9051 section 5.4 asks for at least 30 minutes. */
  readonly idleTimeoutMs: number;
  /** Time for the client to take what one write sends. */
  readonly writeTimeoutMs: number;
  /** Time that `close` gives the commands that are running. */
  readonly closeTimeoutMs: number;
  /** Failed logins after which the connection ends. */
  readonly maxLoginFailures: number;
  /** Wait before the first failed login of a connection is answered; doubled for each further one. */
  readonly loginFailureDelayMs: number;
  /** Longest such wait, however often logins of a user or an address failed. */
  readonly maxLoginDelayMs: number;
  /** Commands in a row that are not understood, after which the connection ends. */
  readonly maxBadCommands: number;
  /** Connections at once. */
  readonly maxConnections: number;
  /** Connections at once from one address. */
  readonly maxConnectionsPerAddress: number;
  /** Connections at once that are logged in to one account. */
  readonly maxConnectionsPerUser: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  maxLineBytesBeforeLogin: 8 * KIB,
  maxLiteralBytesBeforeLogin: 4 * KIB,
  maxLineBytes: 64 * KIB,
  maxLiteralBytes: 64 * KIB,
  maxMessageBytes: 256 * KIB * KIB,
  maxDepth: 8,
  loginTimeoutMs: MINUTE_MS,
  idleTimeoutMs: 30 * MINUTE_MS,
  writeTimeoutMs: 5 * MINUTE_MS,
  closeTimeoutMs: 5 * SECOND_MS,
  maxLoginFailures: 3,
  loginFailureDelayMs: SECOND_MS,
  maxLoginDelayMs: 15 * SECOND_MS,
  maxBadCommands: 20,
  maxConnections: 10_000,
  maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
  maxConnectionsPerUser: Number.POSITIVE_INFINITY,
};
