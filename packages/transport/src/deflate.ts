import type { Duplex, Readable, Writable } from 'node:stream';
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';

const CHUNK_BYTES = 64 * 1024;

/**
 * Compresses both directions of `stream` with raw DEFLATE. What is written is flushed at once, and inflating stops
 * while nobody reads, so a small input that inflates to much never fills the memory.
 * @see RFC 4978
 */
export function deflateStream(stream: Duplex): { readonly input: Readable; readonly output: Writable } {
  const input = createInflateRaw({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  const output = createDeflateRaw({ chunkSize: CHUNK_BYTES, flush: constants.Z_SYNC_FLUSH });
  stream.pipe(input);
  output.pipe(stream);
  return { input, output };
}
