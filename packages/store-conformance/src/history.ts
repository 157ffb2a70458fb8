import type { Flag, FlagOperation } from '@posthorn/core';
import fc from 'fast-check';

/** One step of a random history: which session does what to which mailbox. */
export type Step = { readonly session: number; readonly box: number } & (
  | { readonly type: 'append'; readonly flags: readonly (readonly Flag[])[] }
  | {
      readonly type: 'store';
      readonly uids: readonly number[];
      readonly operation: FlagOperation;
      readonly flags: readonly Flag[];
    }
  | { readonly type: 'expunge'; readonly uids: readonly number[]; readonly onlyDeleted: boolean }
  | { readonly type: 'transfer'; readonly uids: readonly number[]; readonly to: number; readonly mode: 'copy' | 'move' }
  | { readonly type: 'rename'; readonly to: number }
  | { readonly type: 'create' }
  | { readonly type: 'delete' }
  | { readonly type: 'claim' }
  | { readonly type: 'look' }
);

export const SESSIONS = 3;
export const BOXES = 2;

const flag = fc.constantFrom<Flag>('\\Seen', '\\Deleted', '\\Flagged', '$Forwarded', 'Label');
const flags = fc.uniqueArray(flag, { maxLength: 3 });
const uids = fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 8 });
const where = { session: fc.nat(SESSIONS - 1), box: fc.nat(BOXES - 1) };
const another = fc.nat(BOXES - 1);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ...where,
      type: fc.constant('append' as const),
      flags: fc.array(flags, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      ...where,
      type: fc.constant('store' as const),
      uids,
      operation: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
      flags,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ ...where, type: fc.constant('expunge' as const), uids, onlyDeleted: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      ...where,
      type: fc.constant('transfer' as const),
      uids,
      to: another,
      mode: fc.constantFrom('copy' as const, 'move' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ ...where, type: fc.constant('rename' as const), to: another }) },
  { weight: 2, arbitrary: fc.record({ ...where, type: fc.constant('create' as const) }) },
  { weight: 1, arbitrary: fc.record({ ...where, type: fc.constant('delete' as const) }) },
  { weight: 2, arbitrary: fc.record({ ...where, type: fc.constant('claim' as const) }) },
  { weight: 9, arbitrary: fc.record({ ...where, type: fc.constant('look' as const) }) },
);

/** Random histories that shrink to short ones. */
export const history: fc.Arbitrary<readonly Step[]> = fc.array(step, { maxLength: 80, size: 'max' });
