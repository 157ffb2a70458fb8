/**
 * The IMAP wire format: octets into values and values into octets, for clients and for servers.
 * @module
 */
export type { Annotation } from './annotation.ts';
export { fromBase64, toBase64 } from './base64.ts';
export { CapabilitySet } from './capability-set.ts';
export type * from './command.ts';
export {
  CommandDecoder,
  type CommandDecoderOptions,
  type CommandEvent,
  type CommandLimits,
} from './command-decoder.ts';
export type { CommandEncodeOptions, CommandPiece } from './command-writer.ts';
export type { Diagnostic } from './diagnostic.ts';
export { encodeCommand, encodeDone, encodeSaslCancel, encodeSaslResponse } from './encode-command.ts';
export { encodeResponse } from './encode-response.ts';
export type * from './extension-table.ts';
export {
  type ExtensionCommand,
  extensionCommand,
  type MetadataDepth,
  readExtensionCommand,
} from './extensions/extension-command.ts';
export {
  type ExtendedSearchData,
  type ExtensionData,
  extensionResponse,
  type MalformedExtension,
  type QuotaResource,
  readExtension,
  type SearchChange,
} from './extensions/extension-response.ts';
export type { AnnotationCommand, MailboxAnnotationData } from './extensions/mailbox-annotation.ts';
export type { MailboxFilter } from './extensions/mailbox-filter.ts';
export type { NotifyCommand, NotifyEvent, NotifyGroup } from './extensions/notify.ts';
export type { RawCommand, SearchCommand, SearchReturn, SortCriterion, SortKey } from './extensions/search-command.ts';
export type { SearchKey } from './extensions/search-key.ts';
export type { SessionCommand } from './extensions/session-command.ts';
export type { SessionData, UidBatch } from './extensions/session-data.ts';
export type { StoreCommand } from './extensions/store-command.ts';
export type { ThreadNode } from './extensions/threads.ts';
export type { UrlCommand, UrlData } from './extensions/url-auth.ts';
export type { PartialRange } from './partial-range.ts';
export { DotStuffer, DotUnstuffer, type LineDotSearch } from './pop3/dot-stuffing.ts';
export { encodePop3Challenge, encodePop3Command, encodePop3Status, type Pop3Status } from './pop3/encode-pop3.ts';
export { hasPop3Body, type Pop3Command } from './pop3/pop3-command.ts';
export {
  Pop3CommandDecoder,
  type Pop3CommandDecoderOptions,
  type Pop3CommandEvent,
} from './pop3/pop3-command-decoder.ts';
export {
  parsePop3Capabilities,
  parsePop3Size,
  parsePop3Stat,
  parsePop3UniqueId,
  pop3Timestamp,
} from './pop3/pop3-listing.ts';
export { type Pop3DecoderOptions, Pop3ResponseDecoder, type Pop3ResponseEvent } from './pop3/pop3-response-decoder.ts';
export { redactedText } from './redact.ts';
export type * from './response.ts';
export type { ExtensionCode, ResponseCode, ResponseCodeName } from './response-code.ts';
export { type DecoderLimits, type DecoderOptions, ResponseDecoder } from './response-decoder.ts';
export type { ResponseEncodeOptions, ResponsePiece } from './response-writer.ts';
export { type Section, type SectionText, WHOLE_MESSAGE } from './section.ts';
export type { ValueReader } from './value-reader.ts';
export type { ValueWriter } from './value-writer.ts';
export { WireSyntaxError } from './wire-syntax-error.ts';
