import { concatBytes } from '@posthorn/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { everySplit, octetByOctet, randomNumbers, randomSplits } from '../src/index.ts';

const someBytes = fc.uint8Array({ maxLength: 50 });

it('keeps the octets in every way of cutting', () => {
  fc.assert(
    fc.property(someBytes, fc.integer(), (bytes, seed) => {
      for (const chunks of [...everySplit(bytes), octetByOctet(bytes), ...randomSplits(bytes, seed)]) {
        expect(concatBytes(chunks)).toEqual(bytes);
      }
    }),
  );
});

it('cuts at every place once', () => {
  const lengths = [...everySplit(new Uint8Array(3))].map((chunks) => chunks.map((chunk) => chunk.length));
  expect(lengths).toEqual([[3], [1, 2], [2, 1]]);
});

it('cuts into chunks that are never empty, the same for the same seed', () => {
  const bytes = new Uint8Array(100);
  const cut = (seed: number) =>
    [...randomSplits(bytes, seed, { count: 5 })].map((chunks) => chunks.map((c) => c.length));
  expect(cut(7)).toEqual(cut(7));
  expect(cut(7)).not.toEqual(cut(8));
  expect(
    cut(7)
      .flat()
      .every((length) => length > 0),
  ).toBe(true);
  expect(octetByOctet(bytes)).toHaveLength(100);
});

it('draws numbers that depend on the seed alone', () => {
  const [first, second] = [randomNumbers(1), randomNumbers(1)];
  for (let count = 0; count < 100; count++) {
    const number = first();
    expect(number).toBe(second());
    expect(number >= 0 && number < 1).toBe(true);
  }
});
