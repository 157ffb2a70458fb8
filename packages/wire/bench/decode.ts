/**
 * How fast answers of a server are decoded and encoded, in MB/s of octets on the wire, warm:
 *
 *     pnpm bench [DIRECTORY]
 *
 * DIRECTORY holds what `record.ts` recorded from a server; without it, answers are made up.
 */
import { existsSync, readFileSync } from 'node:fs';
import {
  CommandDecoder,
  type CommandEvent,
  encodeCommand,
  encodeResponse,
  type FetchData,
  ResponseDecoder,
  type ResponseEvent,
} from '../src/index.ts';
import { madeUpBodies, madeUpMetadata } from './made-up.ts';

const CHUNK = 65_536;
const ROUNDS = 40;
const directory = process.argv[2];

function load(name: string, makeUp: () => Uint8Array): Uint8Array {
  const path = `${directory}/${name}.txt`;
  return directory !== undefined && existsSync(path) ? new Uint8Array(readFileSync(path)) : makeUp();
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += CHUNK) chunks.push(bytes.slice(start, start + CHUNK));
  return chunks;
}

/** The median of the later half of the rounds. */
function measure(name: string, octets: number, run: () => number): number {
  const times: number[] = [];
  let result = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    result = run();
    times.push(performance.now() - started);
  }
  const warm = times.slice(ROUNDS / 2).sort((left, right) => left - right);
  const rate = octets / warm[Math.floor(warm.length / 2)]! / 1000;
  console.log(`${name.padEnd(44)} ${rate.toFixed(0).padStart(6)} MB/s   (${result} of ${octets} octets)`);
  return rate;
}

function decode(
  chunks: readonly Uint8Array[],
  onEvent: (event: ResponseEvent) => void,
  maxInlineLiteralBytes = 65_536,
): number {
  const decoder = new ResponseDecoder({ maxLineBytes: 64 * 1024 * 1024, maxInlineLiteralBytes });
  let count = 0;
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      count++;
      onEvent(event);
    }
  }
  return count;
}

/** What framing costs at the least: line ends and literals found with indexOf, chunk by chunk, and nothing else. */
function split(chunks: readonly Uint8Array[]): number {
  let octets = 0;
  let left = 0;
  let line: Uint8Array = new Uint8Array(0);
  for (const chunk of chunks) {
    let offset = 0;
    while (offset < chunk.length) {
      if (left > 0) {
        const view = chunk.subarray(offset, offset + left);
        octets += view.length;
        left -= view.length;
        offset += view.length;
        continue;
      }
      const lineFeed = chunk.indexOf(0x0a, offset);
      const end = lineFeed < 0 ? chunk.length : lineFeed + 1;
      const part = chunk.subarray(offset, end);
      line = line.length === 0 ? part : Buffer.concat([line, part]);
      offset = end;
      if (lineFeed < 0) continue;
      const close = line.length - 3;
      if (line[close] === 0x7d) {
        for (let index = close - 1, power = 1; line[index] !== 0x7b; index--, power *= 10)
          left += (line[index]! - 0x30) * power;
      }
      line = line.subarray(0, 0);
    }
  }
  return octets;
}

const metadata = load('metadata', madeUpMetadata);
const metadataChunks = chunksOf(metadata);
measure('metadata: bare splitter', metadata.length, () => split(metadataChunks));
// Before anything is kept: once values live long, the engine places them where collecting costs more.
measure('metadata: decode', metadata.length, () => decode(metadataChunks, () => {}));
const kept: FetchData[] = [];
decode(metadataChunks, (event) => event.type === 'fetch' && kept.push(event));
const problems = { invalid: 0, diagnostics: 0 };
decode(metadataChunks, (event) => {
  if (event.type === 'invalid') problems.invalid++;
  else if ('diagnostics' in event) problems.diagnostics++;
});
console.log(
  `Node ${process.version}; ${kept.length} messages, ${problems.invalid} invalid, ${problems.diagnostics} with diagnostics`,
);

const all: FetchData[] = [];
measure('metadata: decode, all values kept', metadata.length, () => {
  all.length = 0;
  decode(metadataChunks, (event) => event.type === 'fetch' && all.push(event));
  return all.length;
});
let encoded = 0;
for (const event of kept)
  for (const piece of encodeResponse(event)) if (piece.type === 'bytes') encoded += piece.bytes.length;
measure('metadata: encode', encoded, () => {
  let octets = 0;
  for (const event of kept)
    for (const piece of encodeResponse(event)) if (piece.type === 'bytes') octets += piece.bytes.length;
  return octets;
});

if (directory !== undefined) {
  for (const name of ['flags', 'search']) {
    const bytes = load(name, () => new Uint8Array(0));
    const chunks = chunksOf(bytes);
    if (bytes.length > 0) measure(`${name}: decode`, bytes.length, () => decode(chunks, () => {}));
  }
}

const bodies = load('bodies', madeUpBodies);
const bodyChunks = chunksOf(bodies);
measure('bodies: bare splitter', bodies.length, () => split(bodyChunks));
measure('bodies: decode, streamed', bodies.length, () => {
  let octets = 0;
  decode(
    bodyChunks,
    (event) => {
      if (event.type === 'literalData') octets += event.bytes.length;
    },
    4096,
  );
  return octets;
});
measure('bodies: decode, inline up to 64 KiB', bodies.length, () => decode(bodyChunks, () => {}));

const lines: Uint8Array[] = [];
for (let index = 1; index <= 20_000; index++) {
  const set = { ranges: [{ first: index, last: index + 7 }] } as never;
  for (const command of [
    {
      name: 'FETCH',
      messages: { type: 'uids', set },
      items: [{ type: 'uid' }, { type: 'flags' }, { type: 'envelope' }],
    },
    { name: 'STORE', messages: { type: 'uids', set }, operation: 'add', isSilent: true, flags: ['\\Seen', '$Label1'] },
    { name: 'STATUS', mailbox: { text: 'INBOX', wire: 'INBOX' }, items: ['MESSAGES', 'UIDNEXT', 'UNSEEN'] },
    { name: 'NOOP' },
  ] as const) {
    for (const piece of encodeCommand(`A${index}`, command)) if (piece.type === 'bytes') lines.push(piece.bytes);
  }
}
const commandBytes = new Uint8Array(Buffer.concat(lines));
const commandChunks = chunksOf(commandBytes);
measure('commands: decode', commandBytes.length, () => {
  const decoder = new CommandDecoder();
  let count = 0;
  for (const chunk of commandChunks) {
    decoder.push(chunk);
    for (let event: CommandEvent | undefined = decoder.next(); event !== undefined; event = decoder.next()) count++;
  }
  return count;
});
