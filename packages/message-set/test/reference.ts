import { type Uid, uid } from '@posthorn/core';
import fc from 'fast-check';
import { ids, setOf } from '../src/index.ts';

/** A set of the given numbers. */
export function uids(...numbers: readonly number[]): ReturnType<typeof setOf<Uid>> {
  return setOf(numbers.map(uid));
}

/** All members as plain numbers. */
export function members(set: Parameters<typeof ids<Uid>>[0]): number[] {
  return [...ids(set)];
}

/** Small numbers, so that ranges touch and overlap. */
export const smallNumbers: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });

/** Numbers from everywhere, the ends of the range among them. */
export const anyNumber: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1, max: 0xffff_ffff }),
  fc.constantFrom(1, 2, 0xffff_fffe, 0xffff_ffff, 0x7fff_ffff, 0x8000_0000),
);

/** The work of a computer with an ideal sort: distinct numbers, ascending. */
export function ascending(numbers: Iterable<number>): number[] {
  return [...new Set(numbers)].sort((left, right) => left - right);
}
