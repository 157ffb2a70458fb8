import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headerFields, parseHeader } from '../src/index.ts';
import { octets } from './torture.ts';

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const HEADER = 'Subject: one\r\n two\r\nTo : a@example.org\r\nno colon\r\nsubject:x\r\nX: y\r\n\r\n';

describe('parseHeader', () => {
  test('gives names, bodies and places', () => {
    const bytes = octets(HEADER);
    expect(parseHeader(bytes).map(({ name, body }) => [name, text(body)])).toEqual([
      ['Subject', ' one\r\n two'],
      ['To', ' a@example.org'],
      ['no colon', ''],
      ['subject', 'x'],
      ['X', ' y'],
    ]);
    const whole = parseHeader(bytes).map(({ range }) => text(bytes.subarray(range.start, range.end)));
    expect(`${whole.join('')}\r\n`).toBe(HEADER);
  });

  test('takes bare LF, a missing last line end, and stops at the empty line', () => {
    expect(parseHeader(octets('A: 1\nB: 2')).map(({ body }) => text(body))).toEqual([' 1', ' 2']);
    expect(parseHeader(octets('A: 1\n\nB: 2\n'))).toHaveLength(1);
    expect(parseHeader(octets(''))).toEqual([]);
  });

  test('covers every octet before the empty line, whatever they are', () => {
    const piece = fc.constantFrom('A', ':', ' ', '\t', '\r', '\n', '\r\n', '\0', '\xff', 'b: c\r\n');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        let at = 0;
        for (const { range } of parseHeader(octets(pieces.join('')))) {
          expect(range.start).toBe(at);
          expect(range.end).toBeGreaterThan(at);
          at = range.end;
        }
      }),
    );
  });
});

describe('headerFields', () => {
  test('keeps the fields named, in their order and octets, with the empty line', () => {
    expect(text(headerFields(octets(HEADER), ['SUBJECT']))).toBe('Subject: one\r\n two\r\nsubject:x\r\n\r\n');
    expect(text(headerFields(octets(HEADER), ['x', 'To']))).toBe('To : a@example.org\r\nX: y\r\n\r\n');
    expect(text(headerFields(octets(HEADER), ['none']))).toBe('\r\n');
  });

  test('keeps the others', () => {
    expect(text(headerFields(octets(HEADER), ['subject', 'to'], true))).toBe('no colon\r\nX: y\r\n\r\n');
    expect(text(headerFields(octets(HEADER), [], true))).toBe(HEADER);
  });

  test('makes up no empty line', () => {
    expect(text(headerFields(octets('A: 1\r\nB: 2'), ['b']))).toBe('B: 2');
    expect(headerFields(octets(''), ['b'])).toHaveLength(0);
  });

  test('named and not named are the whole header', () => {
    const field = fc.stringMatching(/^[a-d]: [ -~]{0,10}$/);
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const header = octets(`${fields.map((line) => `${line}\r\n`).join('')}\r\n`);
        const both = headerFields(header, ['A', 'b']).length + headerFields(header, ['A', 'b'], true).length;
        expect(both).toBe(header.length + 2);
      }),
    );
  });
});
