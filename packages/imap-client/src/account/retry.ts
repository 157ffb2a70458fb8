import { MailError } from '@posthorn/core';
import { NotImapError } from '../errors.ts';
import { throttleOf } from './throttle.ts';

/** Codes of failures that may be gone at the next attempt. */
const PASSING: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_BYE',
  'CONNECTION_TIMEOUT',
  'TRANSPORT_CONNECT',
  'TRANSPORT_HOST_UNKNOWN',
  'TRANSPORT_PROXY',
  'TRANSPORT_BROKEN',
  'TRANSPORT_TIMEOUT',
  'TRANSPORT_TLS',
  'AUTH_UNAVAILABLE',
]);

/**
 * Whether it makes sense to try again what failed like this: the line broke, the server is not well, or it wants to be
 * left alone for a while. A wrong password, a bad certificate and a server that is none will be the same next time.
 */
export function isPassing(error: unknown): boolean {
  // A connection that ended in the middle of the greeting says nothing about what the server speaks.
  if (error instanceof NotImapError) return error.received.length < 2;
  return MailError.is(error) && (PASSING.has(error.code) || throttleOf(error) !== undefined);
}

/** Whether nobody was there: the host is not known, or takes no connections on that port. */
export function isNowhere(error: unknown): boolean {
  return MailError.is(error) && (error.code === 'TRANSPORT_CONNECT' || error.code === 'TRANSPORT_HOST_UNKNOWN');
}
