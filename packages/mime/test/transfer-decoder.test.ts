import { concatBytes } from '@posthorn/core';
import { everySplit, octetByOctet } from '@posthorn/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStream, decodeTransfer, transferDecoder } from '../src/index.ts';
import { latin1, octets } from './text.ts';

const HELLO = 'Hello, world';

/** What comes of octets in every way to cut them, which must not matter. */
function decoded(text: string, encoding: string): { readonly text: string; readonly faults: number } {
  const bytes = octets(text);
  const whole = decodeTransfer(bytes, encoding);
  for (const chunks of [...everySplit(bytes), octetByOctet(bytes)]) {
    const decoder = transferDecoder(encoding)!;
    const pieces = chunks.map((chunk) => decoder.push(chunk).slice());
    expect(concatBytes([...pieces, decoder.finish()])).toEqual(whole.bytes);
    expect(decoder.faults).toBe(whole.faults);
  }
  return { text: latin1(whole.bytes), faults: whole.faults };
}

describe('base64', () => {
  it.each([
    ['SGVsbG8sIHdvcmxk', HELLO, 0],
    ['SGVsbG8sIHdvcmxk\r\n', HELLO, 0],
    ['SGVs\r\nbG8s\r\nIHdv\r\ncmxk\r\n', HELLO, 0],
    ['S G\tV\ns', 'Hel', 0],
    ['', '', 0],
    ['\r\n', '', 0],
    ['SA==', 'H', 0],
    ['SGU=', 'He', 0],
    ['SA= =\r\n', 'H', 0],
    ['SA', 'H', 1],
    ['SGU', 'He', 1],
    ['SA=', 'H', 0],
    ['S', '', 1],
    ['SGVsS', 'Hel', 1],
    ['S=', '', 1],
    ['====', '', 4],
    ['SGVs====', 'Hel', 4],
    ['SA==SGU=', 'HHe', 0],
    ['SA=SGU=', 'HHe', 0],
    ['S-G!V*s', 'Hel', 3],
    ['SGVs\0', 'Hel', 1],
    ['-_', '', 2],
    ['//==', '\xff', 0],
  ])('%j', (text, expected, faults) => {
    expect(decoded(text, 'base64')).toEqual({ text: expected, faults });
  });

  it('undoes encoding, with line ends or without', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 80 }), (bytes, width) => {
        const text = Buffer.from(bytes).toString('base64');
        const lines = text.replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
        expect(decodeTransfer(octets(lines), 'BASE64')).toEqual({ bytes, faults: 0 });
      }),
    );
  });
});

describe('quoted-printable', () => {
  it.each([
    ['Hello=2C world', HELLO, 0],
    ['Hello,=\r\n world', HELLO, 0],
    ['Hello,=\n world', HELLO, 0],
    ['Hello,= \t\r\n world', HELLO, 0],
    ['a=3d=3D=fF', 'a==\xff', 0],
    ['a  \t\r\nb \nc', 'a\r\nb\nc', 0],
    ['a  b', 'a  b', 0],
    ['a =20\r\n', 'a  \r\n', 0],
    ['a=', 'a', 0],
    ['a= ', 'a', 0],
    ['a=\r', 'a', 0],
    ['a ', 'a', 0],
    ['a \rb', 'a\rb', 0],
    ['a=4', 'a=4', 1],
    ['a=4\r\n', 'a=4\r\n', 1],
    ['a=4=41', 'a=4A', 1],
    ['a==41', 'a=A', 1],
    ['a=XY', 'a=XY', 1],
    ['a= b', 'a= b', 1],
    ['a=\rb', 'a=\rb', 1],
    ['a= \r\r\n', 'a= \r\r\n', 1],
    ['a=4 \r\nb', 'a=4\r\nb', 1],
    ['=', '', 0],
    ['a\0b', 'a\0b', 0],
    ['', '', 0],
  ])('%j', (text, expected, faults) => {
    expect(decoded(text, 'quoted-printable')).toEqual({ text: expected, faults });
  });

  it('undoes encoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 24 }), (bytes, width) => {
        const escaped = Array.from(bytes, (octet, index) => {
          const isPlain = octet > 0x20 && octet < 0x7f && octet !== 0x3d && octet % 3 > 0;
          const text = isPlain ? String.fromCharCode(octet) : `=${octet.toString(16).padStart(2, '0')}`;
          return index % width === 0 ? `=\r\n${text}` : text;
        });
        expect(decodeTransfer(octets(escaped.join('')), 'quoted-printable')).toEqual({ bytes, faults: 0 });
      }),
    );
  });

  it('bounds the white space that it holds back', () => {
    const { bytes, faults } = decodeTransfer(octets(`a${' '.repeat(3000)}\r\nb`), 'quoted-printable');
    expect(latin1(bytes)).toBe(`a${' '.repeat(2048)}\r\nb`);
    expect(faults).toBe(0);
    const soft = decodeTransfer(octets(`a=${' '.repeat(3000)}\r\nb`), 'quoted-printable');
    expect(soft.faults).toBe(1);
  });
});

it.each(['7bit', '8BIT', 'Binary', ''])('%j is what it is', (encoding) => {
  expect(decoded('a=41\r\n\0\xff', encoding)).toEqual({ text: 'a=41\r\n\0\xff', faults: 0 });
});

it('an encoding that is not known has no decoder, and leaves data alone', () => {
  expect(transferDecoder('x-uuencode')).toBeUndefined();
  expect(decodeTransfer(octets('SA=='), 'x-uuencode')).toEqual({ bytes: octets('SA=='), faults: 1 });
});

describe('arbitrary octets', () => {
  it.each(['base64', 'quoted-printable'])('come out of %s the same however they are cut', (encoding) => {
    const octet = fc.constantFrom(...octets('=\r\n \tAb1/+-\0'), 0x80);
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 24 }), (drawn) => {
        decoded(latin1(Uint8Array.from(drawn)), encoding);
      }),
    );
  });
});

describe('decodeStream', () => {
  async function* source(closed: () => void): AsyncGenerator<Uint8Array> {
    try {
      for (const piece of ['SGVs', 'bG', '8']) yield octets(piece);
    } finally {
      closed();
    }
  }

  it('decodes as it is read', async () => {
    const decoder = transferDecoder('base64')!;
    const pieces: string[] = [];
    for await (const chunk of decodeStream(
      source(() => {}),
      decoder,
    ))
      pieces.push(latin1(chunk));
    expect(pieces).toEqual(['Hel', 'lo']);
    expect(decoder.faults).toBe(1);
  });

  it('closes its source when it is left', async () => {
    let isClosed = false;
    for await (const chunk of decodeStream(
      source(() => {
        isClosed = true;
      }),
      transferDecoder('base64')!,
    )) {
      expect(latin1(chunk)).toBe('Hel');
      break;
    }
    expect(isClosed).toBe(true);
  });
});
