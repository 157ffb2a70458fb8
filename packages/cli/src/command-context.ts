import type { Output, Streams } from './output/output.ts';

export type OnHangUp = (callback: () => void) => () => void;

/** What every command gets beside its own options. */
export interface CommandContext extends Streams {
  readonly output: Output;
  /** Undefined for that of the process, which is not touched unless it is read. */
  readonly stdin: AsyncIterable<Uint8Array | string> | undefined;
  /** The command line. */
  readonly args: readonly string[];
  /** Calls back for each SIGHUP, which ends the process while nobody asked. @returns what ends that */
  readonly onHangUp: OnHangUp;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly verbose: boolean;
}
