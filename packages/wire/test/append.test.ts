import type { SequenceNumber, Uid } from '@posthorn/core';
import { mailboxName } from '@posthorn/mailbox-name';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppendMessage, Command, CommandEvent } from '../src/index.ts';
import { CommandDecoder, encodeCommand } from '../src/index.ts';
import { flag, internalDate, mailbox, text } from './arbitraries.ts';
import { commands, cutAt, latin1, octets } from './feed.ts';
import { expectCommand, readCommandText, sentText } from './round-trip.ts';

const DRAFTS = mailboxName('Drafts');
const ALL = { utf8: true, binary: true };

describe('CATENATE', () => {
  // RFC 4469 section 6, its second example, cut short.
  const URLS = 'URL "/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER"';
  const TEXT = `a APPEND Drafts (\\Seen) CATENATE (${URLS} TEXT {3+}\r\n...${` ${URLS}`} UTF8 (~{2+}\r\n..) TEXT {0+}\r\n)\r\n`;
  const url = { type: 'url' as const, url: '/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER' };
  const parts = [
    url,
    { type: 'text' as const, size: 3 },
    url,
    { type: 'text' as const, size: 2, isUtf8: true },
    { type: 'text' as const, size: 0 },
  ];

  it('lets the octets of its parts flow', () => {
    const message = (count: number) => ({ flags: ['\\Seen'], parts: parts.slice(0, count) });
    const start = { type: 'appendLiteral', tag: 'a', mailbox: DRAFTS, index: 0, isSynchronizing: false };
    expect(commands(TEXT, { mode: 'strict' })).toEqual([
      { ...start, message: message(2), part: 1, size: 3 },
      { type: 'literalData', bytes: octets('...') },
      { type: 'literalEnd' },
      { ...start, message: message(4), part: 3, size: 2 },
      { type: 'literalData', bytes: octets('..') },
      { type: 'literalEnd' },
      { ...start, message: message(5), part: 4, size: 0 },
      { type: 'literalEnd' },
      { type: 'command', tag: 'a', command: { name: 'APPEND', mailbox: DRAFTS, messages: [message(5)] } },
    ]);
  });

  it('is sent with a place for each of its parts', () => {
    const command: Command = { name: 'APPEND', mailbox: DRAFTS, messages: [{ flags: ['\\Seen'], parts }] };
    expect(encodeCommand('a', command, { ...ALL, literalMinus: true }).filter(({ type }) => type !== 'bytes')).toEqual([
      { type: 'message', index: 0, part: 1, size: 3 },
      { type: 'message', index: 0, part: 3, size: 2 },
      { type: 'message', index: 0, part: 4, size: 0 },
    ]);
    expect(commands(sentText(command, ALL)).at(-1)).toEqual({ type: 'command', tag: 'a', command });
  });

  it('needs no octets of its own', () => {
    const messages = [{ flags: [], parts: [{ type: 'url' as const, url: '/a;uid=1' }] }];
    expectCommand('APPEND Drafts CATENATE (URL /a;uid=1)', { name: 'APPEND', mailbox: DRAFTS, messages });
  });

  it('takes a URL as a literal, before and behind octets that flow', () => {
    const decoder = new CommandDecoder();
    decoder.push(octets('a APPEND Drafts CATENATE (URL {4}\r\n'));
    expect(decoder.next()).toEqual({ type: 'literal', tag: 'a', size: 4, isSynchronizing: true });
    decoder.acceptLiteral();
    decoder.push(octets('/a;b TEXT {1}\r\n'));
    expect(decoder.next()).toMatchObject({
      type: 'appendLiteral',
      message: { parts: [{ url: '/a;b' }, { size: 1 }] },
      part: 1,
    });
    decoder.acceptLiteral();
    decoder.push(octets('x URL {2}\r\n'));
    expect([decoder.next(), decoder.next()]).toMatchObject([{ type: 'literalData' }, { type: 'literalEnd' }]);
    expect(decoder.next()).toEqual({ type: 'literal', tag: 'a', size: 2, isSynchronizing: true });
    decoder.acceptLiteral();
    decoder.push(octets('/c URL /d)\r\n'));
    expect(decoder.next()).toMatchObject({
      command: { messages: [{ parts: [{ url: '/a;b' }, { size: 1 }, { url: '/c' }, { url: '/d' }] }] },
    });
  });

  it.each([
    'CATENATE ()',
    'CATENATE',
    'CATENATE (URL)',
    'CATENATE (TEXT)',
    'CATENATE (TEXT x)',
    'CATENATE (URL a',
    'CATENATE (URL a) x',
    'CATENATE (NOSUCH a)',
    'CATENATE (URL a) CATENATE (URL b) CATENATE',
    'CATENATE (TEXT {1+}\r\nx',
    'CATENATE (TEXT {1+}\r\nxURL a)',
    'CATENATE (UTF8 (~{1+}\r\nx)',
    'CATENATE (UTF8 {1+}\r\nx)',
    'CATENATE (TEXT {1+}\r\nx) TEXT',
  ])('is invalid as %j, and the next command is read', (data) => {
    const events = commands(`a APPEND INBOX ${data}\r\nb NOOP\r\n`);
    expect(events.slice(-2)).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { type: 'command', tag: 'b', command: { name: 'NOOP' } },
    ]);
  });
});

describe('REPLACE', () => {
  const message = { flags: ['\\Seen', '\\Draft'], size: 312 };

  it.each<[string, Command]>([
    // RFC 8508 section 3.2
    [
      'REPLACE 4 Drafts (\\Seen \\Draft) {312+}',
      {
        name: 'REPLACE',
        replaces: { type: 'sequenceNumber', sequenceNumber: 4 as SequenceNumber },
        mailbox: DRAFTS,
        message,
      },
    ],
    // RFC 8508 section 3.3
    [
      'UID REPLACE 2000 Drafts (\\Seen \\Draft) {312+}',
      { name: 'REPLACE', replaces: { type: 'uid', uid: 2000 as Uid }, mailbox: DRAFTS, message },
    ],
    [
      'UID REPLACE * Drafts (\\Seen \\Draft) {312+}',
      { name: 'REPLACE', replaces: { type: 'uid', uid: '*' }, mailbox: DRAFTS, message },
    ],
  ])('%s', (line, command) => {
    const sent = `a ${line}\r\n${'.'.repeat(312)}\r\n`;
    expect(sentText(command)).toBe(sent);
    const events = commands(sent, { mode: 'strict' });
    expect(events[0]).toMatchObject({
      type: 'appendLiteral',
      replaces: 'replaces' in command && command.replaces,
      message,
      size: 312,
    });
    expect(events.at(-1)).toEqual({ type: 'command', tag: 'a', command });
  });

  it('takes a catenated message', () => {
    expectCommand('UID REPLACE 7 Drafts CATENATE (URL /a;uid=1)', {
      name: 'REPLACE',
      replaces: { type: 'uid', uid: 7 as Uid },
      mailbox: DRAFTS,
      message: { flags: [], parts: [{ type: 'url', url: '/a;uid=1' }] },
    });
  });

  it('takes a mailbox that is a literal', () => {
    expect(commands('a UID REPLACE 7 {6+}\r\nDrafts {1+}\r\nx\r\n').at(-1)).toMatchObject({
      command: { name: 'REPLACE', mailbox: DRAFTS, message: { size: 1 } },
    });
  });

  it.each([
    '0 Drafts {1+}\r\nx',
    '1:2 Drafts {1+}\r\nx',
    '4 Drafts',
    '4 Drafts {1+}\r\nx {1+}\r\ny',
    'Drafts {1+}\r\nx',
  ])('is invalid as %j', (data) => {
    expect(commands(`a REPLACE ${data}\r\nb NOOP\r\n`).slice(-2)).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { tag: 'b' },
    ]);
  });
});

describe('a message', () => {
  it('has annotations', () => {
    const annotations = [{ entry: '/comment', attributes: new Map([['value.priv', 'Do it!']]) }];
    // RFC 5257 section 4.6
    const line = 'a APPEND Drafts (\\Seen) ANNOTATION (/comment (value.priv "Do it!")) {3+}\r\n...\r\n';
    const command: Command = {
      name: 'APPEND',
      mailbox: DRAFTS,
      messages: [{ flags: ['\\Seen'], size: 3, annotations }],
    };
    expect(sentText(command)).toBe(line);
    expect(commands(line, { mode: 'strict' }).at(-1)).toEqual({ type: 'command', tag: 'a', command });
    const literal = 'a APPEND Drafts ANNOTATION (/comment (value.priv {6+}\r\nDo it!)) {3+}\r\n...\r\n';
    expect(commands(literal, { mode: 'strict' }).at(-1)).toMatchObject({ command: { messages: [{ annotations }] } });
  });

  it.each(['ANNOTATION () {1+}\r\nx', 'ANNOTATION (/a ()) {1+}\r\nx', 'ANNOTATION (/a (b "c") {1+}\r\nx'])(
    'has no annotations such as %j',
    (data) => {
      expect(commands(`a APPEND INBOX ${data}\r\nb NOOP\r\n`).slice(-2)).toMatchObject([
        { type: 'invalid', tag: 'a' },
        { tag: 'b' },
      ]);
    },
  );

  it('tells what was wrong before its octets', () => {
    const [event, , , whole] = commands('a APPEND  INBOX (\\Seen  x) {1+}\r\nx\r\n');
    const diagnostics = [
      { id: 'QUIRK_EXTRA_SPACE', offset: 9, message: 'a space too many' },
      { id: 'QUIRK_EXTRA_SPACE', offset: 23, message: 'a space too many' },
    ];
    expect(event).toMatchObject({ type: 'appendLiteral', diagnostics });
    expect(whole).toMatchObject({ type: 'command', diagnostics });
  });

  it('is refused with an APPEND that ends too soon', () => {
    expect(readCommandText('APPEND INBOX')).toMatchObject({ type: 'invalid' });
    expect(readCommandText('APPEND INBOX (\\Seen)')).toMatchObject({ type: 'invalid' });
    expect(readCommandText('APPEND')).toMatchObject({ type: 'invalid' });
  });

  it('is not sent where it cannot be read', () => {
    const messages: readonly AppendMessage[] = [
      { flags: [], parts: [] },
      { flags: [], parts: [{ type: 'text', size: -1 }] },
      { flags: [], parts: [{ type: 'url', url: 'a\0b' }] },
      { flags: [], size: 1, annotations: [] },
      { flags: [], size: 1, annotations: [{ entry: '/a', attributes: new Map() }] },
    ];
    for (const message of messages)
      expect(() => encodeCommand('a', { name: 'APPEND', mailbox: DRAFTS, messages: [message] })).toThrow(RangeError);
    const replaces = { type: 'uid' as const, uid: 0 as Uid };
    expect(() =>
      encodeCommand('a', { name: 'REPLACE', replaces, mailbox: DRAFTS, message: { flags: [], size: 1 } }),
    ).toThrow(RangeError);
  });
});

describe('any APPEND or REPLACE', () => {
  const size = fc.nat({ max: 40 });
  const kind = fc.constantFrom({}, { isBinary: true as const }, { isUtf8: true as const });
  const part = fc.oneof(
    fc.tuple(size, kind).map(([value, rest]) => ({ type: 'text' as const, size: value, ...rest })),
    text.map((url) => ({ type: 'url' as const, url })),
  );
  const properties = fc.record(
    {
      flags: fc.array(flag, { maxLength: 2 }),
      internalDate,
      annotations: fc.array(
        fc.record({
          entry: text,
          attributes: fc
            .array(fc.tuple(text, fc.option(text)), { minLength: 1, maxLength: 2 })
            .map((entries) => new Map(entries)),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    },
    { requiredKeys: ['flags'] },
  );
  const message: fc.Arbitrary<AppendMessage> = fc.oneof(
    fc.tuple(properties, size, kind).map(([rest, value, how]) => ({ ...rest, size: value, ...how })),
    fc.tuple(properties, fc.array(part, { minLength: 1, maxLength: 4 })).map(([rest, parts]) => ({ ...rest, parts })),
  );
  const replaces = fc.oneof(
    fc.constantFrom(1, 7, 4294967295, '*' as const).map((uid) => ({ type: 'uid' as const, uid: uid as Uid })),
    fc.constantFrom(1, '*' as const).map((number) => ({
      type: 'sequenceNumber' as const,
      sequenceNumber: number as SequenceNumber,
    })),
  );
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({
      name: fc.constant('APPEND' as const),
      mailbox,
      messages: fc.array(message, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ name: fc.constant('REPLACE' as const), replaces, mailbox, message }),
  );
  const LIMITS = { maxLineBytes: 1e6, maxLiteralBytes: 1e6 };

  it('is read as it was sent, however it is cut', () => {
    fc.assert(
      fc.property(command, fc.array(fc.nat({ max: 400 }), { maxLength: 6 }), (value, offsets) => {
        const bytes = octets(sentText(value, ALL));
        const events = commands(
          cutAt(
            bytes,
            offsets.sort((left, right) => left - right),
          ),
          LIMITS,
        );
        expect(events.at(-1)).toEqual({ type: 'command', tag: 'a', command: value });
        expect(commands([bytes], LIMITS)).toEqual(events);
      }),
      { numRuns: 300 },
    );
  });

  it('waits where its client waits, and tells how many octets come', () => {
    fc.assert(
      fc.property(command, (value) => {
        const decoder = new CommandDecoder(LIMITS);
        const events: CommandEvent[] = [];
        for (const piece of encodeCommand('a', value, ALL)) {
          if (piece.type === 'continuation') decoder.acceptLiteral();
          else {
            decoder.push(piece.type === 'bytes' ? piece.bytes : new Uint8Array(piece.size));
            const last = events.at(-1);
            if (piece.type === 'message') {
              expect(last).toMatchObject({ type: 'appendLiteral', index: piece.index, size: piece.size });
              expect(last?.type === 'appendLiteral' ? last.part : 'none').toBe(piece.part);
            }
            for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
              events.push(event);
              if (event.type === 'literal' || event.type === 'appendLiteral') break;
            }
          }
        }
        expect(events.at(-1)).toEqual({ type: 'command', tag: 'a', command: value });
        expect(decoder.bufferedBytes).toBe(0);
      }),
    );
  });

  it('never lets an argument end the line', () => {
    const line = latin1(
      octets(
        sentText({
          name: 'APPEND',
          mailbox: DRAFTS,
          messages: [{ flags: [], parts: [{ type: 'url', url: 'x)\r\nb LOGOUT' }] }],
        }),
      ),
    );
    expect(line).toBe('a APPEND Drafts CATENATE (URL {12+}\r\nx)\r\nb LOGOUT)\r\n');
  });
});
