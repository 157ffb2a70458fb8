import { type Uid, uid } from '@posthorn/core';
import {
  count,
  emptySet,
  equalSets,
  formatSequenceSet,
  intersection,
  isEmpty,
  resolveSequenceSet,
  type SequenceSet,
  setOf,
  union,
} from '@posthorn/message-set';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FetchPlan, type PlannedFetch } from '../src/fetch/fetch-plan.ts';
import { selectMessages } from '../src/mailbox/message-selection.ts';
import { SeenIds } from '../src/search/seen-ids.ts';

const uids = fc
  .uniqueArray(fc.integer({ min: 1, max: 4_000_000_000 }), { minLength: 1, maxLength: 3000 })
  .map((values) => setOf(values.map(uid)));

const setIn = (planned: PlannedFetch | undefined): SequenceSet<Uid> => {
  if (planned === undefined || planned.messages.type !== 'uids') throw new Error('expected UIDs');
  return planned.messages.set;
};

test('everything is asked for once, in commands that fit a line', () => {
  fc.assert(
    fc.property(uids, fc.boolean(), fc.integer({ min: 1, max: 100_000 }), (wanted, hasBodies, size) => {
      const plan = new FetchPlan(selectMessages(wanted), hasBodies);
      let asked = emptySet<Uid>();
      for (let planned = plan.next(0); planned !== undefined; planned = plan.next(0)) {
        const set = resolveSequenceSet(setIn(planned), undefined);
        expect(formatSequenceSet(setIn(planned)).length).toBeLessThanOrEqual(8000);
        if (planned.isListing) {
          for (const each of [...wanted.bounds]) if (planned.matches(uid(each), 1 as never)) plan.list(uid(each));
          continue;
        }
        expect(isEmpty(intersection(asked, set))).toBe(true);
        asked = union(asked, set);
        if (hasBodies) plan.measure(size);
      }
      const ends = setOf([...wanted.bounds].map(uid));
      expect(count(asked)).toBeGreaterThan(0);
      // A listing told of the ends of the ranges only.
      expect(equalSets(asked, hasBodies && count(wanted) > 16 ? ends : wanted)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('what was dropped is asked for again, when all answers are there', () => {
  const plan = new FetchPlan(selectMessages('1:*'), false);
  expect(formatSequenceSet(setIn(plan.next(0)))).toBe('1:*');
  for (let value = 1; value < 20_000; value += 2) plan.drop(uid(value));
  expect(plan.next(1)).toBeUndefined();
  let again = emptySet<Uid>();
  for (let planned = plan.next(0); planned !== undefined; planned = plan.next(0)) {
    again = union(again, resolveSequenceSet(setIn(planned), undefined));
  }
  expect(count(again)).toBe(10_000);
});

test('batches of bodies fit a budget', () => {
  const plan = new FetchPlan(selectMessages('1:*'), true);
  expect(plan.next(0)!.isListing).toBe(true);
  for (let value = 1; value <= 1000; value++) plan.list(uid(value));
  expect(formatSequenceSet(setIn(plan.next(0)))).toBe('1:16');
  plan.measure(100_000);
  expect(formatSequenceSet(setIn(plan.next(0)))).toBe('17:57');
  for (let turn = 0; turn < 50; turn++) plan.measure(100_000_000);
  expect(formatSequenceSet(setIn(plan.next(0)))).toBe('58');
});

test('ids that were seen, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (values) => {
      const seen = new SeenIds();
      const model = new Set<number>();
      for (const value of values) {
        expect(seen.has(value)).toBe(model.has(value));
        seen.add(value);
        model.add(value);
      }
      for (let value = 1; value <= 60; value++) expect(seen.has(value)).toBe(model.has(value));
    }),
  );
});
