import { CommanderError } from 'commander';
import type { OnHangUp } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { describeFailure } from './failure.ts';
import { jsonLine, type Streams } from './output/output.ts';
import { runProgram } from './program.ts';
import { sysexitOf } from './sysexits.ts';

export interface MainOptions extends Streams {
  readonly version: string;
  readonly signal: AbortSignal;
  /** Calls back for each SIGHUP; gives back what ends that. @defaultValue never */
  readonly onHangUp?: OnHangUp | undefined;
  /** @defaultValue that of the process */
  readonly stdin?: AsyncIterable<Uint8Array | string> | undefined;
}

/** Runs a command line and says in one line what went wrong, if anything did. @returns The exit code. */
export async function main(args: readonly string[], options: MainOptions): Promise<number> {
  try {
    return await runProgram(args, options);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const failure = describeFailure(error, options.signal);
    const { exitCode, code, message } = failure;
    if (args.includes('--json')) options.stdout.write(jsonLine({ event: 'error', code, message }));
    options.stderr.write(`posthorn: ${message}\n`);
    if (args.includes('--verbose') && error instanceof Error) options.stderr.write(`${error.stack}\n`);
    return args[0] === 'deliver' ? sysexitOf(failure) : exitCode;
  }
}
