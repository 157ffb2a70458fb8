import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { decodeText, equalBytes, utf8Bytes } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { transportFromSocket } from '../src/index.ts';
import { deflatePair, readAll, readAtLeast, settles, socketPair, tcpPair } from './pairs.ts';

/** A raw peer that shrugs off resets, and the socket for a transport. */
async function peerAndSocket(): ReturnType<typeof socketPair> {
  const [raw, far] = await socketPair();
  raw.on('error', () => {});
  return [raw, far];
}

const MAX_CHUNK_BYTES = 256 * 1024;

describe('startDeflate', () => {
  it('sends raw DEFLATE, flushed after every write', async () => {
    const [raw, far] = await peerAndSocket();
    const transport = transportFromSocket(far);
    await transport.startDeflate();
    const packets: Buffer[] = [];
    raw.on('data', (chunk) => packets.push(chunk));
    for (const text of ['* OK first\r\n', '* OK second\r\n']) {
      await transport.write(utf8Bytes(text));
      await new Promise((resolve) => raw.once('data', resolve));
    }
    expect(inflateRawSync(Buffer.concat(packets), { finishFlush: constants.Z_SYNC_FLUSH }).toString()).toBe(
      '* OK first\r\n* OK second\r\n',
    );
    raw.destroy();
    transport.destroy();
  });

  it('inflates octets that came with the answer to the command', async () => {
    const [raw, far] = await peerAndSocket();
    const transport = transportFromSocket(far);
    raw.write(deflateRawSync('* 1 EXISTS\r\n', { finishFlush: constants.Z_SYNC_FLUSH }));
    await settles(new Promise(() => {}), 20);
    await transport.startDeflate();
    expect(decodeText(await readAtLeast(transport, 12))).toBe('* 1 EXISTS\r\n');
    raw.destroy();
    transport.destroy();
  });

  it('inflates octets that a read gave before compression began, wherever they were cut', async () => {
    const compressed = deflateRawSync('* 1 EXISTS\r\n* 2 RECENT\r\n', { finishFlush: constants.Z_SYNC_FLUSH });
    for (let cut = 0; cut <= compressed.length; cut++) {
      const [raw, far] = await peerAndSocket();
      const transport = transportFromSocket(far);
      const received = new Uint8Array(compressed.subarray(0, cut));
      await transport.startDeflate(received);
      received.fill(0);
      raw.write(compressed.subarray(cut));
      expect(decodeText(await readAtLeast(transport, 24))).toBe('* 1 EXISTS\r\n* 2 RECENT\r\n');
      raw.destroy();
      transport.destroy();
    }
  });

  it('refuses clear text behind the answer to the command', async () => {
    const [raw, far] = await peerAndSocket();
    const transport = transportFromSocket(far);
    await transport.startDeflate(utf8Bytes('* 1 EXISTS\r\n'));
    await expect(transport.read()).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    raw.destroy();
  });

  it('counts octets as the caller sees them', async () => {
    const [near, far] = await deflatePair(await tcpPair());
    await near.write(new Uint8Array(100_000));
    expect((await readAtLeast(far, 100_000)).length).toBe(100_000);
    expect([near.bytesWritten, far.bytesRead]).toEqual([100_000, 100_000]);
    near.destroy();
    far.destroy();
  });

  it('inflates only as much as is read, in chunks of bounded size', async () => {
    const [raw, far] = await peerAndSocket();
    const transport = transportFromSocket(far);
    await transport.startDeflate();
    const inflatedBytes = 64 * 1024 * 1024;
    const bomb = deflateRawSync(new Uint8Array(inflatedBytes), { finishFlush: constants.Z_SYNC_FLUSH });
    expect(bomb.length).toBeLessThan(100_000);
    raw.end(bomb);
    const first = await transport.read();
    await settles(new Promise(() => {}), 100);
    expect(first!.length).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
    expect(transport.bytesRead).toBe(first!.length);
    let longest = 0;
    for (let chunk = await transport.read(); chunk !== null; chunk = await transport.read()) {
      longest = Math.max(longest, chunk.length);
    }
    expect(longest).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
    expect(transport.bytesRead).toBe(inflatedBytes);
    transport.destroy();
  });

  it('reports octets that are not compressed', async () => {
    const [raw, far] = await peerAndSocket();
    const transport = transportFromSocket(far);
    await transport.startDeflate();
    raw.write('* OK this is clear text\r\n');
    await expect(readAll(transport)).rejects.toMatchObject({
      code: 'TRANSPORT_BROKEN',
      message: 'the peer sent octets that are not compressed',
    });
    await expect(transport.write(utf8Bytes('x'))).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    raw.destroy();
  });

  it('reports a reset', async () => {
    const [raw, far] = await peerAndSocket();
    const transport = transportFromSocket(far);
    await transport.startDeflate();
    const reading = transport.read();
    raw.resetAndDestroy();
    await expect(reading).rejects.toMatchObject({ code: 'TRANSPORT_BROKEN' });
    await transport.close();
  });

  it('ends the compressed stream when the connection ends', async () => {
    const [near, far] = await deflatePair(await tcpPair());
    const text = utf8Bytes('x'.repeat(300_000));
    const received = readAll(far);
    await near.write(text);
    await Promise.all([near.close(), received.then(() => far.close())]);
    expect(equalBytes(await received, text)).toBe(true);
  });
});
