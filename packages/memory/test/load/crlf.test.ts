import { collectBytes, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crlfChunks } from '../../src/load/crlf.ts';

async function converted(chunks: readonly string[]): Promise<string> {
  async function* source(): AsyncIterable<Uint8Array> {
    for (const chunk of chunks) yield utf8Bytes(chunk);
  }
  return new TextDecoder().decode(await collectBytes(crlfChunks(source())));
}

it.each([
  ['', ''],
  ['\n', '\r\n'],
  ['\r\n', '\r\n'],
  ['\n\n', '\r\n\r\n'],
  ['\r', '\r'],
  ['a\rb\n', 'a\rb\r\n'],
  ['a\r\r\nb', 'a\r\r\nb'],
])('turns %j into %j', async (from, to) => {
  expect(await converted([from])).toBe(to);
});

it('does the same wherever the chunks end', async () => {
  const chunk = fc.string({ unit: fc.constantFrom('\r', '\n', 'a'), maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { maxLength: 6 }), async (chunks) => {
      expect(await converted(chunks)).toBe(chunks.join('').replace(/\r?\n/g, '\r\n'));
    }),
  );
});
