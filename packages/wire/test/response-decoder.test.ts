import { everySplit, octetByOctet } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { ResponseDecoder, type ResponseEvent, WireSyntaxError } from '../src/index.ts';
import { octets, response, responses } from './feed.ts';

const name = (text: string) => ({ text, wire: text });

describe('RFC 9051 section 7', () => {
  it.each<[string, ResponseEvent]>([
    [
      '* CAPABILITY STARTTLS AUTH=GSSAPI IMAP4rev2 LOGINDISABLED XPIG-LATIN',
      { type: 'capability', capabilities: ['STARTTLS', 'AUTH=GSSAPI', 'IMAP4rev2', 'LOGINDISABLED', 'XPIG-LATIN'] },
    ],
    ['* ENABLED CONDSTORE', { type: 'enabled', capabilities: ['CONDSTORE'] }],
    ['* OK IMAP4rev2 server ready', { type: 'status', tag: undefined, status: 'OK', text: 'IMAP4rev2 server ready' }],
    ['* BAD Command line too long', { type: 'status', tag: undefined, status: 'BAD', text: 'Command line too long' }],
    [
      '* PREAUTH IMAP4rev2 server logged in as Smith',
      { type: 'status', tag: undefined, status: 'PREAUTH', text: 'IMAP4rev2 server logged in as Smith' },
    ],
    [
      '* BYE Autologout; idle for too long',
      { type: 'status', tag: undefined, status: 'BYE', text: 'Autologout; idle for too long' },
    ],
    [
      'A142 OK [READ-WRITE] SELECT completed',
      {
        type: 'status',
        tag: 'A142',
        status: 'OK',
        code: { type: 'atom', name: 'READ-WRITE' },
        text: 'SELECT completed',
      },
    ],
    [
      '* OK [UIDVALIDITY 3857529045] UIDs valid',
      {
        type: 'status',
        tag: undefined,
        status: 'OK',
        code: { type: 'uidValidity', uidValidity: 3857529045 as never },
        text: 'UIDs valid',
      },
    ],
    [
      '* OK [UIDNEXT 4392] Predicted next UID',
      {
        type: 'status',
        tag: undefined,
        status: 'OK',
        code: { type: 'uidNext', uidNext: 4392 },
        text: 'Predicted next UID',
      },
    ],
    [
      '* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited',
      {
        type: 'status',
        tag: undefined,
        status: 'OK',
        code: { type: 'permanentFlags', flags: ['\\Deleted', '\\Seen'], allowsNewKeywords: true },
        text: 'Limited',
      },
    ],
    [
      '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)',
      { type: 'flags', flags: ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'] },
    ],
    [
      '* LIST (\\Noselect) "/" ~/Mail/foo',
      { type: 'list', attributes: ['\\Noselect'], delimiter: '/', mailbox: name('~/Mail/foo') },
    ],
    [
      '* LIST (\\Marked \\NoInferiors) "/" "inbox"',
      { type: 'list', attributes: ['\\Marked', '\\Noinferiors'], delimiter: '/', mailbox: name('inbox') },
    ],
    [
      '* LIST () "/" "Fruit" ("CHILDINFO" ("SUBSCRIBED"))',
      {
        type: 'list',
        attributes: [],
        delimiter: '/',
        mailbox: name('Fruit'),
        childInfo: ['SUBSCRIBED'],
      },
    ],
    [
      '* NAMESPACE (("" "/")) (("~" "/")) NIL',
      {
        type: 'namespace',
        personal: [{ prefix: name(''), delimiter: '/' }],
        otherUsers: [{ prefix: name('~'), delimiter: '/' }],
        shared: [],
      },
    ],
    [
      '* NAMESPACE (("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) NIL NIL',
      {
        type: 'namespace',
        personal: [
          { prefix: name(''), delimiter: '/' },
          {
            prefix: name('#mh/'),
            delimiter: '/',
            extended: [{ name: 'X-PARAM', raw: octets('("FLAG1" "FLAG2")') }],
          },
        ],
        otherUsers: [],
        shared: [],
      },
    ],
    [
      '* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)',
      { type: 'mailboxStatus', mailbox: name('blurdybloop'), items: { messages: 231, uidNext: 44292 } },
    ],
    ['* 23 EXISTS', { type: 'exists', count: 23 }],
    ['* 5 RECENT', { type: 'recent', count: 5 }],
    ['* 44 EXPUNGE', { type: 'expunge', sequenceNumber: 44 as never }],
    ['* SEARCH 2 3 6', { type: 'search', numbers: [2, 3, 6] }],
    ['* SEARCH', { type: 'search', numbers: [] }],
    [
      '* SEARCH 2 5 6 7 11 12 18 19 20 23 (MODSEQ 917162500)',
      { type: 'search', numbers: [2, 5, 6, 7, 11, 12, 18, 19, 20, 23], modSeq: 917162500n as never },
    ],
    ['+ Ready for additional command text', { type: 'continuation', text: 'Ready for additional command text' }],
    ['+ ', { type: 'continuation', text: '' }],
    ['+ idling', { type: 'continuation', text: 'idling' }],
    [
      '* ID ("name" "Cyrus" "version" NIL)',
      {
        type: 'id',
        parameters: new Map([
          ['name', 'Cyrus'],
          ['version', null],
        ]),
      },
    ],
    ['* ID NIL', { type: 'id', parameters: null }],
    ['* XYZZY plugh "a"', { type: 'unknown', name: 'XYZZY', raw: octets('plugh "a"') }],
    ['* 4 XYZZY', { type: 'unknown', name: 'XYZZY', number: 4, raw: octets('') }],
    [
      'A003 OK [APPENDUID 38505 3955] APPEND completed',
      {
        type: 'status',
        tag: 'A003',
        status: 'OK',
        code: {
          type: 'appendUid',
          uidValidity: 38505 as never,
          uids: { ranges: [{ first: 3955, last: 3955 }] } as never,
        },
        text: 'APPEND completed',
      },
    ],
    [
      'd105 OK [MODIFIED 7,9] Conditional STORE failed',
      {
        type: 'status',
        tag: 'd105',
        status: 'OK',
        code: {
          type: 'modified',
          set: {
            ranges: [
              { first: 7, last: 7 },
              { first: 9, last: 9 },
            ],
          } as never,
        },
        text: 'Conditional STORE failed',
      },
    ],
    [
      'A NO [BADCHARSET (UTF-8 "US-ASCII")] no',
      {
        type: 'status',
        tag: 'A',
        status: 'NO',
        code: { type: 'badCharset', charsets: ['UTF-8', 'US-ASCII'] },
        text: 'no',
      },
    ],
    [
      '* NO [X-CODE a "]" (b) c] text [x]',
      {
        type: 'status',
        tag: undefined,
        status: 'NO',
        code: { type: 'atom', name: 'X-CODE', value: 'a "]" (b) c' },
        text: 'text [x]',
      },
    ],
    ['* ok lower case', { type: 'status', tag: undefined, status: 'OK', text: 'lower case' }],
    ['* OK [5] not a code', { type: 'status', tag: undefined, status: 'OK', text: '[5] not a code' }],
    [
      '* LIST () "/" Entw&APw-rfe',
      { type: 'list', attributes: [], delimiter: '/', mailbox: { text: 'Entwürfe', wire: 'Entw&APw-rfe' } },
    ],
  ])('%s', (text, expected) => {
    expect(response(`${text}\r\n`, { mode: 'strict' })).toEqual(expected);
  });

  it('reads the envelope and body of the example session (section 8)', () => {
    const event = response(
      '* 12 FETCH (FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.ed>") BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))\r\n',
      { mode: 'strict' },
    );
    const gray = [{ name: 'Terry Gray', route: null, mailbox: 'gray', host: 'cac.washington.edu' }];
    expect(event).toEqual({
      type: 'fetch',
      sequenceNumber: 12,
      items: {
        flags: ['\\Seen'],
        internalDate: { epochSeconds: Date.UTC(1996, 6, 17, 9, 44, 25) / 1000, offsetMinutes: -420 },
        size: 4286,
        envelope: {
          date: 'Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
          subject: 'IMAP4rev1 WG mtg summary and minutes',
          from: gray,
          sender: gray,
          replyTo: gray,
          to: [{ name: null, route: null, mailbox: 'imap', host: 'cac.washington.edu' }],
          cc: [
            { name: null, route: null, mailbox: 'minutes', host: 'CNRI.Reston.VA.US' },
            { name: 'John Klensin', route: null, mailbox: 'KLENSIN', host: 'MIT.EDU' },
          ],
          bcc: [],
          inReplyTo: null,
          messageId: '<B27397-0100000@cac.washington.ed>',
        },
        bodyStructure: {
          type: 'text',
          mediaType: 'TEXT',
          mediaSubtype: 'PLAIN',
          parameters: [['CHARSET', 'US-ASCII']],
          id: null,
          description: null,
          encoding: '7BIT',
          size: 3028,
          lines: 92,
        },
      },
    });
  });

  it('reads a structure with all of its extension data', () => {
    const event = response(
      '* 1 FETCH (BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "UTF-8") "<id>" "d" "7BIT" 2279 48 "md5" ("inline" ("a" "b")) ("en" "de") "loc" ("x" (1 "y")) 5)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 100 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) ("IMAGE" "PNG" NIL NIL NIL "BASE64" 4 NIL NIL NIL NIL) 7 NIL NIL NIL NIL) "MIXED" ("BOUNDARY" "x") NIL "en" NIL))\r\n',
      { mode: 'strict' },
    );
    expect(event).toMatchObject({
      items: {
        bodyStructure: {
          type: 'multipart',
          mediaSubtype: 'MIXED',
          parameters: [['BOUNDARY', 'x']],
          disposition: null,
          language: ['en'],
          location: null,
          parts: [
            {
              type: 'text',
              id: '<id>',
              description: 'd',
              lines: 48,
              md5: 'md5',
              disposition: { type: 'inline', parameters: [['a', 'b']] },
              language: ['en', 'de'],
              location: 'loc',
            },
            {
              type: 'message',
              envelope: { subject: 's' },
              body: { type: 'basic', mediaType: 'IMAGE' },
              lines: 7,
              md5: null,
            },
          ],
        },
      },
    });
  });
});

describe('sections', () => {
  it.each([
    ['BODY[]', { item: 'BODY', section: { part: [] } }],
    ['BODY[1.2.3]', { item: 'BODY', section: { part: [1, 2, 3] } }],
    ['BODY[HEADER]<0>', { item: 'BODY', section: { part: [], text: 'HEADER' }, origin: 0 }],
    ['body[4.mime]<7>', { item: 'BODY', section: { part: [4], text: 'MIME' }, origin: 7 }],
    [
      'BODY[HEADER.FIELDS (DATE "FROM")]',
      { item: 'BODY', section: { part: [], text: 'HEADER.FIELDS', fields: ['DATE', 'FROM'] } },
    ],
    [
      'BODY[1.HEADER.FIELDS.NOT (X)]',
      { item: 'BODY', section: { part: [1], text: 'HEADER.FIELDS.NOT', fields: ['X'] } },
    ],
    ['BINARY[1]', { item: 'BINARY', section: { part: [1] } }],
    ['RFC822', { item: 'RFC822', section: { part: [] } }],
    ['RFC822.HEADER', { item: 'RFC822.HEADER', section: { part: [], text: 'HEADER' } }],
    ['RFC822.TEXT', { item: 'RFC822.TEXT', section: { part: [], text: 'TEXT' } }],
  ])('%s', (item, expected) => {
    const inline = { type: 'inline', bytes: octets('a"\\b') };
    expect(response(`* 1 FETCH (${item} {4}\r\na"\\b)\r\n`)).toEqual({
      type: 'fetch',
      sequenceNumber: 1,
      items: { sections: [{ ...expected, value: inline }] },
    });
    expect(response(`* 1 FETCH (${item} ~{4}\r\na"\\b)\r\n`)).toMatchObject({
      items: { sections: [{ value: inline }] },
    });
    expect(response(`* 1 FETCH (${item} "a\\"\\\\b")\r\n`)).toMatchObject({ items: { sections: [{ value: inline }] } });
    expect(response(`* 1 FETCH (${item} NIL)\r\n`)).toMatchObject({ items: { sections: [{ value: null }] } });
    const streamed = responses(`* 1 FETCH (${item} {4}\r\na"\\b)\r\n`, { maxInlineLiteralBytes: 3 });
    expect(streamed).toEqual([
      { type: 'literalStart', sequenceNumber: 1, items: {}, ...expected, size: 4 },
      { type: 'literalData', bytes: octets('a"\\b') },
      { type: 'literalEnd' },
      {
        type: 'fetch',
        sequenceNumber: 1,
        items: { sections: [{ ...expected, value: { type: 'streamed', size: 4 } }] },
      },
    ]);
  });

  it('stream in order, each with the items before it', () => {
    const events = responses(
      '* 1 FETCH (UID 7 BODY[1] {4}\r\naaaa FLAGS () BODY[2] {2}\r\nbb BODY[3] {5}\r\nccccc ENVELOPE (bad) RFC822.SIZE 9)\r\n* 2 EXISTS\r\n',
      { maxInlineLiteralBytes: 3 },
    );
    expect(events.map(({ type }) => type)).toEqual([
      'literalStart',
      'literalData',
      'literalEnd',
      'literalStart',
      'literalData',
      'literalEnd',
      'fetch',
      'exists',
    ]);
    expect(events[0]).toMatchObject({ items: { uid: 7 }, section: { part: [1] } });
    expect(events[3]).toMatchObject({
      items: {
        uid: 7,
        flags: [],
        sections: [
          { section: { part: [1] }, value: { type: 'streamed', size: 4 } },
          { section: { part: [2] }, value: { type: 'inline' } },
        ],
      },
      section: { part: [3] },
    });
    expect(events[6]).toMatchObject({
      items: { uid: 7, flags: [], size: 9, sections: [{}, {}, {}], raw: [{ name: 'ENVELOPE' }] },
    });
    expect(events[6]).toHaveProperty('diagnostics');
  });

  it('stream without end of the literal being at hand, holding nothing back', () => {
    const decoder = new ResponseDecoder({ maxInlineLiteralBytes: 10 });
    decoder.push(octets('* 1 FETCH (BODY[] {100000000}\r\n'));
    expect(decoder.next()).toMatchObject({ type: 'literalStart', size: 100_000_000 });
    expect(decoder.next()).toBeUndefined();
    for (let count = 0; count < 100; count++) {
      const chunk = new Uint8Array(1_000_000);
      decoder.push(chunk);
      const event = decoder.next();
      expect(event).toMatchObject({ type: 'literalData' });
      if (event?.type === 'literalData') expect(event.bytes.buffer).toBe(chunk.buffer);
    }
    expect(decoder.next()).toEqual({ type: 'literalEnd' });
    expect(decoder.bufferedBytes).toBe(0);
    decoder.push(octets(')\r\n'));
    expect(decoder.next()).toMatchObject({ type: 'fetch' });
  });

  it('of an empty literal stream too when all do', () => {
    expect(responses('* 1 FETCH (BODY[] {0}\r\n)\r\n', { maxInlineLiteralBytes: -1 }).map(({ type }) => type)).toEqual([
      'literalStart',
      'literalEnd',
      'fetch',
    ]);
  });

  it('is skipped when what stands before it does not parse', () => {
    const events = responses('* 1 FETCH (UID 7 %% BODY[] {10}\r\n* 9 EXISTS FLAGS ())\r\n* 2 EXISTS\r\n', {
      maxInlineLiteralBytes: 3,
    });
    expect(events).toMatchObject([{ type: 'invalid' }, { type: 'exists', count: 2 }]);
  });

  it('is not taken for one in another response', () => {
    expect(responses('* X-FETCH BODY[] {10}\r\n0123456789\r\n', { maxInlineLiteralBytes: 3 })).toMatchObject([
      { type: 'unknown' },
    ]);
  });

  it('keeps its octets when the caller changes the chunk it came in', () => {
    const chunk = octets('* 1 FETCH (BODY[] {3}\r\nabc)\r\n');
    const decoder = new ResponseDecoder();
    decoder.push(chunk);
    const event = decoder.next();
    chunk.fill(0);
    expect(event).toMatchObject({ items: { sections: [{ value: { bytes: octets('abc') } }] } });
  });
});

describe('a response that does not parse', () => {
  it('leaves the stream in step and names its tag', () => {
    const events = responses('A7 HUH what\r\n* FLAGS \\Seen\r\n* 2 EXISTS\r\n');
    expect(events).toMatchObject([
      {
        type: 'invalid',
        tag: 'A7',
        raw: octets('A7 HUH what'),
        diagnostics: [{ id: 'QUIRK_PLAIN_TEXT' }, { id: 'SYNTAX', offset: 6 }],
      },
      { type: 'invalid', tag: undefined },
      { type: 'exists' },
    ]);
  });

  it('gives up one bad item of a FETCH and keeps the others', () => {
    for (const bad of [
      'ENVELOPE ("a" (("b))',
      'ENVELOPE (NIL)',
      'BODYSTRUCTURE ("TEXT" "PLAIN")',
      'FLAGS \\Seen',
      'INTERNALDATE "31-Feb-2000 00:00:00 +0000"',
      'MODSEQ ()',
    ]) {
      const event = response(`* 1 FETCH (UID 7 ${bad} RFC822.SIZE 5)\r\n`);
      expect(event).toMatchObject({
        type: 'fetch',
        items: { uid: 7, raw: [{ name: bad.slice(0, bad.indexOf(' ')) }] },
      });
      expect(event).toHaveProperty('diagnostics');
    }
  });

  it('keeps literals of unknown items', () => {
    const event = response('* 1 FETCH (X-A {5}\r\n(a) b X-B ("q\\"(" {2}\r\n)) x) UID 7)\r\n');
    expect(event).toMatchObject({
      items: {
        uid: 7,
        raw: [
          { name: 'X-A', raw: octets('{5}\r\n(a) b') },
          { name: 'X-B', raw: octets('("q\\"(" {2}\r\n)) x)') },
        ],
      },
    });
  });
});

describe('the decoder', () => {
  it('counts what it buffers', () => {
    const decoder = new ResponseDecoder();
    expect(decoder.bufferedBytes).toBe(0);
    decoder.push(octets('* 2 EXISTS\r\n* 3'));
    expect(decoder.bufferedBytes).toBe(15);
    expect(decoder.next()).toBeDefined();
    expect(decoder.bufferedBytes).toBe(3);
    expect(decoder.next()).toBeUndefined();
    expect(decoder.bufferedBytes).toBe(3);
    decoder.push(octets(' EXISTS\r\n'));
    decoder.next();
    expect(decoder.bufferedBytes).toBe(0);
  });

  it.each(['A1 OK done\r\n', 'A1 OK done {3}\r\n', '* 1 FETCH (X-A {2}\r\nab)\r\n'])(
    'gives back what came behind %j, however that came, and goes on with what is pushed then',
    (first) => {
      const rest = octets('* 4 EXI{9}\r\n\n{3}\r');
      const input = new Uint8Array([...octets(first), ...rest]);
      for (const chunks of [...everySplit(input), octetByOctet(input)]) {
        const decoder = new ResponseDecoder();
        for (const chunk of chunks) {
          decoder.push(chunk.slice());
          decoder.releaseChunks();
        }
        expect(decoder.next()).toBeDefined();
        expect(decoder.takeRest()).toEqual(rest);
        expect(decoder.bufferedBytes).toBe(0);
        expect(decoder.takeRest()).toEqual(new Uint8Array(0));
        decoder.push(octets('* 5 EX'));
        expect(decoder.next()).toBeUndefined();
        decoder.push(octets('ISTS\r\n'));
        expect(decoder.next()).toMatchObject({ type: 'exists', count: 5 });
        expect(decoder.next()).toBeUndefined();
        decoder.end();
      }
    },
  );

  it('knows whether the stream ended between two responses', () => {
    const ending = (text: string): void => {
      const decoder = new ResponseDecoder({ maxInlineLiteralBytes: 2 });
      decoder.push(octets(text));
      while (decoder.next() !== undefined);
      decoder.end();
    };
    ending('');
    ending('* 2 EXISTS\r\n');
    for (const text of [
      '* 2 EXI',
      '* 2 EXISTS\r',
      '* LIST () "/" {2}\r\n',
      '* 1 FETCH (BODY[] {4}\r\n',
      '* 1 FETCH (BODY[] {4}\r\nabcd',
      '* 1 FETCH (BODY[] {4}\r\nabcd)',
    ]) {
      expect(() => ending(text)).toThrow(WireSyntaxError);
    }
  });

  it('is finished after an error', () => {
    const decoder = new ResponseDecoder({ maxLineBytes: 5 });
    decoder.push(octets('* 2 EXISTS\r\n'));
    expect(() => decoder.next()).toThrow();
    decoder.push(octets('* 2 E\r\n'));
    expect(() => decoder.next()).toThrow();
    expect(() => decoder.end()).toThrow();
  });

  it('reads 8-bit text as UTF-8 where it is', () => {
    expect(response('* OK caf\xc3\xa9\r\n')).toMatchObject({ text: 'café' });
    expect(response('* OK caf\xe9\r\n')).toMatchObject({ text: 'café' });
    expect(
      response('* 1 FETCH (ENVELOPE (NIL "caf\xc3\xa9" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n', { mode: 'strict' }),
    ).toMatchObject({ items: { envelope: { subject: 'café' } } });
  });
});
