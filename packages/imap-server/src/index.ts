/**
 * An IMAP server over any mail store.
 * @module
 */

export { LoginGuard, type LoginGuardOptions, type ServerObserver, type Timers } from '@posthorn/transport/serving';
export { handleConnection } from './handle-connection.ts';
export type { ServerLimits } from './limits.ts';
export type { CapabilityFilter } from './protocol/capabilities.ts';
export { type ImapServer, type ServeImapOptions, serveImap } from './serve-imap.ts';
export type { MechanismOptions, SessionOptions } from './session/session-options.ts';
