import type { Address, BodyStructure, Envelope } from '@posthorn/core';
import {
  decodeCharset,
  decodeParameters,
  decodeTransfer,
  decodeWords,
  listAttachments,
  type PartRange,
  scanMessage,
} from '@posthorn/mime';

/** Envelope and structure, and where every part is. */
export function scanOnly(message: Uint8Array): number {
  return countParts(scanMessage(message).root);
}

/** The same, and the words of the header decoded. */
export function readHeaders(message: Uint8Array): number {
  const { root, envelope } = scanMessage(message);
  decodeEnvelope(envelope);
  return countParts(root);
}

/** The same, and the body of every part decoded: text as strings, all else as octets. */
export function readAll(message: Uint8Array): number {
  const { root, envelope, bodyStructure } = scanMessage(message);
  decodeEnvelope(envelope);
  listAttachments(bodyStructure);
  return decodeParts(message, root, bodyStructure);
}

function countParts({ type, parts }: PartRange): number {
  return type === 'leaf' ? 1 : parts.reduce((count, part) => count + countParts(part), 0);
}

function decodeEnvelope({ subject, from, to, cc, replyTo }: Envelope): void {
  decodeWords(subject ?? '');
  for (const addresses of [from, to, cc, replyTo]) addresses.forEach(decodeName);
}

function decodeName({ name }: Address): string {
  return decodeWords(name ?? '');
}

function decodeParts(message: Uint8Array, range: PartRange, body: BodyStructure): number {
  if (body.type === 'multipart') {
    return range.parts.reduce((count, part, index) => count + decodeParts(message, part, body.parts[index]!), 0);
  }
  if (body.type === 'message') {
    decodeEnvelope(body.envelope);
    return decodeParts(message, range.parts[0]!, body.body);
  }
  const { bytes } = decodeTransfer(message.subarray(range.body.start, range.body.end), body.encoding);
  if (body.type === 'text') decodeCharset(bytes, decodeParameters(body.parameters).get('charset')?.text ?? '');
  return 1;
}
