import { MAX_ID, type SequenceNumber, type SequenceNumberSet, type Uid, type UidSet } from '@posthorn/core';
import {
  contains,
  count,
  IdSetBuilder,
  type MessageId,
  parseSequenceSet,
  type SequenceSet,
  sequenceSetOf,
  splitSequenceSet,
} from '@posthorn/message-set';
import type { MessageSelector } from '@posthorn/wire';

/**
 * Which messages a call is about: UIDs as a set or as written on the wire, such as `'1:*'`, or, in a wrapper so that
 * the two never mix, sequence numbers. An open range `'n:*'` means n and above, also when no message is. `'$'` is what
 * the last search with `save` has found.
 */
export type MessageReference = UidSet | string | { readonly sequenceNumbers: SequenceNumberSet | string };

/** A reference made ready. */
export interface MessageSelection {
  /** In pieces that each fit a command line. Empty when no message is meant. */
  readonly selectors: readonly MessageSelector[];
  /** Whether a message is meant. */
  matches(uid: Uid, sequenceNumber: SequenceNumber): boolean;
  /** Most messages that it can name; infinite for open ranges. */
  readonly size: number;
}

/** Most octets of a set in one command. @see RFC 7162 section 4 */
export const MAX_SET_LENGTH = 8000;
/** Two numbers of ten digits, a colon and a comma. */
const MAX_RANGE_LENGTH = 22;

/** @throws RangeError when the reference is a string that is no set */
export function selectMessages(reference: MessageReference): MessageSelection {
  if (reference === '$') return savedResult(true);
  if (typeof reference === 'object' && 'sequenceNumbers' in reference) {
    if (reference.sequenceNumbers === '$') return savedResult(false);
    const set = sequenceSet<SequenceNumber>(reference.sequenceNumbers);
    const match = matcher(set);
    return {
      selectors: split(set).map((part) => ({ type: 'sequenceNumbers', set: part })),
      matches: (_, sequenceNumber) => match(sequenceNumber),
      size: sizeOf(set),
    };
  }
  const set = sequenceSet<Uid>(reference);
  return {
    selectors: split(set).map((part) => ({ type: 'uids', set: part })),
    matches: matcher(set),
    size: sizeOf(set),
  };
}

/** What is in it only the server knows. */
function savedResult(isUid: boolean): MessageSelection {
  return { selectors: [{ type: 'saved', isUid }], matches: () => true, size: Number.POSITIVE_INFINITY };
}

/** Whether the numbers that answers name are sequence numbers. */
export function isBySequence({ selectors: [selector] }: MessageSelection): boolean {
  return selector?.type === 'sequenceNumbers' || (selector?.type === 'saved' && !selector.isUid);
}

function sequenceSet<Id extends MessageId>(reference: string | UidSet | SequenceNumberSet): SequenceSet<Id> {
  if (typeof reference !== 'string') return sequenceSetOf(reference as UidSet) as SequenceSet<Id>;
  if (reference === '') return { ranges: [] };
  try {
    return parseSequenceSet<Id>(reference);
  } catch (cause) {
    throw new RangeError(`"${reference.slice(0, 40)}" is not a set of messages`, { cause });
  }
}

function split<Id extends MessageId>(set: SequenceSet<Id>): readonly SequenceSet<Id>[] {
  const { length } = set.ranges;
  if (length === 0) return [];
  return length * MAX_RANGE_LENGTH <= MAX_SET_LENGTH ? [set] : splitSequenceSet(set, MAX_SET_LENGTH);
}

function sizeOf<Id extends MessageId>({ ranges }: SequenceSet<Id>): number {
  let size = 0;
  for (const { first, last } of ranges) {
    if (first === '*') size += 1;
    else size += last === '*' ? Number.POSITIVE_INFINITY : last - first + 1;
  }
  return size;
}

function matcher<Id extends MessageId>({ ranges }: SequenceSet<Id>): (id: Id) => boolean {
  const [range] = ranges;
  if (ranges.length === 1 && range !== undefined && range.first !== '*') {
    const { first, last } = range;
    return last === '*' ? (id) => id >= first : (id) => id >= first && id <= last;
  }
  const builder = new IdSetBuilder<Id>();
  let from = MAX_ID + 1;
  for (const { first, last } of ranges) {
    // `*` alone is a message whose number only the server knows.
    if (first === '*') from = 1;
    else if (last === '*') from = Math.min(from, first);
    else builder.addRange(first, last);
  }
  const set = builder.build();
  if (count(set) === 0) return (id) => id >= from;
  return (id) => id >= from || contains(set, id);
}
