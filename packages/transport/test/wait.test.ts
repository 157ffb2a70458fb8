import { concatBytes, decodeText, equalBytes, utf8Bytes } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { PAIRS, readAll, readAtLeast, settles } from './pairs.ts';

describe.each([...PAIRS])('a wait on a transport over %s', (_, makePair) => {
  it('ends a read with the reason of its signal, and the next read misses nothing', async () => {
    const [near, far] = await makePair();
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    const reading = near.read({ signal: abort.signal });
    abort.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(near.read({ signal: abort.signal })).rejects.toBe(reason);
    await far.write(utf8Bytes('* OK\r\n'));
    expect(decodeText(await readAtLeast(near, 6))).toBe('* OK\r\n');
    near.destroy();
    far.destroy();
  });

  it('ends a read after its time, and the next read misses nothing', async () => {
    const [near, far] = await makePair();
    await expect(near.read({ timeoutMs: 5 })).rejects.toMatchObject({
      code: 'TRANSPORT_TIMEOUT',
      message: 'reading took longer than 5 ms',
    });
    await far.write(utf8Bytes('* OK\r\n'));
    expect(decodeText((await near.read({ timeoutMs: 60_000 }))!)).toMatch(/^\*/);
    near.destroy();
    far.destroy();
  });

  it('ends a write that the peer does not take, and its octets still arrive', async () => {
    const [near, far] = await makePair();
    const block = crypto.getRandomValues(new Uint8Array(65_536));
    const blocks = Array.from({ length: 64 }, () => block);
    const abort = new AbortController();
    const reason = new Error('changed my mind');
    let writing = near.write(blocks, { signal: abort.signal });
    while (await settles(writing)) writing = near.write(blocks, { signal: abort.signal });
    abort.abort(reason);
    await expect(writing).rejects.toBe(reason);
    const received = await readAtLeast(far, near.bytesWritten);
    expect(received).toHaveLength(near.bytesWritten);
    expect(equalBytes(received.subarray(-65_536), block)).toBe(true);
    near.destroy();
    far.destroy();
  });

  it('writes nothing when its signal fired before', async () => {
    const [near, far] = await makePair();
    const reason = new Error('changed my mind');
    await expect(near.write(utf8Bytes('x'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(near.bytesWritten).toBe(0);
    near.destroy();
    far.destroy();
  });

  it('leaves nothing behind that keeps a process or a signal busy', async () => {
    const [near, far] = await makePair();
    const signal = new AbortController().signal;
    const listeners: unknown[] = [];
    signal.addEventListener = ((_type: string, listener: unknown) => listeners.push(listener)) as never;
    signal.removeEventListener = ((_type: string, listener: unknown) =>
      listeners.splice(listeners.indexOf(listener), 1)) as never;
    const received: Uint8Array[] = [];
    for (let count = 0; count < 20; count++) {
      await far.write(utf8Bytes('x'), { signal, timeoutMs: 3_600_000 });
      received.push((await near.read({ signal, timeoutMs: 3_600_000 }))!);
    }
    expect(concatBytes(received)).toHaveLength(20);
    expect(listeners).toEqual([]);
    const ended = readAll(near);
    await far.close();
    await ended;
    await near.close();
  });
});
