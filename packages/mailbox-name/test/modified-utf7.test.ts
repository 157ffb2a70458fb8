import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeModifiedUtf7, encodeModifiedUtf7, type NameFaultType } from '../src/index.ts';

const units = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x7e })))
  .map((codes) => String.fromCharCode(...codes));
const hostile = fc
  .array(fc.constantFrom('&', '-', 'A', 'O', 'Q', '/', ',', '+', '2', '!', 'ä', '\u0000', '&AOQ-', '2D3', '\ud83d'))
  .map((parts) => parts.join(''));

describe('known answers', () => {
  test.each([
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-', 'RFC 3501 section 5.1.3'],
    ['台北日本語', '&U,BTF2XlZyyKng-', 'RFC 3501 section 5.1.3'],
    ['☺!', '&Jjo-!', 'RFC 3501 section 5.1.3'],
    ['Entwürfe', 'Entw&APw-rfe', 'one letter'],
    ['R&D', 'R&-D', 'RFC 3501 section 5.1.3, "&-"'],
    ['ä&ä', '&AOQ-&-&AOQ-', 'an ampersand between encoded runs'],
    ['📬', '&2D3c7A-', 'beyond U+FFFF'],
    ['a\tb', 'a&AAk-b', 'control characters'],
    ['', '', 'nothing'],
  ])('%j is %j (%s)', (text, wire) => {
    expect(encodeModifiedUtf7(text)).toBe(wire);
    expect(decodeModifiedUtf7(wire)).toEqual({ text, faults: [] });
  });
});

describe('faults are named and read all the same', () => {
  test.each<[wire: string, text: string, type: NameFaultType, offset: number]>([
    // RFC 3501 section 5.1.3 names the first two as not permitted.
    ['&Jjo!', '☺!', 'unterminatedShift', 0],
    ['&U,BTFw-&ZeVnLIqe-', '台北日本語', 'adjacentShifts', 8],
    // Yandex merges printable ASCII into the encoded run.
    ['&BBAAJg-', 'А&', 'encodedAscii', 0],
    ['x&AGE-', 'xa', 'encodedAscii', 1],
    ['Entwürfe', 'Entwürfe', 'unencoded', 4],
    ['a\tb', 'a\tb', 'unencoded', 1],
    ['R&D', 'R&D', 'bareAmpersand', 1],
    ['a&', 'a&', 'bareAmpersand', 1],
    ['AT&T/x', 'AT&T/x', 'bareAmpersand', 2],
    ['Tom&Amy', 'Tom&Amy', 'bareAmpersand', 3],
    ['a&b-c', 'a&b-c', 'malformedBase64', 1],
    ['&AOQA-', '&AOQA-', 'malformedBase64', 0],
    ['&AOR-', 'ä', 'paddingBits', 0],
    ['&2D0-x', '\ud83dx', 'loneSurrogate', 0],
    ['&AOQ', 'ä', 'unterminatedShift', 0],
    ['&AOQ/x', 'ä/x', 'unterminatedShift', 0],
  ])('%j reads as %j: %s', (wire, text, type, offset) => {
    expect(decodeModifiedUtf7(wire)).toEqual({ text, faults: [{ type, offset }] });
  });

  test('several faults of one name are all told, in order', () => {
    const { text, faults } = decodeModifiedUtf7('ä&AGE&AOR');
    expect(text).toBe('äa&AOR');
    expect(faults).toEqual([
      { type: 'unencoded', offset: 0 },
      { type: 'unterminatedShift', offset: 1 },
      { type: 'encodedAscii', offset: 1 },
      { type: 'bareAmpersand', offset: 5 },
    ]);
  });

  test('a character cut in two by adjacent runs comes out whole', () => {
    const { text, faults } = decodeModifiedUtf7('&2D0-&3Ow-');
    expect(text).toBe('📬');
    expect(faults.map(({ type }) => type)).toEqual(['loneSurrogate', 'adjacentShifts', 'loneSurrogate']);
  });
});

describe('properties', () => {
  test('decoding undoes encoding for every string of UTF-16 units', () => {
    fc.assert(
      fc.property(units, (text) => {
        const wire = encodeModifiedUtf7(text);
        expect(wire).toMatch(/^[\u0020-\u007e]*$/);
        const decoded = decodeModifiedUtf7(wire);
        expect(decoded.text).toBe(text);
        expect(decoded.faults.every(({ type }) => type === 'loneSurrogate')).toBe(true);
      }),
    );
  });

  test('whatever comes is read, and has a fault exactly when it is not the one right spelling', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, units), (wire) => {
        const { text, faults } = decodeModifiedUtf7(wire);
        const isExact = faults.every(({ type }) => type === 'loneSurrogate');
        expect(encodeModifiedUtf7(text) === wire).toBe(isExact);
        for (const { offset } of faults) expect(offset).toBeLessThan(wire.length);
      }),
      { numRuns: 2000 },
    );
  });
});
