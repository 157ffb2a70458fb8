/**
 * One pass over a mail message: its envelope, its body structure, and where every part is.
 * @module
 */
export { parseAddressList } from './address-list.ts';
export { type Attachment, fileNameOf, listAttachments, type NumberedPart } from './attachments.ts';
export { type CharsetDecoder, type CharsetOptions, decodeCharset, isCharset } from './charset.ts';
export { decodeWords } from './encoded-words.ts';
export { type HeaderField, headerFields, parseHeader } from './header.ts';
export { MessageScanner, type ScannedMessage, type ScanOptions, scanMessage } from './message-scanner.ts';
export { decodeParameters, type ParameterValue } from './parameter-values.ts';
export type { PartRange } from './part.ts';
export { findPreviewPart, type PreviewOptions, previewText } from './preview.ts';
export { sectionRange } from './section-range.ts';
export {
  type Decoded,
  decodeStream,
  decodeTransfer,
  type TransferDecoder,
  transferDecoder,
} from './transfer-decoder.ts';
