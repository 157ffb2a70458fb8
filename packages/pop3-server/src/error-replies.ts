import { AuthenticationError, StoreError, type StoreErrorCode } from '@posthorn/core';
import { err, type Reply } from './replies.ts';

/**
 * What to tell a client of a store's error: words, and a response code where one fits.
 * @see RFC 2449 section 8, RFC 3206
 */
const STORE_REPLIES: Readonly<Record<StoreErrorCode, readonly [text: string, code?: string]>> = {
  STORE_NONEXISTENT: ['There is no such mailbox', 'SYS/PERM'],
  STORE_ALREADY_EXISTS: ['That cannot be done', 'SYS/PERM'],
  STORE_HAS_CHILDREN: ['That cannot be done', 'SYS/PERM'],
  STORE_READ_ONLY: ['The mailbox is read-only', 'SYS/PERM'],
  STORE_CANNOT: ['That cannot be done', 'SYS/PERM'],
  STORE_NO_PERMISSION: ['You may not do that', 'SYS/PERM'],
  STORE_OVER_QUOTA: ['There is no space left', 'SYS/TEMP'],
  STORE_LIMIT: ['A limit is reached', 'SYS/TEMP'],
  STORE_EXPUNGED: ['Another session removed that message'],
  STORE_UID_TAKEN: ['That cannot be done', 'SYS/PERM'],
  STORE_IN_USE: ['The mailbox is in use, try again', 'IN-USE'],
  STORE_CORRUPT: ['The mailbox is damaged', 'SYS/PERM'],
  STORE_UNAVAILABLE: ['The mail store failed, try again later', 'SYS/TEMP'],
  STORE_CLOSED: ['The mail store is closed', 'SYS/TEMP'],
};

/** How a command ends that failed with `error`. Anything unexpected is our fault. */
export function replyOf(error: unknown): Reply {
  if (error instanceof AuthenticationError) return err('Authentication is not possible now', 'SYS/TEMP');
  const code = storeErrorCode(error);
  return code === undefined ? err('Internal error', 'SYS/PERM') : err(...STORE_REPLIES[code]);
}

/** The code of a store's error, also of one made by another copy of `@posthorn/core`. */
export function storeErrorCode(error: unknown): StoreErrorCode | undefined {
  const code = error instanceof StoreError || error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && code in STORE_REPLIES ? (code as StoreErrorCode) : undefined;
}
