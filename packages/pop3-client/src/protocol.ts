/**
 * The pure half of the POP3 client: a state machine for people with their own sockets.
 * @module
 */
export { Pop3Capabilities } from './capabilities.ts';
export {
  type AnswerEvent,
  type BodyEndEvent,
  type BodyEvent,
  type ChallengeEvent,
  type ClientCommand,
  type ClientEvent,
  type ClientOutput,
  type GreetingEvent,
  type Pop3Answer,
  Pop3ClientProtocol,
  type ProtocolOptions,
  type SendOptions,
  type SessionState,
} from './client-protocol.ts';
export { NotPop3Error, type OtherProtocol, Pop3Error, type Pop3ErrorCode } from './errors.ts';
