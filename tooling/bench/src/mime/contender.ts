// One contender over the mail of a corpus: node mime-contender.js CONTENDER MESSAGES
import { generateMessages } from '@posthorn/corpus';
import type { Run } from '../contenders.ts';
import { readAll, readHeaders, scanOnly } from './own.ts';
import { mailparserReader, mailsplitReader, postalMimeReader } from './peers.ts';

/** Reads one message, and says how many parts it found. */
type Reader = (message: Uint8Array) => number | Promise<number>;

const CONTENDERS: Readonly<Record<string, () => Reader>> = {
  'mime: structure': () => scanOnly,
  'mime: structure, header words': () => readHeaders,
  'mime: structure, everything decoded': () => readAll,
  'mailsplit: structure': mailsplitReader,
  'mailparser: everything decoded': () => mailparserReader(false),
  'mailparser: everything decoded, HTML to text too': () => mailparserReader(true),
  'postal-mime: everything decoded': postalMimeReader,
};

const [, , name = '', count = ''] = process.argv;
const messages = [...generateMessages({ seed: 1, count: Number(count) })].map(({ bytes }) => bytes);
const octets = messages.reduce((sum, { length }) => sum + length, 0);
const read = CONTENDERS[name]!();
process.on('message', async () => {
  // Processor time: other programs on the machine do not count.
  const before = process.cpuUsage();
  let found = 0;
  for (const message of messages) found += await read(message);
  const { user, system } = process.cpuUsage(before);
  process.send!({ milliseconds: (user + system) / 1_000, octets, found } satisfies Run);
});
process.send!('ready');
