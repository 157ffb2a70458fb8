import { describe, expect, it } from 'vitest';
import { arrivalDate } from '../../src/load/arrival-date.ts';

const seconds = (header: string): number | undefined => arrivalDate(header)?.epochSeconds;

describe('arrivalDate', () => {
  it.each([
    ['LF line ends', 'Subject: a\nDate: Thu, 1 Jan 1970 00:01:00 +0000\n\n'],
    ['CRLF line ends', 'Subject: a\r\nDate: Thu, 1 Jan 1970 00:01:00 +0000\r\n\r\n'],
    ['folding', 'Date:\r\n Thu, 1 Jan 1970\r\n\t00:01:00 +0000\r\n'],
    ['any case', 'DATE : Thu, 1 Jan 1970 00:01:00 +0000'],
    ['a mailbox line first', 'From ada Thu Jan  1 00:05:00 1970\nDate: Thu, 1 Jan 1970 00:01:00 +0000\n'],
    ['the first of two', 'Date: Thu, 1 Jan 1970 00:01:00 +0000\nDate: Thu, 1 Jan 1970 00:02:00 +0000\n'],
    ['a Received field without date', 'Received: from a by b\nDate: Thu, 1 Jan 1970 00:01:00 +0000\n'],
  ])('reads Date with %s', (_, header) => {
    expect(seconds(header)).toBe(60);
  });

  it('takes the newest Received field, wherever it is', () => {
    const received = [3, 9, 5].map((minute) => `Received: by a; Thu, 1 Jan 1970 00:0${minute}:00 +0000`);
    expect(seconds(`${received.join('\n')}\nDate: Thu, 1 Jan 1970 00:30:00 +0000\n`)).toBe(540);
  });

  it.each(['', '\n\nDate: Thu, 1 Jan 1970 00:01:00 +0000', 'Date: nonsense', ' folded\n', ':::\n', '\0\xff'])(
    'finds nothing in %j',
    (header) => {
      expect(arrivalDate(header)).toBeUndefined();
    },
  );
});
