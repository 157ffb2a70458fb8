/**
 * An account over as many connections as it takes, and over broken ones.
 * @module
 */
export { type AccountOptions, ImapAccount, type MailboxOptions, openAccount } from './account.ts';
export type { AccountChangesOptions, AccountMailbox, AccountWatchOptions } from './account-mailbox.ts';
export type { BackOffOptions } from './back-off.ts';
export type { AuthProvider, AuthRequest } from './credentials.ts';
export { type Throttle, throttleOf } from './throttle.ts';
export type { WorkOptions } from './work.ts';
