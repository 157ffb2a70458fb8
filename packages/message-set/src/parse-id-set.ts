import type { IdSet } from '@posthorn/core';
import { IdSetBuilder } from './build.ts';
import type { MessageId } from './id-range.ts';
import { scanSet } from './scan.ts';

/** How many ranges {@link parseIdSet} may read. */
export interface ParseIdSetOptions {
  /** Most ranges accepted from a peer; each costs eight octets of memory. @defaultValue 4_194_304 */
  readonly maxRanges?: number | undefined;
}

/**
 * Parses the sets that servers answer with, which hold no `*`, straight into a set: VANISHED, ESEARCH ALL,
 * MODIFIED, UIDs of APPENDUID. The order sent is lost; where it matters, as in COPYUID, use
 * {@link parseSequenceSet} with {@link pairIds}. Linear in the length of ascending input.
 *
 * @param input - The set alone, without surrounding spaces, as octets or as text.
 * @throws {@link SequenceSetError} at the first octet that does not fit.
 * @see RFC 9051 section 9, `uid-set`
 */
export function parseIdSet<Id extends MessageId>(
  input: Uint8Array | string,
  { maxRanges = 4_194_304 }: ParseIdSetOptions = {},
): IdSet<Id> {
  const builder = new IdSetBuilder<Id>();
  scanSet(input, maxRanges, false, (first, last) => builder.addRange(first as Id, last as Id));
  return builder.build();
}
