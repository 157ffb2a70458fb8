import { mailboxName } from '@posthorn/mailbox-name';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Command,
  type CommandEncodeOptions,
  type CommandPiece,
  encodeCommand,
  encodeDone,
  encodeSaslCancel,
  encodeSaslResponse,
  redactedText,
} from '../src/index.ts';
import { commands, latin1, octets } from './feed.ts';

const INBOX = mailboxName('INBOX');
const uids = (first: number, last: number | '*' = first) =>
  ({ type: 'uids', set: { ranges: [{ first, last }] } }) as never;

/** Pieces as text, waits as `<wait>`. */
function wire(command: Command, options: CommandEncodeOptions = {}, tag = 'A1'): string {
  return encodeCommand(tag, command, options).map(shown).join('');
}

function shown(piece: CommandPiece): string {
  if (piece.type === 'continuation') return '<wait>';
  return piece.type === 'message' ? `<message ${piece.index}: ${piece.size}>` : latin1(piece.bytes);
}

describe('encodeCommand', () => {
  it.each<[Command, string]>([
    [{ name: 'NOOP' }, 'NOOP'],
    [{ name: 'LOGIN', user: 'smith', password: 'ses ame' }, 'LOGIN smith "ses ame"'],
    [{ name: 'LOGIN', user: 'a"b\\', password: '' }, 'LOGIN "a\\"b\\\\" ""'],
    [{ name: 'AUTHENTICATE', mechanism: 'PLAIN' }, 'AUTHENTICATE PLAIN'],
    [{ name: 'AUTHENTICATE', mechanism: 'PLAIN', initialResponse: octets('\0a\0b') }, 'AUTHENTICATE PLAIN AGEAYg=='],
    [{ name: 'AUTHENTICATE', mechanism: 'EXTERNAL', initialResponse: octets('') }, 'AUTHENTICATE EXTERNAL ='],
    [{ name: 'ENABLE', capabilities: ['CONDSTORE', 'UTF8=ACCEPT'] }, 'ENABLE CONDSTORE UTF8=ACCEPT'],
    [{ name: 'ID', parameters: null }, 'ID NIL'],
    [
      {
        name: 'ID',
        parameters: new Map([
          ['name', 'posthorn'],
          ['os', null],
        ]),
      },
      'ID ("name" "posthorn" "os" NIL)',
    ],
    [{ name: 'SELECT', mailbox: INBOX }, 'SELECT INBOX'],
    [{ name: 'EXAMINE', mailbox: mailboxName('Entwürfe'), condstore: true }, 'EXAMINE Entw&APw-rfe (CONDSTORE)'],
    [
      { name: 'CREATE', mailbox: mailboxName('My Drafts'), specialUse: ['\\Drafts'] },
      'CREATE "My Drafts" (USE (\\Drafts))',
    ],
    [{ name: 'RENAME', from: INBOX, to: mailboxName('NIL') }, 'RENAME INBOX "NIL"'],
    [{ name: 'LIST', reference: mailboxName(''), patterns: [mailboxName('%')] }, 'LIST "" %'],
    [
      {
        name: 'LIST',
        select: ['SUBSCRIBED'],
        reference: mailboxName(''),
        patterns: [mailboxName('a b*'), mailboxName('*')],
        return: ['CHILDREN'],
        statusItems: ['MESSAGES'],
      },
      'LIST (SUBSCRIBED) "" ("a b*" *) RETURN (CHILDREN STATUS (MESSAGES))',
    ],
    [{ name: 'STATUS', mailbox: INBOX, items: ['UIDNEXT', 'MESSAGES'] }, 'STATUS INBOX (UIDNEXT MESSAGES)'],
    [{ name: 'EXPUNGE' }, 'EXPUNGE'],
    [{ name: 'EXPUNGE', uids: { ranges: [{ first: 3000, last: 3002 }] } as never }, 'UID EXPUNGE 3000:3002'],
    [
      {
        name: 'FETCH',
        messages: uids(1, '*'),
        items: [{ type: 'flags' }],
        changedSince: 12345n as never,
        vanished: true,
      },
      'UID FETCH 1:* FLAGS (CHANGEDSINCE 12345 VANISHED)',
    ],
    [
      {
        name: 'FETCH',
        messages: { type: 'sequenceNumbers', set: { ranges: [{ first: 2, last: 4 }] } } as never,
        items: [
          { type: 'uid' },
          { type: 'section', section: { part: [], text: 'HEADER.FIELDS', fields: ['DATE', 'FROM'] }, peek: false },
        ],
      },
      'FETCH 2:4 (UID BODY[HEADER.FIELDS (DATE FROM)])',
    ],
    [
      {
        name: 'FETCH',
        messages: uids(7),
        items: [
          {
            type: 'section',
            section: { part: [1, 2], text: 'MIME' },
            peek: true,
            partial: { offset: 0, length: 2048 },
          },
        ],
      },
      'UID FETCH 7 BODY.PEEK[1.2.MIME]<0.2048>',
    ],
    [
      {
        name: 'STORE',
        messages: uids(7),
        operation: 'add',
        isSilent: true,
        flags: ['\\Seen', '$Fwd'],
        unchangedSince: 5n as never,
      },
      'UID STORE 7 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\\Seen $Fwd)',
    ],
    [{ name: 'STORE', messages: uids(7), operation: 'replace', isSilent: false, flags: [] }, 'UID STORE 7 FLAGS ()'],
    [{ name: 'MOVE', messages: uids(7), mailbox: INBOX }, 'UID MOVE 7 INBOX'],
    [{ name: 'X', command: 'XAPPLEPUSHSERVICE', raw: octets('aps-version 2') }, 'XAPPLEPUSHSERVICE aps-version 2'],
  ])('%o', (command, expected) => {
    expect(wire(command)).toBe(`A1 ${expected}\r\n`);
  });

  it('waits where a literal is synchronising, and only there', () => {
    const login: Command = { name: 'LOGIN', user: 'jürgen', password: 'x'.repeat(5000) };
    expect(wire(login)).toBe(`A1 LOGIN {7}\r\n<wait>j\xc3\xbcrgen {5000}\r\n<wait>${'x'.repeat(5000)}\r\n`);
    expect(wire(login, { literalMinus: true })).toBe(
      `A1 LOGIN {7+}\r\nj\xc3\xbcrgen {5000}\r\n<wait>${'x'.repeat(5000)}\r\n`,
    );
    expect(wire(login, { literalPlus: true })).toBe(
      `A1 LOGIN {7+}\r\nj\xc3\xbcrgen {5000+}\r\n${'x'.repeat(5000)}\r\n`,
    );
    expect(wire(login, { utf8: true, literalPlus: true })).toMatch(/^A1 LOGIN "j\xc3\xbcrgen" \{5000\+\}/);
  });

  it('sends messages of an APPEND between its pieces', () => {
    const date = { epochSeconds: Date.UTC(1994, 1, 7, 5, 52, 25) / 1000, offsetMinutes: -480 };
    const append: Command = {
      name: 'APPEND',
      mailbox: INBOX,
      messages: [
        { flags: ['\\Seen'], internalDate: date, size: 310 },
        { flags: [], size: 5000 },
      ],
    };
    expect(wire(append)).toBe(
      'A1 APPEND INBOX (\\Seen) "06-Feb-1994 21:52:25 -0800" {310}\r\n<wait><message 0: 310> {5000}\r\n<wait><message 1: 5000>\r\n',
    );
    expect(wire(append, { literalMinus: true })).toContain('{310+}\r\n<message 0: 310> {5000}\r\n<wait>');
    expect(
      wire({ name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 3, isBinary: true }] }, { binary: true }),
    ).toBe('A1 APPEND INBOX ~{3}\r\n<wait><message 0: 3>\r\n');
    expect(
      wire({ name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 3, isUtf8: true }] }, { utf8: true }),
    ).toBe('A1 APPEND INBOX UTF8 (~{3}\r\n<wait><message 0: 3>)\r\n');
    expect(
      wire(
        { name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 3 }] },
        { literalPlus: true, flagLists: true },
      ),
    ).toBe('A1 APPEND INBOX () {3+}\r\n<message 0: 3>\r\n');
  });

  it('takes literals out of raw commands', () => {
    const raw = octets('(a {3}\r\nb\nc {2+}\r\n\r\n x)');
    expect(wire({ name: 'X', command: 'XA', raw })).toBe('A1 XA (a {3}\r\n<wait>b\nc {2}\r\n<wait>\r\n x)\r\n');
    expect(wire({ name: 'X', command: 'UID XA', raw }, { literalPlus: true })).toBe(
      'A1 UID XA (a {3+}\r\nb\nc {2+}\r\n\r\n x)\r\n',
    );
  });

  it.each(['{1}', '(a {3+}', '{12} ', '~{1}', '{}', '{+}', '{3}\r\nabc {1}'])(
    'refuses the raw argument %j, which would make a literal of the next command',
    (raw) => {
      expect(() => encodeCommand('A1', { name: 'X', command: 'XA', raw: octets(raw) })).toThrow(RangeError);
    },
  );

  it('sends one command, or none, for any raw argument', () => {
    const unit = fc.constantFrom(...'a "\\{}()\r\n\0*%1+-~\u00e9');
    const raw = fc.tuple(fc.string({ unit, maxLength: 10 }), fc.constantFrom('', '{1}', '{2}\r\n', ' {1+}', '}'));
    fc.assert(
      fc.property(raw, fc.boolean(), ([text, end], literalPlus) => {
        let pieces: ReturnType<typeof encodeCommand>;
        try {
          pieces = encodeCommand('A1', { name: 'X', command: 'XA', raw: octets(text + end) }, { literalPlus });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        const sent = pieces.flatMap((piece) => (piece.type === 'bytes' ? [piece.bytes] : []));
        const events = commands([...sent, octets('A2 NOOP\r\n')]);
        const whole = events.filter(({ type }) => type === 'command' || type === 'invalid');
        expect(whole.map((event) => ('tag' in event ? event.tag : undefined))).toEqual(['A1', 'A2']);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, Command]>([
    ['NUL', { name: 'LOGIN', user: 'a\0', password: 'b' }],
    ['a mechanism', { name: 'AUTHENTICATE', mechanism: 'PLAIN\r\nA2 NOOP' }],
    ['a capability', { name: 'ENABLE', capabilities: ['A B'] }],
    ['no capability', { name: 'ENABLE', capabilities: [] }],
    ['a flag', { name: 'STORE', messages: uids(7), operation: 'add', isSilent: false, flags: ['\\Seen)\r\nx'] }],
    ['an empty flag', { name: 'STORE', messages: uids(7), operation: 'add', isSilent: false, flags: ['\\'] }],
    ['an 8-bit flag', { name: 'STORE', messages: uids(7), operation: 'add', isSilent: false, flags: ['ü'] }],
    [
      'a field name',
      {
        name: 'FETCH',
        messages: uids(7),
        items: [{ type: 'section', section: { part: [], text: 'HEADER.FIELDS', fields: ['a\r\nb'] }, peek: true }],
      },
    ],
    [
      'no field name',
      {
        name: 'FETCH',
        messages: uids(7),
        items: [{ type: 'section', section: { part: [], text: 'HEADER.FIELDS' }, peek: true }],
      },
    ],
    [
      'a part number',
      { name: 'FETCH', messages: uids(7), items: [{ type: 'section', section: { part: [0] }, peek: true }] },
    ],
    [
      'MIME of no part',
      {
        name: 'FETCH',
        messages: uids(7),
        items: [{ type: 'section', section: { part: [], text: 'MIME' }, peek: true }],
      },
    ],
    [
      'a partial of nothing',
      {
        name: 'FETCH',
        messages: uids(7),
        items: [{ type: 'section', section: { part: [] }, peek: true, partial: { offset: 0, length: 0 } }],
      },
    ],
    ['an unknown item', { name: 'FETCH', messages: uids(7), items: [{ type: 'toString' } as never] }],
    ['no item', { name: 'FETCH', messages: uids(7), items: [] }],
    [
      'a mod-sequence that is text',
      { name: 'FETCH', messages: uids(7), items: [{ type: 'uid' }], changedSince: '1)\r\nA2 NOOP' as never },
    ],
    ['a text of RFC822', { name: 'FETCH', messages: uids(7), items: [{ type: 'rfc822', text: 'x\r\n' as never }] }],
    [
      'a text of a section',
      {
        name: 'FETCH',
        messages: uids(7),
        items: [{ type: 'section', section: { part: [], text: ']\r\n' as never }, peek: true }],
      },
    ],
    ['an empty set', { name: 'FETCH', messages: { type: 'uids', set: { ranges: [] } }, items: [{ type: 'uid' }] }],
    ['a number that is none', { name: 'FETCH', messages: uids(Number.NaN), items: [{ type: 'uid' }] }],
    ['a set with text', { name: 'FETCH', messages: uids('1\r\nA2 NOOP' as never), items: [{ type: 'uid' }] }],
    ['a return option', { name: 'LIST', reference: INBOX, patterns: [INBOX], return: ['A)\r\n'] }],
    ['no pattern', { name: 'LIST', reference: INBOX, patterns: [] }],
    ['a status item', { name: 'STATUS', mailbox: INBOX, items: ['A B' as never] }],
    ['a negative size', { name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: -1 }] }],
    ['a literal8 unasked', { name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 1, isBinary: true }] }],
    ['a raw line end', { name: 'X', command: 'XA', raw: octets('a\r\nA2 LOGOUT') }],
    ['a raw CR', { name: 'X', command: 'XA', raw: octets('a\rb') }],
    ['raw 8-bit', { name: 'X', command: 'XA', raw: octets('\xff') }],
    ['a raw literal cut short', { name: 'X', command: 'XA', raw: octets('{5}\r\nabc') }],
    ['a raw name', { name: 'X', command: 'XA\r\nB', raw: octets('') }],
  ])('refuses %s', (_, command) => {
    expect(() => encodeCommand('A1', command)).toThrow(RangeError);
  });

  it.each(['', 'A 1', 'A\r\n', '+', 'a+b', '*', 'ü', 'A'.repeat(65), '(', '"', '{1}', '%'])(
    'refuses the tag %j',
    (tag) => {
      expect(() => encodeCommand(tag, { name: 'NOOP' })).toThrow(RangeError);
    },
  );

  it('sends one line, whatever its arguments hold', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('\r\nA2 LOGOUT', '{9}\r\n', '\0', '"', '\\', 'ÿ'),
    );
    const name = any.map((text) => ({ text, wire: text }));
    const injected: fc.Arbitrary<Command> = fc.oneof(
      fc.record({ name: fc.constant('LOGIN' as const), user: any, password: any }),
      fc.record({ name: fc.constant('AUTHENTICATE' as const), mechanism: any }),
      fc.record({ name: fc.constant('ENABLE' as const), capabilities: fc.array(any) }),
      fc.record({ name: fc.constant('ID' as const), parameters: fc.tuple(any, any).map((pair) => new Map([pair])) }),
      fc.record({ name: fc.constant('SELECT' as const), mailbox: name }),
      fc.record({ name: fc.constant('CREATE' as const), mailbox: name, specialUse: fc.array(any) }),
      fc.record({
        name: fc.constant('LIST' as const),
        reference: name,
        patterns: fc.array(name),
        select: fc.array(any),
        return: fc.array(any),
      }),
      fc.record({ name: fc.constant('STATUS' as const), mailbox: name, items: fc.array(any) as fc.Arbitrary<never> }),
      fc.record({
        name: fc.constant('APPEND' as const),
        mailbox: name,
        messages: fc.array(fc.record({ flags: fc.array(any), size: fc.nat() })),
      }),
      fc.record({
        name: fc.constant('STORE' as const),
        messages: fc.constant(uids(1)),
        operation: fc.constant('add' as const),
        isSilent: fc.boolean(),
        flags: fc.array(any),
      }),
      fc.record({
        name: fc.constant('FETCH' as const),
        messages: fc.constant(uids(1)),
        items: fc
          .array(any)
          .map((fields) => [
            { type: 'section' as const, section: { part: [], text: 'HEADER.FIELDS' as const, fields }, peek: true },
          ]),
      }),
      fc.record({ name: fc.constant('X' as const), command: any, raw: any.map((text) => octets(text)) }),
    );
    fc.assert(
      fc.property(any, injected, fc.boolean(), (tag, command, utf8) => {
        let pieces: readonly CommandPiece[];
        try {
          pieces = encodeCommand(tag, command, { literalPlus: true, utf8 });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        let line = '';
        let skip = 0;
        for (const piece of pieces) {
          if (piece.type !== 'bytes') continue;
          const octetsOfPiece = latin1(piece.bytes);
          const announced = /\{(\d+)\+\}\r\n$/.exec(line + octetsOfPiece);
          if (skip > 0) {
            expect(octetsOfPiece).toHaveLength(skip);
            skip = 0;
            continue;
          }
          line += octetsOfPiece;
          if (announced !== null) {
            skip = Number(announced[1]);
            line = line.slice(0, -announced[0].length);
          }
        }
        expect(line.endsWith('\r\n')).toBe(true);
        expect(line.slice(0, -2)).not.toMatch(/[\r\n\0]/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('secrets', () => {
  it('are marked and left out of logs', () => {
    const login = encodeCommand('A1', { name: 'LOGIN', user: 'alice', password: 'tell nobodÿ' });
    expect(redactedText(login)).toBe('A1 LOGIN ***');
    const plain = encodeCommand('A1', {
      name: 'AUTHENTICATE',
      mechanism: 'PLAIN',
      initialResponse: octets('\0alice\0tell'),
    });
    expect(redactedText(plain)).toBe('A1 AUTHENTICATE PLAIN ***');
  });

  it('leave the rest readable', () => {
    expect(redactedText(encodeCommand('A1', { name: 'SELECT', mailbox: mailboxName('a b') }))).toBe('A1 SELECT "a b"');
    expect(redactedText(encodeCommand('A1', { name: 'ID', parameters: new Map([['a\x1b', 'b\r\nc']]) }))).toBe(
      'A1 ID ("a." {4} b c)',
    );
    expect(
      redactedText(encodeCommand('A1', { name: 'APPEND', mailbox: INBOX, messages: [{ flags: [], size: 7 }] })),
    ).toBe('A1 APPEND INBOX {7} <7 octets>');
  });
});

describe('lines outside commands', () => {
  it('are fixed', () => {
    expect(latin1(encodeSaslResponse(octets('\0a\0b')))).toBe('AGEAYg==\r\n');
    expect(latin1(encodeSaslResponse(octets('')))).toBe('\r\n');
    expect(latin1(encodeSaslCancel())).toBe('*\r\n');
    expect(latin1(encodeDone())).toBe('DONE\r\n');
  });
});
