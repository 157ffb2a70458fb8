/** Faults that random input found, each with the octets that showed it. */
import { everySplit, processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { extensionResponse, readExtension } from '../src/extensions.ts';
import {
  encodeCommand,
  encodeResponse,
  type FetchData,
  type Response,
  ResponseDecoder,
  type Section,
} from '../src/index.ts';
import { Pop3ResponseDecoder } from '../src/pop3.ts';
import { command, commands, latin1, octets, response, responses } from './feed.ts';

const STRICT = { mode: 'strict' } as const;

/** The ids of what a decoder noted. */
function noted(event: object): readonly string[] {
  return 'diagnostics' in event ? (event.diagnostics as readonly { readonly id: string }[]).map(({ id }) => id) : [];
}

function encoded(value: Response): string {
  return encodeResponse(value)
    .map((piece) => (piece.type === 'bytes' ? latin1(piece.bytes) : ''))
    .join('');
}

describe('a POP3 body of many short lines', () => {
  function milliseconds(lines: number): number {
    const input = octets(`+OK\r\n+OK\r\n${'..\r\n'.repeat(lines)}.\r\n`);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const decoder = new Pop3ResponseDecoder();
      decoder.expect(true);
      decoder.push(input);
      const started = processorMilliseconds();
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) decoder.bufferedBytes;
      best = Math.min(best, processorMilliseconds() - started);
    }
    return best;
  }

  it('takes time that grows with their count', { retry: 4 }, () => {
    milliseconds(8000);
    // Four times the input; quadratic work would take sixteen times as long.
    expect(milliseconds(128_000)).toBeLessThan(milliseconds(32_000) * 8 + 10);
  });

  it('counts the octets that were not given out', () => {
    const decoder = new Pop3ResponseDecoder();
    decoder.expect(true);
    decoder.push(octets('+OK\r\n+OK\r\n..a\r\n..b\r\n.\r\n'));
    const counts: number[] = [];
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) counts.push(decoder.bufferedBytes);
    expect(counts).toEqual([18, 13, 0, 0]);
  });
});

describe('flags with a wildcard', () => {
  it.each(['* 1 FETCH (FLAGS ($*))', '* FLAGS (\\*e)', '* FLAGS (\\*)', '* LIST (\\*) "/" a'])('%s', (line) => {
    expect(noted(response(`${line}\r\n`))).toEqual(['QUIRK_FLAG_CHARACTER']);
    expect(response(`${line}\r\n`, STRICT).type).toBe('invalid');
  });

  it.each(['a CREATE x (USE (\\*))', 'a STORE 1 FLAGS (\\*)'])('%s', (line) => {
    expect(noted(command(`${line}\r\n`))).toEqual(['QUIRK_FLAG_CHARACTER']);
    expect(command(`${line}\r\n`, STRICT).type).toBe('invalid');
  });

  it('belong in PERMANENTFLAGS', () => {
    expect(response('* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n', STRICT)).toMatchObject({
      code: { flags: ['\\Seen'], allowsNewKeywords: true },
    });
    expect(response('* OK [PERMANENTFLAGS ($*)] x\r\n', STRICT).type).toBe('invalid');
  });
});

describe('an APPEND', () => {
  it('keeps what was noted before its messages', () => {
    const events = commands('a APPEND x (\\S\xf0n) {1}\r\nm (\\T\xf0) {1}\r\nm\r\n');
    expect(events.filter(({ type }) => type === 'command').map(noted)).toEqual([
      ['QUIRK_FLAG_CHARACTER', 'QUIRK_FLAG_CHARACTER'],
    ]);
  });

  it('keeps no more than other commands', () => {
    const events = commands(`a APPEND x${' (\xf0) {1}\r\nm'.repeat(100)}\r\n`);
    expect(noted(events.at(-1)!)).toHaveLength(32);
  });
});

describe('a section without the name of a field', () => {
  it('is noted, and refused in strict mode', () => {
    const answer = '* 1 FETCH (BODY[HEADER.FIELDS ()] NIL)\r\n';
    expect(noted(response(answer))).toEqual(['QUIRK_NO_FIELDS']);
    expect(response(answer, STRICT).type).toBe('invalid');
    const question = 'a FETCH 1 BODY[HEADER.FIELDS.NOT ()]\r\n';
    expect(noted(command(question))).toEqual(['QUIRK_NO_FIELDS']);
    expect(command(question, STRICT).type).toBe('invalid');
  });
});

describe('a tagged response', () => {
  it.each(['BYE', 'PREAUTH'] as const)('is never %s', (status) => {
    expect(() => encodeResponse({ type: 'status', tag: 'a', status, text: 'x' })).toThrow(RangeError);
    expect(encoded({ type: 'status', tag: undefined, status, text: 'x' })).toBe(`* ${status} x\r\n`);
  });
});

describe('a chunk that is a view with a slice of its own', () => {
  class ViewArray extends Uint8Array {
    override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
      return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
    }
  }

  it('is not held by the values that came in it', () => {
    const decoder = new ResponseDecoder();
    const chunk = ViewArray.from(octets('* XYZ abc\r\n'));
    decoder.push(chunk);
    const event = decoder.next();
    chunk.fill(0);
    expect(event).toMatchObject({ name: 'XYZ', raw: octets('abc') });
  });
});

describe('CR and NUL outside literals', () => {
  it.each([
    ['* OK a\rb', 'QUIRK_LONE_CR'],
    ['+ \r', 'QUIRK_LONE_CR'],
    ['* OK [X a\rb] c', 'QUIRK_LONE_CR'],
    ['* XYZ a\rb', 'QUIRK_LONE_CR'],
    ['* XYZ a\0b', 'QUIRK_NUL'],
    ['* F\0', 'QUIRK_MISSING_SPACE'],
    ['* 1 FETCH (X a\rb)', 'QUIRK_LONE_CR'],
    ['* 1 FETCH (X "a\0b")', 'QUIRK_NUL'],
    ['* LIST () "/" a (X (a\rb))', 'QUIRK_LONE_CR'],
  ])('%j from a server', (line, id) => {
    expect(noted(response(`${line}\r\n`))[0]).toBe(id);
    expect(response(`${line}\r\n`, STRICT).type).toBe('invalid');
  });

  it('from a client', () => {
    expect(noted(command('a XYZ a\rb\0\r\n'))).toEqual(['QUIRK_LONE_CR', 'QUIRK_NUL']);
    expect(command('a XYZ a\rb\r\n', STRICT).type).toBe('invalid');
  });

  it('mean nothing within a literal', () => {
    expect(noted(response('* XYZ {4}\r\n\r\0\n\r a\r\n', STRICT))).toEqual([]);
    expect(noted(response('* 1 FETCH (X ~{2}\r\n\0\r)\r\n', STRICT))).toEqual([]);
    expect(noted(command('a XYZ {3+}\r\n\r\0\n b\r\n', STRICT))).toEqual([]);
  });

  it('make a response code void when it is NUL', () => {
    expect(response('a OK [X a\0b] c\r\n')).toMatchObject({ type: 'invalid', tag: 'a' });
  });
});

describe('the name of an item', () => {
  it.each(['B[(]', 'B[\xf0]', 'B[a b]', 'B["]'])('%j', (name) => {
    const line = `* 4 FETCH (${name} 1)\r\n`;
    expect(noted(response(line))).toContain('QUIRK_ITEM_NAME');
    expect(response(line, STRICT).type).toBe('invalid');
  });

  it('is followed by a value', () => {
    expect(noted(response('* 4 FETCH (B[1] )\r\n'))).toContain('QUIRK_MISSING_VALUE');
  });
});

describe('an item with more than its value', () => {
  it.each(['UID 1.5', 'RFC822.SIZE 7x', 'FLAGS ()x', 'MODSEQ (4)5', 'EMAILID (a)b', 'SAVEDATE NIL("x")'])(
    '%s',
    (item) => {
      const event = response(`* 1 FETCH (${item})\r\n`) as FetchData;
      expect(Object.keys(event.items)).toEqual(['raw']);
      expect(noted(event)).toEqual(['SYNTAX']);
      expect(response(`* 1 FETCH (${item})\r\n`, STRICT).type).toBe('invalid');
    },
  );

  it('leaves the value that came before it', () => {
    expect(response('* 1 FETCH (UID 7 UID 1.5)\r\n')).toMatchObject({ items: { uid: 7 } });
  });
});

describe('a raw value', () => {
  it.each(['(a', 'a)', 'a b', '"a', ')'])('that is not one value, %j, is not sent', (raw) => {
    const items = { raw: [{ name: 'X', raw: octets(raw) }] };
    expect(() => encodeResponse({ type: 'fetch', sequenceNumber: 1, items } as unknown as Response)).toThrow(
      RangeError,
    );
  });

  it('that is one value is sent as it came', () => {
    for (const line of ['* 1 FETCH (X (a (b) "(")) \r\n', '* 1 FETCH (ENVELOPE (x))\r\n', '* 1 FETCH (X {1}\r\n()\r\n'])
      expect(encoded(response(line) as Response)).toBe(line.replace(') \r', ')\r'));
  });
});

describe('threads', () => {
  function threads(raw: string): ReturnType<typeof readExtension> {
    return readExtension({ type: 'unknown', name: 'THREAD', raw: octets(raw) });
  }

  it.each(['(2((7)))', '(2 ((7)(8)))', '(((7)))', '(1 2 ((3 4)))', '((1)(2 ((3))))'])('%s', (raw) => {
    const data = threads(raw);
    if (data?.type !== 'thread') throw new Error('expected threads');
    expect(readExtension(extensionResponse(data))).toMatchObject({ type: 'thread', threads: data.threads });
  });

  it('that are long chains nest no deeper than values can be compared', () => {
    const data = threads(`(${Array.from({ length: 50_000 }, (_, index) => index + 1).join(' ')})`);
    expect(noted(data!)).toContain('QUIRK_DEEP_THREAD');
    const text = JSON.stringify(data);
    expect(text).toContain('"number":50000');
    expect(structuredClone(data)).toEqual(data);
  });

  it('without a message are not sent', () => {
    expect(() => extensionResponse({ type: 'thread', threads: [{ number: null, children: [] }] })).toThrow(RangeError);
  });
});

describe('values that types forbid', () => {
  it.each(['HEADER\r\nx NOOP', 'TEXT]', ''])('a section of the text %j is not sent', (text) => {
    const section = { part: [], text } as unknown as Section;
    const messages = { type: 'sequenceNumbers', set: { ranges: [{ first: '*', last: '*' }] } } as const;
    const items = [{ type: 'section', section, peek: true }] as const;
    expect(() => encodeCommand('a', { name: 'FETCH', messages, items })).toThrow(RangeError);
  });

  it('a UID with a fraction is not sent', () => {
    const set = { ranges: [{ first: 1.5, last: 1.5 }] };
    const send = (value: unknown) => () => encodeResponse(value as Response);
    expect(send({ type: 'fetch', sequenceNumber: 1, items: { uid: 1.5 } })).toThrow(RangeError);
    const code = { type: 'appendUid', uidValidity: 1, uids: set };
    expect(send({ type: 'status', status: 'OK', code, text: 'x' })).toThrow(RangeError);
    const search = { type: 'extendedSearch', isUid: true, all: set };
    expect(() => extensionResponse(search as unknown as Parameters<typeof extensionResponse>[0])).toThrow(RangeError);
  });
});

describe('a literal right behind a streamed one', () => {
  it('is not told by the octets of that one', () => {
    const input = octets('* 1 FETCH (X BODY[] {11}\r\nD 1 BODY[] {11}\r\n:Y[HDER.DS (DA]7> {\n');
    const limits = { maxInlineLiteralBytes: 8 };
    const whole = responses([input], limits);
    for (const chunks of everySplit(input)) expect(responses(chunks, limits)).toEqual(whole);
  });
});

describe('a space that is missing behind the literal of a message', () => {
  it('is not told by the octets of the message', () => {
    const input = octets('1 APPEND X {3}\r\na "D\r\n');
    const whole = commands([input]);
    expect(whole.at(-1)).toMatchObject({ type: 'invalid', diagnostics: [{ id: 'SYNTAX' }] });
    for (const chunks of everySplit(input)) expect(commands(chunks)).toEqual(whole);
  });
});

describe('a label that begins with a backslash', () => {
  it('is modified UTF-7 as others are, and goes back as it came', () => {
    const value = response('* 1 FETCH (X-GM-LABELS (\\Inbox "\\\\&AOk-" "\\\\a b"))\r\n');
    expect(value).toMatchObject({ items: { gmailLabels: [{ text: '\\Inbox' }, { text: '\\é' }, { text: '\\a b' }] } });
    expect(response(encoded(value as FetchData))).toEqual(value);
  });
});

describe('a code that names a tag no command can have', () => {
  it.each(['NOUPDATE "{5}"', 'INPROGRESS ("a b" 1 2)'])('%s is kept as text', (text) => {
    const value = response(`* OK [${text}] done\r\n`);
    expect(value).toMatchObject({ code: { type: 'atom', value: text.slice(text.indexOf(' ') + 1) } });
    expect(noted(value)).toEqual(['SYNTAX']);
    expect(encoded(value as Response)).toBe(`* OK [${text}] done\r\n`);
  });
});
