import { decodeText, equalBytes, type Transport, utf8Bytes } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { connectTcp, type LendingTransport, lendsChunks } from '../src/index.ts';
import { deferred, lendingPair, localhost, rawServer, readAtLeast, settles, tcpPair } from './pairs.ts';

const BLOCK = new Uint8Array(4 * 1024 * 1024).map((_, index) => (index * 31) ^ (index >> 7));

function lending(transport: Transport): LendingTransport {
  if (!lendsChunks(transport)) throw new Error('nothing is lent');
  return transport;
}

describe('chunks that are lent', () => {
  it('are lent to who asks for it, and not once the connection is encrypted or compressed', async () => {
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

  it('come in memory that is used again, and in order', async () => {
    const [near, far] = await lendingPair();
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
    const [near, far] = await lendingPair();
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
    const [near, far] = await lendingPair();
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
    const [near, far] = await lendingPair();
    await far.write(utf8Bytes('* BYE\r\n'));
    const closed = far.close();
    await settles(new Promise(() => {}), 20);
    expect(decodeText(await readAtLeast(near, 7))).toBe('* BYE\r\n');
    expect(await near.read()).toBeNull();
    expect(await near.read()).toBeNull();
    near.destroy();
    await closed;
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
