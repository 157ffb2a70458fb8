import { LimitExceededError } from '@posthorn/core';
import { everySplit, octetByOctet, processorMilliseconds, randomSplits } from '@posthorn/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactedText, WireSyntaxError } from '../../src/index.ts';
import {
  DotStuffer,
  DotUnstuffer,
  encodePop3Challenge,
  encodePop3Command,
  encodePop3Status,
  hasPop3Body,
  type Pop3Command,
  Pop3CommandDecoder,
  type Pop3CommandEvent,
  Pop3ResponseDecoder,
  type Pop3ResponseEvent,
  parsePop3Capabilities,
  parsePop3Size,
  parsePop3Stat,
  parsePop3UniqueId,
  pop3Timestamp,
} from '../../src/pop3.ts';
import { concat, cutAt, latin1, octets } from '../feed.ts';

/** Events of a server's octets after the commands that asked for them; bodies as one text. */
function answers(chunks: readonly Uint8Array[], bodies: readonly boolean[]): unknown[] {
  const decoder = new Pop3ResponseDecoder();
  for (const hasBody of bodies) decoder.expect(hasBody);
  const events: Pop3ResponseEvent[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) events.push(event);
  }
  const joined: unknown[] = [];
  let body = '';
  for (const event of events) {
    if (event.type === 'bodyData') body += latin1(event.bytes);
    else if (event.type === 'bodyEnd') {
      joined.push(body);
      body = '';
    } else joined.push(event);
  }
  return body === '' ? joined : [...joined, { unfinished: body }];
}

const ok = (text: string, hasBody = false) => ({ type: 'status', isOk: true, text, hasBody });

describe('answers', () => {
  // RFC 1939 section 10, with a body that needs its dots.
  const session =
    '+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n+OK 2 320\r\n+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n+OK 120 octets\r\nA: b\r\n\r\n..dot\r\n...\r\n\n.\n.\r\r\n.x\r\n.\r\n+OK\r\n\r\n.\r\n+OK\r\n.\r\n-ERR [sys/temp]  later\r\n+ VXNlcg==\r\n+\r\n';
  const bodies = [false, true, true, true, true, true];
  const expected = [
    ok('POP3 server ready <1896.697170952@dbc.mtview.ca.us>'),
    ok('2 320'),
    ok('2 messages (320 octets)', true),
    '1 120\r\n2 200\r\n',
    ok('120 octets', true),
    'A: b\r\n\r\n.dot\r\n..\r\n\n.\n.\r\r\nx\r\n',
    ok('', true),
    '\r\n',
    ok('', true),
    '',
    { type: 'status', isOk: false, code: 'SYS/TEMP', text: 'later', hasBody: false },
    { type: 'continuation', text: 'VXNlcg==' },
    { type: 'continuation', text: '' },
  ];

  it('are the same however they are cut', () => {
    const bytes = octets(session);
    expect(answers([bytes], bodies)).toEqual(expected);
    expect(answers(octetByOctet(bytes), bodies)).toEqual(expected);
    for (const chunks of everySplit(bytes)) expect(answers(chunks, bodies)).toEqual(expected);
    for (const chunks of randomSplits(bytes, 3)) expect(answers(chunks, bodies)).toEqual(expected);
  });

  it('are not mistaken for bodies, and the other way round', () => {
    expect(
      answers([octets('+OK\r\n-ERR no such message\r\n+OK\r\n-ERR I am body\r\n+OK me too\r\n.\r\n')], [true, true]),
    ).toEqual([
      ok(''),
      { type: 'status', isOk: false, text: 'no such message', hasBody: false },
      ok('', true),
      '-ERR I am body\r\n+OK me too\r\n',
    ]);
  });

  it.each(['* OK IMAP\r\n', 'HTTP/1.1 400\r\n', '+OKAY\r\n', '-ERROR\r\n', '\r\n', '+OK a\0b\r\n'])(
    '%j ends the decoder',
    (text) => {
      expect(() => answers([octets(text)], [])).toThrow(WireSyntaxError);
    },
  );

  it('that nobody asked for end the decoder', () => {
    expect(() => answers([octets('+OK\r\n+OK\r\n')], [])).toThrow(WireSyntaxError);
  });

  it('have lines of limited length, but bodies do not', () => {
    expect(() => answers([octets(`+OK ${'x'.repeat(9000)}`)], [])).toThrow(LimitExceededError);
    expect(answers([octets(`+OK\r\n+OK\r\n${'x'.repeat(9000)}\r\n.\r\n`)], [true])).toHaveLength(3);
  });

  it('know when they are whole', () => {
    const decoder = new Pop3ResponseDecoder();
    decoder.expect(true);
    decoder.push(octets('+OK\r\n+OK\r\nabc\r\n.'));
    while (decoder.next() !== undefined);
    expect(() => decoder.end()).toThrow(WireSyntaxError);
  });

  it('with bare line feeds are noted', () => {
    expect(answers([octets('+OK ready\n')], [])).toMatchObject([{ diagnostics: [{ id: 'QUIRK_BARE_LF' }] }]);
  });
});

const CRLF_DOT = octets('\r\n.');

/** A search that the runtime brings. */
function nativeSearch(bytes: Uint8Array, from: number): number {
  return Buffer.prototype.indexOf.call(bytes, CRLF_DOT, from);
}

describe('dots', () => {
  it('come out as they went in', () => {
    const line = fc.constantFrom('.', '..', '\r', '\n', '\r\n', '.\r\n', '\n.\n', '\r\n.\r', 'a', '\0', '\xff');
    const cuts = fc
      .array(fc.nat({ max: 80 }), { maxLength: 6 })
      .map((offsets) => offsets.sort((left, right) => left - right));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), cuts, cuts, fc.boolean(), (lines, cutsIn, cutsOut, isNative) => {
        const body = octets(lines.join(''));
        const stuffer = new DotStuffer();
        const sent = concat([...cutAt(body, cutsIn).flatMap((chunk) => stuffer.push(chunk)), stuffer.end()]);
        const unstuffer = new DotUnstuffer(isNative ? nativeSearch : undefined);
        const rest = octets('+OK next\r\n');
        const received: Uint8Array[] = [];
        let left = 0;
        for (const chunk of cutAt(concat([sent, rest]), cutsOut)) {
          if (unstuffer.isAtEnd) left += chunk.length;
          else {
            received.push(...unstuffer.push(chunk));
            left += chunk.length - unstuffer.consumed;
          }
        }
        expect(unstuffer.isAtEnd).toBe(true);
        expect(left).toBe(rest.length);
        const whole = lines.join('');
        expect(latin1(concat(received))).toBe(whole === '' || whole.endsWith('\r\n') ? whole : `${whole}\r\n`);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('dots without number', () => {
  it('make few arrays of a chunk', () => {
    const chunk = octets('..\r\n'.repeat(20_000));
    const unstuffer = new DotUnstuffer();
    expect(unstuffer.push(octets('a\r\n.\r'))).toHaveLength(1);
    const arrays = unstuffer.push(octets('\r\n.x')).concat(unstuffer.push(chunk));
    expect(arrays).toHaveLength(3);
    expect(latin1(concat(arrays))).toBe(`\r\r\nx..\r\n${'.\r\n'.repeat(19_999)}`);
  });

  it('far between leave views', () => {
    const chunk = octets(`${'x'.repeat(5000)}\r\n..${'y'.repeat(5000)}\r\n.z`);
    const arrays = new DotUnstuffer().push(chunk);
    expect(arrays.map(({ length }) => length)).toEqual([5002, 5003, 1]);
    expect(arrays.every(({ buffer }) => buffer === chunk.buffer)).toBe(true);
  });

  it('in many short bodies cost no more than their octets', { retry: 4 }, () => {
    const one = '+OK\r\n..\r\n.\r\n';
    const measure = (count: number): number => {
      const decoder = new Pop3ResponseDecoder();
      for (let index = 0; index < count; index++) decoder.expect(true);
      decoder.push(octets(`+OK\r\n${one.repeat(count)}`));
      const start = processorMilliseconds();
      let bodies = 0;
      for (let event = decoder.next(); event !== undefined; event = decoder.next())
        if (event.type === 'bodyEnd') bodies++;
      expect(bodies).toBe(count);
      return processorMilliseconds() - start;
    };
    measure(20_000);
    const once = measure(20_000);
    expect(measure(80_000)).toBeLessThan(4 * once * 1.6 + 20);
  });
});

describe('commands', () => {
  const wire = (command: Pop3Command): string =>
    encodePop3Command(command)
      .map((piece) => (piece.type === 'bytes' ? latin1(piece.bytes) : ''))
      .join('');
  const decode = (chunks: readonly Uint8Array[]): Pop3CommandEvent[] => {
    const decoder = new Pop3CommandDecoder();
    const events: Pop3CommandEvent[] = [];
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) events.push(event);
    }
    return events;
  };

  it.each<[string, Pop3Command]>([
    ['STAT', { name: 'STAT' }],
    ['USER mrose', { name: 'USER', user: 'mrose' }],
    ['PASS  a secret ', { name: 'PASS', password: ' a secret ' }],
    ['PASS ', { name: 'PASS', password: '' }],
    [
      'APOP mrose c4c9334bac560ecc979e58001b3e22fb',
      { name: 'APOP', user: 'mrose', digest: 'c4c9334bac560ecc979e58001b3e22fb' },
    ],
    ['LIST', { name: 'LIST' }],
    ['LIST 2', { name: 'LIST', number: 2 }],
    ['UIDL', { name: 'UIDL' }],
    ['RETR 1', { name: 'RETR', number: 1 }],
    ['TOP 1 0', { name: 'TOP', number: 1, lines: 0 }],
    ['AUTH', { name: 'AUTH' }],
    ['AUTH PLAIN', { name: 'AUTH', mechanism: 'PLAIN' }],
    ['AUTH PLAIN AGEAYg==', { name: 'AUTH', mechanism: 'PLAIN', initialResponse: octets('\0a\0b') }],
    ['AUTH EXTERNAL =', { name: 'AUTH', mechanism: 'EXTERNAL', initialResponse: octets('') }],
    ['LANG', { name: 'LANG' }],
    ['LANG de', { name: 'LANG', language: 'de' }],
    ['XTND XMIT', { name: 'X', command: 'XTND', argument: 'XMIT' }],
  ])('%s', (line, command) => {
    expect(wire(command)).toBe(`${line}\r\n`);
    for (const chunks of everySplit(octets(`${line}\r\n`)))
      expect(decode(chunks)).toEqual([{ type: 'command', command }]);
  });

  it.each([
    'RETR',
    'RETR 0',
    'RETR -1',
    'RETR 1 2',
    'RETR x',
    'RETR 99999999999',
    'TOP 1',
    'TOP 1 -1',
    'STAT 1',
    'USER',
    'PASS',
    'APOP x',
    'AUTH PLAIN !',
    'AUTH a = c',
    '',
    ' STAT',
    'ST\0AT',
  ])('%j is invalid', (line) => {
    expect(decode([octets(`${line}\r\nNOOP\r\n`)])).toMatchObject([
      { type: 'invalid' },
      { type: 'command', command: { name: 'NOOP' } },
    ]);
  });

  it('are one line, or refused', () => {
    const any = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('\r\nDELE 1', '\n', '\0', ''));
    const command: fc.Arbitrary<Pop3Command> = fc.oneof(
      any.map((user) => ({ name: 'USER' as const, user })),
      any.map((password) => ({ name: 'PASS' as const, password })),
      fc.tuple(any, any).map(([user, digest]) => ({ name: 'APOP' as const, user, digest })),
      any.map((mechanism) => ({ name: 'AUTH' as const, mechanism })),
      any.map((language) => ({ name: 'LANG' as const, language })),
      fc.tuple(any, any).map(([name, argument]) => ({ name: 'X' as const, command: name, argument })),
      fc.double().map((number) => ({ name: 'DELE' as const, number })),
    );
    fc.assert(
      fc.property(command, (value) => {
        try {
          expect(wire(value)).toMatch(/^[^\r\n\0]*\r\n$/);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('hide their secrets, and leave out an initial response that is too long', () => {
    expect(redactedText(encodePop3Command({ name: 'PASS', password: 'tell' }))).toBe('PASS ***');
    expect(redactedText(encodePop3Command({ name: 'AUTH', mechanism: 'PLAIN', initialResponse: octets('x') }))).toBe(
      'AUTH PLAIN ***',
    );
    expect(wire({ name: 'AUTH', mechanism: 'XOAUTH2', initialResponse: new Uint8Array(300) })).toBe('AUTH XOAUTH2\r\n');
  });

  it('give way to an expected line', () => {
    const decoder = new Pop3CommandDecoder();
    decoder.push(octets('AUTH PLAIN\r\nAGEAYg==\r\nSTAT\r\n'));
    expect(decoder.next()).toMatchObject({ command: { name: 'AUTH' } });
    decoder.expectLine();
    expect(decoder.next()).toEqual({ type: 'line', bytes: octets('AGEAYg==') });
    expect(decoder.next()).toMatchObject({ command: { name: 'STAT' } });
  });

  it('tell whether a body is to come', () => {
    expect(
      [
        { name: 'RETR', number: 1 },
        { name: 'LIST' },
        { name: 'LIST', number: 1 },
        { name: 'STAT' },
        { name: 'AUTH' },
        { name: 'CAPA' },
      ].map((command) => hasPop3Body(command as Pop3Command)),
    ).toEqual([true, true, false, false, true, true]);
  });
});

describe('words of answers', () => {
  it('are read with room for what servers add', () => {
    expect(parsePop3Stat('2 320 extra')).toEqual({ count: 2, octets: 320 });
    expect(parsePop3Stat('two')).toBeUndefined();
    expect(parsePop3Size('1  120')).toEqual({ number: 1, octets: 120 });
    expect(parsePop3Size('0 120')).toBeUndefined();
    expect(parsePop3UniqueId('1   whqtswO00WBw418f9t5JxYwZ')).toEqual({
      number: 1,
      uniqueId: 'whqtswO00WBw418f9t5JxYwZ',
    });
    expect(parsePop3UniqueId('1')).toBeUndefined();
    expect(parsePop3Capabilities(['TOP', 'sasl PLAIN  CRAM-MD5', '', '__proto__ x']).get('SASL')).toEqual([
      'PLAIN',
      'CRAM-MD5',
    ]);
  });

  it('hold a time stamp only when it is a message id', () => {
    expect(pop3Timestamp('POP3 ready <1896.697170952@dbc.mtview.ca.us>')).toBe('<1896.697170952@dbc.mtview.ca.us>');
    for (const greeting of ['ready', 'ready <>', '<a b@c>', '<@c>', '<a@>', '<a@b', '<a\u00e9@b>', '<a@b@c>', '<<a@b>'])
      expect(pop3Timestamp(greeting)).toBeUndefined();
  });
});

describe('answers of a server', () => {
  it('are one line', () => {
    expect(latin1(encodePop3Status({ isOk: true, text: '' }))).toBe('+OK\r\n');
    expect(latin1(encodePop3Status({ isOk: false, code: 'AUTH', text: 'no\r\n+OK' }))).toBe('-ERR [AUTH] no +OK\r\n');
    expect(latin1(encodePop3Challenge(octets('User')))).toBe('+ VXNlcg==\r\n');
    expect(() => encodePop3Status({ isOk: false, code: 'A]\r\n', text: '' })).toThrow(RangeError);
  });
});
