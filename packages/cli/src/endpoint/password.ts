import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from '../failure.ts';
import { printable } from '../output/printable.ts';

export interface PasswordOptions {
  readonly passwordFile?: string | undefined;
  readonly passwordCommand?: string | undefined;
}

export interface PasswordSources {
  /** Environment variables to look at, in this order. */
  readonly variables: readonly string[];
  /** Ends the wait for a command or for somebody who types. */
  readonly signal: AbortSignal;
  /** Whether it is to be a new password, which is typed twice. @defaultValue false */
  readonly isNew?: boolean;
}

/**
 * Finds a password: in a file, from a command's first line, in the first of the environment variables that is set, or by
 * asking on a terminal. Never on the command line.
 * @throws {@link UsageError} when there is none.
 */
export async function findPassword(
  user: string,
  { passwordFile, passwordCommand }: PasswordOptions,
  { variables, signal, isNew = false }: PasswordSources,
): Promise<string> {
  signal.throwIfAborted();
  if (passwordFile !== undefined) return filePassword(passwordFile, signal);
  if (passwordCommand !== undefined) return commandPassword(passwordCommand, signal);
  for (const variable of variables) {
    const value = process.env[variable];
    if (value !== undefined && value !== '') return value;
  }
  if (process.stdin.isTTY) return isNew ? promptTwice(user, signal) : prompt(`Password for ${user}`, user, signal);
  throw new UsageError(
    `no password for ${user}: set ${variables.at(-1)}, or give --password-file or --password-command`,
  );
}

async function filePassword(path: string, signal: AbortSignal): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, { encoding: 'utf8', signal });
  } catch (error) {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read the password file ${path}: ${code ?? 'not text'}`, { cause: error });
  }
  return firstLine(text);
}

/** Longest time for a password command, and most octets of what it prints. */
const COMMAND_MS = 60_000;
const COMMAND_BYTES = 65_536;

async function commandPassword(command: string, signal: AbortSignal): Promise<string> {
  const [shell, ...args] = process.platform === 'win32' ? ['cmd', '/d', '/s', '/c'] : ['/bin/sh', '-c'];
  // What it asks, it asks on the terminal; its standard input is empty, so that it never waits for ours.
  const child = spawn(shell!, [...args, command], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject));
  ended.catch(() => {});
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(COMMAND_MS)]);
  // Children of the shell may hold the pipe for longer: what counts is that nobody waits for them.
  const stop = (): void => {
    child.kill();
    child.stdout.destroy();
  };
  deadline.addEventListener('abort', stop, { once: true });
  let text = '';
  try {
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      text += chunk;
      if (text.length > COMMAND_BYTES) throw new RangeError('too long');
    }
    if (deadline.aborted || (await ended) !== 0) throw new RangeError('no success');
  } catch (error) {
    signal.throwIfAborted();
    throw new UsageError('the password command failed: it must print the password and exit with 0', { cause: error });
  } finally {
    deadline.removeEventListener('abort', stop);
    stop();
  }
  return firstLine(text);
}

function firstLine(text: string): string {
  const line = /^[^\r\n]*/.exec(text)![0];
  if (line === '') throw new UsageError('the password is empty');
  return line;
}

/** Nobody sees what they type, so a slip of the finger would lock them out. */
async function promptTwice(user: string, signal: AbortSignal): Promise<string> {
  const password = await prompt(`New password for ${user}`, user, signal);
  if ((await prompt('The same again', user, signal)) !== password) throw new UsageError('the two passwords differ');
  return password;
}

/** Asks on the terminal without showing what is typed. */
function prompt(question: string, user: string, signal: AbortSignal): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  // Asked once the terminal shows nothing: whoever answers at once is not shown either.
  process.stderr.write(`${printable(question)}: `);
  return new Promise((resolve, reject) => {
    let answer: string | undefined;
    const interrupt = (): void => terminal.close();
    signal.addEventListener('abort', interrupt, { once: true });
    // The terminal hands on Ctrl-C as a character: it is to mean what it means everywhere.
    terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    terminal.once('close', () => {
      signal.removeEventListener('abort', interrupt);
      process.stderr.write('\n');
      if (signal.aborted) reject(signal.reason);
      else if (answer === undefined || answer === '') reject(new UsageError(`no password for ${user} was given`));
      else resolve(answer);
    });
    terminal.question('', (given) => {
      answer = given;
      terminal.close();
    });
  });
}
