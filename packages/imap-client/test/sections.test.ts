import { describe, expect, test } from 'vitest';
import { FETCH_ALL, FETCH_FAST, FETCH_FULL } from '../src/index.ts';
import { bytes, CAPABILITIES, collect, outcome, selected, session, text } from './support.ts';

async function opened(transcript: string, capabilities = CAPABILITIES, exists = 9) {
  const { client, server } = await session(`${selected(exists)}\n${transcript}`, {
    capabilities,
    connect: { enable: [] },
  });
  return { client, server, inbox: await client.select('INBOX') };
}

describe('sections', () => {
  test('of headers come along by name, in memory', async () => {
    const { inbox } = await opened(
      `
      C: {a} UID FETCH 1:2 (UID BODY.PEEK[HEADER.FIELDS (DATE FROM)] BODY.PEEK[2.MIME])
      S: * 1 FETCH (UID 1 BODY[HEADER.FIELDS (DATE FROM)] {9}
      S: Date: x{x0d}{x0a}{noeol}
      S: {x0d}{x0a} BODY[2.MIME] NIL)
      S: * 2 FETCH (UID 2 BODY[2.MIME] "" BODY[HEADER.FIELDS ("Date" "From")] "")
      S: {a} OK done`.replace('{9}', '{11}'),
    );
    const messages = await collect(
      inbox.fetch('1:2', {
        sections: {
          header: { text: 'HEADER.FIELDS', fields: ['DATE', 'FROM'] },
          mime: { part: [2], text: 'MIME' },
        },
      }),
    );
    expect(messages.map(({ sections }) => [sections.header && text(sections.header), sections.mime])).toEqual([
      ['Date: x\r\n\r\n', null],
      ['', bytes('')],
    ]);
  });

  test('that are big are gathered beside a body that streams', async () => {
    const header = `X: ${'h'.repeat(70_000)}`;
    const body = 'b'.repeat(80_000);
    const { inbox } = await opened(`
      C: {a} UID FETCH 1 (UID FLAGS BODY.PEEK[HEADER] BODY.PEEK[1])
      S: * 1 FETCH (UID 1 FLAGS () BODY[HEADER] {${header.length}}
      S: ${header}{noeol}
      S:  BODY[1] {${body.length}}
      S: ${body})
      S: {a} OK done`);
    for await (const message of inbox.fetch('1', {
      flags: true,
      body: { part: [1] },
      sections: { all: { text: 'HEADER' } },
    })) {
      expect(message.flags).toEqual([]);
      expect(text(message.sections.all!)).toBe(header);
      expect(text(await message.body!.bytes())).toBe(body);
    }
  });

  test('that are too big are reported, not held', async () => {
    const size = 1024 * 1024 + 1;
    const { inbox } = await opened(`
      C: {a} UID FETCH 1:2 (UID BODY.PEEK[TEXT])
      S: * 1 FETCH (UID 1 BODY[TEXT] {${size}}
      S: ${'x'.repeat(size)})
      S: * 2 FETCH (UID 2 BODY[TEXT] "fits")
      S: {a} OK done`);
    const incomplete: unknown[] = [];
    const onIncomplete = (message: unknown): void => void incomplete.push(message);
    const messages = await collect(inbox.fetch('1:2', { sections: { text: { text: 'TEXT' } } }, { onIncomplete }));
    expect(messages.map(({ uid }) => uid)).toEqual([2]);
    expect(incomplete).toMatchObject([{ uid: 1, missing: ['sections.text'] }]);
  });

  test('can be cut out, and mark as read when asked to (RFC 9051 section 6.4.5)', async () => {
    const { inbox } = await opened(`
      C: {a} UID FETCH 7 (UID BODY[1.2]<100.5>)
      S: * 7 FETCH (UID 7 FLAGS (\\Seen) BODY[1.2]<100> "abcde")
      S: {a} OK done`);
    const query = { body: { part: [1, 2], partial: { offset: 100, length: 5 }, markSeen: true } } as const;
    for await (const { body } of inbox.fetch('7', query)) expect(text(await body!.bytes())).toBe('abcde');
  });

  test('cut out by a server that ignores where are not taken for it (pain 27)', async () => {
    const { inbox } = await opened(`
      C: {a} UID FETCH 7 (UID BODY.PEEK[]<100.5>)
      S: * 7 FETCH (UID 7 BODY[] "the whole message")
      S: {a} OK done`);
    const query = { body: { partial: { offset: 100, length: 5 } } } as const;
    expect(await outcome(collect(inbox.fetch('7', query)))).toMatchObject({ code: 'IMAP_FETCH_INCOMPLETE' });
    const big = 'x'.repeat(100_000);
    const { inbox: other } = await opened(`
      C: {a} UID FETCH 7 (UID BODY.PEEK[]<100.5>)
      S: * 7 FETCH (UID 7 BODY[] {${big.length}}
      S: ${big})
      S: {a} OK done`);
    expect(await outcome(collect(other.fetch('7', query)))).toMatchObject({ code: 'IMAP_FETCH_INCOMPLETE' });
  });

  test('come decoded where the server decodes (BINARY, RFC 3516)', async () => {
    const { inbox } = await opened(
      `C: {a} UID FETCH 7 (UID BINARY.PEEK[2])
       S: * 7 FETCH (UID 7 BINARY[2] ~{3}
       S: a{x00}b)
       S: {a} OK done`,
      `${CAPABILITIES} BINARY`,
    );
    for await (const { body } of inbox.fetch('7', { body: { part: [2], decoded: true } }))
      expect(await body!.bytes()).toEqual(bytes('a\0b'));
    const { inbox: other } = await opened('');
    expect(await outcome(collect(other.fetch('7', { body: { part: [2], decoded: true } })))).toMatchObject({
      code: 'IMAP_UNSUPPORTED',
    });
  });

  test('that are answered alike, and those that make no sense, are refused before anything is sent', async () => {
    const { inbox } = await opened('');
    const twice = { a: { text: 'HEADER.FIELDS', fields: ['A'] }, b: { text: 'HEADER.FIELDS', fields: ['B'] } } as const;
    expect(() => inbox.fetch('1', { sections: twice })).toThrow(/answered alike/);
    expect(() => inbox.fetch('1', { body: { part: [1], text: 'MIME', decoded: true } })).toThrow(TypeError);
  });
});

describe('items', () => {
  test('of object ids, save dates and previews (RFC 8474, 8514, 8970)', async () => {
    const { inbox } = await opened(
      `C: {a} UID FETCH 1:2 (UID EMAILID THREADID SAVEDATE PREVIEW)
       S: * 1 FETCH (UID 1 EMAILID (M6d99ac3275bb4e) THREADID (T64b478a75b7ea9) SAVEDATE "01-Jan-2019 15:00:00 +0000" PREVIEW "This is the first line of the message")
       S: * 2 FETCH (UID 2 EMAILID (M288836c4c7a762) THREADID NIL SAVEDATE NIL PREVIEW NIL)
       S: {a} OK done`,
      `${CAPABILITIES} OBJECTID SAVEDATE PREVIEW`,
    );
    const query = { emailId: true, threadId: true, saveDate: true, preview: true } as const;
    const [first, second] = await collect(inbox.fetch('1:2', query));
    expect(first).toMatchObject({ emailId: 'M6d99ac3275bb4e', threadId: 'T64b478a75b7ea9' });
    expect([first?.saveDate?.epochSeconds, first?.preview]).toEqual([
      Date.UTC(2019, 0, 1, 15) / 1000,
      'This is the first line of the message',
    ]);
    expect([second?.threadId, second?.saveDate, second?.preview]).toEqual([null, null, null]);
  });

  test('that the server does not know are not asked for', async () => {
    const { inbox } = await opened('');
    for (const query of [{ emailId: true }, { saveDate: true }, { preview: true }] as const)
      expect(await outcome(collect(inbox.fetch('1', query)))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });

  test('by the names of the macros FAST, ALL and FULL', async () => {
    const { inbox } = await opened(`
      C: {a} FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE)
      S: * 2 FETCH (UID 5 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 44)
      S: {a} OK done
      C: {b} FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)
      S: * 2 FETCH (UID 5 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 44 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))
      S: {b} OK done
      C: {c} FETCH 2 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)
      S: * 2 FETCH (UID 5 FLAGS () INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 44 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1))
      S: {c} OK done`);
    const second = { sequenceNumbers: '2' };
    const [fast] = await collect(inbox.fetch(second, FETCH_FAST));
    expect(fast).toMatchObject({ uid: 5, sequenceNumber: 2, size: 44, flags: [] });
    const [all] = await collect(inbox.fetch(second, FETCH_ALL));
    expect(all?.envelope.subject).toBeNull();
    const [full] = await collect(inbox.fetch(second, FETCH_FULL));
    expect(full?.bodyStructure).toMatchObject({ type: 'text', mediaSubtype: 'PLAIN' });
  });
});
