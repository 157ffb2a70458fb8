import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, test } from 'vitest';
import { compilePattern, decodeModifiedUtf7, encodeModifiedUtf7, splitName } from '../src/index.ts';

/** Best of several runs, in milliseconds. */
function timeOf(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    const start = processorMilliseconds();
    work();
    best = Math.min(best, processorMilliseconds() - start);
  }
  return best;
}

/** Patterns on which matchers that backtrack, or regular expressions made of them, go on for ages. */
const hostilePatterns = ['*a*a*a*a*a*a*a*a*b', '%a%a%a%a%a%a%a%a%b', '*%*%*%*%*%*%*%*%b', '%*a%*a%*a%*a%*ab'];

describe('sixteen times the input takes far less than 256 times the work', () => {
  const families: readonly [string, (size: number) => () => unknown][] = [
    ...hostilePatterns.map((pattern): [string, (size: number) => () => unknown] => [
      `matching ${pattern}`,
      (size) => {
        const name = 'a'.repeat(size);
        const matches = compilePattern(pattern, '/');
        return () => matches(name);
      },
    ]),
    [
      'matching a long pattern',
      (size) => {
        const pattern = '%ab*'.repeat(size);
        return () => compilePattern(pattern, '/')('ab'.repeat(50));
      },
    ],
    [
      'matching a pattern of many characters',
      (size) => {
        const pattern = Array.from({ length: size }, (_, index) => String.fromCharCode(0x4e00 + (index % 20_000))).join(
          '*',
        );
        return () => compilePattern(pattern, '/')('一'.repeat(50));
      },
    ],
    ['encoding', (size) => () => encodeModifiedUtf7('ä&'.repeat(size))],
    ['decoding one long run', (size) => () => decodeModifiedUtf7(`&${'AOQA5ADk'.repeat(size)}-`)],
    ['decoding many faults', (size) => () => decodeModifiedUtf7('&ü&A'.repeat(size))],
    ['decoding runs never closed', (size) => () => decodeModifiedUtf7('&'.repeat(size))],
    ['decoding a run one letter too long', (size) => () => decodeModifiedUtf7(`&${'AAAAAAAA'.repeat(size)}A`)],
    ['splitting', (size) => () => splitName('/'.repeat(size), '/')],
  ];
  test.each(families)('%s', { retry: 4 }, (_, prepare) => {
    const [small, large] = [2_000, 32_000].map((size) => timeOf(prepare(size)));
    expect(large! / Math.max(small!, 0.05)).toBeLessThan(64);
  });
});
