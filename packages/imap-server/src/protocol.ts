/**
 * The pure half of the IMAP server: a state machine and a view of a mailbox, for people with their own sockets.
 * @module
 */
export { type CapabilityFilter, type CapabilityState, capabilitiesOf } from './capabilities.ts';
export type { ClientModes } from './client-modes.ts';
export { holdsExpunges, type KnownCommand, type SessionState } from './command-rules.ts';
export { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
export {
  greeting,
  ImapServerProtocol,
  type LoginOffer,
  type ServerEvent,
  type ServerProtocolOptions,
} from './server-protocol.ts';
export { MailboxView, type MailboxViewOptions } from './view.ts';
