import type { ModSeq, SequenceNumber, Uid } from '@posthorn/core';
import { mailboxName } from '@posthorn/mailbox-name';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  CommandDecoder,
  type ExtensionTable,
  encodeCommand,
  encodeResponse,
  ResponseDecoder,
  type ResponseWith,
  type Syntax,
} from '../src/index.ts';
import { text } from './arbitraries.ts';
import { concat, latin1, octets } from './feed.ts';

interface Mood {
  readonly word: string;
  readonly strength: number;
}

const mood: Syntax<Mood> = {
  read(input) {
    const word = input.astring();
    input.space();
    return { word, strength: input.number() };
  },
  write(output, { word, strength }) {
    output.astring(word).space().number(strength);
  },
};
const none: Syntax<null> = { read: () => null, write: () => {} };
const words: Syntax<readonly (string | null)[]> = {
  read: (input) => input.list(() => input.nstring()),
  write: (output, value) => {
    output.list(value, (word) => output.nstring(word));
  },
};
const extensions = {
  commands: { XMOOD: mood, 'UID XWORDS': words, XNONE: none },
  responses: { XMOOD: mood, XWORDS: words },
  codes: { XMOOD: mood, XNONE: none },
  fetchItems: { 'X-MOOD': mood, 'X-WORDS[1]': words },
} satisfies ExtensionTable;
type Table = typeof extensions;

const bytesOf = (pieces: readonly { readonly type: string; readonly bytes?: Uint8Array }[]): Uint8Array =>
  concat(pieces.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes])));

function answers(line: string, options: { readonly maxInlineLiteralBytes?: number } = {}) {
  const decoder = new ResponseDecoder({ extensions, ...options });
  decoder.push(octets(line));
  const events = [];
  for (let event = decoder.next(); event !== undefined; event = decoder.next()) events.push(event);
  return events;
}

function asked(line: string) {
  const decoder = new CommandDecoder({ extensions, maxLineBytes: 65_536, maxLiteralBytes: 65_536 });
  decoder.push(octets(line));
  return decoder.next();
}

describe('a table', () => {
  it.each<[string, ResponseWith<Table>]>([
    ['* XMOOD happy 9', { type: 'extension', name: 'XMOOD', value: { word: 'happy', strength: 9 } }],
    ['* 4 XWORDS ("a" NIL)', { type: 'extension', name: 'XWORDS', number: 4, value: ['a', null] }],
    [
      'a NO [XMOOD "so so" 3] sorry',
      {
        type: 'status',
        tag: 'a',
        status: 'NO',
        code: { type: 'extension', name: 'XMOOD', value: { word: 'so so', strength: 3 } },
        text: 'sorry',
      },
    ],
    [
      '* OK [XNONE] done',
      {
        type: 'status',
        tag: undefined,
        status: 'OK',
        code: { type: 'extension', name: 'XNONE', value: null },
        text: 'done',
      },
    ],
    [
      '* 7 FETCH (UID 12 X-OTHER 5 X-MOOD happy 9)',
      { type: 'fetch', sequenceNumber: 7 as SequenceNumber, items: { uid: 12 as Uid } },
    ],
  ])('reads and writes %s', (line, value) => {
    if (value.type === 'fetch') return;
    expect(answers(`${line}\r\n`)).toEqual([value]);
    expect(latin1(bytesOf(encodeResponse(value, { extensions })))).toBe(`${line}\r\n`);
  });

  it('reads and writes items of FETCH answers beside those that nobody knows', () => {
    const line = '* 7 FETCH (UID 12 X-OTHER 5 X-WORDS[1] ("a" NIL))';
    const value: ResponseWith<Table> = {
      type: 'fetch',
      sequenceNumber: 7 as SequenceNumber,
      items: {
        uid: 12 as Uid,
        raw: [{ name: 'X-OTHER', raw: octets('5') }],
        extensions: { 'X-WORDS[1]': ['a', null] },
      },
    };
    expect(answers(`${line}\r\n`)).toEqual([value]);
    expect(latin1(bytesOf(encodeResponse(value, { extensions })))).toBe(`${line}\r\n`);
  });

  it('is there before the octets of a section flow', () => {
    const [start, , , whole] = answers('* 7 UIDFETCH (X-WORDS[1] ("a") BODY[] {5}\r\nhello)\r\n', {
      maxInlineLiteralBytes: 2,
    });
    expect(start).toMatchObject({ type: 'uidLiteralStart', items: { extensions: { 'X-WORDS[1]': ['a'] } } });
    expect(whole).toMatchObject({ type: 'uidFetch', uid: 7, items: { extensions: { 'X-WORDS[1]': ['a'] } } });
  });

  it('reads and writes commands', () => {
    const command = { name: 'extension', command: 'UID XWORDS', value: ['a "b"', null, 'ü\r\n'] } as const;
    const pieces = encodeCommand('a', command, { extensions, literalPlus: true });
    expect(latin1(bytesOf(pieces))).toBe('a UID XWORDS ("a \\"b\\"" NIL {4+}\r\n\xc3\xbc\r\n)\r\n');
    expect(asked(latin1(bytesOf(pieces)))).toEqual({ type: 'command', tag: 'a', command });
    expect(encodeCommand('a', command, { extensions }).map(({ type }) => type)).toEqual([
      'bytes',
      'continuation',
      'bytes',
      'bytes',
    ]);
    const bare = { name: 'extension', command: 'XNONE', value: null } as const;
    expect(asked('a xnone\r\n')).toEqual({ type: 'command', tag: 'a', command: bare });
  });

  it('leaves what it does not know as it came', () => {
    expect(answers('* XOTHER 5\r\n* OK [XOTHER 5] x\r\n* 1 FETCH (X-OTHER 5)\r\n* 2 EXISTS\r\n')).toMatchObject([
      { type: 'unknown', name: 'XOTHER', raw: octets('5') },
      { code: { type: 'atom', name: 'XOTHER', value: '5' } },
      { items: { raw: [{ name: 'X-OTHER' }] } },
      { type: 'exists' },
    ]);
    expect(asked('a XOTHER 5\r\n')).toMatchObject({ command: { name: 'X', command: 'XOTHER' } });
    expect(asked('a CONSTRUCTOR\r\n')).toMatchObject({ command: { name: 'X', command: 'CONSTRUCTOR' } });
    expect(answers('* TOSTRING\r\n')).toMatchObject([{ type: 'unknown' }]);
  });

  it('leaves what does not fit as it came, and says so', () => {
    const syntax = [{ id: 'SYNTAX', offset: 6, message: 'XMOOD: expected a number' }];
    expect(answers('* XMOOD happy x\r\n')).toEqual([
      { type: 'unknown', name: 'XMOOD', raw: octets('happy x'), diagnostics: syntax },
    ]);
    expect(answers('* OK [XMOOD happy x] y\r\n')).toMatchObject([{ code: { type: 'atom' }, diagnostics: syntax }]);
    expect(answers('* 1 FETCH (X-WORDS[1] x UID 5)\r\n')).toMatchObject([
      { items: { uid: 5, raw: [{ name: 'X-WORDS[1]', raw: octets('x') }] }, diagnostics: [{ id: 'SYNTAX' }] },
    ]);
    expect(asked('a XMOOD happy 5 more\r\n')).toMatchObject({
      command: { name: 'X', command: 'XMOOD', raw: octets('happy 5 more') },
      diagnostics: [{ id: 'QUIRK_TRAILING_SPACE' }, { id: 'SYNTAX', offset: 8 }],
    });
    expect(asked('a XMOOD happy 5 \r\n')).toMatchObject({
      command: { name: 'extension' },
      diagnostics: [{ id: 'QUIRK_TRAILING_SPACE' }],
    });
  });

  it('is asked for nothing that is known already', () => {
    const table = { responses: { EXISTS: mood, FETCH: mood }, codes: { UIDNEXT: mood }, commands: { NOOP: none } };
    const decoder = new ResponseDecoder({ extensions: table });
    decoder.push(octets('* 1 EXISTS\r\n* OK [UIDNEXT 5] x\r\n'));
    expect([decoder.next(), decoder.next()]).toMatchObject([{ type: 'exists' }, { code: { type: 'uidNext' } }]);
  });

  it('is needed to send what it knows', () => {
    const unknown = { type: 'extension', name: 'XMOOD', value: 5 } as never;
    expect(() => encodeResponse(unknown)).toThrow(RangeError);
    expect(() => encodeCommand('a', { name: 'extension', command: 'XMOOD', value: 5 } as never)).toThrow(RangeError);
    expect(() => encodeCommand('a', { name: 'extension', command: 'X', value: 5 } as never, { extensions })).toThrow(
      RangeError,
    );
  });

  it('never lets a value end the line', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.constantFrom('a\0b', 'x]y', '\ud800')), (word) => {
        const value = { word, strength: 1 };
        const send = (): readonly (string | undefined)[] => [
          latin1(bytesOf(encodeResponse({ type: 'extension', name: 'XMOOD', value }, { extensions }))),
          word.includes('\0')
            ? undefined
            : latin1(
                bytesOf(
                  encodeCommand('a', { name: 'extension', command: 'XMOOD', value }, { extensions, literalPlus: true }),
                ),
              ),
        ];
        const [told, ask] = send();
        expect(answers(`${told}* 1 EXISTS\r\n`)).toMatchObject([{ type: 'extension' }, { type: 'exists' }]);
        if (ask !== undefined) expect(asked(ask)).toMatchObject({ command: { name: 'extension' } });
        const code = { type: 'extension' as const, name: 'XMOOD' as const, value };
        try {
          const line = latin1(
            bytesOf(encodeResponse({ type: 'status', tag: 'a', status: 'OK', code, text: 'x' }, { extensions })),
          );
          expect(answers(`${line}* 1 EXISTS\r\n`)).toMatchObject([{ code, text: 'x' }, { type: 'exists' }]);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it('writes and reads values of every kind', () => {
    const every: Syntax<readonly unknown[]> = {
      read(input) {
        const values: unknown[] = [input.atom()];
        input.space();
        input.expect('(');
        values.push(input.keyword(), input.isAt(')'));
        input.expect(')');
        input.space();
        values.push(input.mailbox());
        input.space();
        values.push(input.flag());
        input.space();
        values.push(input.uids());
        input.space();
        values.push(input.sequenceNumbers());
        input.space();
        values.push(input.modSeq());
        input.space();
        values.push(input.octets());
        input.space();
        values.push(input.octets());
        input.space();
        values.push(input.string(), input.isAtEnd, input.accept('MORE'));
        return values;
      },
      write(output) {
        output.atom('a').space().mark('(').atom('B').mark(')').space().mailbox(mailboxName('Entwürfe')).space();
        output
          .flag('\\Seen')
          .space()
          .uids({ ranges: [{ first: 1 as Uid, last: '*' }] })
          .space();
        output.sequenceNumbers({ ranges: [{ first: 3 as SequenceNumber, last: 3 as SequenceNumber }] }).space();
        output
          .modSeq(12n as ModSeq)
          .space()
          .octets(octets('\0x'))
          .space()
          .octets(null)
          .space()
          .string('a b');
      },
    };
    const table = { responses: { XALL: every } };
    const line = bytesOf(encodeResponse({ type: 'extension', name: 'XALL', value: [] }, { extensions: table }));
    expect(latin1(line)).toBe('* XALL a (B) Entw&APw-rfe \\Seen 1:* 3 12 {2}\r\n\0x NIL "a b"\r\n');
    const decoder = new ResponseDecoder({ extensions: table });
    decoder.push(line);
    expect(decoder.next()).toEqual({
      type: 'extension',
      name: 'XALL',
      value: [
        'a',
        'B',
        true,
        mailboxName('Entwürfe'),
        '\\Seen',
        { ranges: [{ first: 1, last: '*' }] },
        { ranges: [{ first: 3, last: 3 }] },
        12n,
        octets('\0x'),
        null,
        'a b',
        true,
        false,
      ],
    });
    const marks: Syntax<string> = { read: (input) => input.atom(), write: (output, value) => void output.mark(value) };
    for (const mark of ['', 'ab', '"', '\r', '{', ' ', '\u00e4'])
      expect(() =>
        encodeResponse({ type: 'extension', name: 'X', value: mark }, { extensions: { responses: { X: marks } } }),
      ).toThrow(RangeError);
  });

  it('gives its values their types', () => {
    const decoder = new ResponseDecoder({ extensions });
    const event = decoder.next();
    if (event?.type === 'extension' && event.name === 'XMOOD') expectTypeOf(event.value).toEqualTypeOf<Mood>();
    if (event?.type === 'fetch')
      expectTypeOf(event.items.extensions?.['X-WORDS[1]']).toEqualTypeOf<readonly (string | null)[] | undefined>();
    const plain = new ResponseDecoder();
    const other = plain.next();
    // @ts-expect-error: without a table there are no such responses.
    expect(other?.type === 'extension').toBe(false);
  });
});
