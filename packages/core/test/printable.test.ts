import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, printableBytes } from '../src/index.ts';

/** All that can end a line, move a cursor, hide, or turn the direction of writing. */
const HARMFUL = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b-\u200d\ufeff]|\p{Cs}/u;

describe('printable', () => {
  test('leaves text of any script as it is', () => {
    expect(printable('Grüße, 世界 👋')).toBe('Grüße, 世界 👋');
  });

  test.each([
    ['\x1b[2J', '\\x1b[2J'],
    ['a\r\nb', 'a\\x0d\\x0ab'],
    ['\u0085', '\\x85'],
    ['evil\u202egnp.exe', 'evil\\u{202e}gnp.exe'],
    ['\u061c\u2028\ufeff', '\\u{61c}\\u{2028}\\u{feff}'],
    ['\ud800', '\\u{d800}'],
  ])('%j is shown as %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('is bounded, and says that there was more', () => {
    expect(printable('a'.repeat(500))).toBe(`${'a'.repeat(200)}…`);
    expect(printable('abcdef', 3)).toBe('abc…');
    expect(printable('abc', 3)).toBe('abc');
  });

  test('never lets anything harmful through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(printable(text)).not.toMatch(HARMFUL);
      }),
    );
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCodePoint(code);
      if (HARMFUL.test(character)) expect(printable(character)).toMatch(/^\\[xu]/);
    }
  });
});

test('printableBytes shows ASCII, and each other octet as an escape', () => {
  expect(printableBytes(Uint8Array.of(0x4f, 0x4b, 0x0d, 0x0a, 0x00, 0xff, 0x7f))).toBe('OK\\x0d\\x0a\\x00\\xff\\x7f');
  expect(printableBytes(new Uint8Array(300).fill(0x61))).toBe(`${'a'.repeat(200)}…`);
});
