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
export type { PartialRange } from './partial-range.ts';
export { redactedText } from './redact.ts';
export type * from './response.ts';
export type { ExtensionCode, ResponseCode, ResponseCodeName } from './response-code.ts';
export { type DecoderLimits, type DecoderOptions, ResponseDecoder } from './response-decoder.ts';
export type { ResponseEncodeOptions, ResponsePiece } from './response-writer.ts';
export { type Section, type SectionText, WHOLE_MESSAGE } from './section.ts';
export type { ValueReader } from './value-reader.ts';
export type { ValueWriter } from './value-writer.ts';
export { WireSyntaxError } from './wire-syntax-error.ts';
