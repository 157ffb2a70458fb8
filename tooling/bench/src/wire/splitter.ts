const LF = 0x0a;
const LBRACE = 0x7b;
const RBRACE = 0x7d;

/**
 * The least that any reader of IMAP must do: find where lines end, and step over literals. Builds nothing.
 * Hands out the octets of literals to who wants them. Answers how many lines and literals there were.
 */
export function split(chunks: readonly Uint8Array[], onLiteral?: (octets: Uint8Array) => void): number {
  let found = 0;
  let literalLeft = 0;
  let line: Uint8Array | undefined;
  for (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      if (literalLeft > 0) {
        const taken = chunk.subarray(offset, offset + literalLeft);
        onLiteral?.(taken);
        literalLeft -= taken.length;
        offset += taken.length;
        continue;
      }
      const lineFeed = chunk.indexOf(LF, offset);
      const part = chunk.subarray(offset, lineFeed < 0 ? chunk.length : lineFeed + 1);
      offset += part.length;
      line = line === undefined ? part : Buffer.concat([line, part]);
      if (lineFeed < 0) continue;
      found += 1;
      literalLeft = announced(line);
      if (literalLeft > 0) found += 1;
      line = undefined;
    }
  }
  return found;
}

/** Octets of the literal that a line announces. */
export function announced(line: Uint8Array): number {
  let index = line.length - 3;
  if (line[index] !== RBRACE) return 0;
  let size = 0;
  for (let power = 1; line[--index] !== LBRACE; power *= 10) size += (line[index]! - 0x30) * power;
  return size;
}
