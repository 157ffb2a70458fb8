import { ConnectionClosedError, MailError, printable } from '@posthorn/core';

/** Whether the line broke: whatever the reason below, other errors say more by themselves. */
export function isBroken(error: unknown): boolean {
  return MailError.is(error) && error.code === 'TRANSPORT_BROKEN';
}

/** @returns what to end a connection with whose line broke */
export function brokenLine(cause: unknown): ConnectionClosedError {
  return new ConnectionClosedError('CONNECTION_CLOSED', 'the connection broke', { cause });
}

/**
 * @param bye - What the server said when it ended the session, if it said so.
 * @returns what to end a connection with whose server hung up
 */
export function endedByServer(bye?: string, cause?: unknown): ConnectionClosedError {
  const options = cause === undefined ? undefined : { cause };
  return bye === undefined
    ? new ConnectionClosedError('CONNECTION_CLOSED', 'the server closed the connection', options)
    : new ConnectionClosedError('CONNECTION_BYE', `the server ended the session: ${printable(bye)}`, options);
}

/** @returns what calls are refused with after our own end */
export function closedByUs(): ConnectionClosedError {
  return new ConnectionClosedError('CONNECTION_CLOSED', 'the client is closed');
}

/**
 * @param what - The command that has waited longest, in printable characters, for `ms` milliseconds.
 * @returns what to end a connection with whose server owes an answer
 */
export function timedOut(what: string | undefined, ms: number): ConnectionClosedError {
  const told = what === undefined ? 'in time' : `${what} within ${ms} ms`;
  return new ConnectionClosedError('CONNECTION_TIMEOUT', `the server did not answer ${told}`);
}
