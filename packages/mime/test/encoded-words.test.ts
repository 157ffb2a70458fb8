import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWords } from '../src/index.ts';

describe('decodeWords', () => {
  /** The first nine are the examples of RFC 2047 section 8. */
  it.each([
    ['(=?ISO-8859-1?Q?a?=)', '(a)'],
    ['(=?ISO-8859-1?Q?a?= b)', '(a b)'],
    ['(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['(=?ISO-8859-1?Q?a_b?=)', '(a b)'],
    ['(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)', '(a b)'],
    ['=?ISO-8859-1?Q?Andr=E9?= Pirard', 'André Pirard'],
    [
      '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
      'If you can read this you understand the example.',
    ],
    ['=?US-ASCII*EN?Q?Keith_Moore?=', 'Keith Moore'],
    ['plain', 'plain'],
    ['', ''],
    ['=?utf-8?b?w6k?=', 'é'],
    ['=?utf-8?Q?=C3?= =?UTF-8?Q?=A9?=', 'é'],
    ['=?utf-8?Q?=C3=A9', '=?utf-8?Q?=C3=A9'],
    ['=?utf-8?X?abc?=', '=?utf-8?X?abc?='],
    ['=?utf-8?Q?a b?=', 'a b'],
    ['=?utf-8?Q?a?=b=?utf-8?Q?c?=', 'abc'],
    ['=?utf-8?Q??=', ''],
    ['a =?utf-8?Q??= b', 'a  b'],
    ['=?koi8-r?B?79TexdQ=?=', 'Отчет'],
    ['=?iso-2022-jp?B?GyRCMnE1RBsoQg==?=', '会議'],
    ['=?windows-1252?Q?=93x=94_=80?=', '“x” €'],
    ['=?iso-8859-15?Q?=A4?=', '€'],
    ['=?cp932?Q?=82=A0?=', 'あ'],
    ['=?x-none?Q?caf=C3=A9?=', 'café'],
    ['=?x-none?Q?caf=E9?=', 'café'],
    ['=?us-ascii?Q?caf=E9?=', 'café'],
    ['=??Q?caf=E9?=', 'café'],
    ['=?utf-8?Q?=FF=FEa?=', 'ÿþa'],
    ['=?utf-8?Q?a=0D=0ABcc:_x=00?=', 'a  Bcc: x '],
    ['=?utf-8?Q?100%=?=', '100%='],
    ['"=?utf-8?Q?=C3=A9?="', '"é"'],
    ['Ünraw =?utf-8?Q?=C3=A9?=', 'Ünraw é'],
  ])('%j', (text, decoded) => {
    expect(decodeWords(text)).toBe(decoded);
  });

  it('asks another for charsets it lacks', () => {
    const charsets = (bytes: Uint8Array, charset: string) => (charset === 'x-own' ? `<${bytes.length}>` : undefined);
    expect(decodeWords('=?X-Own?Q?abc?=', { charsets })).toBe('<3>');
    expect(decodeWords('=?x-other?Q?abc?=', { charsets })).toBe('abc');
  });

  it('undoes encoding, wherever the words are cut', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 45 }), fc.constantFrom('B', 'Q'), (subject, width, encoding) => {
        const bytes = Buffer.from(subject);
        const words: string[] = [];
        for (let at = 0; at < bytes.length; at += width) {
          const piece = bytes.subarray(at, at + width);
          const q = Array.from(piece, (octet) => `=${octet.toString(16).padStart(2, '0')}`).join('');
          words.push(`=?utf-8?${encoding}?${encoding === 'B' ? piece.toString('base64') : q}?=`);
        }
        expect(decodeWords(words.join('\r\n '))).toBe(subject.replace(/[\r\n\0]/g, ' '));
      }),
    );
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      '=?',
      '?=',
      '?',
      'q',
      'B',
      'utf-8',
      '=C3',
      '=',
      'w6k=',
      ' ',
      '\r\n',
      'é',
      'iso-2022-jp',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(typeof decodeWords(pieces.join(''))).toBe('string');
      }),
    );
  });
});
