// One contender in a process of its own, so that none pays for another's garbage. Runs once for each message it gets:
//   node wire-contender.js FOLDER CONTENDER RECORDING
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHUNK_BYTES, chunksOf } from '../chunks.ts';
import type { Run } from '../contenders.ts';
import { decode, decodeCommands, encodeAll, fetchesIn } from './own.ts';
import { emailjsReader, imapFlowReader, nodeImapReader } from './peers.ts';
import { split } from './splitter.ts';

type Job = () => number | Promise<number>;

const CONTENDERS: Readonly<Record<string, (chunks: readonly Buffer[]) => Promise<Job> | Job>> = {
  wire: (chunks) => () => countEvents(chunks),
  'ImapFlow with formatting': async (chunks) => bind(await imapFlowReader(true), chunks),
  'ImapFlow without formatting': async (chunks) => bind(await imapFlowReader(false), chunks),
  'emailjs-imap-handler': (chunks) => bind(emailjsReader(), chunks),
  'node-imap': (chunks) => bind(nodeImapReader(), chunks),
  'line and literal splitter': (chunks) => () => split(chunks),
  'wire, octets copied once': (chunks) => {
    const sink = new Uint8Array(CHUNK_BYTES);
    return () => copyBodies(chunks, sink);
  },
  'line and literal splitter, octets copied once': (chunks) => {
    const sink = new Uint8Array(CHUNK_BYTES);
    return () => split(chunks, (octets) => sink.set(octets));
  },
  'wire: commands decoded': (chunks) => () => decodeCommands(chunks),
  'wire: FETCH responses encoded': (chunks) => {
    const fetches = fetchesIn(chunks);
    return () => encodeAll(fetches);
  },
};

const [, , folder = '', name = '', recording = ''] = process.argv;
const chunks = chunksOf(readFileSync(join(folder, recording)));
const octets = chunks.reduce((sum, { length }) => sum + length, 0);
const job = await CONTENDERS[name]!(chunks);
process.on('message', async () => {
  const started = performance.now();
  const found = await job();
  process.send!({ milliseconds: performance.now() - started, octets, found } satisfies Run);
});
process.send!('ready');

function bind(read: (chunks: readonly Buffer[]) => Promise<number>, of: readonly Buffer[]): Job {
  return () => read(of);
}

function copyBodies(of: readonly Buffer[], sink: Uint8Array): number {
  let count = 0;
  decode(of, (event) => {
    count += 1;
    if (event.type === 'literalData') sink.set(event.bytes);
  });
  return count;
}

function countEvents(of: readonly Buffer[]): number {
  let count = 0;
  decode(of, () => {
    count += 1;
  });
  return count;
}
