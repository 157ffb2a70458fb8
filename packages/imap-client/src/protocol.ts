/**
 * The pure half of the IMAP client: a state machine for people with their own sockets.
 * @module
 */
export {
  type ChallengeEvent,
  type ClientCommand,
  type ClientEvent,
  type ClientOutput,
  type CompletedEvent,
  type GreetingEvent,
  type IdlingEvent,
  ImapClientProtocol,
  type ProtocolOptions,
  type SessionState,
  type UntaggedEvent,
} from './client-protocol.ts';
export { ImapError, type ImapErrorCode, NotImapError, type OtherProtocol } from './errors.ts';
export { type CommandTraits, mayStart, traitsOf } from './schedule.ts';
