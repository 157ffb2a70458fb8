import type { Duplex } from 'node:stream';
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib';

const CHUNK_BYTES = 64 * 1024;

export interface DeflateStream {
  readonly input: InflateRaw;
  readonly output: DeflateRaw;
}

/**
 * Compresses both directions of `stream` with raw DEFLATE. What is written is flushed at once, and inflating stops
 * while nobody reads, so a small input that inflates to much never fills the memory.
 * @param received - The first octets to inflate, which were read from the stream already.
 * @see RFC 4978
 */
export function deflateStream(stream: Duplex, received: Uint8Array = new Uint8Array()): DeflateStream {
  const input = createInflateRaw({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  const output = createDeflateRaw({ chunkSize: CHUNK_BYTES, flush: constants.Z_SYNC_FLUSH });
  // A copy, for the caller may go on using its array.
  if (received.length > 0) input.write(new Uint8Array(received));
  stream.pipe(input);
  output.pipe(stream);
  return { input, output };
}

/**
 * What follows octets that were compressed: zlib ends a flush with octets of its own, which may come late, and a peer may
 * end its stream with more. Text begins behind them.
 * @returns null when all of it belongs to the end
 */
export function behindDeflate(chunk: Uint8Array): Uint8Array | null {
  const start = chunk.findIndex((octet) => octet > 0x20 && octet < 0x7f);
  return start === -1 ? null : chunk.subarray(start);
}
