import { type IdSet, MAX_ID } from '@posthorn/core';
import { EVERYTHING, emptySet } from './build.ts';
import { checkId, type MessageId } from './id-range.ts';

/** The ids that are in either set. Linear in the ranges of both. */
export function union<Id extends MessageId>(left: IdSet<Id>, right: IdSet<NoInfer<Id>>): IdSet<Id> {
  const a = left.bounds;
  const b = right.bounds;
  if (b.length === 0) return left;
  if (a.length === 0) return right;
  const bounds = new Uint32Array(a.length + b.length);
  let length = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const takeLeft = j >= b.length || (i < a.length && a[i]! <= b[j]!);
    const first = takeLeft ? a[i]! : b[j]!;
    const last = takeLeft ? a[i + 1]! : b[j + 1]!;
    if (takeLeft) i += 2;
    else j += 2;
    if (length > 0 && first <= bounds[length - 1]! + 1) {
      if (last > bounds[length - 1]!) bounds[length - 1] = last;
    } else {
      bounds[length++] = first;
      bounds[length++] = last;
    }
  }
  return trimmed(bounds, length);
}

/** The ids that are in both sets. Linear in the ranges of both. */
export function intersection<Id extends MessageId>(left: IdSet<Id>, right: IdSet<NoInfer<Id>>): IdSet<Id> {
  const a = left.bounds;
  const b = right.bounds;
  if (a.length === 0 || b.length === 0) return emptySet();
  const bounds = new Uint32Array(a.length + b.length);
  let length = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const first = Math.max(a[i]!, b[j]!);
    const last = Math.min(a[i + 1]!, b[j + 1]!);
    if (first <= last) {
      bounds[length++] = first;
      bounds[length++] = last;
    }
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return trimmed(bounds, length);
}

/** The ids of the left set that are not in the right one. Linear in the ranges of both. */
export function difference<Id extends MessageId>(left: IdSet<Id>, right: IdSet<NoInfer<Id>>): IdSet<Id> {
  const a = left.bounds;
  const b = right.bounds;
  if (a.length === 0 || b.length === 0) return left;
  const bounds = new Uint32Array(a.length + b.length);
  let length = 0;
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let first = a[i]!;
    const last = a[i + 1]!;
    while (j < b.length && b[j + 1]! < first) j += 2;
    for (; j < b.length && b[j]! <= last; j += 2) {
      if (b[j]! > first) {
        bounds[length++] = first;
        bounds[length++] = b[j]! - 1;
      }
      first = b[j + 1]! + 1;
      if (first > last) break;
    }
    if (first <= last) {
      bounds[length++] = first;
      bounds[length++] = last;
    }
  }
  return trimmed(bounds, length);
}

/**
 * The ids from 1 to `last` that are not in a set.
 * @param last - The highest id there is. @defaultValue 4,294,967,295
 * @throws RangeError for what is not an id.
 */
export function complement<Id extends MessageId>(set: IdSet<Id>, last?: NoInfer<Id>): IdSet<Id> {
  if (last === undefined || last === MAX_ID) return difference<Id>({ bounds: EVERYTHING }, set);
  checkId(last);
  return difference<Id>({ bounds: Uint32Array.of(1, last) }, set);
}

/** A set of the first `length` bounds, which keeps no more memory alive than it needs. */
function trimmed<Id extends MessageId>(bounds: Uint32Array, length: number): IdSet<Id> {
  if (length === 0) return emptySet();
  return { bounds: length === bounds.length ? bounds : bounds.slice(0, length) };
}
