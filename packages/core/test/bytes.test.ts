import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectBytes, concatBytes, decodeText, equalBytes, utf8Bytes } from '../src/index.ts';

const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 });

async function* stream(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

describe('text', () => {
  test('UTF-8 goes there and back, byte order marks included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeText(utf8Bytes(`\ufeff${text}`))).toBe(`\ufeff${text}`);
      }),
    );
  });

  test('what is no UTF-8 is read as windows-1252', () => {
    expect(decodeText(Uint8Array.of(0x80, 0xfc))).toBe('€ü');
    expect(decodeText(Uint8Array.of(0xc3, 0xa4, 0xff))).toBe('Ã¤ÿ');
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeText(bytes)));
  });
});

describe('arrays', () => {
  test('are joined in order', () => {
    fc.assert(
      fc.property(chunks, (parts) => {
        expect([...concatBytes(parts)]).toEqual(parts.flatMap((part) => [...part]));
      }),
    );
    const only = Uint8Array.of(1);
    expect(concatBytes([only])).toBe(only);
  });

  test('are equal when their octets are', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
    expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true);
  });
});

describe('streams', () => {
  test('are read whole', async () => {
    expect(await collectBytes(stream(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3)))).toEqual(
      Uint8Array.of(1, 2, 3),
    );
    expect(await collectBytes(stream())).toEqual(new Uint8Array());
  });

  test('are left off at the limit', async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read++;
        yield new Uint8Array(10);
      }
    }
    await expect(collectBytes(endless(), { maxBytes: 25 })).rejects.toThrow(RangeError);
    expect(read).toBe(3);
    expect(await collectBytes(stream(new Uint8Array(25)), { maxBytes: 25 })).toHaveLength(25);
  });
});
