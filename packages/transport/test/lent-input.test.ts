import { decodeText, equalBytes, type Transport, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectTcp, type LendingTransport, lendsChunks } from '../src/index.ts';
import { deferred, lendingPair, lendingTlsPair, localhost, rawServer, readAtLeast, settles, tcpPair } from './pairs.ts';

const BLOCK = new Uint8Array(4 * 1024 * 1024).map((_, index) => (index * 31) ^ (index >> 7));

function lending(transport: Transport): LendingTransport {
  if (!lendsChunks(transport)) throw new Error('nothing is lent');
  return transport;
}

describe('chunks that are lent', () => {
  it('are lent to who asks for it, and not once startTls or startDeflate was called', async () => {
    const [plain] = await tcpPair();
    expect(lendsChunks(plain)).toBe(false);
    const [near, far] = await lendingPair();
    expect(lendsChunks(near)).toBe(true);
    const { ca, cert, key } = await localhost();
    await Promise.all([near.startTls({ host: 'localhost', ca }), far.startTls({ role: 'server', cert, key })]);
    expect(lendsChunks(near)).toBe(false);
    const [other, peer] = await lendingPair();
    await other.startDeflate();
    expect(lendsChunks(other)).toBe(false);
    for (const transport of [plain, near, far, other, peer]) transport.destroy();
  });

  it('are all read before a reset is told', async () => {
    const accepted = deferred<{ resetAndDestroy(): unknown; write(text: string): unknown }>();
    const { server, port } = await rawServer(accepted.resolve);
    const near = await connectTcp({ host: '127.0.0.1', port, lendsChunks: true });
    const peer = await accepted.promise;
    peer.write('* OK\r\n');
    expect(decodeText(await readAtLeast(near, 6))).toBe('* OK\r\n');
    peer.resetAndDestroy();
    await expect(near.read()).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    server.close();
  });

  it('that nobody read before a handshake are refused', async () => {
    const [near, far] = await lendingPair();
    await far.write(utf8Bytes('* OK injected\r\n'));
    await settles(new Promise(() => {}), 20);
    await expect(near.startTls({ host: 'localhost' })).rejects.toMatchObject({ code: 'TRANSPORT_PLAINTEXT_BUFFERED' });
    far.destroy();
  });

  it('that nobody read before DEFLATE are inflated', async () => {
    const [near, far] = await lendingPair();
    await far.startDeflate();
    await far.write(utf8Bytes('* OK compressed\r\n'));
    await settles(new Promise(() => {}), 20);
    await near.startDeflate();
    expect(decodeText(await readAtLeast(near, 17))).toBe('* OK compressed\r\n');
    near.destroy();
    far.destroy();
  });
});

describe.each([
  ['TCP', lendingPair],
  ['TLS', lendingTlsPair],
])('chunks that are lent over %s', (_, makePair) => {
  it('come in memory that is used again, and in order', async () => {
    const [near, far] = await makePair();
    const writing = Promise.all([far.write(BLOCK), far.write(BLOCK)]);
    const arrays = new Set<ArrayBufferLike>();
    let offset = 0;
    while (offset < 2 * BLOCK.length) {
      const chunk = await lending(near).read();
      arrays.add(chunk!.buffer);
      const from = offset % BLOCK.length;
      const isSame = equalBytes(chunk!.subarray(0, BLOCK.length - from), BLOCK.subarray(from, from + chunk!.length));
      expect(isSame).toBe(true);
      offset += chunk!.length;
      // A reader that is slow now and then.
      if (offset % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    // Three arrays, made larger a few times.
    expect(arrays.size).toBeLessThan(16);
    near.destroy();
    far.destroy();
  });

  it('stay as they are until the next read, however much waits', async () => {
    const [near, far] = await makePair();
    await far.write(utf8Bytes('first'));
    const first = await near.read();
    const writing = far.write([BLOCK, BLOCK]);
    await settles(writing);
    expect(decodeText(first!)).toBe('first');
    const second = await near.read();
    const seen = Uint8Array.from(second!);
    await settles(new Promise(() => {}), 20);
    expect(equalBytes(second!, seen)).toBe(true);
    near.destroy();
    far.destroy();
    await writing.catch(() => {});
  });

  it('stay for good when they are kept', async () => {
    const [near, far] = await makePair();
    const writing = far.write(BLOCK);
    const kept: Uint8Array[] = [];
    for (let size = 0; size < BLOCK.length; ) {
      const chunk = await near.read();
      lending(near).keepChunk();
      kept.push(chunk!);
      size += chunk!.length;
    }
    await writing;
    expect(equalBytes(Buffer.concat(kept), BLOCK)).toBe(true);
    near.destroy();
    far.destroy();
  });

  it('are all read before the end of the stream', async () => {
    const [near, far] = await makePair();
    await far.write(utf8Bytes('* BYE\r\n'));
    const closed = far.close();
    await settles(new Promise(() => {}), 20);
    expect(decodeText(await readAtLeast(near, 7))).toBe('* BYE\r\n');
    expect(await near.read()).toBeNull();
    expect(await near.read()).toBeNull();
    near.destroy();
    await closed;
  });

  it('come as they should to a reader that is slow, or stops for a while, whatever is written', async () => {
    const write = fc.record({
      length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 300_000 }), fc.constant(16_384)),
      turns: fc.nat({ max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat({ max: 4 })),
        async (writes, pauses) => {
          const [near, far] = await makePair();
          const total = writes.reduce((sum, { length }) => sum + length, 0);
          const writing = (async () => {
            let at = 0;
            for (const { length, turns } of writes) {
              await far.write(BLOCK.slice(at, at + length));
              at += length;
              await turnsOf(turns);
            }
          })();
          for (let at = 0, count = 0; at < total; count++) {
            const chunk = await near.read();
            await turnsOf(pauses[count % (pauses.length + 1)] ?? 0);
            expect(equalBytes(chunk!, BLOCK.subarray(at, at + chunk!.length))).toBe(true);
            at += chunk!.length;
          }
          await writing;
          near.destroy();
          far.destroy();
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('chunks that are lent over TLS', () => {
  it('are larger than records, and their memory is used again', async () => {
    const [near, far] = await lendingTlsPair();
    const writing = far.write(BLOCK);
    const arrays = new Set<ArrayBufferLike>();
    let chunks = 0;
    for (let at = 0; at < BLOCK.length; chunks++) {
      const chunk = await near.read();
      arrays.add(chunk!.buffer);
      at += chunk!.length;
    }
    await writing;
    expect(chunks).toBeLessThan(BLOCK.length / 16_384);
    expect(arrays.size).toBeLessThan(16);
    near.destroy();
    far.destroy();
  });
});

async function turnsOf(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
