import { concatBytes, emailId } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentWriter, contentChunks } from '../src/message-content.ts';

function written(chunks: readonly Uint8Array[]) {
  const writer = new ContentWriter();
  for (const chunk of chunks) writer.write(chunk);
  return writer.finish(emailId('M1'));
}

describe('content', () => {
  it('gives any range of what was written, in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 9_000 }), { maxLength: 6 }),
        fc.nat(60_000),
        fc.nat(60_000),
        (chunks, one, other) => {
          const whole = concatBytes(chunks);
          const [start, end] = [Math.min(one, other), Math.max(one, other)];
          const content = written(chunks);
          expect(content.size).toBe(whole.length);
          const found = concatBytes([...contentChunks(content, start, Math.min(end, whole.length))]);
          expect(Buffer.from(found).equals(whole.subarray(start, end))).toBe(true);
        },
      ),
    );
  });

  it('of many small chunks takes few blocks, and of a large one no more than it needs', () => {
    const small = written(Array.from({ length: 100_000 }, () => Uint8Array.of(1, 2, 3, 4, 5, 6, 7)));
    expect(small.blocks.length).toBeLessThan(12);
    const large = written([new Uint8Array(3_000_000)]);
    expect(large.blocks.reduce((sum, block) => sum + block.buffer.byteLength, 0)).toBe(3_000_000);
  });

  it('of nothing has no blocks', () => {
    expect(written([new Uint8Array(0)])).toMatchObject({ size: 0, blocks: [] });
  });
});
