import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiCasemap, sortMessages, unicodeCasemap } from '../src/index.ts';

describe('unicodeCasemap', () => {
  it.each([
    ['Lunch 2', 'LUNCH 2'],
    ['é', 'E\u0301'],
    ['É', 'E\u0301'],
    ['e\u0301', 'E\u0301'],
    ['ế', 'E\u0302\u0301'],
    ['ê\u0301', 'E\u0302\u0301'],
    ['ß', 'ß'],
    // The example of RFC 5051 section 2.
    ['Ǆ', 'Dz\u030c'],
    ['ǆ', 'Dz\u030c'],
    ['ǅ', 'Dz\u030c'],
    ['ǳ', 'Dz'],
    ['ﬁ', 'fi'],
    ['ᾳ', '\u0391\u0345'],
    ['ᾂ', '\u0391\u0313\u0300\u0345'],
    ['ქ', 'ქ'],
    ['Ქ', 'Ქ'],
    ['한', '\u1112\u1161\u11ab'],
    ['\u00a0', ' '],
    ['Ｒ', 'R'],
    ['\u212b', 'A\u030a'],
    ['\u{10428}', '\u{10400}'],
    ['\ud800', '\ud800'],
  ])('of %j', (text, mapped) => {
    expect(unicodeCasemap(text)).toBe(mapped);
  });

  it('maps text as its characters, one by one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unicodeCasemap(text)).toBe([...text].map((character) => unicodeCasemap(character)).join(''));
      }),
    );
  });

  it('keeps right when text has more characters than are remembered', () => {
    const all = Array.from({ length: 20_000 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
    expect(unicodeCasemap(all)).toBe(all);
  });
});

describe('asciiCasemap', () => {
  it('leaves other letters alone', () => {
    expect(asciiCasemap('abcz ABC é ß')).toBe('ABCZ ABC é ß');
    expect(asciiCasemap('abc')).toBe('ABC');
  });
});

it('texts sort by their octets in UTF-8', () => {
  const text = fc.string({ unit: 'binary', maxLength: 4 });
  fc.assert(
    fc.property(fc.array(text), (names) => {
      const messages = names.map((name, number) => ({ number, from: { name, route: null, mailbox: 'x', host: 'y' } }));
      const sorted = sortMessages(messages, [{ key: 'DISPLAYFROM' }], { casemap: (each) => each });
      const keys = sorted.map(({ from }) => Buffer.from(from.name || 'x@y'));
      for (const [place, key] of keys.slice(1).entries()) {
        expect(Buffer.compare(keys[place]!, key)).toBeLessThanOrEqual(0);
      }
    }),
  );
});
