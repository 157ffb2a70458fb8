/**
 * The few things every package does with octets.
 * @module
 */

const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder('windows-1252');

/** UTF-8 octets of a string. */
export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes UTF-8; octets that are not valid UTF-8 are read as windows-1252, so nothing throws and nothing is lost. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    // Node 20 reads this charset as ISO 8859-1 unless it streams, and charsets of one octet have no state to keep.
    return windows1252.decode(bytes, { stream: true });
  }
}

/** Joins chunks into one fresh array; a single chunk is returned as it is. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    joined.set(chunk, offset);
    offset += chunk.length;
  }
  return joined;
}

/** Whether two arrays hold the same octets. Not constant-time: never for secrets. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

/** Reads a stream whole. @throws RangeError when it holds more than `maxBytes`. */
export async function collectBytes(
  stream: AsyncIterable<Uint8Array>,
  { maxBytes = Number.POSITIVE_INFINITY }: { readonly maxBytes?: number } = {},
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) throw new RangeError(`the stream holds more than ${maxBytes} octets`);
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}
