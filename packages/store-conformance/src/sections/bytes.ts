import { utf8Bytes } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import fc from 'fast-check';
import { expectEqual } from '../expect.ts';
import type { Context, Section } from '../harness.ts';
import { all, inChunks, mail, newMessage, readBytes } from '../mail.ts';

const SAMPLES: Readonly<Record<string, Uint8Array>> = {
  'CRLF line ends': mail('crlf', 'one\r\ntwo'),
  'bare LF line ends (D2)': utf8Bytes('Subject: lf\n\none\ntwo\n'),
  'bare CR': utf8Bytes('Subject: cr\r\n\r\none\rtwo\r\r\r\n'),
  'mixed line ends': utf8Bytes('Subject: mixed\r\nX: y\n\r\none\ntwo\r\n\nthree\r'),
  'NUL octets': Uint8Array.of(0x41, 0x3a, 0x20, 0, 0x0d, 0x0a, 0x0d, 0x0a, 0, 0, 0),
  'every octet': Uint8Array.from({ length: 512 }, (_, index) => index & 0xff),
  'no octet at all': new Uint8Array(0),
  'one octet': Uint8Array.of(0x0a),
  'one CR': Uint8Array.of(0x0d),
  'a header and no body (P14)': utf8Bytes('Subject: nothing else\r\n\r\n'),
  'no line end at the end': utf8Bytes('Subject: open\r\n\r\nthe end'),
  'lines that look like separators': utf8Bytes('Subject: from\r\n\r\nFrom ada Sat Jan  1\r\n.\r\n..\r\n>From\r\n'),
  'a UTF-8 byte order mark': utf8Bytes('\ufeffSubject: mark\r\n\r\n\u{1f600}\r\n'),
};

export const byteSection: Section = (test, { propertyRuns }) => {
  for (const [name, bytes] of Object.entries(SAMPLES)) {
    test(`keeps ${name}`, (context) => expectKept(context, bytes, [64]));
  }

  test('keeps 1 MiB in odd chunks', async (context) => {
    await expectKept(context, largeMessage(), [1, 7, 4_093, 65_537, 2]);
  });

  test('keeps arbitrary octets in arbitrary chunks', async (context) => {
    const lineEnds = fc.constantFrom(0x0a, 0x0d, 0x00, 0x41, 0xff);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.array(lineEnds, { maxLength: 300 }).map((each) => Uint8Array.from(each)),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(bytes, sizes, (message, chunks) => expectKept(context, message, chunks)),
      { numRuns: propertyRuns },
    );
  });

  test('keeps a chunk that is filled anew when the next is asked for', async ({ inbox }) => {
    const bytes = largeMessage().slice(0, 100_000);
    async function* refilled(size: number): AsyncIterable<Uint8Array> {
      const chunk = new Uint8Array(size);
      for (let start = 0; start < bytes.length; start += size) {
        const part = bytes.subarray(start, start + size);
        chunk.set(part);
        await Promise.resolve();
        yield chunk.subarray(0, part.length);
        chunk.fill(0);
      }
    }
    for (const size of [100, 70_000]) {
      const { uids } = await inbox.append([{ body: refilled(size) }]);
      expectEqual(await readBytes(inbox, uids[0]!), bytes, `the octets in chunks of ${size}`);
    }
  });

  test('gives any range of octets', async ({ inbox }) => {
    const bytes = largeMessage().slice(0, 200_000);
    const { uids } = await inbox.append([newMessage(bytes)]);
    const bound = fc.oneof(
      fc.integer({ min: 0, max: 210_000 }),
      fc.constantFrom(0, 1, 65_535, 65_536, 199_999, 200_000),
    );
    await fc.assert(
      fc.asyncProperty(bound, bound, async (one, other) => {
        const [start, end] = [Math.min(one, other), Math.max(one, other)];
        expectEqual(
          await readBytes(inbox, uids[0]!, { start, end }),
          bytes.subarray(start, end),
          `octets ${start} to ${end}`,
        );
      }),
      { numRuns: propertyRuns },
    );
  });

  test('gives ranges of a message with bare LF', async ({ inbox }) => {
    const bytes = SAMPLES['mixed line ends']!;
    const { uids } = await inbox.append([newMessage(bytes)]);
    for (let start = 0; start <= bytes.length; start++) {
      const part = await readBytes(inbox, uids[0]!, { start, end: start + 5 });
      expectEqual(part, bytes.subarray(start, start + 5), `octets from ${start}`);
    }
  });

  test('tells the size of the whole message, also for a range (P14)', async ({ inbox }) => {
    const bytes = mail('size');
    const { uids } = await inbox.append([newMessage(bytes)]);
    const handle = await inbox.read(uids[0]!, { start: 3, end: 5 });
    expectEqual(handle.size, bytes.length, 'the size of the message');
    await handle.release();
  });
};

async function expectKept({ account, inbox }: Context, bytes: Uint8Array, sizes: readonly number[]): Promise<void> {
  const before = await account.status(['INBOX']);
  const { uids } = await inbox.append([{ body: inChunks(bytes, sizes) }]);
  expectEqual(await readBytes(inbox, uids[0]!), bytes, 'the octets read');
  const [meta] = await all(inbox.scan(setOf(uids), ['size']));
  expectEqual(meta?.size, bytes.length, 'the size in the metadata');
  const { size } = await account.status(['INBOX']);
  expectEqual(size - before.size, bytes.length, 'the size in the status');
}

function largeMessage(): Uint8Array {
  const bytes = new Uint8Array(1_048_576);
  let state = 1;
  for (let index = 0; index < bytes.length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state % 61 === 0 ? 0x0a : state >>> 24;
  }
  bytes.set(utf8Bytes('Subject: large\r\n\r\n'));
  return bytes;
}
