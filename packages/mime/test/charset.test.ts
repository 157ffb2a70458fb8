import { describe, expect, it } from 'vitest';
import { iconvCharsets } from '../src/iconv.ts';
import { decodeCharset, isCharset } from '../src/index.ts';
import { octets } from './text.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('decodeCharset', () => {
  it.each([
    ['utf-8', 'c3a9', 'é'],
    ['UTF8', 'c3a9', 'é'],
    ['utf-8', 'e9', 'é'],
    ['us-ascii', 'e9', 'é'],
    ['ascii', 'c3a9', 'é'],
    ['', '80', '€'],
    [' ISO-8859-1 ', 'e9', 'é'],
    ['iso-8859-1', '80', '€'],
    ['windows-1252', '80', '€'],
    ['iso-8859-15', 'a4', '€'],
    ['koi8-r', 'd0d2c9d7c5d4', 'привет'],
    ['iso-2022-jp', '1b2442327135441b2842', '会議'],
    ['shift_jis', '82a0', 'あ'],
    ['cp932', '82a0', 'あ'],
    ['gb2312', 'c4e3', '你'],
    ['gb18030', 'c4e3', '你'],
    ['cp936', 'c4e3', '你'],
    ['big5', 'a741', '你'],
    ['euc-kr', 'c7d1', '한'],
    ['ks_c_5601-1987', 'c7d1', '한'],
    ['utf-16le', '41004200', 'AB'],
    ['utf-16be', '00410042', 'AB'],
    ['cp874', 'a1', 'ก'],
    ['us-ascii*en', '61', 'a'],
    ['shift_jis', '82', '\ufffd'],
    ['x-nothing', 'c3a9', 'é'],
    ['utf-7', '2b414f6b2d', '+AOk-'],
  ])('%s of %s', (charset, hex, text) => {
    expect(decodeCharset(bytes(hex), charset)).toBe(text);
    // A decoder that is used again has kept nothing.
    expect(decodeCharset(bytes(hex), charset)).toBe(text);
  });
});

describe('iconvCharsets', () => {
  it.each([
    ['utf-7', '2b414f6b2d', 'é'],
    ['cp850', '82', 'é'],
    ['cp437', '82', 'é'],
    ['macroman', '8e', 'é'],
  ])('adds %s', (charset, hex, text) => {
    expect(decodeCharset(bytes(hex), charset, { charsets: iconvCharsets })).toBe(text);
    expect(isCharset(charset, { charsets: iconvCharsets })).toBe(true);
  });

  it.each(['x-nothing', 'base64', 'hex', 'binary'])('knows no %s', (charset) => {
    expect(isCharset(charset, { charsets: iconvCharsets })).toBe(false);
    expect(decodeCharset(octets('abcd'), charset, { charsets: iconvCharsets })).toBe('abcd');
  });
});

it.each([
  ['utf-8', true],
  ['US-ASCII', true],
  ['Shift_JIS', true],
  ['cp932', true],
  ['utf-7', false],
  ['', false],
])('isCharset of %j', (charset, isKnown) => {
  expect(isCharset(charset)).toBe(isKnown);
});
