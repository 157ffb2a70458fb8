import type { SequenceNumber, Uid } from './ids.ts';

declare const member: unique symbol;

/**
 * A set of UIDs or of sequence numbers as ascending ranges. A plain value: make and combine them with the
 * functions of `@posthorn/message-set`.
 */
export interface IdSet<Id extends Uid | SequenceNumber> {
  /**
   * Pairs of first and last member, both inclusive: `[1, 3, 7, 7]` is 1, 2, 3 and 7. Ranges ascend, never
   * overlap and never touch. Never written to once the set exists.
   */
  readonly bounds: Uint32Array;
  /** Never present: tells the compiler which kind of number the set holds. */
  readonly [member]?: Id;
}

/** A set of UIDs. */
export type UidSet = IdSet<Uid>;
/** A set of sequence numbers. */
export type SequenceNumberSet = IdSet<SequenceNumber>;
