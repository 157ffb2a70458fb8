import { SERVING_LIMITS, type ServingLimits } from '@posthorn/transport/serving-limits';

const KIB = 1024;
const MINUTE_MS = 60_000;

/** What a server takes from its clients. Sizes are in octets, times in milliseconds. */
export interface ServerLimits extends ServingLimits {
  /** One command, or one answer to a challenge. RFC 2449 allows commands 255; tokens of SASL mechanisms are longer. */
  readonly maxLineBytes: number;
  /** Time to log in, from the greeting. */
  readonly loginTimeoutMs: number;
  /** Silence after login that ends a session without deleting anything. RFC 1939 section 3 asks for at least 10 minutes. */
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
  maxLineBytes: 8 * KIB,
  loginTimeoutMs: MINUTE_MS,
  idleTimeoutMs: 10 * MINUTE_MS,
  writeTimeoutMs: 5 * MINUTE_MS,
  maxLoginFailures: 3,
  maxBadCommands: 20,
};
