/**
 * The POP3 wire format: octets into values and values into octets, for clients and for servers.
 * @see RFC 1939, RFC 2449
 * @module
 */
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
