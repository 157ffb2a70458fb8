import type { IdSet } from '@posthorn/core';
import { emptySet } from './build.ts';
import type { IdRange, MessageId } from './id-range.ts';

/** Below this many ranges, adding up is faster than keeping an index. */
const INDEX_THRESHOLD = 32;
/** For each range of a set, how many members lie before it. Sets never change, so it stays right. */
const indexes = new WeakMap<Uint32Array, Uint32Array>();

/** Whether a set has no members. */
export function isEmpty<Id extends MessageId>(set: IdSet<Id>): boolean {
  return set.bounds.length === 0;
}

/** How many members a set has. Linear in its ranges. */
export function count<Id extends MessageId>({ bounds }: IdSet<Id>): number {
  let total = 0;
  for (let index = 0; index < bounds.length; index += 2) total += bounds[index + 1]! - bounds[index]! + 1;
  return total;
}

/** The lowest member, or undefined. */
export function first<Id extends MessageId>({ bounds }: IdSet<Id>): Id | undefined {
  return bounds[0] as Id | undefined;
}

/** The highest member, or undefined. */
export function last<Id extends MessageId>({ bounds }: IdSet<Id>): Id | undefined {
  return bounds[bounds.length - 1] as Id | undefined;
}

/** Whether a set holds an id. Logarithmic in its ranges. */
export function contains<Id extends MessageId>({ bounds }: IdSet<Id>, id: NoInfer<Id>): boolean {
  const range = rangeAtOrBefore(bounds, id);
  return range >= 0 && id <= bounds[range + 1]!;
}

/** The ranges of a set, ascending. They neither overlap nor touch. */
export function* ranges<Id extends MessageId>({ bounds }: IdSet<Id>): Generator<IdRange<Id>, void, undefined> {
  for (let index = 0; index < bounds.length; index += 2) {
    yield { first: bounds[index] as Id, last: bounds[index + 1] as Id };
  }
}

/** The members of a set, ascending, one at a time: breaking out of a loop over `1:4294967295` costs nothing. */
export function* ids<Id extends MessageId>({ bounds }: IdSet<Id>): Generator<Id, void, undefined> {
  for (let index = 0; index < bounds.length; index += 2) {
    const end = bounds[index + 1]!;
    for (let id = bounds[index]!; id <= end; id++) yield id as Id;
  }
}

/** Whether two sets have the same members. */
export function equalSets<Id extends MessageId>(left: IdSet<Id>, right: IdSet<NoInfer<Id>>): boolean {
  if (left.bounds === right.bounds) return true;
  if (left.bounds.length !== right.bounds.length) return false;
  return left.bounds.every((bound, index) => bound === right.bounds[index]);
}

/**
 * The position of an id among the members of a set, from 0, or -1 when it is none of them. Logarithmic in the
 * ranges; the first call on a set of many ranges builds an index of four octets a range.
 */
export function rank<Id extends MessageId>(set: IdSet<Id>, id: NoInfer<Id>): number {
  const { bounds } = set;
  const range = rangeAtOrBefore(bounds, id);
  if (range < 0 || id > bounds[range + 1]!) return -1;
  return membersBefore(bounds, range) + id - bounds[range]!;
}

/** The member at a position from 0, or undefined when there are fewer. Costs as much as {@link rank}. */
export function at<Id extends MessageId>({ bounds }: IdSet<Id>, index: number): Id | undefined {
  if (!(index >= 0) || !Number.isInteger(index)) return undefined;
  const range = rangeOfPosition(bounds, index);
  const id = bounds[range]! + index - membersBefore(bounds, range);
  return id <= bounds[range + 1]! ? (id as Id) : undefined;
}

/**
 * The members at positions from `start` (inclusive) to `end` (exclusive), counted as `Array.prototype.slice`
 * counts: negative positions count from the end.
 */
export function sliceSet<Id extends MessageId>(set: IdSet<Id>, start: number, end?: number): IdSet<Id> {
  const { bounds } = set;
  const size = count(set);
  const from = position(start, size);
  const to = end === undefined ? size : position(end, size);
  if (from >= to) return emptySet();
  if (from === 0 && to === size) return set;
  const firstRange = rangeOfPosition(bounds, from);
  const lastRange = rangeOfPosition(bounds, to - 1);
  const slice = bounds.slice(firstRange, lastRange + 2);
  slice[0] = bounds[firstRange]! + from - membersBefore(bounds, firstRange);
  slice[slice.length - 1] = bounds[lastRange]! + to - 1 - membersBefore(bounds, lastRange);
  return { bounds: slice };
}

function position(given: number, size: number): number {
  const whole = Math.trunc(given) || 0;
  return whole < 0 ? Math.max(0, size + whole) : Math.min(whole, size);
}

/** Index into `bounds` of the last range that begins at or before `id`, or -2. */
function rangeAtOrBefore(bounds: Uint32Array, id: number): number {
  let low = 0;
  let high = bounds.length >>> 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bounds[middle * 2]! <= id) low = middle + 1;
    else high = middle;
  }
  return (low - 1) * 2;
}

/** Index into `bounds` of the range that holds the member at `position`, or of the last range. */
function rangeOfPosition(bounds: Uint32Array, position: number): number {
  let low = 0;
  let high = Math.max(0, (bounds.length >>> 1) - 1);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (membersBefore(bounds, middle * 2) <= position) low = middle;
    else high = middle - 1;
  }
  return low * 2;
}

function membersBefore(bounds: Uint32Array, range: number): number {
  if (bounds.length > INDEX_THRESHOLD * 2) return indexOf(bounds)[range >>> 1]!;
  let total = 0;
  for (let index = 0; index < range; index += 2) total += bounds[index + 1]! - bounds[index]! + 1;
  return total;
}

function indexOf(bounds: Uint32Array): Uint32Array {
  const known = indexes.get(bounds);
  if (known !== undefined) return known;
  const before = new Uint32Array(bounds.length >>> 1);
  let total = 0;
  for (let range = 0; range < before.length; range++) {
    before[range] = total;
    total += bounds[range * 2 + 1]! - bounds[range * 2]! + 1;
  }
  indexes.set(bounds, before);
  return before;
}
