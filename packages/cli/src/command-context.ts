import type { Output, Streams } from './output/output.ts';

/** What every command gets beside its own options. */
export interface CommandContext extends Streams {
  readonly output: Output;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly verbose: boolean;
}
