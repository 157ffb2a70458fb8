/**
 * The parts of the server that touch neither sockets nor stores.
 * @module
 */
export { BodyStuffer } from './body-stuffer.ts';
export { type CapabilityFilter, type CapabilityState, capabilitiesOf } from './capabilities.ts';
export type { KnownCommand, SessionState } from './command-rules.ts';
export { DEFAULT_LIMITS, type ServerLimits } from './limits.ts';
export { Maildrop, type MaildropMessage } from './maildrop.ts';
export type { Reply } from './replies.ts';
export {
  Pop3ServerProtocol,
  type ServerEvent,
  type ServerOffer,
  type ServerProtocolOptions,
} from './server-protocol.ts';
export { TopCutter } from './top-cutter.ts';
export { type KnownUniqueId, uniqueIds } from './unique-ids.ts';
