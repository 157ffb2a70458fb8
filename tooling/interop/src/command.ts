import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(new URL('../../../packages/cli/bin/posthorn.js', import.meta.url));

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The objects it printed with `--json`. */
  readonly events: readonly Record<string, unknown>[];
}

/** Starts the built command. */
export function startCommand(
  args: readonly string[],
  environment: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [BINARY, ...args], { env: { ...process.env, ...environment } });
}

/** Runs the built command to its end. */
export function runCommand(args: readonly string[], environment: Record<string, string> = {}): Promise<CommandResult> {
  return resultOf(startCommand(args, environment), args.includes('--json'));
}

/** What a command that was started has done once it has ended. */
export function resultOf(child: ChildProcessWithoutNullStreams, isJson: boolean): Promise<CommandResult> {
  let [stdout, stderr] = ['', ''];
  child.stdin.end();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      const lines = isJson ? stdout.split('\n').filter((line) => line !== '') : [];
      const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ exitCode, stdout, stderr, events });
    });
  });
}
