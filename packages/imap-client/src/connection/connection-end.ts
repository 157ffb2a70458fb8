import { ConnectionClosedError, MailError, printable } from '@posthorn/core';

/** Whether the line broke: whatever the reason below, other errors say more by themselves. */
export function isBroken(error: unknown): boolean {
  return MailError.is(error) && error.code === 'TRANSPORT_BROKEN';
}

/** @param bye - What the server said when it ended the session, if it said so. */
export function endedByServer(bye: string | undefined, cause?: unknown): ConnectionClosedError {
  const options = cause === undefined ? undefined : { cause };
  return bye === undefined
    ? new ConnectionClosedError('CONNECTION_CLOSED', 'the server closed the connection', options)
    : new ConnectionClosedError('CONNECTION_BYE', `the server ended the session: ${printable(bye)}`, options);
}

export function brokenLine(cause: unknown): ConnectionClosedError {
  return new ConnectionClosedError('CONNECTION_CLOSED', 'the connection broke', { cause });
}

export function closedByUs(): ConnectionClosedError {
  return new ConnectionClosedError('CONNECTION_CLOSED', 'the client is closed');
}

/** Half a literal cannot be taken back, and must not become a message. */
export function appendGivenUp(cause: unknown): ConnectionClosedError {
  const message = 'the connection was closed because an APPEND was given up half-way';
  return new ConnectionClosedError('CONNECTION_CLOSED', message, { cause });
}

export function tooSlow(): ConnectionClosedError {
  return new ConnectionClosedError('CONNECTION_TIMEOUT', 'the server sends a message too slowly');
}

/** @param what - The command that has waited longest. */
export function timedOut(what: string | undefined, ms: number): ConnectionClosedError {
  const told = what === undefined ? 'in time' : `${what} within ${ms} ms`;
  return new ConnectionClosedError('CONNECTION_TIMEOUT', `the server did not answer ${told}`);
}
