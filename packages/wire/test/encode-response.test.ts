import { describe, expect, it } from 'vitest';
import { encodeResponse, type Response, type ResponsePiece } from '../src/index.ts';
import { latin1, octets, response } from './feed.ts';

function wire(value: Response, utf8 = false): string {
  return encodeResponse(value, { utf8 })
    .map((piece: ResponsePiece) =>
      piece.type === 'bytes' ? latin1(piece.bytes) : `<section ${piece.index}: ${piece.size}>`,
    )
    .join('');
}

const status = (text: string): Response => ({ type: 'status', tag: undefined, status: 'OK', text });

describe('encodeResponse', () => {
  it('keeps texts on one line', () => {
    expect(wire(status('a\r\n* BYE\0'))).toBe('* OK a * BYE \r\n');
    expect(wire(status(''))).toBe('* OK .\r\n');
    expect(wire(status('[ALERT] x'))).toBe('* OK  [ALERT] x\r\n');
    expect(wire({ type: 'continuation', text: '' })).toBe('+ \r\n');
  });

  it('spells strings in quotes or as literals', () => {
    const preview = (text: string, utf8 = false): string =>
      wire({ type: 'fetch', sequenceNumber: 1 as never, items: { preview: text } }, utf8);
    expect(preview('a"b\\')).toBe('* 1 FETCH (PREVIEW "a\\"b\\\\")\r\n');
    expect(preview('a\r\nb')).toBe('* 1 FETCH (PREVIEW {4}\r\na\r\nb)\r\n');
    expect(preview('é')).toBe('* 1 FETCH (PREVIEW {2}\r\n\xc3\xa9)\r\n');
    expect(preview('é', true)).toBe('* 1 FETCH (PREVIEW "\xc3\xa9")\r\n');
    expect(preview('a\0b')).toBe('* 1 FETCH (PREVIEW {3}\r\na?b)\r\n');
  });

  it('leaves places for sections that flow', () => {
    const items = {
      uid: 7 as never,
      sections: [
        { item: 'BODY' as const, section: { part: [] }, value: { type: 'streamed' as const, size: 5000 } },
        { item: 'BINARY' as const, section: { part: [1] }, value: { type: 'inline' as const, bytes: octets('a\0') } },
        { item: 'BODY' as const, section: { part: [2] }, origin: 3, value: null },
      ],
    };
    expect(wire({ type: 'fetch', sequenceNumber: 1 as never, items })).toBe(
      '* 1 FETCH (UID 7 BODY[] {5000}\r\n<section 0: 5000> BINARY[1] ~{2}\r\na\0 BODY[2]<3> NIL)\r\n',
    );
  });

  it('keeps raw values and unknown responses', () => {
    for (const text of [
      '* 1 FETCH (UID 7 X-A ("b" {3}\r\n)\r\n c))\r\n',
      '* XYZZY (a) {2}\r\n\r\n b\r\n',
      '* 4 XYZZY\r\n',
      '* LIST () "/" a ("X" (1 "2"))\r\n',
    ]) {
      const event = response(text);
      if (event.type !== 'fetch' && event.type !== 'unknown' && event.type !== 'list') throw new Error(event.type);
      expect(response(wire(event))).toEqual(event);
    }
  });

  it('gives a multipart without parts one', () => {
    const bodyStructure = { type: 'multipart' as const, mediaSubtype: 'MIXED', parts: [] };
    expect(wire({ type: 'fetch', sequenceNumber: 1 as never, items: { bodyStructure } })).toContain(
      '(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0) "MIXED")',
    );
  });

  it.each<[string, Response]>([
    ['a tag', { type: 'status', tag: 'a\r\nb', status: 'OK', text: 'x' }],
    ['a capability', { type: 'capability', capabilities: ['A B'] }],
    ['a flag', { type: 'flags', flags: ['a)\r\n'] }],
    ['an attribute', { type: 'list', attributes: ['\\a b'], delimiter: '/', mailbox: { text: '', wire: '' } }],
    ['a delimiter', { type: 'list', attributes: [], delimiter: '\n', mailbox: { text: '', wire: '' } }],
    ['a count', { type: 'exists', count: 1.5 }],
    ['a number', { type: 'search', numbers: [0] }],
    ['a code', { type: 'status', tag: undefined, status: 'OK', code: { type: 'atom', name: 'A B' }, text: 'x' }],
    [
      'a value of a code',
      { type: 'status', tag: undefined, status: 'OK', code: { type: 'atom', name: 'A', value: 'a\r\n' }, text: 'x' },
    ],
    [
      'a bracket in a code',
      { type: 'status', tag: undefined, status: 'OK', code: { type: 'atom', name: 'A', value: 'a] b' }, text: 'x' },
    ],
    ['a raw line', { type: 'unknown', name: 'X', raw: octets('a\r\n* BYE') }],
    ['raw NUL', { type: 'unknown', name: 'X', raw: octets('a\0') }],
    ['a raw item', { type: 'fetch', sequenceNumber: 1 as never, items: { raw: [{ name: 'X', raw: octets('\r\n') }] } }],
    ['a mod-sequence', { type: 'search', numbers: [], modSeq: '1)' as never }],
    ['an object id', { type: 'fetch', sequenceNumber: 1 as never, items: { emailId: 'a b' as never } }],
    ['an empty set', { type: 'vanished', isEarlier: false, uids: { bounds: new Uint32Array() } }],
  ])('refuses %s', (_, value) => {
    expect(() => encodeResponse(value)).toThrow(RangeError);
    // A refusal leaves nothing behind.
    expect(wire({ type: 'exists', count: 2 })).toBe('* 2 EXISTS\r\n');
  });
});
