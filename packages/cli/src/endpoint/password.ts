import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from '../failure.ts';

export interface PasswordOptions {
  readonly passwordFile?: string | undefined;
  readonly passwordCommand?: string | undefined;
}

/**
 * Finds a password: in a file, from a command's first line, in the first of the environment variables that is set, or by
 * asking on a terminal. Never on the command line.
 * @throws {@link UsageError} when there is none.
 */
export async function findPassword(
  user: string,
  { passwordFile, passwordCommand }: PasswordOptions,
  variables: readonly string[],
): Promise<string> {
  if (passwordFile !== undefined) return filePassword(passwordFile);
  if (passwordCommand !== undefined) return commandPassword(passwordCommand);
  for (const variable of variables) {
    const value = process.env[variable];
    if (value !== undefined && value !== '') return value;
  }
  if (process.stdin.isTTY) return prompt(user);
  throw new UsageError(
    `no password for ${user}: set ${variables.at(-1)}, or give --password-file or --password-command`,
  );
}

async function filePassword(path: string): Promise<string> {
  try {
    return firstLine(await readFile(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`cannot read the password file ${path}: ${code ?? 'not text'}`, { cause: error });
  }
}

function commandPassword(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const shell = process.platform === 'win32' ? ['cmd', '/d', '/s', '/c'] : ['/bin/sh', '-c'];
    execFile(shell[0]!, [...shell.slice(1), command], { timeout: 60_000 }, (error, stdout) => {
      if (error)
        reject(
          new UsageError(`the password command failed: it must print the password and exit with 0`, { cause: error }),
        );
      else resolve(firstLine(stdout));
    });
  });
}

function firstLine(text: string): string {
  const line = /^[^\r\n]*/.exec(text)![0];
  if (line === '') throw new UsageError('the password is empty');
  return line;
}

/** Asks on the terminal without showing what is typed. */
function prompt(user: string): Promise<string> {
  process.stderr.write(`Password for ${user}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    let answered = false;
    terminal.once('close', () => {
      process.stderr.write('\n');
      if (!answered) reject(new UsageError(`no password for ${user} was given`));
    });
    terminal.question('', (answer) => {
      answered = true;
      terminal.close();
      resolve(answer);
    });
  });
}
