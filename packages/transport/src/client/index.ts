/**
 * What clients of any protocol have in common: reaching a server, noticing that it makes no progress, time.
 * @module
 */

export { sleep, systemTimers, type Timers } from '../timers.ts';
export { clientTls, openTransport, type ServerPlace, type TlsSettings } from './open-transport.ts';
export { type Patience, Watchdog } from './watchdog.ts';
export { type Endable, within } from './within.ts';
