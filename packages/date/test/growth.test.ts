import { utf8Bytes } from '@posthorn/core';
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, test } from 'vitest';
import { parseMessageDate, parseRfc3339, readInternalDate } from '../src/index.ts';

/** Best of several runs, in milliseconds. */
function timeOf(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const start = processorMilliseconds();
    try {
      work();
    } catch {
      // Most of these are no dates; only the time counts.
    }
    best = Math.min(best, processorMilliseconds() - start);
  }
  return best;
}

describe('sixteen times the input takes far less than 256 times the work', () => {
  const date = '21 Nov 1997 09:55:06 +0100';
  test.each<[name: string, make: (size: number) => string]>([
    ['comments left open', (size) => `${'('.repeat(size)}${date}`],
    ['comments nested', (size) => `${'('.repeat(size)}${')'.repeat(size)}${date}`],
    ['comments side by side', (size) => `${'(x)'.repeat(size)}${date}`],
    ['quoted pairs', (size) => `(${'\\('.repeat(size)})${date}`],
    ['white space', (size) => `${' \r\n\t'.repeat(size)}${date}`],
    ['digits', (size) => '1'.repeat(size)],
    ['letters', (size) => `${'a'.repeat(size)}${date}`],
    ['marks', (size) => `${','.repeat(size)}${date}`],
    ['spaces before a day', (size) => `${' '.repeat(size)}1-Jan-2020 00:00:00 +0000`],
    ['spaces behind a zone', (size) => `01-Jan-2020 00:00:00 +0000${' '.repeat(size)}`],
    ['a fraction without end', (size) => `1985-04-12T23:20:50.${'5'.repeat(size)}Z`],
  ])('%s', { retry: 4 }, (_, make) => {
    const [small, large] = [4_000, 64_000].map((size) => {
      const text = make(size);
      const bytes = utf8Bytes(text);
      return (
        timeOf(() => parseMessageDate(text)) +
        timeOf(() => readInternalDate(bytes, 0, bytes.length)) +
        timeOf(() => parseRfc3339(text))
      );
    });
    expect(large! / Math.max(small!, 0.05)).toBeLessThan(64);
  });
});
