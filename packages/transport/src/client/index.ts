/**
 * What clients of any protocol have in common: reaching a server, noticing that it makes no progress, why a connection
 * ended, time.
 * @module
 */

export { sleep, systemTimers, type Timers } from '../timers.ts';
export { allOrNothing } from './all-or-nothing.ts';
export type { ClientOptions, ClientTimeouts } from './client-options.ts';
export { brokenLine, closedByUs, endedByServer, isBroken, timedOut } from './connection-end.ts';
export { clientTls, openTransport, type ServerPlace, type TlsSettings } from './open-transport.ts';
export { type Patience, Watchdog } from './watchdog.ts';
export { type Endable, within } from './within.ts';
