import { type BigIntStats, statSync } from 'node:fs';

/** Two changes within this time may leave the same directory time: where times have fractions of a second, and where not. */
const FINE_TICK_MS = 100;
const COARSE_TICK_MS = 2_000;

/** When names in `new/` and `cur/` last changed, in nanoseconds. */
export interface Times {
  readonly new: bigint;
  readonly cur: bigint;
}

/** Undefined when a directory is missing. */
export function timesOf(directory: string): Times | undefined {
  const fresh = statOf(`${directory}/new`);
  const current = statOf(`${directory}/cur`);
  return fresh && current && { new: fresh.mtimeNs, cur: current.mtimeNs };
}

export function sameTimes(left: Times | undefined, right: Times | undefined): boolean {
  return left !== undefined && left.new === right?.new && left.cur === right.cur;
}

/** Whether a change now would leave other directory times than these. */
export function isSettled(times: Times): boolean {
  const lastMs = Math.max(Number(times.new / 1_000_000n), Number(times.cur / 1_000_000n));
  const isFine = times.new % 1_000_000_000n !== 0n && times.cur % 1_000_000_000n !== 0n;
  return Date.now() - lastMs > (isFine ? FINE_TICK_MS : COARSE_TICK_MS);
}

/** Changes whenever a file is written or replaced; empty for one that is not there. */
export function fileIdentity(path: string): string {
  const stat = statOf(path);
  return stat === undefined ? '' : `${stat.ino}.${stat.size}.${stat.mtimeNs}`;
}

function statOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}
