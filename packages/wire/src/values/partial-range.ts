import { COLON, MINUS } from '../octets/octets.ts';
import type { Reader } from '../tokens/reader.ts';
import { checkedNumber } from '../tokens/spelling.ts';

/** A window into a result, from 1; negative numbers count from the end. @see RFC 9394 section 3.1 */
export interface PartialRange {
  readonly first: number;
  readonly last: number;
}

/** Reads `1:100` or `-1:-100`. */
export function readPartialRange(reader: Reader): PartialRange {
  const first = readSigned(reader);
  reader.expect(COLON);
  const last = readSigned(reader);
  if (Math.sign(first) !== Math.sign(last)) reader.fail('both ends of a range count from the same side');
  return { first, last };
}

function readSigned(reader: Reader): number {
  return reader.accept(MINUS) ? -reader.nonZero() : reader.nonZero();
}

/** @throws RangeError unless both ends are integers that count from the same side. */
export function partialRangeText({ first, last }: PartialRange): string {
  for (const end of [first, last]) checkedNumber(Math.abs(end), 'an end of a range', 1);
  if (Math.sign(first) !== Math.sign(last)) throw new RangeError('both ends of a range count from the same side');
  return `${first}:${last}`;
}
