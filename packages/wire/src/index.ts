/**
 * The IMAP wire format: octets into values and values into octets, for clients and for servers.
 * @module
 */
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
} from './extensions/extension-response.ts';
export type { PartialRange, RawCommand, SearchCommand, SearchReturn, SortKey } from './extensions/search-command.ts';
export type { SearchKey } from './extensions/search-key.ts';
export type { ThreadNode } from './extensions/threads.ts';
export { redactedText } from './redact.ts';
export type * from './response.ts';
export { type DecoderLimits, type DecoderOptions, ResponseDecoder } from './response-decoder.ts';
export type { ResponseEncodeOptions, ResponsePiece } from './response-writer.ts';
export { type Section, type SectionText, WHOLE_MESSAGE } from './section.ts';
export { WireSyntaxError } from './wire-syntax-error.ts';
