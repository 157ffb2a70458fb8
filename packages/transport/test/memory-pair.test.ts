import { readFile } from 'node:fs/promises';
import { concatBytes, decodeText, equalBytes, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryPair } from '../src/memory-pair.ts';
import { readAll, settles } from './pairs.ts';

describe('memoryPair', () => {
  it('carries any writes through any bound, with reads at any time', async () => {
    const writes = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        writes,
        fc.integer({ min: 1, max: 50 }),
        fc.scheduler(),
        async (chunks, highWaterMark, scheduler) => {
          const [near, far] = memoryPair({ highWaterMark });
          const received: Uint8Array[] = [];
          const reading = (async () => {
            for (;;) {
              await scheduler.schedule(Promise.resolve());
              const chunk = await far.read();
              if (chunk === null) return;
              expect(chunk.length).toBeGreaterThan(0);
              expect(chunk.length).toBeLessThanOrEqual(highWaterMark);
              received.push(chunk);
            }
          })();
          const writing = (async () => {
            for (const chunk of chunks) {
              await scheduler.schedule(Promise.resolve());
              const sent = new Uint8Array(chunk);
              await near.write(sent);
              sent.fill(0);
            }
            await near.close();
          })();
          await scheduler.waitFor(Promise.all([reading, writing]));
          expect(equalBytes(concatBytes(received), concatBytes(chunks))).toBe(true);
        },
      ),
    );
  });

  it('takes as much as its bound, and waits with the rest', async () => {
    const [near, far] = memoryPair({ highWaterMark: 4 });
    await near.write(utf8Bytes('1234'));
    const waiting = near.write(utf8Bytes('56789abc'));
    expect(await settles(waiting)).toBe(false);
    expect(decodeText((await far.read())!)).toBe('1234');
    expect(await settles(waiting)).toBe(false);
    expect(decodeText((await far.read())!)).toBe('5678');
    await waiting;
    expect(decodeText((await far.read())!)).toBe('9abc');
  });

  it('delivers what waits when it is closed', async () => {
    const [near, far] = memoryPair({ highWaterMark: 2 });
    const waiting = near.write(utf8Bytes('hello'));
    await near.close();
    await waiting;
    expect(decodeText(await readAll(far))).toBe('hello');
  });

  it('delivers what was taken before it was destroyed, then a reset', async () => {
    const [near, far] = memoryPair({ highWaterMark: 2 });
    const waiting = near.write(utf8Bytes('hello'));
    near.destroy();
    await expect(waiting).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    expect(decodeText((await far.read())!)).toBe('he');
    await expect(far.read()).rejects.toMatchObject({ message: 'the peer reset the connection' });
    await expect(far.write(utf8Bytes('x'))).rejects.toMatchObject({ message: 'the peer reset the connection' });
    await far.close();
  });

  it('rejects a write that waits when the peer closes', async () => {
    const [near, far] = memoryPair({ highWaterMark: 2 });
    const waiting = near.write(utf8Bytes('hello'));
    await far.close();
    await expect(waiting).rejects.toMatchObject({ message: 'the peer closed the connection' });
    expect(await near.read()).toBeNull();
  });

  it('handles many small writes in linear time', async () => {
    const [near, far] = memoryPair({ highWaterMark: 1_000_000 });
    for (let count = 0; count < 100_000; count++) await near.write(utf8Bytes('x'));
    await near.close();
    expect((await readAll(far)).length).toBe(100_000);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a bound of %d', (highWaterMark) => {
    expect(() => memoryPair({ highWaterMark })).toThrow(RangeError);
  });

  it('imports nothing of Node', async () => {
    for (const [file, imports] of [
      ['memory-pair', ['@posthorn/core', './patience.ts']],
      ['patience', ['@posthorn/core']],
    ] as const) {
      const source = await readFile(new URL(`../src/${file}.ts`, import.meta.url), 'utf8');
      expect([...source.matchAll(/ from '([^']+)'/g)].map((match) => match[1])).toEqual(imports);
      expect(source).not.toMatch(/\b(?:Buffer|process\.\w|setImmediate)/);
    }
  });
});
