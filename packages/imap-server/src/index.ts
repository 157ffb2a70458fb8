/**
 * An IMAP server over any mail store.
 * @module
 */
export type { CapabilityFilter } from './capabilities.ts';
export { handleConnection } from './handle-connection.ts';
export type { ServerLimits } from './limits.ts';
export { LoginGuard, type LoginGuardOptions } from './login-guard.ts';
export { type ImapServer, type ServeImapOptions, serveImap } from './serve-imap.ts';
export type { SessionOptions } from './session.ts';
export type { Timers } from './timers.ts';
