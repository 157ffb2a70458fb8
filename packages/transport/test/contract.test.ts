import { concatBytes, decodeText, equalBytes, InvalidStateError, TransportError, utf8Bytes } from '@posthorn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAIRS, readAll, readAtLeast, settles } from './pairs.ts';

const MEBIBYTE = new Uint8Array(1024 * 1024).map((_, index) => (index * 31) ^ (index >> 7));

describe.each([...PAIRS])('a transport over %s', (_, makePair) => {
  it('carries octets in order, both ways, and counts them', async () => {
    const [near, far] = await makePair();
    await near.write(utf8Bytes('there'));
    await far.write([utf8Bytes('and '), utf8Bytes(''), utf8Bytes('back')]);
    expect(decodeText(await readAtLeast(far, 5))).toBe('there');
    expect(decodeText(await readAtLeast(near, 8))).toBe('and back');
    expect([near.bytesRead, near.bytesWritten, far.bytesRead, far.bytesWritten]).toEqual([8, 5, 5, 8]);
    near.destroy();
    far.destroy();
  });

  it('gives plain arrays, never empty, that stay as they are', async () => {
    const [near, far] = await makePair();
    const sent = utf8Bytes('first');
    await near.write(new Uint8Array());
    await near.write([]);
    await near.write(sent);
    sent.fill(0);
    const chunk = await far.read();
    expect(Object.getPrototypeOf(chunk)).toBe(Uint8Array.prototype);
    await near.write(utf8Bytes('second'));
    expect(decodeText(await readAtLeast(far, 6))).toBe('second');
    expect(decodeText(chunk!)).toBe('first');
    near.destroy();
    far.destroy();
  });

  it('carries any writes whole', async () => {
    const write = fc.oneof(fc.uint8Array({ maxLength: 200_000 }), fc.array(fc.uint8Array({ maxLength: 70_000 })));
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 6 }), async (writes) => {
        const [near, far] = await makePair();
        const received = readAll(far);
        for (const data of writes) await near.write(data);
        await Promise.all([near.close(), received.then(() => far.close())]);
        expect(equalBytes(await received, concatBytes(writes.flat()))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('does not take more than the peer reads, and goes on when it does', async () => {
    const [near, far] = await makePair();
    // What does not compress, so that it fills the line.
    const block = new Uint8Array(4 * MEBIBYTE.length);
    for (let offset = 0; offset < block.length; offset += 65_536)
      crypto.getRandomValues(block.subarray(offset, offset + 65_536));
    let accepted = 0;
    let pending = near.write(block);
    while (await settles(pending)) {
      accepted++;
      expect(accepted).toBeLessThan(20);
      pending = near.write(block);
    }
    const received = readAtLeast(far, (accepted + 1) * block.length);
    await pending;
    expect((await received).length).toBe((accepted + 1) * block.length);
    near.destroy();
    far.destroy();
  });

  it('ends the stream after what was written, once', async () => {
    const [near, far] = await makePair();
    const written = near.write(MEBIBYTE);
    const closed = Promise.all([near.close(), near.close()]);
    expect(equalBytes(await readAll(far), MEBIBYTE)).toBe(true);
    expect(await far.read()).toBeNull();
    await far.close();
    await Promise.all([written, closed]);
    await near.close();
    near.destroy();
  });

  it('reads no more and refuses to write once closed', async () => {
    const [near, far] = await makePair();
    const reading = near.read();
    const closed = near.close();
    expect(await reading).toBeNull();
    expect(await near.read()).toBeNull();
    await expect(near.write(utf8Bytes('x'))).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    await far.close();
    await closed;
    await expect(far.write(utf8Bytes('x'))).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
  });

  it('closes although the peer neither reads nor closes', async () => {
    const [near, far] = await makePair();
    await near.write(utf8Bytes('bye'));
    await near.close();
    far.destroy();
  });

  it('rejects a read under way, and all later work, with the reason for destroying it', async () => {
    const [near, far] = await makePair();
    const reason = new Error('enough');
    const reading = near.read();
    near.destroy(reason);
    near.destroy(new Error('again'));
    await expect(reading).rejects.toBe(reason);
    await expect(near.read()).rejects.toBe(reason);
    await expect(near.write(utf8Bytes('x'))).rejects.toBe(reason);
    await near.close();
    far.destroy();
  });

  it('rejects a write under way with the reason for destroying it', async () => {
    const [near, far] = await makePair();
    const reason = new Error('enough');
    const writes = Array.from({ length: 40 }, () => near.write(MEBIBYTE));
    near.destroy(reason);
    const results = await Promise.allSettled(writes);
    expect(results.at(-1)).toEqual({ status: 'rejected', reason });
    far.destroy();
  });

  it('closes when it is destroyed at any moment of its end', async () => {
    for (let turns = 0; turns < 6; turns++) {
      const [near, far] = await makePair();
      const closing = near.close();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      near.destroy(new Error('no time left'));
      await closing;
      far.destroy();
    }
  });

  it('tells why without a reason', async () => {
    const [near, far] = await makePair();
    near.destroy();
    await expect(near.read()).rejects.toThrow(new TransportError('TRANSPORT_BROKEN', 'the connection was destroyed'));
    far.destroy();
  });

  it('notices a peer that is gone', async () => {
    const [near, far] = await makePair();
    far.destroy();
    const failure = await readAll(near).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure !== undefined) expect(failure).toMatchObject({ code: 'TRANSPORT_BROKEN' });
    let written: unknown;
    for (let count = 0; count < 100 && written === undefined; count++) {
      written = await near.write(MEBIBYTE).catch((error: unknown) => error);
    }
    expect(written).toMatchObject({ code: 'TRANSPORT_BROKEN' });
    near.destroy();
  });

  it('allows one read at a time', async () => {
    const [near, far] = await makePair();
    const first = near.read();
    await expect(near.read()).rejects.toThrow(InvalidStateError);
    await expect(near.startTls({ host: 'localhost' })).rejects.toThrow(/read|TLS/);
    await far.write(utf8Bytes('x'));
    expect(decodeText((await first)!)).toBe('x');
    near.destroy();
    far.destroy();
  });
});
