import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BareLineEnds, CrlfWriter, HeaderEnd } from '../src/format/line-ends.ts';
import { bytesOf } from './support.ts';

const octets = fc.array(fc.constantFrom(0x0a, 0x0d, 0x41), { maxLength: 40 }).map((each) => Uint8Array.from(each));
const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 });

describe('line ends', () => {
  it('are counted and completed wherever the chunks are cut', () => {
    fc.assert(
      fc.property(octets, cuts, (bytes, sizes) => {
        const [counter, writer] = [new BareLineEnds(), new CrlfWriter()];
        const written: Uint8Array[] = [];
        for (const chunk of chunks(bytes, sizes)) {
          counter.push(chunk);
          written.push(writer.push(chunk));
        }
        const expected = Buffer.from(bytes)
          .toString('latin1')
          .replace(/(?<!\r)\n/g, '\r\n');
        expect(Buffer.concat(written).toString('latin1')).toBe(expected);
        expect(counter.count).toBe(expected.length - bytes.length);
      }),
    );
  });

  it('of a header end in an empty line', () => {
    fc.assert(
      fc.property(octets, cuts, (bytes, sizes) => {
        const end = new HeaderEnd();
        const isFound = chunks(bytes, sizes).some((chunk) => end.push(chunk));
        expect(isFound).toBe(/(?:^|\n)\r?\n/.test(Buffer.from(bytes).toString('latin1')));
      }),
    );
    expect(new HeaderEnd().push(bytesOf('Subject: a\r\n\r\nbody'))).toBe(true);
  });
});

function chunks(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const end = offset + sizes[turn % sizes.length]!;
    found.push(bytes.subarray(offset, end));
    offset = end;
  }
  return found;
}
