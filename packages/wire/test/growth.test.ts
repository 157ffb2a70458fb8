/** Double the input, about double the time: no peer can make a decoder slow with input of a few KiB. */
import { processorMilliseconds } from '@posthorn/testkit';
import { describe, expect, it } from 'vitest';
import { readExtension, readExtensionCommand } from '../src/extensions.ts';
import { CommandDecoder, ResponseDecoder } from '../src/index.ts';
import { DotStuffer, DotUnstuffer, Pop3CommandDecoder, Pop3ResponseDecoder } from '../src/pop3.ts';
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
  // Fewer, because keeping tens of thousands of little arrays measures the collector of garbage.
  {
    name: 'literals of a response',
    make: (count) => `* 1 FETCH (${'BODY[1] {3}\r\nabc '.repeat(count / 4)}UID 1)\r\n`,
  },
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
  { name: 'codes that are not closed', make: (count) => '* OK [X "\r\n'.repeat(count) },
  { name: 'a code that is not closed', make: (count) => `* OK [X ${'"'.repeat(count * 8)}\r\n` },
  { name: 'names that are not quoted', make: (count) => `* LIST () "/" a${' b'.repeat(count * 4)}\r\n` },
  { name: 'lines of plain text', make: (count) => 'too many connections\r\n'.repeat(count) },
  { name: 'parentheses too many', make: (count) => `* FLAGS (${')'.repeat(count * 8)}\r\n` },
  { name: 'spaces that are missing', make: (count) => `* 1 FETCH (X ${'("a")'.repeat(count)}UID 1)\r\n` },
  { name: 'texts that are not UTF-8', make: (count) => `* OK ${'\xe9'.repeat(count * 4)}\r\n` },
  { name: 'literals in characters', make: (count) => `* ID (${'{1}\r\n\xc3\xa9 '.repeat(count)}NIL)\r\n` },
  { name: 'the order of a SORT', make: (count) => `* SORT${' 4294967295'.repeat(count)}\r\n` },
  { name: 'threads side by side', make: (count) => `* THREAD ${'(1 2)'.repeat(count)}\r\n` },
  { name: 'a long thread', make: (count) => `* THREAD (${'1 '.repeat(count)}1)\r\n` },
  { name: 'items of an ESEARCH', make: (count) => `* ESEARCH (TAG "a")${' X (1 2)'.repeat(count)}\r\n` },
  { name: 'resources of a quota', make: (count) => `* QUOTA "" (${Array(count).fill('X 1 2').join(' ')})\r\n` },
  { name: 'rights', make: (count) => `* ACL a${' b c'.repeat(count)}\r\n` },
  { name: 'entries of metadata', make: (count) => `* METADATA a (${Array(count).fill('/b "c"').join(' ')})\r\n` },
  { name: 'changes of a search', make: (count) => `* ESEARCH (TAG "a")${' ADDTO (0 1)'.repeat(count)}\r\n` },
  {
    name: 'positions of a change',
    make: (count) => `* ESEARCH REMOVEFROM (${Array(count).fill('1 2').join(' ')})\r\n`,
  },
  { name: 'sizes of parts', make: (count) => `* 1 FETCH (${Array(count).fill('BINARY.SIZE[1] 2').join(' ')})\r\n` },
  { name: 'unknown items of a STATUS', make: (count) => `* STATUS a (${Array(count).fill('X 2').join(' ')})\r\n` },
  {
    name: 'extended items of a LIST',
    make: (count) => `* LIST () "/" a (${Array(count).fill('CHILDINFO ("A")').join(' ')})\r\n`,
  },
  { name: 'annotations', make: (count) => `* 1 FETCH (ANNOTATION (${Array(count).fill('/a (b "c")').join(' ')}))\r\n` },
  { name: 'labels', make: (count) => `* 1 UIDFETCH (X-GM-LABELS (${Array(count).fill('\\Inbox').join(' ')}))\r\n` },
  { name: 'batches', make: (count) => `* UIDBATCHES (TAG "a") ${Array(count).fill('9:1').join(',')}\r\n` },
  { name: 'URLs of a code', make: (count) => `* OK [REFERRAL${' imap://a/'.repeat(count)}] x\r\n` },
  { name: 'fetched URLs', make: (count) => `* URLFETCH${' /a {1}\r\nx'.repeat(count)}\r\n` },
  {
    name: 'converted parts',
    make: (count) => `* 1 CONVERTED (TAG "a") (${Array(count).fill('BINARY[1] {1}\r\nx').join(' ')})\r\n`,
  },
  {
    name: 'conversions that failed',
    make: (count) =>
      `* 1 CONVERTED (TAG "a") (BINARY[1] (ERROR "x" BADPARAMETERS${' NIL "a/b" ("c" "d")'.repeat(count / 4)}))\r\n`,
  },
  { name: 'groups of NOTIFY', make: (count) => `a NOTIFY SET${' (selected NONE)'.repeat(count)}\r\n`, isCommand: true },
  {
    name: 'URLs of CATENATE',
    make: (count) => `a APPEND b CATENATE (${Array(count).fill('URL a').join(' ')})\r\n`,
    isCommand: true,
  },
  {
    name: 'mailboxes of ESEARCH',
    make: (count) => `a ESEARCH IN (subtree (${Array(count).fill('b').join(' ')})) ALL\r\n`,
    isCommand: true,
  },
  { name: 'keys of a search', make: (count) => `a SEARCH${' SEEN'.repeat(count)}\r\n`, isCommand: true },
  { name: 'sets of a command', make: (count) => `a FETCH 1${',3'.repeat(count)} FLAGS\r\n`, isCommand: true },
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
      else if (event.type === 'unknown') readExtension(event);
      else if (event.type === 'command' && event.command.name === 'X') readExtensionCommand(event.command);
    }
  }
}

function chunksOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += size) chunks.push(bytes.subarray(start, start + size));
  return chunks;
}

/** The best of seven rounds. */
function milliseconds(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const started = processorMilliseconds();
    work();
    best = Math.min(best, processorMilliseconds() - started);
  }
  return best;
}

/** Double the input may take 2.5 times as long; quadratic work would take four times. A millisecond is noise. */
function expectLinear(work: (count: number) => () => void): void {
  milliseconds(work(2000));
  const small = milliseconds(work(8000));
  const large = milliseconds(work(32_000));
  expect(large).toBeLessThan(small * 2.5 * 2.5 + 1);
}

describe('time grows with the input', () => {
  it.each(families)('$name', { retry: 4 }, ({ make, chunkBytes = 16_384, isCommand = false }) => {
    expectLinear((count) => {
      const chunks = chunksOf(octets(make(count)), chunkBytes);
      return () => run(chunks, isCommand);
    });
  });
});

describe('time grows with the input of POP3', () => {
  const bodies: readonly (readonly [name: string, line: string])[] = [
    ['dots', '..\r\n'],
    ['a dot a line', '..a\r\n'],
    ['lines', 'a\r\n'],
    ['bare CR and LF', '\r.\n.\r'],
    ['almost ends', '.\r.\r\n'],
  ];

  it.each(bodies)('dot-stuffing: %s', { retry: 4 }, (_, line) => {
    for (const chunkBytes of [5, 16_384])
      expectLinear((count) => {
        const chunks = chunksOf(octets(`a${line.repeat(count)}`), chunkBytes);
        return () => {
          const stuffer = new DotStuffer();
          for (const chunk of chunks) stuffer.push(chunk);
          const unstuffer = new DotUnstuffer();
          for (const chunk of chunks) unstuffer.push(chunk);
        };
      });
  });

  it('answers', { retry: 4 }, () => {
    expectLinear((count) => {
      const chunks = chunksOf(
        octets(`+OK\r\n${'+OK 1 2\r\n'.repeat(count)}+OK\r\n${'1 2\r\n'.repeat(count)}.\r\n`),
        64,
      );
      return () => {
        const decoder = new Pop3ResponseDecoder();
        for (let index = 0; index < count; index++) decoder.expect(false);
        decoder.expect(true);
        for (const chunk of chunks) {
          decoder.push(chunk);
          while (decoder.next() !== undefined);
        }
      };
    });
  });

  it('commands', { retry: 4 }, () => {
    expectLinear((count) => {
      const chunks = chunksOf(octets('RETR 1\r\n'.repeat(count)), 3);
      return () => {
        const decoder = new Pop3CommandDecoder();
        for (const chunk of chunks) {
          decoder.push(chunk);
          while (decoder.next() !== undefined);
        }
      };
    });
  });
});
