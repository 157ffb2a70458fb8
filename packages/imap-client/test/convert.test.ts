/** CONVERT, played after the examples of RFC 5259. */
import { collectBytes, sequenceNumber, uid } from '@posthorn/core';
import { setOf } from '@posthorn/message-set';
import { playServer } from '@posthorn/testkit';
import { memoryPair } from '@posthorn/transport';
import { describe, expect, test } from 'vitest';
import { ConversionFailedError, connect, type SelectedMailbox } from '../src/index.ts';
import { bytes, CAPABILITIES, outcome, selected, session, text } from './support.ts';

async function opened(transcript: string, capabilities = 'CONVERT BINARY'): Promise<SelectedMailbox> {
  const { client } = await session(`${selected(9)}\n${transcript}`, {
    capabilities: `${CAPABILITIES} ${capabilities}`,
    connect: { enable: [], compress: false },
  });
  return client.select('INBOX');
}

const TEXT = { to: 'text/plain', parameters: { charset: 'us-ascii' } };
const NOTHING = {
  bytes: undefined,
  size: undefined,
  structure: undefined,
  mediaTypes: undefined,
  header: undefined,
  mime: undefined,
  error: undefined,
};

test('what a server can convert (section 5.1)', async () => {
  const { client } = await session(
    `C: {a} CONVERSIONS "image/gif" "*"
     S: * CONVERSION "image/gif" "image/jpeg" ("pix-y" "pix-x" "image-interleave")
     S: * CONVERSION "image/gif" "image/png"
     S: {a} OK CONVERSIONS completed
     C: {b} CONVERSIONS "text/x" "image/*"
     S: {b} OK CONVERSIONS completed
     C: {c} CONVERSIONS "*" "*"
     S: * CONVERSION nonsense
     S: {c} OK CONVERSIONS completed`,
    { capabilities: `${CAPABILITIES} CONVERT BINARY` },
  );
  expect(await client.conversions('image/gif', '*')).toEqual([
    { from: 'image/gif', to: 'image/jpeg', parameters: ['pix-y', 'pix-x', 'image-interleave'] },
    { from: 'image/gif', to: 'image/png', parameters: [] },
  ]);
  expect(await client.conversions('text/x', 'image/*')).toEqual([]);
  expect(await outcome(client.conversions('*', '*'))).toMatchObject({ code: 'IMAP_PROTOCOL' });
});

test('a server without CONVERT is asked for nothing', async () => {
  const { client } = await session(selected(9), { connect: { enable: [], compress: false } });
  expect(await outcome(client.conversions('*', '*'))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  const inbox = await client.select('INBOX');
  expect(await outcome(inbox.convert('1', TEXT, [{ bytes: true }]))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  expect(await outcome(collectBytes(inbox.readConverted(uid(1), [1], TEXT)))).toMatchObject({
    code: 'IMAP_UNSUPPORTED',
  });
});

describe('converted parts', () => {
  test('come with structure, size and octets, whatever these hold (sections 6 to 8)', async () => {
    const inbox = await opened(`
      C: {a} UID CONVERT 100 ("IMAGE/JPEG" ("PIX-X" "128" "PIX-Y" "96")) (BODYPARTSTRUCTURE[2] BINARY.SIZE[2] BINARY[2]<0.65536>)
      S: * 2 CONVERTED (TAG "{a}") (UID 100 BODYPARTSTRUCTURE[2] ("IMAGE" "JPEG" () NIL NIL "8bit" 5 NIL NIL NIL) BINARY.SIZE[2] 5 BINARY[2]<0> ~{5}
      S: {xff}{xd8}{x00}){x0a}{noeol}
      S: )
      S: {a} OK UID CONVERT COMPLETED`);
    const conversion = { to: 'IMAGE/JPEG', parameters: { 'PIX-X': '128', 'PIX-Y': '96' } };
    const [message, ...others] = await inbox.convert(setOf([uid(100)]), conversion, [
      { part: [2], bytes: true, size: true, structure: true },
    ]);
    expect(others).toEqual([]);
    expect(message).toEqual({
      uid: 100,
      sequenceNumber: 2,
      parts: [
        {
          ...NOTHING,
          bytes: Uint8Array.of(0xff, 0xd8, 0, 0x29, 0x0a),
          size: 5,
          structure: expect.objectContaining({ mediaType: 'IMAGE', mediaSubtype: 'JPEG', size: 5 }),
        },
      ],
    });
  });

  test('come in windows, and of messages by number (section 6)', async () => {
    const inbox = await opened(`
      C: {a} CONVERT 2 ("TEXT/PLAIN" ("CHARSET" "us-ascii")) (UID BINARY[4]<2001.1000> BINARY[4]<0.10>)
      S: * 2 CONVERTED (TAG "{a}") (UID 70 BINARY[4]<2001> {3}
      S: end{noeol}
      S:  BINARY[4]<0> NIL)
      S: {a} OK CONVERT COMPLETED`);
    const conversion = { to: 'TEXT/PLAIN', parameters: { CHARSET: 'us-ascii' } };
    const messages = await inbox.convert({ sequenceNumbers: '2' }, conversion, [
      { part: [4], bytes: { offset: 2001, length: 1000 } },
      { part: [4], bytes: { offset: 0, length: 10 } },
    ]);
    expect(messages).toEqual([
      {
        uid: 70,
        sequenceNumber: 2,
        parts: [
          { ...NOTHING, bytes: bytes('end') },
          { ...NOTHING, bytes: null },
        ],
      },
    ]);
  });

  test('may be headers, or just what there could be (sections 6 and 8.4)', async () => {
    const inbox = await opened(`
      C: {a} UID CONVERT 7 (NIL ("CHARSET" "utf-8")) (BODY[HEADER] BODY[1.MIME])
      S: * 2 CONVERTED (TAG "{a}") (UID 7 BODY[HEADER] {38}
      S: Subject: =?UTF-8?Q?why encode this?={x0d}{x0a}{noeol}
      S:  BODY[1.MIME] "A: b")
      S: {a} OK done
      C: {b} UID CONVERT 7 (NIL) AVAILABLECONVERSIONS[2]
      S: * 2 CONVERTED (TAG "{b}") (UID 7 AVAILABLECONVERSIONS[2] (("IMAGE/JPEG" "application/PostScript")))
      S: {b} OK CONVERT COMPLETED`);
    const headers = { to: null, parameters: { CHARSET: 'utf-8' } };
    const [message] = await inbox.convert('7', headers, [{ header: true }, { part: [1], mime: true }]);
    expect(message?.parts.map(({ header, mime }) => text(header ?? mime ?? bytes('')))).toEqual([
      'Subject: =?UTF-8?Q?why encode this?=\r\n',
      'A: b',
    ]);
    const [other] = await inbox.convert('7', { to: null }, [{ part: [2], mediaTypes: true }]);
    expect(other?.parts).toEqual([{ ...NOTHING, mediaTypes: ['IMAGE/JPEG', 'application/PostScript'] }]);
  });
});

describe('conversions that fail', () => {
  const ASKED = '(BODYPARTSTRUCTURE[3] BINARY[3]<0.65536> BODYPARTSTRUCTURE[4] BINARY[4]<0.65536>)';
  const ERROR = '(ERROR "Source text has non us-ascii" BADPARAMETERS "text/html" "text/plain" ("charset" "us-ascii"))';
  const BOTH = [
    { part: [3], bytes: true, structure: true },
    { part: [4], bytes: true, structure: true },
  ];
  const BAD = {
    type: 'badParameters',
    text: 'Source text has non us-ascii',
    conversions: [{ from: 'text/html', to: 'text/plain', parameters: new Map([['charset', 'us-ascii']]) }],
  };

  test('say why, beside those that worked (section 9)', async () => {
    const inbox = await opened(`
      C: {a} UID CONVERT 7 ("text/plain" ("charset" "us-ascii")) ${ASKED}
      S: * 2 CONVERTED (tag "{a}") (UID 7 BODYPARTSTRUCTURE[3] ${ERROR} BODYSTRUCTURE[4] ("TEXT" "PLAIN" (CHARSET US-ASCII) NIL NIL "8bit" 4182 NIL NIL NIL) BINARY[4]<0> {4}
      S: body{noeol}
      S: )
      S: {a} OK Some conversions failed`);
    const [message] = await inbox.convert('7', TEXT, BOTH);
    expect(message?.parts[0]).toEqual({ ...NOTHING, error: BAD });
    expect(message?.parts[1]).toMatchObject({
      bytes: bytes('body'),
      structure: { type: 'text', size: 4182 },
      error: undefined,
    });
  });

  test('say why where all fail and the answer is NO (section 9)', async () => {
    const inbox = await opened(`
      C: {a} UID CONVERT 7 ("text/plain" ("charset" "us-ascii")) ${ASKED}
      S: * 2 CONVERTED (tag "{a}") (UID 7 BINARY[3] ${ERROR} BINARY[4] (ERROR "later" TEMPFAIL 5))
      S: {a} NO All conversions failed`);
    const [message] = await inbox.convert('7', TEXT, BOTH);
    expect(message?.parts).toEqual([
      { ...NOTHING, error: BAD },
      { ...NOTHING, error: { type: 'tempFail', text: 'later', minutes: 5 } },
    ]);
  });

  test('as a whole are refused, with how much at once is allowed (section 8.5)', async () => {
    const inbox = await opened(`
      C: {a} UID CONVERT 1:* ("text/plain" ("charset" "us-ascii")) BINARY[3]<0.65536>
      S: {a} NO [MAXCONVERTMESSAGES 1] one
      C: {b} UID CONVERT 1 ("text/plain" ("charset" "us-ascii")) (BINARY[1]<0.65536> BINARY[2]<0.65536>)
      S: {b} NO [MAXCONVERTPARTS 1] You can only request 1 body part at any given time
      C: {c} UID CONVERT 1 ("text/plain" ("charset" "us-ascii")) BINARY[1]<0.65536>
      S: {c} NO [TEMPFAIL] All conversions failed
      C: {d} UID CONVERT 1 ("text/plain" ("charset" "us-ascii")) BINARY[1]<0.65536>
      S: * 1 CONVERTED nonsense
      S: {d} OK done`);
    const one = [{ part: [1], bytes: true }];
    expect(await outcome(inbox.convert('1:*', TEXT, [{ part: [3], bytes: true }]))).toMatchObject({
      code: 'IMAP_NO',
      responseCode: { type: 'maxConvertMessages', limit: 1 },
    });
    expect(await outcome(inbox.convert('1', TEXT, [...one, { part: [2], bytes: true }]))).toMatchObject({
      responseCode: { type: 'maxConvertParts', limit: 1 },
    });
    expect(await outcome(inbox.convert('1', TEXT, one))).toMatchObject({ reason: 'TEMPFAIL' });
    expect(await outcome(inbox.convert('1', TEXT, one))).toMatchObject({ code: 'IMAP_PROTOCOL' });
  });

  test('and what cannot be asked for is not sent', async () => {
    const inbox = await opened('');
    for (const [conversion, parts] of [
      [TEXT, []],
      [TEXT, [{ part: [1] }]],
      [TEXT, [{ part: [1], bytes: { offset: 0, length: 65_537 } }]],
      [TEXT, [{ part: [1], bytes: { offset: -1, length: 5 } }]],
      [TEXT, [{ part: [0], size: true }]],
      [{ to: 'text/*' }, [{ part: [1], size: true }]],
      [{ to: 'text/plain"\r\n' }, [{ part: [1], size: true }]],
      [{ to: null, parameters: { charset: 'a\0' } }, [{ part: [1], size: true }]],
    ] as const)
      expect(await outcome(inbox.convert('1', conversion, parts))).toBeInstanceOf(RangeError);
    expect(await inbox.convert('', TEXT, [{ size: true }])).toEqual([]);
  });
});

test('more than one wants in memory is not kept, and the connection goes on', async () => {
  const inbox = await opened(`
    C: {a} UID CONVERT 1:2 ("text/plain" ("charset" "us-ascii")) BINARY[1]<0.65536>
    S: * 1 CONVERTED (TAG "{a}") (UID 1 BINARY[1]<0> "${'x'.repeat(60)}")
    S: * 2 CONVERTED (TAG "{a}") (UID 2 BINARY[1]<0> "${'x'.repeat(60)}")
    S: {a} OK done
    C: {b} CHECK
    S: {b} OK done`);
  const parts = [{ part: [1], bytes: true }];
  expect(await outcome(inbox.convert('1:2', TEXT, parts, { maxBytes: 150 }))).toMatchObject({
    code: 'LIMIT_EXCEEDED',
  });
  await inbox.check();
});

describe('a converted part of any size', () => {
  const WINDOW = 65_536;
  const ask = (tag: string, offset: number): string =>
    `C: {${tag}} UID CONVERT 7 ("text/plain" ("charset" "us-ascii")) BINARY[1]<${offset}.${WINDOW}>`;

  test('is read window by window', async () => {
    const inbox = await opened(`
      ${ask('a', 0)}
      S: * 2 CONVERTED (TAG "{a}") (UID 7 BINARY[1]<0> {${WINDOW}}
      S: ${'a'.repeat(WINDOW)}{noeol}
      S: )
      S: {a} OK done
      ${ask('b', WINDOW)}
      S: * 2 CONVERTED (TAG "{b}") (UID 7 BINARY[1]<${WINDOW}> "end")
      S: {b} OK done`);
    const octets = await collectBytes(inbox.readConverted(uid(7), [1], TEXT));
    expect(octets.length).toBe(WINDOW + 3);
    expect(text(octets.subarray(WINDOW - 2))).toBe('aaend');
  });

  test('that ends where a window ends is whole', async () => {
    const inbox = await opened(`
      ${ask('a', 0)}
      S: * 2 CONVERTED (TAG "{a}") (UID 7 BINARY[1]<0> {${WINDOW}}
      S: ${'a'.repeat(WINDOW)}{noeol}
      S: )
      S: {a} OK done
      ${ask('b', WINDOW)}
      S: * 2 CONVERTED (TAG "{b}") (UID 7 BINARY[1]<${WINDOW}> "")
      S: {b} OK done`);
    expect((await collectBytes(inbox.readConverted(uid(7), [1], TEXT))).length).toBe(WINDOW);
  });

  test('that cannot be converted, is gone or comes from elsewhere is told from an empty one', async () => {
    const inbox = await opened(`
      ${ask('a', 0)}
      S: * 2 CONVERTED (TAG "{a}") (UID 7 BINARY[1] (ERROR "no charset" MISSINGPARAMETERS (CHARSET)))
      S: {a} NO All conversions failed
      ${ask('b', 0)}
      S: {b} OK done
      ${ask('c', 0)}
      S: * 2 CONVERTED (TAG "{c}") (UID 7 BINARY[1]<0> NIL)
      S: {c} OK done
      ${ask('d', 0)}
      S: * 2 CONVERTED (TAG "{d}") (UID 7 BINARY[1]<5> "x")
      S: {d} OK done
      ${ask('e', 0)}
      S: * 2 CONVERTED (TAG "{e}") (UID 7 BINARY[1]<0> "")
      S: {e} OK done`);
    const read = () => collectBytes(inbox.readConverted(uid(7), [1], TEXT));
    const failed = await outcome(read());
    expect(failed).toBeInstanceOf(ConversionFailedError);
    expect(failed).toMatchObject({ code: 'IMAP_CONVERSION_FAILED', reason: { type: 'missingParameters' } });
    expect(await outcome(read())).toMatchObject({ code: 'IMAP_MESSAGE_GONE' });
    expect(await outcome(read())).toMatchObject({ code: 'IMAP_MESSAGE_GONE' });
    expect(await outcome(read())).toMatchObject({ code: 'IMAP_PROTOCOL' });
    expect((await read()).length).toBe(0);
  });
});

test('what was converted stays out of transcripts', async () => {
  const [mine, theirs] = memoryPair();
  const server = playServer(
    theirs,
    `S: * PREAUTH [CAPABILITY ${CAPABILITIES} CONVERT BINARY] ready${selected(9)}
     C: {a} CONVERT 2 ("text/plain" ("charset" "us-ascii")) (UID BINARY[1]<0.65536>)
     S: * 2 CONVERTED (TAG "{a}") (BINARY[1]<0> "my secret")
     S: {a} OK done`,
  );
  server.catch(() => {});
  const client = await connect({ transport: mine, enable: [], compress: false });
  const inbox = await client.select('INBOX');
  const reference = { sequenceNumbers: setOf([sequenceNumber(2)]) };
  const [message] = await inbox.convert(reference, TEXT, [{ part: [1], bytes: true }]);
  expect(message).toMatchObject({ uid: undefined, parts: [{ bytes: bytes('my secret') }] });
  expect(client.transcript).toContain('CONVERTED ***');
  expect(client.transcript).not.toContain('my secret');
});
