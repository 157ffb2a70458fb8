import { SERVING_LIMITS, type ServingLimits } from '@posthorn/transport/serving-limits';

const KIB = 1024;
const MINUTE_MS = 60_000;

/** What a server takes from its clients. Sizes are in octets, times in milliseconds. */
export interface ServerLimits extends ServingLimits {
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
  /** Failed logins after which the connection ends. */
  readonly maxLoginFailures: number;
  /** Commands in a row that are not understood, after which the connection ends. */
  readonly maxBadCommands: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  ...SERVING_LIMITS,
  maxLineBytesBeforeLogin: 8 * KIB,
  maxLiteralBytesBeforeLogin: 4 * KIB,
  maxLineBytes: 64 * KIB,
  maxLiteralBytes: 64 * KIB,
  maxMessageBytes: 256 * KIB * KIB,
  maxDepth: 8,
  loginTimeoutMs: MINUTE_MS,
  idleTimeoutMs: 30 * MINUTE_MS,
  writeTimeoutMs: 5 * MINUTE_MS,
  maxLoginFailures: 3,
  maxBadCommands: 20,
};

const resolved = new WeakMap<Partial<ServerLimits>, ServerLimits>();

/** Limits with the defaults filled in: one object for all sessions that are given the same. */
export function limitsOf(limits: Partial<ServerLimits> = DEFAULT_LIMITS): ServerLimits {
  const known = resolved.get(limits);
  if (known !== undefined) return known;
  const whole = { ...DEFAULT_LIMITS, ...limits };
  resolved.set(limits, whole).set(whole, whole);
  return whole;
}
