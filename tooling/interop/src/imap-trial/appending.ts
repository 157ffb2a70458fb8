import { createHash } from 'node:crypto';
import { utf8Bytes } from '@posthorn/core';
import { ServerRefusedError } from '@posthorn/imap-client';
import { expect, it } from 'vitest';
import type { TrialSetting } from './subject.ts';

const BIG_BYTES = 50_000_000;

/** Adding messages, from none to 50 MB, and reading them back. */
export function tryAppending({ subject: { endsLastLine }, trial }: TrialSetting): void {
  it('appends from nothing to a megabyte, and reads it back octet by octet', async () => {
    const client = await trial().login();
    const mailbox = await trial().named(client, 'Appended');
    await client.create(mailbox);
    const big = `X: y\r\n\r\n${`${'a'.repeat(78)}\r\n`.repeat(13_107)}`;
    const texts = ['A: b\r\n\r\n', 'A: b\r\n\r\nx', 'A: b\r\n\r\n\xe9\xff\x80\r\n', big];
    const bodies = texts.map((each) => Uint8Array.from(Buffer.from(each, 'latin1')));
    for (const body of bodies) await client.append(mailbox, { body, flags: ['\\Seen', '$Label'] });
    async function* inPieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bodies[3]!.length; at += 10_007) yield bodies[3]!.subarray(at, at + 10_007);
    }
    const internalDate = { epochSeconds: 1_700_000_000, offsetMinutes: 90 };
    await client.append(mailbox, { body: inPieces(), size: bodies[3]!.length, internalDate });
    const selected = await client.select(mailbox);
    const query = { flags: true, size: true, internalDate: true, body: true } as const;
    const got: string[] = [];
    for await (const message of selected.fetch('1:*', query)) {
      const octets = await message.body.bytes();
      expect(message.size).toBe(octets.length);
      got.push(Buffer.from(octets).toString('latin1'));
      const isLast = message.sequenceNumber === bodies.length + 1;
      if (isLast) expect(message.internalDate.epochSeconds).toBe(internalDate.epochSeconds);
      else expect(message.flags).toEqual(expect.arrayContaining(['\\Seen', '$Label']));
    }
    const kept = texts.map((each) => (endsLastLine && !each.endsWith('\r\n') ? `${each}\r\n` : each));
    expect(got.map((each, index) => each === [...kept, big][index])).toEqual([true, true, true, true, true]);
    // Nothing at all may be refused, but leaves the connection usable.
    const empty = await client.append(mailbox, { body: new Uint8Array() }).catch((error: unknown) => error);
    if (empty instanceof Error) expect(empty).toBeInstanceOf(ServerRefusedError);
    await selected.check();
    expect(selected.exists).toBe(bodies.length + (empty instanceof Error ? 1 : 2));
  });

  it('appends NUL as literal8, and has the server decode it', async (context) => {
    const client = await trial().login();
    if (!client.capabilities.has('BINARY')) context.skip();
    const mailbox = await trial().filled(client, 'Binary', ['a']);
    const withNul = utf8Bytes('A: b\r\nContent-Transfer-Encoding: binary\r\n\r\n\0x\r\n');
    const place = await client.append(mailbox.name, { body: withNul });
    await mailbox.check();
    const decoded: string[] = [];
    for await (const { body } of mailbox.fetch(`${place!.uid}`, { body: { part: [1], decoded: true } }))
      if (body !== null) decoded.push(Buffer.from(await body.bytes()).toString('latin1'));
    expect(decoded).toEqual(['\0x\r\n']);
  });

  it('appends and reads 50 MB in pieces', async () => {
    const client = await trial().login({ compress: false });
    const mailbox = await trial().named(client, 'Big');
    await client.create(mailbox);
    const line = Buffer.from(`${'0123456789abcdef'.repeat(4)}\r\n`.repeat(1_000), 'latin1');
    const size = 8 + Math.ceil(BIG_BYTES / line.length) * line.length;
    const sent = createHash('sha256');
    function* pieces(): Generator<Uint8Array> {
      for (let left = size; left > 0; left -= left === size ? 8 : line.length) {
        const piece = left === size ? Buffer.from('A: b\r\n\r\n') : line;
        sent.update(piece);
        yield piece;
      }
    }
    await client.append(mailbox, { body: pieces(), size });
    const expected = sent.digest('hex');
    const selected = await client.select(mailbox, { readOnly: true });
    const got = createHash('sha256');
    for await (const message of selected.fetch('1', { size: true, body: true })) {
      expect([message.size, message.body.size]).toEqual([size, size]);
      for await (const chunk of message.body.stream()) got.update(chunk);
    }
    expect(got.digest('hex')).toBe(expected);
    await selected.close();
    await client.delete(mailbox);
  }, 60_000);
}
