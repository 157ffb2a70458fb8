const LF = 0x0a;
const CR = 0x0d;

/** Puts a CR before every LF that has none, as a reader of Maildir files must. */
export async function* crlfChunks(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let previous = 0;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    const missing = countMissing(chunk, previous);
    yield missing === 0 ? chunk : withCrlf(chunk, previous, missing);
    previous = chunk[chunk.length - 1]!;
  }
}

function countMissing(chunk: Uint8Array, previous: number): number {
  let missing = 0;
  for (let index = chunk.indexOf(LF); index !== -1; index = chunk.indexOf(LF, index + 1)) {
    if ((index === 0 ? previous : chunk[index - 1]) !== CR) missing++;
  }
  return missing;
}

function withCrlf(chunk: Uint8Array, previous: number, missing: number): Uint8Array {
  const result = new Uint8Array(chunk.length + missing);
  let written = 0;
  let last = previous;
  for (const octet of chunk) {
    if (octet === LF && last !== CR) result[written++] = CR;
    result[written++] = octet;
    last = octet;
  }
  return result;
}
