import { InvalidStateError } from '@posthorn/core';
import { octetByOctet } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { CommandDecoder, type CommandEvent } from '../src/index.ts';
import { commands, octets } from './feed.ts';

function decoder(text: string): CommandDecoder {
  const result = new CommandDecoder();
  result.push(octets(text));
  return result;
}

describe('commands', () => {
  it.each([
    ['a noop', { name: 'NOOP' }],
    ['a uid fetch 1 flags', { name: 'FETCH', messages: { type: 'uids' }, items: [{ type: 'flags' }] }],
    ['a FETCH 1 ALL', { items: [{ type: 'flags' }, { type: 'internalDate' }, { type: 'size' }, { type: 'envelope' }] }],
    ['a FETCH 1 FAST', { items: [{ type: 'flags' }, { type: 'internalDate' }, { type: 'size' }] }],
    [
      'a FETCH 1 FULL',
      {
        items: [{ type: 'flags' }, { type: 'internalDate' }, { type: 'size' }, { type: 'envelope' }, { type: 'body' }],
      },
    ],
    [
      'a FETCH 1 (RFC822 RFC822.HEADER)',
      {
        items: [
          { type: 'rfc822', text: 'whole' },
          { type: 'rfc822', text: 'header' },
        ],
      },
    ],
    ['a STORE 1 -FLAGS \\Seen $x', { operation: 'remove', isSilent: false, flags: ['\\Seen', '$x'] }],
    ['a LOGIN "a\\"b" c]', { user: 'a"b', password: 'c]' }],
    ['a AUTHENTICATE plain', { mechanism: 'PLAIN' }],
    ['a AUTHENTICATE EXTERNAL =', { initialResponse: octets('') }],
    ['a SELECT inbox', { mailbox: { text: 'inbox', wire: 'inbox' } }],
    ['a LIST "" "*"', { reference: { text: '' }, patterns: [{ text: '*' }] }],
    ['a LIST () "" (a b) RETURN ()', { select: [], patterns: [{ text: 'a' }, { text: 'b' }], return: [] }],
    ['a XFOO (bar) {2+}\r\nhi', { name: 'X', command: 'XFOO', raw: octets('(bar) {2+}\r\nhi') }],
    ['a UID XFOO', { name: 'X', command: 'UID XFOO', raw: octets('') }],
  ])('%s', (text, expected) => {
    expect(commands(`${text}\r\n`)).toMatchObject([{ type: 'command', tag: 'a', command: expected }]);
  });

  it.each([
    'a FETCH 1',
    'a FETCH 0 FLAGS',
    'a FETCH 1 ()',
    'a FETCH 1 NOSUCH[',
    'a FETCH 1 NOSUCH[a b]',
    'a FETCH 1 NOSUCH<x>',
    'a FETCH 1 BODY.PEEK',
    'a FETCH 1 (ALL)',
    'a FETCH 1 BODY[]<0.0>',
    'a FETCH 1 BODY[MIME]',
    'a FETCH 1 BODY[0]',
    'a STORE 1 FLAGS',
    'a LOGIN x',
    'a LOGIN x y z',
    'a AUTHENTICATE PLAIN !!!',
    'a STATUS INBOX ()',
    'a STATUS INBOX (NOSUCH)',
    'a APPEND INBOX',
    'a APPEND INBOX (\\Seen) "x"',
    'a APPEND INBOX "no date" {1+}\r\nx',
    'a SELECT INBOX (NOSUCH)',
    'a UID EXPUNGE',
    'a',
    'a ',
    'a NOOP x',
  ])('%s is invalid, and the next command is not', (text) => {
    expect(commands(`${text}\r\nb NOOP\r\n`)).toMatchObject([{ type: 'invalid' }, { type: 'command', tag: 'b' }]);
  });

  it('know their tag when invalid, up to 64 characters', () => {
    expect(commands(`${'t'.repeat(64)} FETCH\r\n`)).toMatchObject([{ type: 'invalid', tag: 't'.repeat(64) }]);
    expect(commands(`${'t'.repeat(65)} NOOP\r\n`)).toMatchObject([{ type: 'invalid', tag: undefined }]);
    expect(commands('* NOOP\r\n+ NOOP\r\n')).toMatchObject([{ tag: undefined }, { tag: undefined }]);
  });
});

describe('lines that are no commands', () => {
  it('come when they are expected, and only then', () => {
    const input = decoder('a AUTHENTICATE PLAIN\r\nAGEAYg==\r\nb IDLE\r\nDONE\r\nc NOOP\r\n');
    expect(input.next()).toMatchObject({ type: 'command', tag: 'a' });
    input.expectLine();
    expect(input.next()).toEqual({ type: 'line', bytes: octets('AGEAYg==') });
    expect(input.next()).toMatchObject({ type: 'command', tag: 'b' });
    input.expectLine();
    expect(input.next()).toEqual({ type: 'line', bytes: octets('DONE') });
    expect(input.next()).toMatchObject({ type: 'command', tag: 'c' });
  });

  it('hold no literals', () => {
    const input = decoder('x {5}\r\na NOOP\r\n');
    input.expectLine();
    expect(input.next()).toEqual({ type: 'line', bytes: octets('x {5}') });
    expect(input.next()).toMatchObject({ type: 'command', tag: 'a' });
  });
});

describe('literals', () => {
  it('wait to be accepted when they are synchronising', () => {
    const input = decoder('a LOGIN {5}\r\n');
    expect(input.next()).toEqual({ type: 'literal', tag: 'a', size: 5, isSynchronizing: true });
    expect(() => input.next()).toThrow(InvalidStateError);
    input.acceptLiteral();
    expect(() => input.acceptLiteral()).toThrow(InvalidStateError);
    expect(input.next()).toBeUndefined();
    input.push(octets('alice {2}\r\n'));
    expect(input.next()).toMatchObject({ type: 'literal', size: 2 });
    input.acceptLiteral();
    input.push(octets('pw\r\n'));
    expect(input.next()).toEqual({
      type: 'command',
      tag: 'a',
      command: { name: 'LOGIN', user: 'alice', password: 'pw' },
    });
  });

  it('drop their command when refused', () => {
    const input = decoder('a LOGIN {5}\r\n');
    input.next();
    input.refuseLiteral();
    input.push(octets('b NOOP\r\n'));
    expect(input.next()).toMatchObject({ type: 'command', tag: 'b' });
  });
});

describe('APPEND', () => {
  const text =
    'a APPEND {5+}\r\nSaved (\\Seen) " 7-Feb-1994 21:52:25 -0800" {10+}\r\n0123456789 UTF8 (~{3+}\r\nabc) ~{2+}\r\n\0\0\r\nb NOOP\r\n';

  it('gives each message before its octets, and the command at the end', () => {
    const events = commands(text);
    expect(events.map(({ type }) => type)).toEqual([
      'appendLiteral',
      'literalData',
      'literalEnd',
      'appendLiteral',
      'literalData',
      'literalEnd',
      'appendLiteral',
      'literalData',
      'literalEnd',
      'command',
      'command',
    ]);
    const date = { epochSeconds: Date.UTC(1994, 1, 8, 5, 52, 25) / 1000, offsetMinutes: -480 };
    const messages = [
      { flags: ['\\Seen'], internalDate: date, size: 10 },
      { flags: [], isUtf8: true, size: 3 },
      { flags: [], size: 2, isBinary: true },
    ];
    const mailbox = { text: 'Saved', wire: 'Saved' };
    expect(events[0]).toEqual({
      type: 'appendLiteral',
      tag: 'a',
      mailbox,
      message: messages[0],
      index: 0,
      size: 10,
      isSynchronizing: false,
    });
    expect(events[1]).toEqual({ type: 'literalData', bytes: octets('0123456789') });
    expect(events[6]).toMatchObject({ index: 2, message: messages[2] });
    expect(events[9]).toEqual({ type: 'command', tag: 'a', command: { name: 'APPEND', mailbox, messages } });
    expect(commands(octetByOctet(octets(text)))).toEqual(events);
  });

  it('streams a message of any size within the limits of lines', () => {
    const input = decoder('a APPEND INBOX {1000000000}\r\n');
    expect(input.next()).toMatchObject({ type: 'appendLiteral', isSynchronizing: true, message: { size: 1e9 } });
    input.acceptLiteral();
    input.push(new Uint8Array(100_000));
    expect(input.next()).toMatchObject({ type: 'literalData' });
    expect(input.next()).toBeUndefined();
    expect(input.bufferedBytes).toBe(0);
  });

  it('skips a refused message that comes unasked, and everything behind it', () => {
    const input = decoder('a APPEND INBOX {20+}\r\nx LOGOUT\r\ny LOGOUT\r\n {12+}\r\nz LOGOUT\r\n  \r\nb NOOP\r\n');
    expect(input.next()).toMatchObject({ type: 'appendLiteral' });
    input.refuseLiteral();
    expect(input.next()).toMatchObject({ type: 'command', tag: 'b' });
    expect(input.next()).toBeUndefined();
  });

  it('takes the next line for a command after a refused synchronising message', () => {
    const input = decoder('a APPEND INBOX {20}\r\nb NOOP\r\n');
    input.next();
    input.refuseLiteral();
    expect(input.next()).toMatchObject({ type: 'command', tag: 'b' });
  });

  it('is invalid with something else behind its messages', () => {
    expect(commands('a APPEND INBOX {2+}\r\nhi x\r\nb NOOP\r\n').slice(3)).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { type: 'command', tag: 'b' },
    ]);
  });
});

describe('limits', () => {
  it('change with setLimits', () => {
    const input = new CommandDecoder({ maxLiteralBytes: 2 });
    const events: (CommandEvent | undefined)[] = [];
    input.push(octets('a LOGIN {3+}\r\nabc x\r\n'));
    events.push(input.next());
    input.setLimits({ maxLiteralBytes: 10 });
    input.push(octets('b LOGIN {3+}\r\nabc x\r\n'));
    events.push(input.next());
    expect(events).toMatchObject([
      { type: 'invalid', tag: 'a' },
      { type: 'command', tag: 'b' },
    ]);
  });
});
