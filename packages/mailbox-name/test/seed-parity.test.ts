/**
 * What users of Twisted's `wildcardToRegexp` and of its codec `imap4-utf-7` do with names, done here.
 */
import { describe, expect, test } from 'vitest';
import { compilePattern, decodeModifiedUtf7, encodeModifiedUtf7 } from '../src/index.ts';

describe('wildcardToRegexp', () => {
  test.each<[pattern: string, refused: readonly string[], matched: readonly string[]]>([
    ['foo/%gum/bar', ['foo/bar', 'oo/lalagum/bar', 'foo/gumx/bar', 'foo/gum/baz'], ['foo/xgum/bar', 'foo/gum/bar']],
    [
      'foo/x%x/bar',
      ['foo', 'bar', 'fuz fuz fuz', 'foo/*/bar', 'foo/xyz/bar', 'foo/xx/baz', 'foo/xy/x/bar'],
      ['foo/xyx/bar', 'foo/xx/bar', 'foo/xxxxxxxxxxxxxx/bar'],
    ],
    [
      'foo/xyz*abc/bar',
      ['foo/xyz/bar', 'foo/abc/bar', 'foo/xyzab/cbar', 'foo/xyza/bcbar'],
      ['foo/xyzabc/bar', 'foo/xyz/abc/bar', 'foo/xyz/123/abc/bar'],
    ],
  ])('%s', (pattern, refused, matched) => {
    const matches = compilePattern(pattern, '/');
    expect(refused.filter(matches)).toEqual([]);
    expect(matched.filter(matches)).toEqual(matched);
  });

  test('without a delimiter % stands for anything', () => {
    expect(compilePattern('foo/x%x/bar', null)('foo/xy/x/bar')).toBe(true);
  });

  // Twisted compares every letter in any case, which makes two mailboxes of `Foo` and `foo` one.
  test('only INBOX matches in any case', () => {
    expect(compilePattern('inbox', '/')('InBox')).toBe(true);
    expect(compilePattern('foo', '/')('Foo')).toBe(false);
  });
});

describe('imap4-utf-7', () => {
  test.each([
    ['Hello world', 'Hello world'],
    ['Hello & world', 'Hello &- world'],
    ['Hello\xffworld', 'Hello&AP8-world'],
    ['\xff\xfe\xfd\xfc', '&AP8A,gD9APw-'],
    ['~peter/mail/日本語/台北', '~peter/mail/&ZeVnLIqe-/&U,BTFw-'],
  ])('%s', (text, wire) => {
    expect(encodeModifiedUtf7(text)).toBe(wire);
    expect(decodeModifiedUtf7(wire)).toEqual({ text, faults: [] });
  });

  test('printable characters stand for themselves, the ampersand is &-, and all others are encoded', () => {
    for (let unit = 0; unit < 256; unit++) {
      const text = String.fromCharCode(unit);
      const wire = encodeModifiedUtf7(text);
      if (text === '&') expect(wire).toBe('&-');
      else if (unit >= 0x20 && unit <= 0x7e) expect(wire).toBe(text);
      else expect(wire).toMatch(/^&[A-Za-z0-9+,]{3}-$/);
      expect(decodeModifiedUtf7(wire).text).toBe(text);
    }
  });
});
