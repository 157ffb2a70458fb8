/** Octets of one chunk, as large as sockets give them. */
export const CHUNK_BYTES = 65_536;

/** Cuts as sockets do: every chunk with memory of its own. */
export function chunksOf(bytes: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, bytes.length - offset));
    bytes.copy(chunk, 0, offset, offset + chunk.length);
    chunks.push(chunk);
  }
  return chunks;
}
