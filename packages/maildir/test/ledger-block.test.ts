import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BLOCK_UIDS, blockOf, decodeBlock, LedgerBlock } from '../src/sidecar-index/ledger-block.ts';

const modSeq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const entry = fc.record({
  uid: fc.integer({ min: 5 * BLOCK_UIDS, max: 6 * BLOCK_UIDS - 1 }),
  flags: fc.constantFrom('', '\\Seen', '\\Seen $Junk', 'größer'),
  modSeq,
  addedModSeq: modSeq,
  firstModSeq: modSeq,
});

it('gives back what was put in, in ascending order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: ({ uid }) => uid, maxLength: BLOCK_UIDS }), (entries) => {
      const block = new LedgerBlock(5, undefined);
      for (const each of entries) block.set(each);
      const stored = block.encode();
      const sorted = entries.toSorted((left, right) => left.uid - right.uid);
      expect(stored === undefined ? [] : decodeBlock(5, stored)).toEqual(sorted);
      const again = new LedgerBlock(5, stored);
      for (const each of entries) expect(again.get(each.uid)).toEqual(each);
    }),
  );
});

it('holds as many messages as it covers, each with flags of its own', () => {
  const block = new LedgerBlock(0, undefined);
  for (let uid = 0; uid < BLOCK_UIDS; uid++)
    block.set({ uid, flags: `k${uid}`, modSeq: uid, addedModSeq: 1, firstModSeq: 1 });
  const entries = decodeBlock(0, block.encode()!);
  expect(entries.map(({ uid, flags }) => `${uid} ${flags}`)).toEqual(
    Array.from({ length: BLOCK_UIDS }, (_, uid) => `${uid} k${uid}`),
  );
});

it('is nothing when nothing is left', () => {
  const uid = 7 * BLOCK_UIDS + 3;
  const block = new LedgerBlock(blockOf(uid), undefined);
  block.set({ uid, flags: '', modSeq: 1, addedModSeq: 1, firstModSeq: 1 });
  block.delete(uid);
  expect(block.get(uid)).toBeUndefined();
  expect(block.encode()).toBeUndefined();
});
