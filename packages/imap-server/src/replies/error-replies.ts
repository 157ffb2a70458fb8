import { AuthenticationError, StoreError, type StoreErrorCode } from '@posthorn/core';
import { type Completion, no } from './replies.ts';

/** What to tell a client of a store's error: response code and words. @see RFC 5530 */
const STORE_REPLIES: Readonly<Record<StoreErrorCode, readonly [code: string, text: string]>> = {
  STORE_NONEXISTENT: ['NONEXISTENT', 'There is no such mailbox'],
  STORE_ALREADY_EXISTS: ['ALREADYEXISTS', 'There is a mailbox of that name'],
  STORE_HAS_CHILDREN: ['HASCHILDREN', 'The name holds other mailboxes'],
  STORE_READ_ONLY: ['READ-ONLY', 'The mailbox is read-only'],
  STORE_CANNOT: ['CANNOT', 'That cannot be done'],
  STORE_NO_PERMISSION: ['NOPERM', 'You may not do that'],
  STORE_OVER_QUOTA: ['OVERQUOTA', 'There is no space left'],
  STORE_LIMIT: ['LIMIT', 'A limit is reached'],
  STORE_EXPUNGED: ['EXPUNGEISSUED', 'Some of the messages no longer exist'],
  STORE_UID_TAKEN: ['CANNOT', 'That cannot be done'],
  STORE_IN_USE: ['INUSE', 'The mailbox is in use, try again'],
  STORE_CORRUPT: ['CORRUPTION', 'The mailbox is damaged'],
  STORE_UNAVAILABLE: ['UNAVAILABLE', 'The mail store failed, try again later'],
  STORE_CLOSED: ['UNAVAILABLE', 'The mail store is closed'],
};

/** How a command ends that failed with `error`. Anything unexpected is our fault. */
export function completionOf(error: unknown): Completion {
  if (error instanceof AuthenticationError) return no('Authentication is not possible now', 'UNAVAILABLE');
  const code = storeErrorCode(error);
  if (code === undefined) return no('Internal error', 'SERVERBUG');
  const [name, text] = STORE_REPLIES[code];
  return no(text, name);
}

/** The code of a store's error, also of one made by another copy of `@posthorn/core`. */
export function storeErrorCode(error: unknown): StoreErrorCode | undefined {
  const code = error instanceof StoreError || error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && code in STORE_REPLIES ? (code as StoreErrorCode) : undefined;
}
