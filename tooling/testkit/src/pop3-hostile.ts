/**
 * A POP3 server that plays the attacks known from clients of all kinds. Each scenario says what an honest session
 * (connect and log in; STAT, LIST, UIDL; RETR and DELE of every message; QUIT) must make of it.
 * @module
 */
import type { Pop3PeerOptions } from './pop3-peer.ts';

/** One attack. */
export interface HostilePop3 {
  readonly name: string;
  /**
   * How the client connects: with TLS from the first octet, with STLS required, or in clear text without leave to send
   * credentials over it.
   */
  readonly security: 'tls' | 'stls' | 'none';
  readonly peer: Pop3PeerOptions;
  /** The codes of the errors with which the session may end; undefined when it must go well. */
  readonly codes?: readonly string[];
  /** What the certificate is for. @defaultValue the host connected to */
  readonly certificate?: 'wrongHost' | 'unknownAuthority' | 'expired';
  /** How the client logs in. @defaultValue by its own choice, with a password */
  readonly login?: 'apop' | 'token';
  /** Lines that the client must not send, whatever the channel. */
  readonly never?: RegExp;
  /** What the messages must be, in order, when they are not those of the peer. */
  readonly messages?: readonly string[];
}

export { LOGIN_ATTACKS } from './pop3-hostile-login.ts';
export { RESOURCE_ATTACKS } from './pop3-hostile-resources.ts';
export { SESSION_ATTACKS } from './pop3-hostile-session.ts';
export { TLS_ATTACKS } from './pop3-hostile-tls.ts';
