/** Double the input, about double the time: no peer can make a decoder slow with input of a few KiB. */
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { CommandDecoder, ResponseDecoder } from '../src/index.ts';
import { octets } from './feed.ts';

const UNLIMITED = { maxLineBytes: 2 ** 30, maxResponseBytes: 2 ** 30, maxLiteralBytes: 2 ** 30, maxDepth: 2 ** 30 };

interface Family {
  readonly name: string;
  readonly make: (count: number) => string;
  readonly chunkBytes?: number;
  readonly isCommand?: boolean;
}

const part = '("IMAGE" "PNG" NIL NIL NIL "BASE64" 4)';
const families: readonly Family[] = [
  { name: 'literals of a response', make: (count) => `* 1 FETCH (${'BODY[1] {3}\r\nabc '.repeat(count)}UID 1)\r\n` },
  {
    name: 'literals of a response, octet by octet',
    make: (count) => `* 1 FETCH (${'BODY[1] {3}\r\nabc '.repeat(count / 8)}UID 1)\r\n`,
    chunkBytes: 1,
  },
  {
    name: 'addresses',
    make: (count) =>
      `* 1 FETCH (ENVELOPE (NIL NIL (${'(NIL NIL "a" "b")'.repeat(count)}) NIL NIL NIL NIL NIL NIL NIL))\r\n`,
  },
  {
    name: 'parameters',
    make: (count) =>
      `* 1 FETCH (BODY ("IMAGE" "PNG" (${Array(count).fill('"a" "b"').join(' ')}) NIL NIL "BASE64" 4))\r\n`,
  },
  { name: 'parts', make: (count) => `* 1 FETCH (BODY (${part.repeat(count)} "MIXED"))\r\n` },
  { name: 'flags', make: (count) => `* FLAGS (${Array(count).fill('\\Seen').join(' ')})\r\n` },
  { name: 'capabilities', make: (count) => `* CAPABILITY${' X-ABC'.repeat(count)}\r\n` },
  { name: 'chunks of a line', make: (count) => `* OK ${'x'.repeat(count * 4)}\r\n`, chunkBytes: 4 },
  {
    name: 'nesting',
    make: (count) =>
      `* 1 FETCH (X-ITEM ${'('.repeat(count)}${')'.repeat(count)} BODY ${'('.repeat(count)}${')'.repeat(count)})\r\n`,
  },
  { name: 'numbers', make: (count) => `* SEARCH${' 4294967295'.repeat(count)}\r\n` },
  { name: 'digits', make: (count) => `* SEARCH ${'9'.repeat(count * 8)}\r\n` },
  {
    name: 'escapes of a quoted string',
    make: (count) => `* 1 FETCH (ENVELOPE (NIL "${'\\"\\\\'.repeat(count)}" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n`,
  },
  {
    name: 'lone backslashes',
    make: (count) => `* 1 FETCH (ENVELOPE (NIL "${'\\a'.repeat(count)}" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n`,
  },
  { name: 'modified UTF-7', make: (count) => `* LIST () "/" "${'&APw-x'.repeat(count)}"\r\n` },
  {
    name: 'sets',
    make: (count) => `* VANISHED ${Array.from({ length: count }, (_, index) => index * 3 + 1).join(',')}\r\n`,
  },
  { name: 'empty lines', make: (count) => '\r\n'.repeat(count * 4) },
  { name: 'spaces', make: (count) => `* SEARCH${' '.repeat(count * 8)}1\r\n` },
  { name: 'short responses', make: (count) => '* 1 EXISTS\r\n'.repeat(count) },
  { name: 'broken items', make: (count) => `* 1 FETCH (${'ENVELOPE (x) '.repeat(count)}UID 1)\r\n` },
  { name: 'unclosed quotes', make: (count) => `* 1 FETCH (${'ENVELOPE ("'.repeat(count)}\r\n` },
  { name: 'brackets of a code', make: (count) => `* OK [X ${'"]" '.repeat(count)}\r\n` },
  { name: 'commands', make: (count) => 'a NOOP\r\n'.repeat(count), isCommand: true },
  { name: 'literals of a command', make: (count) => `a XYZ ${'{1+}\r\na '.repeat(count)}\r\n`, isCommand: true },
  { name: 'messages of an APPEND', make: (count) => `a APPEND b${' () {1+}\r\na'.repeat(count)}\r\n`, isCommand: true },
  {
    name: 'items of a command',
    make: (count) => `a FETCH 1 (${Array(count).fill('FLAGS').join(' ')})\r\n`,
    isCommand: true,
  },
];

function run(chunks: readonly Uint8Array[], isCommand: boolean): void {
  const decoder = isCommand ? new CommandDecoder(UNLIMITED) : new ResponseDecoder(UNLIMITED);
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      if (event.type === 'appendLiteral' && decoder instanceof CommandDecoder) decoder.acceptLiteral();
    }
  }
}

function milliseconds({ make, chunkBytes, isCommand = false }: Family, count: number): number {
  const bytes = octets(make(count));
  const chunks: Uint8Array[] = [];
  const size = chunkBytes ?? 16_384;
  for (let start = 0; start < bytes.length; start += size) chunks.push(bytes.subarray(start, start + size));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const started = processorMilliseconds();
    run(chunks, isCommand);
    best = Math.min(best, processorMilliseconds() - started);
  }
  return best;
}

describe('time grows with the input', () => {
  it.each(families)('$name', { retry: 4 }, (family) => {
    milliseconds(family, 2000);
    const small = milliseconds(family, 8000);
    const large = milliseconds(family, 32_000);
    // Four times the input: quadratic work would take sixteen times as long. A millisecond is noise.
    expect(large).toBeLessThan(small * 4 * 1.6 + 1);
  });
});
