/**
 * Ways to cut octets into chunks. A decoder must see the same events for each.
 * @module
 */

/** The octets whole, then in two at every place: as many ways as there are octets, one when there are none. */
export function* everySplit(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  yield [bytes];
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

/** Every octet alone. */
export function octetByOctet(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
}

/** `count` ways to cut into chunks of random lengths, some of them short; the same for the same seed. */
export function* randomSplits(
  bytes: Uint8Array,
  seed: number,
  { count = 20 }: { readonly count?: number } = {},
): Generator<readonly Uint8Array[]> {
  const random = randomNumbers(seed);
  for (let made = 0; made < count; made++) {
    const longest = 1 + Math.floor(random() ** 3 * bytes.length);
    const chunks: Uint8Array[] = [];
    for (let offset = 0; offset < bytes.length; ) {
      const length = 1 + Math.floor(random() * longest);
      chunks.push(bytes.subarray(offset, offset + length));
      offset += length;
    }
    yield chunks;
  }
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
