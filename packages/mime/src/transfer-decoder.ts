import { concatBytes } from '@posthorn/core';
import { Base64Decoder } from './base64.ts';
import { QuotedPrintableDecoder } from './quoted-printable.ts';

/** Undoes a transfer encoding, chunk by chunk. Where the chunks are cut makes no difference, and nothing makes it throw. */
export interface TransferDecoder {
  /** Takes the next octets. @returns The octets that are certain now, possibly none; they may be a view of `chunk`. */
  push(chunk: Uint8Array): Uint8Array;
  /** Ends the data. @returns The last octets. */
  finish(): Uint8Array;
  /** How often the data broke the rules of its encoding so far; what could be decoded was. */
  readonly faults: number;
}

/**
 * A decoder for a Content-Transfer-Encoding, or undefined for one that is not known, whose octets mean nothing: a
 * server answers BINARY with UNKNOWN-CTE then.
 *
 * @param encoding - In any case: `base64`, `quoted-printable`, `7bit`, `8bit`, `binary`.
 * @see RFC 2045 section 6, RFC 3516 section 4.3
 */
export function transferDecoder(encoding: string): TransferDecoder | undefined {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return new Base64Decoder();
    case 'quoted-printable':
      return new QuotedPrintableDecoder();
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return { push: (chunk) => chunk, finish: () => new Uint8Array(), faults: 0 };
    default:
      return undefined;
  }
}

/** The whole of some data decoded, and how often it broke the rules of its encoding. */
export interface Decoded {
  readonly bytes: Uint8Array;
  readonly faults: number;
}

/** Decodes data that is at hand whole. An encoding that is not known leaves it as it is, as one fault; the result may be a view of it. */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Decoded {
  const decoder = transferDecoder(encoding);
  if (decoder === undefined) return { bytes, faults: 1 };
  const [decoded, rest] = [decoder.push(bytes), decoder.finish()];
  return { bytes: rest.length === 0 ? decoded : concatBytes([decoded, rest]), faults: decoder.faults };
}

/**
 * Decodes a stream; its source is read as the result is, and closed with it.
 *
 * @param decoder - Made for this stream; its `faults` count up meanwhile.
 */
export async function* decodeStream(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  decoder: TransferDecoder,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    const decoded = decoder.push(chunk);
    if (decoded.length > 0) yield decoded;
  }
  const rest = decoder.finish();
  if (rest.length > 0) yield rest;
}
