import type { Logger } from '@posthorn/core';
import type { Timers } from '../timers.ts';
import type { ServerPlace } from './open-transport.ts';

/** How long a client of any protocol waits, in milliseconds. */
export interface ClientTimeouts {
  /** For the TCP connection. @defaultValue 10_000 */
  readonly connectMs?: number;
  /** For the whole greeting. @defaultValue 10_000 */
  readonly greetingMs?: number;
  /** For a TLS handshake. @defaultValue 10_000 */
  readonly tlsMs?: number;
  /** For all of logging in. @defaultValue 30_000 */
  readonly authMs?: number;
  /** For a polite close. @defaultValue 10_000 */
  readonly closeMs?: number;
}

/** What a client of any protocol is told when it connects. */
export interface ClientOptions extends ServerPlace {
  /** Lets a password or token leave over a connection without TLS. @defaultValue false */
  readonly allowInsecureAuth?: boolean | undefined;
  /** The proxy to go through, as its URL or with what else it needs. @defaultValue none */
  readonly proxy?: ServerPlace['proxy'];
  /** How long the line may be silent before the system probes whether the server still lives; 0 never. @defaultValue 60_000 */
  readonly keepAliveMs?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly timeouts?: ClientTimeouts | undefined;
  /** Gives up connecting: rejects with its reason. Does nothing once connected. */
  readonly signal?: AbortSignal | undefined;
  /** Where time comes from. @defaultValue the system */
  readonly timers?: Timers | undefined;
}
