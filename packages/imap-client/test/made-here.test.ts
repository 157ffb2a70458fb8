import { uid } from '@posthorn/core';
import { listAttachments } from '@posthorn/mime';
import { describe, expect, test } from 'vitest';
import { CAPABILITIES, collect, outcome, selected, session, text } from './support.ts';

async function opened(transcript: string, capabilities = CAPABILITIES, exists = 3) {
  const { client, server } = await session(`${selected(exists)}\n${transcript}`, { capabilities });
  return { client, server, inbox: await client.select('INBOX') };
}

const envelope = (date: string, subject: string, id: string): string =>
  `ENVELOPE ("${date}" "${subject}" (("A" NIL "a" "x.org")) NIL NIL NIL NIL NIL NIL "<${id}>")`;
const DATE = 'INTERNALDATE "17-Jul-1996 02:44:25 -0700"';
const HEADER = 'BODY.PEEK[HEADER.FIELDS (REFERENCES)]';

describe('what a server cannot do is done here', () => {
  test('sorting, by words as people read them (RFC 5256)', async () => {
    const { inbox } = await opened(`
      C: {a} UID SEARCH ALL
      S: * SEARCH 10 20 30
      S: {a} OK done
      C: {b} UID FETCH 10,20,30 (UID INTERNALDATE RFC822.SIZE ENVELOPE)
      S: * 1 FETCH (UID 10 ${DATE} RFC822.SIZE 3 ${envelope('Tue, 2 Jan 2030 10:00:00 +0000', 'Re: b', '1@x')})
      S: * 2 FETCH (UID 20 ${DATE} RFC822.SIZE 2 ${envelope('Mon, 1 Jan 2030 10:00:00 +0000', '=?utf-8?q?=C3=A4?=', '2@x')})
      S: * 3 FETCH (UID 30 ${DATE} RFC822.SIZE 1 ${envelope('Wed, 3 Jan 2030 10:00:00 +0000', 'b', '3@x')})
      S: {b} OK done`);
    expect(await inbox.sort(['SUBJECT', { key: 'DATE', reverse: true }], { type: 'all' })).toEqual([20, 30, 10]);
  });

  test('threading (RFC 5256)', async () => {
    const { inbox } = await opened(`
      C: {a} UID SEARCH UNSEEN
      S: * SEARCH 10 20
      S: {a} OK done
      C: {b} UID FETCH 10,20 (UID INTERNALDATE RFC822.SIZE ENVELOPE ${HEADER})
      S: * 1 FETCH (UID 10 ${DATE} RFC822.SIZE 3 ${envelope('Tue, 2 Jan 2030 10:00:00 +0000', 'x', '1@x')} BODY[HEADER.FIELDS (REFERENCES)] "")
      S: * 2 FETCH (UID 20 ${DATE} RFC822.SIZE 2 ${envelope('Mon, 1 Jan 2030 10:00:00 +0000', 'y', '2@x')} BODY[HEADER.FIELDS (REFERENCES)] {21}
      S: References: <1@x>{x0d}{x0a}
      S: )
      S: {b} OK done`);
    const unseen = { type: 'not', query: { type: 'flag', flag: '\\Seen' } } as const;
    expect(await inbox.thread('references', unseen, { by: 'sequenceNumbers' })).toEqual([
      { id: 1, children: [{ id: 2, children: [] }] },
    ]);
    expect(await outcome(inbox.thread('X-MAGIC', { type: 'all' }))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });

  test('previews, part by part in few commands (RFC 8970)', async () => {
    const plain = '("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" 30 1)';
    const { inbox } = await opened(`
      C: {a} UID FETCH 1:* (UID BODYSTRUCTURE)
      S: * 1 FETCH (UID 10 BODYSTRUCTURE ${plain})
      S: * 2 FETCH (UID 20 BODYSTRUCTURE (${plain}("TEXT" "HTML" NIL NIL NIL "7BIT" 9 1) "ALTERNATIVE"))
      S: * 3 FETCH (UID 30 BODYSTRUCTURE ("IMAGE" "PNG" NIL NIL NIL "BASE64" 9))
      S: {a} OK done
      C: {b} UID FETCH 10,20 (UID BODY.PEEK[1]<0.8192>)
      S: * 1 FETCH (UID 10 BODY[1]<0> "Gr=C3=BC=C3=9Fe")
      S: * 2 FETCH (UID 20 BODY[1]<0> "Hello")
      S: {b} OK done`);
    expect(await collect(inbox.previews('1:*'))).toEqual([
      { uid: 10, preview: 'Grüße' },
      { uid: 20, preview: 'Hello' },
      { uid: 30, preview: null },
    ]);
    const { inbox: able } = await opened(
      `C: {a} UID FETCH 1:2 (UID PREVIEW)
       S: * 1 FETCH (UID 1 PREVIEW "Hi")
       S: * 2 FETCH (UID 2 PREVIEW NIL)
       S: {a} OK done
       C: {b} UID FETCH 2 (UID BODYSTRUCTURE)
       S: * 2 FETCH (UID 2 BODYSTRUCTURE ${plain})
       S: {b} OK done
       C: {c} UID FETCH 2 (UID BODY.PEEK[1]<0.8192>)
       S: * 2 FETCH (UID 2 BODY[1]<0> "Hello")
       S: {c} OK done`,
      `${CAPABILITIES} PREVIEW`,
    );
    expect(await collect(able.previews('1:2'))).toEqual([
      { uid: 1, preview: 'Hi' },
      { uid: 2, preview: 'Hello' },
    ]);
  });

  test('the size of a mailbox (RFC 8438)', async () => {
    const { inbox } = await opened(`
      C: {a} UID FETCH 1:* (UID RFC822.SIZE)
      S: * 1 FETCH (UID 1 RFC822.SIZE 100)
      S: * 2 FETCH (UID 2 RFC822.SIZE 23)
      S: {a} OK done`);
    expect(await inbox.totalSize()).toBe(123);
    const { inbox: able } = await opened(
      `C: {a} STATUS INBOX (SIZE)\nS: * STATUS INBOX (SIZE 421)\nS: {a} OK done`,
      `${CAPABILITIES} STATUS=SIZE`,
    );
    expect(await able.totalSize()).toBe(421);
  });
});

describe('reading a message', () => {
  const STRUCTURE =
    '(("TEXT" "PLAIN" ("CHARSET" "iso-8859-1") NIL NIL "BASE64" 12 1)("APPLICATION" "PDF" ("NAME" "=?utf-8?q?f=C3=BCr.pdf?=") NIL NIL "BASE64" 8 NIL ("ATTACHMENT" NIL)) "MIXED")';

  test('its text, and what is attached, decoded (pain 16)', async () => {
    const { inbox } = await opened(`
      C: {a} UID FETCH 7 (UID BODYSTRUCTURE)
      S: * 1 FETCH (UID 7 BODYSTRUCTURE ${STRUCTURE})
      S: {a} OK done
      C: {b} UID FETCH 7 (UID BODY.PEEK[1])
      S: * 1 FETCH (UID 7 BODY[1] "R3L832U=")
      S: {b} OK done
      C: {c} UID FETCH 7 (UID BODYSTRUCTURE)
      S: * 1 FETCH (UID 7 BODYSTRUCTURE ${STRUCTURE})
      S: {c} OK done
      C: {d} UID FETCH 7 (UID BODY.PEEK[2])
      S: * 1 FETCH (UID 7 BODY[2] "JVBERg==")
      S: {d} OK done`);
    expect(await inbox.readText(uid(7))).toEqual({ text: 'Grüße', mediaType: 'text/plain' });
    for await (const { bodyStructure } of inbox.fetch('7', { bodyStructure: true })) {
      const [attached] = listAttachments(bodyStructure);
      expect(attached?.fileName).toBe('für.pdf');
      expect((await collect(inbox.readPart(uid(7), attached!))).map(text).join('')).toBe('%PDF');
    }
  });

  test('that is gone, has no text, or too much', async () => {
    const { inbox } = await opened(`
      C: {a} UID FETCH 7 (UID BODYSTRUCTURE)
      S: {a} OK done
      C: {b} UID FETCH 8 (UID BODYSTRUCTURE)
      S: * 1 FETCH (UID 8 BODYSTRUCTURE ("IMAGE" "PNG" NIL NIL NIL "BASE64" 9))
      S: {b} OK done
      C: {c} UID FETCH 9 (UID BODYSTRUCTURE)
      S: * 1 FETCH (UID 9 BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 2000000 1))
      S: {c} OK done`);
    expect(await outcome(inbox.readText(uid(7)))).toMatchObject({ code: 'IMAP_MESSAGE_GONE' });
    expect(await inbox.readText(uid(8))).toBeNull();
    expect(await outcome(inbox.readText(uid(9)))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const odd = { part: [1], body: { encoding: 'x-uuencode' } };
    expect(await outcome(collect(inbox.readPart(uid(7), odd)))).toMatchObject({ code: 'IMAP_UNSUPPORTED' });
  });
});
