import { MailError } from '@posthorn/core';
import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-code.ts';
import { printable } from './output/printable.ts';

/** The command line does not make sense. The message says how to put it right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A failure that another process described. */
export class ForwardedFailure extends Error {
  override readonly name = 'ForwardedFailure';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A failure as people and scripts see it. */
export interface Failure {
  readonly exitCode: ExitCode;
  /** Stable name, for scripts. */
  readonly code: string;
  /** One line that says what happened and what to do. */
  readonly message: string;
}

const ADVICE: Readonly<Record<string, string>> = {
  AUTH_REFUSED: 'check the user name and the password',
  AUTH_UNAVAILABLE: 'try again later',
  AUTH_NO_MECHANISM: 'the server offers no way to log in that is supported here',
  AUTH_INSECURE: 'use imaps:// or pop3s://, or a server that offers STARTTLS',
  TRANSPORT_CONNECT: 'check the host and the port, and that the server runs',
  TRANSPORT_HOST_UNKNOWN: 'check the name of the host',
  TRANSPORT_LISTEN: 'take another port, or stop the program that has it',
  TRANSPORT_PROXY: 'check the address and the password of the proxy',
  TRANSPORT_TIMEOUT: 'run the command again, it goes on where it stopped',
  TRANSPORT_CERTIFICATE: 'give the authority that signed it with --tls-ca FILE',
  STORE_OVER_QUOTA: 'free some space and run the command again; nothing is lost',
  STORE_NO_PERMISSION: 'check who owns the folder and its permissions',
  STORE_IN_USE: 'wait until the other program is done and run the command again',
  POP3_COMMIT_FAILED: 'what was stored stays stored; run the command again to delete it there',
  CONNECTION_CLOSED: 'run the command again, it goes on where it stopped',
  CONNECTION_TIMEOUT: 'run the command again, it goes on where it stopped',
  CONNECTION_BYE: 'run the command again, it goes on where it stopped',
};

/** Says what a failure means, in one line without secrets. */
export function describeFailure(error: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted && isInterruption(error, signal)) {
    return { exitCode: EXIT.interrupted, code: 'INTERRUPTED', message: 'interrupted; run the command again to go on' };
  }
  if (error instanceof ForwardedFailure) return error.failure;
  if (error instanceof CommanderError) return { exitCode: EXIT.usage, code: 'USAGE', message: oneLine(error.message) };
  if (error instanceof UsageError) return { exitCode: EXIT.usage, code: 'USAGE', message: oneLine(error.message) };
  if (MailError.is(error)) {
    const advice = ADVICE[error.code];
    const message = advice === undefined ? error.message : `${error.message}: ${advice}`;
    return { exitCode: exitCodeOf(error.code), code: error.code, message: oneLine(message) };
  }
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: String(error) };
  return { exitCode: EXIT.failed, code: code ?? 'INTERNAL', message: oneLine(message) };
}

/** Whether an error is what an interruption leads to: its reason itself, or the end of what was under way. */
function isInterruption(error: unknown, { reason }: AbortSignal): boolean {
  if (error === reason) return true;
  return MailError.is(error) && (error.code.startsWith('CONNECTION_') || error.code === 'INVALID_STATE');
}

function exitCodeOf(code: string): ExitCode {
  if (code.startsWith('AUTH_')) return EXIT.authentication;
  if (code === 'POP3_COMMIT_FAILED') return EXIT.failed;
  if (/^(TRANSPORT|CONNECTION|WIRE|LIMIT|IMAP|POP3)_/.test(code)) return EXIT.connection;
  if (/^(STORE|USERS)_(IN_USE|CORRUPT)$/.test(code)) return EXIT.store;
  if (code === 'USERS_NAME' || code === 'USERS_PASSWORD') return EXIT.usage;
  return EXIT.failed;
}

/** What servers say ends up on a terminal. */
function oneLine(text: string): string {
  return printable(text)
    .replace(/^error: /, '')
    .trim()
    .slice(0, 1_000);
}
