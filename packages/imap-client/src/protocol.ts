/**
 * The pure half of the IMAP client: a state machine for people with their own sockets.
 * @module
 */
export type {
  ChallengeEvent,
  ClientCommand,
  ClientEvent,
  ClientOutput,
  CompletedEvent,
  GreetingEvent,
  IdlingEvent,
  SessionState,
  UntaggedEvent,
} from './connection/client-events.ts';
export { ImapClientProtocol, type ProtocolOptions } from './connection/client-protocol.ts';
export { type CommandTraits, mayStart, traitsOf } from './connection/schedule.ts';
export { ImapError, type ImapErrorCode, NotImapError, type OtherProtocol } from './errors.ts';
