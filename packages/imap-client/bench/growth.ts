import { MailError, utf8Bytes } from '@posthorn/core';
import { processorMilliseconds } from '@posthorn/testkit';
import { ImapClientProtocol } from '../src/protocol.ts';
import type { Figure } from './figures.ts';

/** Answers that grow, each in one of their dimensions. */
const FAMILIES: Readonly<Record<string, (times: number) => string>> = {
  flags: (times) => `* 1 FETCH (FLAGS (${'a '.repeat(times)}b))\r\n`,
  addresses: (times) =>
    `* 1 FETCH (ENVELOPE (NIL NIL (${'(NIL NIL "a" "b")'.repeat(times)}) NIL NIL NIL NIL NIL NIL NIL))\r\n`,
  parameters: (times) =>
    `* 1 FETCH (BODYSTRUCTURE ("text" "plain" (${'"a" "b" '.repeat(times)}"c" "d") NIL NIL "7BIT" 1 1))\r\n`,
  'literals of one answer': (times) => `* 1 FETCH (ENVELOPE (${'{1}\r\na '.repeat(times)}NIL))\r\n`,
  capabilities: (times) => `* CAPABILITY IMAP4rev1${' X-ABC'.repeat(times)}\r\n`,
  'found messages': (times) =>
    `* SEARCH${Array.from({ length: times }, (_, index) => ` ${index * 2 + 1}`).join('')}\r\n`,
  'ranges of a set': (times) => `* VANISHED ${Array.from({ length: times }, (_, index) => index * 3 + 1).join()}\r\n`,
  parentheses: (times) => `* 1 FETCH (ENVELOPE ${'('.repeat(times)}\r\n`,
  'quoted octets': (times) => `* LIST () "/" "${'\\"'.repeat(times)}"\r\n`,
  'status text': (times) => `* OK ${'x'.repeat(times)}\r\n`,
  answers: (times) => '* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n'.repeat(times),
  'empty lines': (times) => '\r\n'.repeat(times),
};

/** Small enough for twice as much to stay below every limit, but that of depth. */
const SMALLEST = 4000;
/** Processor time that is long enough to be measured. */
const LEAST_MS = 40;
const RUNS = 5;

/** G10: twice the input may cost two and a half times as much, at the most. */
export async function measureGrowth(): Promise<readonly Figure[]> {
  return Object.entries(FAMILIES).map(([name, make]): Figure => {
    // Now and then the collector works for one size and not for the other.
    const ratio = Math.min(ratioOf(make), ratioOf(make), ratioOf(make));
    return {
      goal: 'G10',
      what: `twice as many ${name} cost`,
      measured: `${ratio.toFixed(2)} times as much`,
      aim: '2.5 times',
      isMet: ratio <= 2.5,
    };
  });
}

function ratioOf(make: (times: number) => string): number {
  const one = utf8Bytes(`* PREAUTH hi\r\n${make(SMALLEST)}`);
  const two = utf8Bytes(`* PREAUTH hi\r\n${make(SMALLEST * 2)}`);
  // What takes no time worth measuring is repeated until it does, by code that has been compiled by then.
  let repeats = 8;
  while (cost(one, repeats) < LEAST_MS) repeats *= 2;
  const [fastestOne, fastestTwo] = [one, two].map((bytes) =>
    Math.min(...Array.from({ length: RUNS }, () => cost(bytes, repeats))),
  );
  return fastestTwo! / fastestOne!;
}

function cost(bytes: Uint8Array, repeats: number): number {
  const started = processorMilliseconds();
  for (let count = 0; count < repeats; count++) decode(bytes);
  return processorMilliseconds() - started;
}

/** In the chunks that a socket gives. */
function decode(bytes: Uint8Array): void {
  const protocol = new ImapClientProtocol({ tagPrefix: 'A' });
  try {
    for (let offset = 0; offset < bytes.length; offset += 16_384) {
      protocol.receive(bytes.subarray(offset, offset + 16_384));
      while (protocol.next() !== undefined);
    }
  } catch (error) {
    if (!MailError.is(error)) throw error;
  }
}
