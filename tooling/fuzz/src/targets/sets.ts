import { isDeepStrictEqual } from 'node:util';
import { type SequenceNumber, type Uid, uid } from '@posthorn/core';
import {
  at,
  complement,
  count,
  difference,
  equalSets,
  formatSequenceSet,
  formatSet,
  intersection,
  parseIdSet,
  parseSequenceSet,
  rangeSet,
  ranges,
  rank,
  resolveSequenceSet,
  type SequenceSet,
  sequenceSetOf,
  setFromRanges,
  simplifySequenceSet,
  splitSet,
  union,
} from '@posthorn/message-set';
import { keptInputs } from '../corpus.ts';
import { failureOf } from '../decode.ts';
import { textOf } from '../octets.ts';
import { octetsTarget } from '../octets-target.ts';
import { expectSame, type Target } from '../target.ts';
import { SETS } from '../text-grammars.ts';

/** Sets of messages. */
export const sets: Target = octetsTarget({
  name: 'sets',
  seeds: keptInputs('sets'),
  grammar: { grammar: SETS, start: 'start' },
  check: checkSet,
});

/** A value, or how the peer's input was refused. */
function attempt<Value>(read: () => Value): Value | string {
  try {
    return read();
  } catch (error) {
    return failureOf(error);
  }
}

function checkSet(input: Uint8Array): void {
  const text = textOf(input);
  const expression = attempt(() => parseSequenceSet<SequenceNumber>(input));
  const ofText = attempt(() => parseSequenceSet<SequenceNumber>(text));
  expectSame(isDeepStrictEqual(expression, ofText), 'octets and text give other sets', expression, ofText);
  if (typeof expression !== 'string') checkExpression(expression);
  const set = attempt(() => parseIdSet<Uid>(input));
  if (typeof set === 'string') return;
  const parsed = parseIdSet<Uid>(formatSet(set));
  expectSame(equalSets(parsed, set), 'formatting changed a set', parsed, set);
  checkAlgebra(set);
}

function checkExpression(expression: SequenceSet<SequenceNumber>): void {
  const text = formatSequenceSet(expression);
  const parsed = parseSequenceSet<SequenceNumber>(text);
  expectSame(isDeepStrictEqual(parsed, expression), 'formatting changed an expression', parsed, expression);
  for (const last of [undefined, 1, 500, 4_294_967_295] as (SequenceNumber | undefined)[]) {
    const resolved = resolveSequenceSet(expression, last);
    expectSame(equalSets(setFromRanges(ranges(resolved)), resolved), 'ranges are not the set', resolved, last);
    if (last === undefined) continue;
    const inUse = rangeSet(1 as SequenceNumber, last);
    const named = intersection(resolved, inUse);
    const simplified = intersection(resolveSequenceSet(simplifySequenceSet(expression), last), inUse);
    expectSame(equalSets(named, simplified), 'a simplified expression names other messages', named, simplified);
  }
}

function checkAlgebra(set: ReturnType<typeof parseIdSet<Uid>>): void {
  const other = parseIdSet<Uid>('2:5,9,100:4000000000');
  const both = intersection(set, other);
  const rest = difference(set, other);
  expectSame(equalSets(union(both, rest), set), 'intersection and difference do not make the set', both, rest);
  expectSame(count(union(set, other)) === count(rest) + count(other), 'counts do not add up', rest, other);
  expectSame(equalSets(complement(complement(set)), set), 'two complements are not the set', set, complement(set));
  expectSame(equalSets(intersection(set, complement(set)), parseSet([])), 'a set meets its complement', set, null);
  for (const index of [0, 1, count(set) >> 1, count(set) - 1]) {
    const id = at(set, index);
    if (id !== undefined) expectSame(rank(set, uid(id)) === index, 'rank and at disagree', set, index);
  }
  const pieces = splitSet(set, 40);
  const joined = parseSet(pieces.flatMap((piece) => [...ranges(piece)]));
  expectSame(equalSets(joined, set), 'splitting lost something', joined, set);
  for (const piece of pieces) expectSame(formatSet(piece).length <= 40, 'a piece is too long', piece, set);
  const resolved = resolveSequenceSet(sequenceSetOf(set), undefined);
  expectSame(equalSets(resolved, set), 'the expression of a set is another set', resolved, set);
}

function parseSet(of: readonly { readonly first: Uid; readonly last: Uid }[]): ReturnType<typeof parseIdSet<Uid>> {
  return setFromRanges(of);
}
