/**
 * The pure half of the IMAP server: a state machine and a view of a mailbox, for people with their own sockets.
 * @module
 */

export { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
export { type CapabilityFilter, type CapabilityState, capabilitiesOf } from './protocol/capabilities.ts';
export { holdsExpunges, type KnownCommand, type SessionState } from './protocol/command-rules.ts';
export {
  greeting,
  ImapServerProtocol,
  type LoginOffer,
  type ServerEvent,
  type ServerProtocolOptions,
} from './protocol/server-protocol.ts';
export { MailboxView, type MailboxViewOptions } from './selected/view.ts';
export type { ClientModes } from './session/client-modes.ts';
