import type { IdSet } from '@posthorn/core';
import type { MessageId } from './id-range.ts';

/** The longest range, `4294967294:4294967295`. */
const LONGEST_RANGE = 21;

/** Writes a set for the wire, such as `1:3,7`. The empty set gives the empty string, which is not a valid set there. */
export function formatSet<Id extends MessageId>({ bounds }: IdSet<Id>): string {
  let text = '';
  for (let index = 0; index < bounds.length; index += 2) {
    const first = bounds[index]!;
    const last = bounds[index + 1]!;
    if (index > 0) text += ',';
    text += first === last ? first : `${first}:${last}`;
  }
  return text;
}

/**
 * Cuts a set into consecutive sets that each fit a command line. Together they have the same members; they share
 * the memory of the original.
 *
 * @param maxLength - Most octets that {@link formatSet} may give for one of them, at least 21.
 * @throws RangeError for a smaller `maxLength`.
 */
export function splitSet<Id extends MessageId>({ bounds }: IdSet<Id>, maxLength: number): readonly IdSet<Id>[] {
  checkMaxLength(maxLength);
  const sets: IdSet<Id>[] = [];
  let start = 0;
  let length = -1;
  for (let index = 0; index < bounds.length; index += 2) {
    const added = rangeLength(bounds[index]!, bounds[index + 1]!) + 1;
    if (length + added > maxLength) {
      sets.push({ bounds: bounds.subarray(start, index) });
      start = index;
      length = -1;
    }
    length += added;
  }
  if (start < bounds.length) sets.push({ bounds: bounds.subarray(start) });
  return sets;
}

/** @throws RangeError unless every range fits into `maxLength` octets. */
export function checkMaxLength(maxLength: number): void {
  if (!(maxLength >= LONGEST_RANGE))
    throw new RangeError(`a set needs at least ${LONGEST_RANGE} octets, not ${maxLength}`);
}

function rangeLength(first: number, last: number): number {
  return first === last ? digits(first) : digits(first) + 1 + digits(last);
}

function digits(id: number): number {
  let result = 1;
  for (let power = 10; power <= id; power *= 10) result++;
  return result;
}
