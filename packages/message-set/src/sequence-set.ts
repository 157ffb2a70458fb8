/**
 * Sequence sets: the ranges IMAP names messages with, such as `1:3,7,10:*`.
 * @see RFC 9051 section 9, `sequence-set`
 * @module
 */
import type { IdSet } from '@posthorn/core';
import { IdSetBuilder } from './build.ts';
import type { MessageId } from './id-range.ts';
import { ranges as rangesOf } from './query.ts';
import { STAR, scanSet } from './scan.ts';

/** One end of a range. `'*'` is the highest number in use; only an open mailbox can resolve it. */
export type RangeEnd<Id extends MessageId> = Id | '*';

/** Inclusive range. Numeric ends are in ascending order and `'*'` comes last. */
export interface MessageRange<Id extends MessageId> {
  readonly first: RangeEnd<Id>;
  readonly last: RangeEnd<Id>;
}

/** Ranges in the order sent; duplicates and overlaps are kept. */
export interface SequenceSet<Id extends MessageId> {
  readonly ranges: readonly MessageRange<Id>[];
}

/** How many ranges {@link parseSequenceSet} may read. */
export interface ParseSequenceSetOptions {
  /** Most ranges accepted from a peer. @defaultValue 65_536 */
  readonly maxRanges?: number | undefined;
}

/**
 * Parses a whole `sequence-set`, in time linear in its length. Whether it names UIDs or sequence numbers is
 * for the caller to say: `parseSequenceSet<Uid>('1:*')`.
 *
 * @param input - The set alone, without surrounding spaces, as octets or as text.
 * @throws {@link SequenceSetError} at the first octet that does not fit.
 * @see RFC 9051 section 9
 */
export function parseSequenceSet<Id extends MessageId>(
  input: Uint8Array | string,
  { maxRanges = 65_536 }: ParseSequenceSetOptions = {},
): SequenceSet<Id> {
  const ranges: MessageRange<Id>[] = [];
  scanSet(input, maxRanges, true, (first, last) => ranges.push({ first: end<Id>(first), last: end<Id>(last) }));
  return { ranges };
}

/** Writes a sequence set for the wire, ranges in their order. No ranges give the empty string, which is not a valid set. */
export function formatSequenceSet<Id extends MessageId>({ ranges }: SequenceSet<Id>): string {
  return ranges.map(formatRange).join(',');
}

/** Writes one range: `7`, `3:5`, `7:*` or `*`. */
export function formatRange<Id extends MessageId>({ first, last }: MessageRange<Id>): string {
  return first === last ? `${first}` : `${first}:${last}`;
}

/**
 * Puts the highest id in use in the place of `*` and answers the set of ids named, which may hold ids no message
 * has. As RFC 9051 says, `559:*` names the last message even when its id is below 559.
 *
 * @param last - The highest id in use, or undefined in an empty mailbox: ranges with `*` then name nothing. (RFC 9051
 *   takes UIDNEXT for UIDs there, which names no message either.)
 * @see RFC 9051 section 9, `seq-range`
 */
export function resolveSequenceSet<Id extends MessageId>(
  { ranges }: SequenceSet<Id>,
  last: NoInfer<Id> | undefined,
): IdSet<Id> {
  const builder = new IdSetBuilder<Id>();
  for (const range of ranges) {
    const from = range.first === '*' ? last : range.first;
    const to = range.last === '*' ? last : range.last;
    if (from !== undefined && to !== undefined) builder.addRange(from, to);
  }
  return builder.build();
}

/** The sequence set that names the members of a set. */
export function sequenceSetOf<Id extends MessageId>(set: IdSet<Id>): SequenceSet<Id> {
  return { ranges: [...rangesOf(set)] };
}

function end<Id extends MessageId>(value: number): RangeEnd<Id> {
  return value === STAR ? '*' : (value as Id);
}
