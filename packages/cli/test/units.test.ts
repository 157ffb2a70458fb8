import { describe, expect, it } from 'vitest';
import { bytesText, durationText, tableText } from '../src/output/units.ts';

describe('figures for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [1_449_000, '1.4 MB'],
    [127_000_000, '127 MB'],
    [5e15, '5000 TB'],
  ])('writes %d octets as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it('writes durations', () => {
    expect([0.4, 84, 2_340].map(durationText)).toEqual(['0 ms', '84 ms', '2.3 s']);
  });

  it('aligns columns, counting wide characters twice', () => {
    expect(
      tableText([
        ['box', 'n'],
        ['日本語', '10'],
        ['b', '7'],
      ]),
    ).toBe('box       n\n日本語   10\nb         7');
  });
});
