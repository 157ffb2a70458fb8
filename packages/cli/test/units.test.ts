import { describe, expect, it } from 'vitest';
import { bytesText, countText, durationText, tableText } from '../src/output/units.ts';

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

  it('counts one thing as one', () => {
    expect([0, 1, 2].map((count) => countText(count, 'mailbox', 'mailboxes'))).toEqual([
      '0 mailboxes',
      '1 mailbox',
      '2 mailboxes',
    ]);
    expect(countText(2, 'message')).toBe('2 messages');
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
