import { createHash } from 'node:crypto';

/** SHA-256 of octets, for comparing messages. */
export async function hashOf(octets: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of octets) hash.update(chunk);
  return hash.digest('base64');
}
