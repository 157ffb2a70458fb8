import { createServer, type Socket } from 'node:net';
import { equalBytes } from '@posthorn/core';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type ImapClient, type SelectedMailbox } from '../src/index.ts';

const SIZE = 3 * 1024 * 1024;
const BODY = new Uint8Array(SIZE).map((_, index) => (index * 31) ^ (index >> 9));
const closing: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An INBOX of two messages behind a real socket, which is where chunks are lent. */
async function openInbox(): Promise<{ readonly client: ImapClient; readonly inbox: SelectedMailbox }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n');
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
        answer(socket, received.slice(0, end));
        received = received.slice(end + 2);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = await connect({ host: '127.0.0.1', port, security: 'none' });
  closing.push(
    () => client.destroy(),
    () => server.close(),
  );
  return { client, inbox: await client.select('INBOX') };
}

function answer(socket: Socket, line: string): void {
  const [tag = '', name = ''] = line.split(' ');
  if (name === 'SELECT') socket.write('* 2 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 3] x\r\n');
  if (line.includes('BODY')) {
    for (const uid of line.includes('1:*') || line.includes('1:2') ? [1, 2] : [1]) {
      socket.write(`* ${uid} FETCH (UID ${uid} BODY[] {${SIZE}}\r\n`);
      socket.write(BODY);
      socket.write(')\r\n');
    }
  }
  socket.write(`${tag} OK done\r\n`);
}

describe('octets in memory that is used again', () => {
  it('are whole in one array', async () => {
    const { inbox } = await openInbox();
    let count = 0;
    for await (const { body } of inbox.fetch('1:2', { body: true })) {
      expect(equalBytes(await body.bytes(), BODY)).toBe(true);
      count++;
    }
    expect(count).toBe(2);
  });

  it('belong to a reader that does not say that it borrows', async () => {
    const { inbox } = await openInbox();
    for await (const { body } of inbox.fetch('1:2', { body: true })) {
      const kept: Uint8Array[] = [];
      for await (const chunk of body.stream()) kept.push(chunk);
      expect(equalBytes(Buffer.concat(kept), BODY)).toBe(true);
    }
  });

  it('stay as they are until the next chunk is asked for, in few arrays', async () => {
    const { inbox } = await openInbox();
    const arrays = new Set<ArrayBufferLike>();
    for await (const { body } of inbox.fetch('1:2', { body: true })) {
      let offset = 0;
      for await (const chunk of body.stream({ lendsChunks: true })) {
        await new Promise((resolve) => setImmediate(resolve));
        arrays.add(chunk.buffer);
        expect(equalBytes(chunk, BODY.subarray(offset, offset + chunk.length))).toBe(true);
        offset += chunk.length;
      }
      expect(offset).toBe(SIZE);
    }
    expect(arrays.size).toBeLessThan(16);
  });

  it('stay as they are until a sink has written them', async () => {
    const { inbox } = await openInbox();
    const arrays = new Set<ArrayBufferLike>();
    for await (const { body } of inbox.fetch('1:2', { body: true })) {
      let offset = 0;
      const sink = new WritableStream<Uint8Array>({
        write: async (chunk) => {
          await new Promise((resolve) => setImmediate(resolve));
          arrays.add(chunk.buffer);
          expect(equalBytes(chunk, BODY.subarray(offset, offset + chunk.length))).toBe(true);
          offset += chunk.length;
        },
      });
      await body.pipeTo(sink, { lendsChunks: true });
      expect(offset).toBe(SIZE);
    }
    expect(arrays.size).toBeLessThan(16);
  });

  it('stay as they are while a command inside the loop is answered', async () => {
    const { client, inbox } = await openInbox();
    for await (const { body } of inbox.fetch('1:2', { body: true })) {
      let offset = 0;
      for await (const chunk of body.stream({ lendsChunks: true })) {
        if (offset === 0) await client.noop();
        expect(equalBytes(chunk, BODY.subarray(offset, offset + chunk.length))).toBe(true);
        offset += chunk.length;
      }
      expect(offset).toBe(SIZE);
    }
  });

  it('are let go when the loop moves on', async () => {
    const { client, inbox } = await openInbox();
    let count = 0;
    for await (const { body } of inbox.fetch('1:2', { body: true })) {
      for await (const chunk of body.stream({ lendsChunks: true })) if (chunk.length > 0) break;
      count++;
    }
    expect(count).toBe(2);
    await client.noop();
  });

  it('that are borrowed by two loops are right in both', async () => {
    const { inbox } = await openInbox();
    const read = async (): Promise<boolean> => {
      for await (const { body } of inbox.fetch('1:2', { body: true })) {
        let offset = 0;
        for await (const chunk of body.stream({ lendsChunks: true })) {
          await new Promise((resolve) => setImmediate(resolve));
          if (!equalBytes(chunk, BODY.subarray(offset, offset + chunk.length))) return false;
          offset += chunk.length;
        }
      }
      return true;
    };
    expect(await Promise.all([read(), read()])).toEqual([true, true]);
  });
});
