import { describe, expect, test } from 'vitest';
import { collect, outcome, selected, session, text } from './support.ts';

const MESSAGE = 'x'.repeat(200_000);
const FETCHED = `${selected(1)}
  C: {a} UID FETCH 1 (UID BODY.PEEK[])
  S: * 1 FETCH (UID 1 BODY[] {${MESSAGE.length}}
  S: ${MESSAGE})
  S: {a} OK done`;

describe('a body written to a sink', () => {
  test('arrives whole, and the sink is closed', async () => {
    const { client } = await session(FETCHED);
    const inbox = await client.select('INBOX');
    const chunks: string[] = [];
    let isClosed = false;
    for await (const { body } of inbox.fetch('1', { body: true })) {
      const sink = new WritableStream<Uint8Array>({
        write: async (chunk) => {
          await new Promise((resolve) => setImmediate(resolve));
          chunks.push(text(chunk));
        },
        close: () => {
          isClosed = true;
        },
      });
      await body.pipeTo(sink);
    }
    expect([chunks.join('') === MESSAGE, isClosed]).toEqual([true, true]);
  });

  test.each([false, true])('stops when the sink fails, with chunks that are lent or not: %s', async (lendsChunks) => {
    const { client } = await session(FETCHED);
    const inbox = await client.select('INBOX');
    const full = new Error('the disk is full');
    const loop = async (): Promise<void> => {
      for await (const { body } of inbox.fetch('1', { body: true })) {
        await body.pipeTo(
          new WritableStream({
            write: () => {
              throw full;
            },
          }),
          { lendsChunks },
        );
      }
    };
    expect(await outcome(loop())).toBe(full);
    expect(await collect(inbox.fetch('', {}))).toEqual([]);
  });
});
