import { concatBytes } from '@posthorn/core';
import { octetsOf } from './octets.ts';
import type { Random } from './random.ts';

const OCTETS = [
  0x00, 0x0a, 0x0d, 0x20, 0x22, 0x28, 0x29, 0x2a, 0x2b, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7e, 0x7f, 0x80, 0xff,
];

/** Pieces of syntax that mean something somewhere. */
const TOKENS: readonly Uint8Array[] = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '  ',
  '()',
  '(',
  ')',
  '((((((((',
  '"',
  '""',
  '\\',
  '\\"',
  'NIL',
  '{0}\r\n',
  '{3}\r\nabc',
  '{3+}\r\nabc',
  '~{1}\r\n\0',
  '{4294967296}\r\n',
  '{99999999999999999999}\r\n',
  '{-1}\r\n',
  '{5}',
  '[',
  ']',
  '<0>',
  '*',
  '+ ',
  '* OK [',
  '] ',
  '1:*',
  '4294967295',
  '9223372036854775808',
  '-1',
  '&',
  '&AGE-',
  '&2D3-',
  '=?utf-8?Q?=C3=A9?=',
  '\xff\xfe',
  '\xc3\xa9',
  '\xf0\x9f',
  '.',
  '..',
  '\r\n.\r\n',
  '(UID 1)',
  ' FETCH (',
  '--',
  '--x--\r\n',
  'Content-Type: multipart/mixed; boundary=x\r\n',
].map(octetsOf);

/** Longest input that is made by repeating. */
const AMPLIFIED_BYTES = 128 * 1024;
/** How often an input is amplified: large inputs find what is not linear, and take their time. */
const AMPLIFIED_ONCE_IN = 4000;

/** Breaks an input in a few places. `others` are inputs to take pieces from. */
export function mutate(random: Random, input: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let bytes = input;
  for (let count = 1 + random.below(4); count > 0; count--) bytes = mutateOnce(random, bytes, others);
  return random.once(AMPLIFIED_ONCE_IN) ? amplified(random, bytes) : bytes;
}

function mutateOnce(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.number(6));
  switch (random.below(9)) {
    case 0:
      return replaced(bytes, at, end, Uint8Array.of());
    case 1:
      return replaced(bytes, at, at, random.pick(TOKENS));
    case 2:
      return replaced(bytes, at, end, random.pick(TOKENS));
    case 3:
      return replaced(bytes, at, at + 1, Uint8Array.of(random.pick(OCTETS)));
    case 4:
      return replaced(bytes, at, at + 1, Uint8Array.of(random.below(256)));
    case 5:
      return replaced(bytes, at, at, bytes.subarray(at, end));
    case 6:
      return bytes.subarray(0, at);
    case 7: {
      const other = random.pick(others);
      const from = random.below(other.length + 1);
      return replaced(bytes, at, end, other.subarray(from, from + 1 + random.number(7)));
    }
    default: {
      const flipped = bytes.slice();
      if (at < flipped.length) flipped[at] = flipped[at]! ^ (1 << random.below(8));
      return flipped;
    }
  }
}

function replaced(bytes: Uint8Array, start: number, end: number, piece: Uint8Array): Uint8Array {
  return concatBytes([bytes.subarray(0, start), piece, bytes.subarray(Math.max(start, end))]);
}

/** One piece again and again. */
function amplified(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  const piece = bytes.subarray(at, at + 1 + random.number(6));
  if (piece.length === 0) return bytes;
  const times = Math.floor((AMPLIFIED_BYTES * (1 + random.below(4))) / 4 / piece.length);
  const repeated = new Uint8Array(piece.length * times);
  for (let index = 0; index < times; index++) repeated.set(piece, index * piece.length);
  return replaced(bytes, at, at, repeated);
}

/** Tokens in any order. */
export function tokenSoup(random: Random): Uint8Array {
  return concatBytes(random.some(24, () => random.pick(TOKENS), 1));
}

/** Octets in any order. */
export function randomBytes(random: Random): Uint8Array {
  return Uint8Array.from(random.some(64, () => random.below(256)));
}
