/**
 * The IMAP wire format: octets into values and values into octets, for clients and for servers.
 * @module
 */

export type * from './commands/command.ts';
export {
  CommandDecoder,
  type CommandDecoderOptions,
  type CommandEvent,
  type CommandLimits,
} from './commands/command-decoder.ts';
export type { CommandEncodeOptions, CommandPiece } from './commands/command-writer.ts';
export { encodeCommand, encodeDone, encodeSaslCancel, encodeSaslResponse } from './commands/encode-command.ts';
export { redactedText } from './commands/redact.ts';
export type * from './extension-table/extension-table.ts';
export type { ValueReader } from './extension-table/value-reader.ts';
export type { ValueWriter } from './extension-table/value-writer.ts';
export { WireSyntaxError } from './framing/wire-syntax-error.ts';
export { fromBase64, toBase64 } from './octets/base64.ts';
export type { ExtensionCode, ResponseCode, ResponseCodeName } from './response-codes/response-code.ts';
export { CapabilitySet } from './responses/capability-set.ts';
export { encodeResponse } from './responses/encode-response.ts';
export type * from './responses/response.ts';
export { type DecoderLimits, type DecoderOptions, ResponseDecoder } from './responses/response-decoder.ts';
export type { ResponseEncodeOptions, ResponsePiece } from './responses/response-writer.ts';
export type { Diagnostic } from './tokens/diagnostic.ts';
export type { Annotation } from './values/annotation.ts';
export type { PartialRange } from './values/partial-range.ts';
export { type Section, type SectionText, WHOLE_MESSAGE } from './values/section.ts';
