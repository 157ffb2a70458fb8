import type { Output, Streams } from './output/output.ts';

/** What every command gets beside its own options. */
export interface CommandContext extends Streams {
  readonly output: Output;
  /** Undefined for that of the process, which is not touched unless it is read. */
  readonly stdin: AsyncIterable<Uint8Array | string> | undefined;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly verbose: boolean;
}
