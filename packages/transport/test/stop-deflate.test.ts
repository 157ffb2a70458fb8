import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib';
import { decodeText, InvalidStateError, type Transport, utf8Bytes } from '@posthorn/core';
import { afterEach, describe, expect, it } from 'vitest';
import { canStopDeflate, type DeflatingTransport, memoryPair, transportFromSocket } from '../src/index.ts';
import {
  deflatePair,
  duplexPair,
  lendingPair,
  lendingTlsPair,
  readAtLeast,
  settles,
  socketPair,
  tcpPair,
  tlsPair,
} from './pairs.ts';

const opened: { destroy(): unknown }[] = [];
afterEach(() => {
  for (const transport of opened.splice(0)) transport.destroy();
});

function stoppable(transport: Transport): DeflatingTransport {
  if (!canStopDeflate(transport)) throw new Error('its compression cannot end');
  return transport;
}

describe.each([
  ['TCP', tcpPair],
  ['TCP with chunks that were lent', lendingPair],
  ['TLS', tlsPair],
  ['TLS with chunks that were lent', lendingTlsPair],
  ['a duplex stream', duplexPair],
])('compression that ends over %s', (_, makePair) => {
  it('leaves a connection that goes on as it is, and may begin again', async () => {
    const [near, far] = await makePair();
    opened.push(near, far);
    for (let round = 0; round < 3; round++) {
      await deflatePair([near, far]);
      await near.write(utf8Bytes('a UNAUTHENTICATE\r\n'));
      expect(decodeText(await readAtLeast(far, 18))).toBe('a UNAUTHENTICATE\r\n');
      await far.write(utf8Bytes('a OK\r\n'));
      await stoppable(far).stopDeflate();
      expect(decodeText(await readAtLeast(near, 6))).toBe('a OK\r\n');
      await stoppable(near).stopDeflate();
      const long = 'b LOGIN '.padEnd(300_000, 'x');
      const [received] = await Promise.all([readAtLeast(far, long.length), near.write(utf8Bytes(long))]);
      expect(decodeText(received) === long).toBe(true);
      await far.write(utf8Bytes('b OK\r\n'));
      expect(decodeText(await readAtLeast(near, 6))).toBe('b OK\r\n');
    }
    await Promise.all([near.close(), far.close()]);
  });
});

describe('the end of compression', () => {
  it.each([
    ['a flush', constants.Z_SYNC_FLUSH],
    ['the end of the compressed stream', constants.Z_FINISH],
  ])('may come late, wherever %s is cut', async (_, finishFlush) => {
    const text = 'a OK done\r\n';
    const compressed = deflateRawSync(text, { finishFlush });
    let cuts = 0;
    for (let withheld = 0; withheld <= 6; withheld++) {
      const [raw, far] = await socketPair();
      raw.on('error', () => {});
      opened.push(raw, far);
      const transport = transportFromSocket(far);
      await transport.startDeflate();
      raw.write(compressed.subarray(0, compressed.length - withheld));
      const reading = readAtLeast(transport, text.length);
      reading.catch(() => {});
      // Less than that is not yet the answer.
      if (withheld > 0 && !(await settles(reading, 200))) continue;
      await reading;
      cuts++;
      await stoppable(transport).stopDeflate();
      const late = compressed.subarray(compressed.length - withheld);
      if (withheld > 0) raw.write(late);
      raw.write('* plain\r\n');
      expect(decodeText(await readAtLeast(transport, 9))).toBe('* plain\r\n');
    }
    expect(cuts).toBeGreaterThan(0);
  });

  it('sends what follows as it is', async () => {
    const [raw, far] = await socketPair();
    raw.on('error', () => {});
    opened.push(raw, far);
    const transport = transportFromSocket(far);
    await transport.startDeflate();
    const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    deflate.pipe(raw);
    deflate.write('a OK\r\n');
    expect(decodeText(await readAtLeast(transport, 6))).toBe('a OK\r\n');
    await stoppable(transport).stopDeflate();
    const received = new Promise((resolve) => raw.once('data', resolve));
    await transport.write(utf8Bytes('b LOGIN\r\n'));
    expect(String(await received)).toBe('b LOGIN\r\n');
  });

  it('is refused where nothing is compressed, or something is still to be read', async () => {
    const [near, far] = await tcpPair();
    opened.push(near, far);
    await expect(stoppable(near).stopDeflate()).rejects.toMatchObject({ code: 'TRANSPORT_UNSUPPORTED' });
    await deflatePair([near, far]);
    await far.write(utf8Bytes('* 1 EXISTS\r\n'));
    const reading = stoppable(near).read();
    await expect(stoppable(near).stopDeflate()).rejects.toThrow(InvalidStateError);
    expect((await reading)?.length).toBe(12);
    expect(canStopDeflate(memoryPair()[0])).toBe(false);
  });
});
