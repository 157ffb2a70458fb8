/**
 * What servers of any protocol have in common: listening, connections and how many there may be, failed logins, time.
 * @module
 */

export { backgroundTimers, type Timers } from '../timers.ts';
export { errorFacts } from './error-facts.ts';
export { type LoginEvent, LoginGuard, type LoginGuardOptions } from './login-guard.ts';
export { remoteHost } from './remote-host.ts';
export { BrokenResponseError, SendBuffer, type SendBufferOptions } from './send-buffer.ts';
export {
  type RunningServer,
  type ServedProtocol,
  type ServeOptions,
  serveSessions,
} from './serve-sessions.ts';
export { checkIdentity, type ServerIdentity, serverTls } from './server-identity.ts';
export type { AnsweredCommand, LoginResult, ServerObserver } from './server-observer.ts';
export { SERVING_LIMITS, type ServingLimits } from './serving-limits.ts';
export type { ServedSession, SessionPlace } from './session-table.ts';
