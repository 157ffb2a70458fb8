import type { Duplex, Readable, Writable } from 'node:stream';
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';

const CHUNK_BYTES = 64 * 1024;

/**
 * Compresses both directions of `stream` with raw DEFLATE. What is written is flushed at once, and inflating stops
 * while nobody reads, so a small input that inflates to much never fills the memory.
 * @param received - The first octets to inflate, which were read from the stream already.
 * @see RFC 4978
 */
export function deflateStream(
  stream: Duplex,
  received: Uint8Array = new Uint8Array(),
): { readonly input: Readable; readonly output: Writable } {
  const input = createInflateRaw({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  const output = createDeflateRaw({ chunkSize: CHUNK_BYTES, flush: constants.Z_SYNC_FLUSH });
  // A copy, for the caller may go on using its array.
  if (received.length > 0) input.write(new Uint8Array(received));
  stream.pipe(input);
  output.pipe(stream);
  return { input, output };
}
