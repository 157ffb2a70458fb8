import { SERVING_LIMITS, type ServingLimits } from '@posthorn/transport/serving';

/** Limits of connections that the command line can set. */
export interface ConnectionLimits {
  readonly maxConnections?: number;
  readonly maxConnectionsPerAddress?: number;
  readonly maxConnectionsPerUser?: number;
}

/**
 * The limits of each of several processes, among which the system spreads connections evenly. Those of a user are
 * counted over all processes and stay as they are.
 */
export function portionOf(limits: ConnectionLimits, processes: number): Partial<ServingLimits> {
  const all = { ...SERVING_LIMITS, ...limits };
  const portion = (limit: number): number => Math.ceil(limit / processes);
  return {
    maxConnections: portion(all.maxConnections),
    maxConnectionsPerAddress: portion(all.maxConnectionsPerAddress),
    maxConnectionsBeforeLogin: portion(all.maxConnectionsBeforeLogin),
    maxConnectionsBeforeLoginPerAddress: portion(all.maxConnectionsBeforeLoginPerAddress),
    maxConnectionsPerUser: all.maxConnectionsPerUser,
  };
}
