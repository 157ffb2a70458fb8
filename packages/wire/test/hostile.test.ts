/** Reference: what goes wrong in mail software when a peer lies about sizes, depths and numbers. */

import { LimitExceededError } from '@posthorn/core';
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { CommandDecoder, ResponseDecoder, WireSyntaxError } from '../src/index.ts';
import { commands, octets, response, responses } from './feed.ts';

describe('sizes of literals from a server', () => {
  it.each(['{-1}', '{}', '{+5}', '{1e3}', '{0x10}', '{ 5}', '{5 }', '{1.5}', '{5} ', '{+}'])(
    '%s ends the decoder',
    (size) => {
      const decoder = new ResponseDecoder();
      decoder.push(octets(`* 1 FETCH (BODY[] ${size}\r\n* 2 EXISTS\r\n`));
      expect(() => decoder.next()).toThrow(WireSyntaxError);
      expect(() => decoder.next()).toThrow(WireSyntaxError);
    },
  );

  it.each(['99999999999999999999', '9'.repeat(60), '9007199254740993'])('%s is refused at once', (size) => {
    expect(() => responses(`* 1 FETCH (BODY[] {${size}}\r\n`)).toThrow(LimitExceededError);
  });

  it('refuses a literal that is no section and exceeds its limit, before any of it came', () => {
    expect(() => responses('* LIST () "/" {65537}\r\n')).toThrow(LimitExceededError);
    expect(responses('* LIST () "/" {65536}\r\n')).toEqual([]);
  });

  it('refuses a response whose inline literals exceed the budget', () => {
    const item = 'BODY[1] {1000}\r\n';
    expect(() =>
      responses(`* 1 FETCH (${`${item}${'x'.repeat(1000)} `.repeat(11)}`, { maxResponseBytes: 10_000 }),
    ).toThrow(LimitExceededError);
  });

  it('takes braces in free text for what they are', () => {
    const text = '* OK [ALERT] call {5}\r\nA1 NO sorry {5+}\r\n+ {7}\r\n* 2 EXISTS\r\n';
    expect(responses(text).map(({ type }) => type)).toEqual(['status', 'status', 'continuation', 'exists']);
  });
});

describe('sizes of literals from a client', () => {
  it.each(['{-100}', '{}', '{+5}', '{1e3}', '{0x10}', '{5} '])('%s is an invalid command', (size) => {
    expect(commands(`a SEARCH ${size}\r\nb NOOP\r\n`)).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { type: 'command', tag: 'b' },
    ]);
  });

  it.each(['{1e3+}', '{+}', '{-1+}'])('%s, whose octets follow unasked, ends the decoder', (size) => {
    expect(() => commands(`a SEARCH ${size}\r\nb NOOP\r\n`)).toThrow(WireSyntaxError);
  });

  it('skips the octets of a refused non-synchronising literal', () => {
    const inner = 'x LOGOUT\r\n';
    expect(commands(`a LOGIN {5000+}\r\n${inner.repeat(500)} {5+}\r\nLOGOU y\r\nb NOOP\r\n`)).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { type: 'command', tag: 'b', command: { name: 'NOOP' } },
    ]);
  });

  it('drops a command whose synchronising literal is too large', () => {
    expect(commands('a LOGIN {5000}\r\nb NOOP\r\n')).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { type: 'command', tag: 'b' },
    ]);
  });

  it('limits all literals of a command together', () => {
    const literal = `{4000+}\r\n${'x'.repeat(4000)} `;
    expect(commands(`a XYZ ${literal.repeat(5)}\r\nb NOOP\r\n`)).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { type: 'command', tag: 'b' },
    ]);
  });

  it('does not take a brace inside quotes for a literal', () => {
    expect(commands('a LOGIN "x {5}\r\nb NOOP\r\n')).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { type: 'command', tag: 'b' },
    ]);
  });
});

describe('endless lines', () => {
  it('are refused before they are buffered', () => {
    for (const decoder of [new ResponseDecoder({ maxLineBytes: 8192 }), new CommandDecoder()]) {
      const feed = (): void => {
        for (let count = 0; count < 100; count++) {
          decoder.push(new Uint8Array(1024).fill(0x61));
          decoder.next();
        }
      };
      expect(feed).toThrow(LimitExceededError);
      expect(decoder.bufferedBytes).toBeLessThan(10_240);
    }
  });

  it('count all lines of a response around its literals', () => {
    const line = `${'BODY[1] '.padEnd(90, ' ')}{1}\r\n`;
    expect(() => responses(`* 1 FETCH (${`${line}x `.repeat(100)})\r\n`, { maxLineBytes: 8192 })).toThrow(
      LimitExceededError,
    );
  });

  it('count as they are after setLimits', () => {
    const decoder = new ResponseDecoder({ maxLineBytes: 100 });
    decoder.setLimits({ maxLineBytes: 1000 });
    decoder.push(octets(`* OK ${'x'.repeat(500)}\r\n`));
    expect(decoder.next()).toMatchObject({ type: 'status' });
  });
});

describe('nesting', () => {
  const open = '('.repeat(100_000);

  it.each([
    ['a status', `* STATUS a ${open}`],
    ['a body structure', `* 1 FETCH (BODYSTRUCTURE ${open})`],
    ['an envelope', `* 1 FETCH (ENVELOPE ${open})`],
    ['an unknown item', `* 1 FETCH (X-ITEM ${open})`],
    ['a list', `* LIST (\\A) "/" a (X ${open})`],
    ['a namespace', `* NAMESPACE ${open}`],
    ['closed lists', `* 1 FETCH (BODYSTRUCTURE ${open}${')'.repeat(100_000)} UID 7)`],
  ])('%s with 100,000 parentheses costs little and later responses parse', (_, text) => {
    const started = processorMilliseconds();
    const events = responses(`${text}\r\n* 2 EXISTS\r\n`);
    expect(processorMilliseconds() - started).toBeLessThan(1000);
    expect(events.at(-1)).toEqual({ type: 'exists', count: 2 });
    expect(events).toHaveLength(2);
  });

  it('keeps the other items when a structure nests too deeply', () => {
    const event = response(`* 1 FETCH (UID 7 BODYSTRUCTURE ${open}${')'.repeat(100_000)} FLAGS (\\Seen))\r\n`);
    expect(event).toMatchObject({
      type: 'fetch',
      items: { uid: 7, flags: ['\\Seen'], raw: [{ name: 'BODYSTRUCTURE' }] },
    });
  });

  it('accepts parts up to the limit', () => {
    const part = '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)';
    const nested = (depth: number): string => (depth === 0 ? part : `(${nested(depth - 1)} "MIXED")`);
    expect(response(`* 1 FETCH (BODY ${nested(31)})\r\n`)).not.toHaveProperty('diagnostics');
    expect(response(`* 1 FETCH (BODY ${nested(32)})\r\n`)).toHaveProperty('diagnostics');
  });

  it('limits lists of commands before login to 8', () => {
    expect(commands(`a LIST ${'('.repeat(9)}\r\nb NOOP\r\n`)).toMatchObject([{ type: 'invalid' }, { type: 'command' }]);
  });
});

describe('sets', () => {
  it.each([
    '* VANISHED 1:4294967295',
    'A OK [COPYUID 7 1:4294967295 1:4294967295] x',
    'A OK [APPENDUID 7 1:4294967295] x',
  ])('%s stays ranges', (text) => {
    const started = processorMilliseconds();
    for (let count = 0; count < 1000; count++) response(`${text}\r\n`);
    expect(processorMilliseconds() - started).toBeLessThan(1000);
  });
});

describe('numbers', () => {
  it.each([
    '* 4294967296 EXISTS',
    '* -1 EXISTS',
    '* +1 EXISTS',
    '* 1e3 EXISTS',
    '* SEARCH -1',
    '* SEARCH 4294967296',
    '* VANISHED 0',
    '* 4294967296 FETCH (UID 1)',
  ])('%s is refused', (text) => expect(response(`${text}\r\n`).type).toBe('invalid'));

  it.each([
    'UID 0',
    'UID 4294967296',
    'UID -1',
    'UID 1.5',
    'RFC822.SIZE 99999999999999999999',
    'MODSEQ (9223372036854775808)',
    'MODSEQ (99999999999999999999)',
  ])('an item %s is kept raw', (item) => {
    const event = response(`* 1 FETCH (${item} FLAGS ())\r\n`);
    expect(event).toMatchObject({ type: 'fetch', items: { flags: [], raw: [{ name: item.split(' ')[0] }] } });
    expect(event).toHaveProperty('diagnostics');
  });

  it('keeps 63 bits of a mod-sequence', () => {
    expect(response('* 1 FETCH (MODSEQ (9223372036854775807))\r\n')).toMatchObject({
      items: { modSeq: 9223372036854775807n },
    });
    expect(response('* OK [HIGHESTMODSEQ 9007199254740993] x\r\n')).toMatchObject({
      code: { modSeq: 9007199254740993n },
    });
  });

  it('keeps the largest numbers', () => {
    expect(response('* 4294967295 EXISTS\r\n')).toEqual({ type: 'exists', count: 4294967295 });
    expect(response('* OK [UIDNEXT 4294967296] full\r\n')).toMatchObject({
      code: { type: 'uidNext', uidNext: 4294967296 },
    });
  });
});

describe('odd octets', () => {
  it.each([
    '* OK a\0b',
    '* LIST () "/" "a\0b"',
    'A1 OK x\0',
    '* 1 FETCH (ENVELOPE ("a\0" NIL NIL NIL NIL NIL NIL NIL NIL NIL))',
  ])('NUL in a line is never cut off: %j', (text) => {
    const [event, next] = responses(`${text}\r\n* 2 EXISTS\r\n`);
    expect(event?.type === 'invalid' || (event !== undefined && 'diagnostics' in event)).toBe(true);
    expect(next).toEqual({ type: 'exists', count: 2 });
  });

  it('keeps NUL and every other octet of a section', () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, octet) => octet));
    expect(response(`* 1 FETCH (BODY[] {256}\r\n${all})\r\n`)).toMatchObject({
      items: { sections: [{ value: { type: 'inline', bytes: octets(all) } }] },
    });
  });

  it('steps over empty lines', () => {
    expect(responses('\r\n\n* 2 EXISTS\r\n\r\n')).toEqual([{ type: 'exists', count: 2 }]);
  });

  it('keeps names such as __proto__ as data', () => {
    const event = response('* ID ("__proto__" "x" "constructor" "y")\r\n');
    expect(event).toMatchObject({ type: 'id' });
    if (event.type === 'id') expect([...event.parameters!.keys()]).toEqual(['__proto__', 'constructor']);
    expect(response('* 1 FETCH (__PROTO__ x CONSTRUCTOR y UID 7)\r\n')).toMatchObject({
      items: { uid: 7, raw: [{ name: '__PROTO__' }, { name: 'CONSTRUCTOR' }] },
    });
    expect(response('* STATUS a (CONSTRUCTOR 5 __PROTO__ 6 MESSAGES 7)\r\n')).toMatchObject({ items: { messages: 7 } });
  });

  it('answers another protocol with an invalid event', () => {
    expect(response('220 mail.example.org ESMTP ready\r\n')).toMatchObject({ type: 'invalid', tag: '220' });
    expect(response('HTTP/1.1 400 Bad Request\r\n')).toMatchObject({ type: 'invalid' });
    expect(commands('GET / HTTP/1.1\r\n')).toMatchObject([{ type: 'invalid', tag: 'GET' }]);
    expect(commands('\x16\x03\x01\x02\n')).toMatchObject([{ type: 'invalid', tag: undefined }]);
  });

  it('cuts the octets of an invalid response to 8 KiB', () => {
    const event = response(`* 1 FETCH ${'x'.repeat(20_000)}\r\n`);
    expect(event).toMatchObject({ type: 'invalid' });
    if (event.type === 'invalid') expect(event.raw).toHaveLength(8192);
  });

  it('keeps at most 32 diagnostics of a response', () => {
    const event = response(`* SEARCH${'  5'.repeat(1000)}\r\n`);
    expect(event).toMatchObject({ type: 'search' });
    if ('diagnostics' in event) expect(event.diagnostics).toHaveLength(32);
  });
});
