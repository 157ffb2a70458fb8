import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chunksOf } from './chunks.ts';
import type { Run } from './wire-contender.ts';
import { clientCommands, fetchesIn } from './wire-own.ts';
import { recordAnswers } from './wire-recording.ts';

const SOURCE = fileURLToPath(new URL('./wire-contender.ts', import.meta.url));
/** Beside the sources, so that the peers are found from there too. */
const CONTENDER = fileURLToPath(new URL('../dist/wire-contender.js', import.meta.url));
const READERS = [
  'wire',
  'ImapFlow with formatting',
  'ImapFlow without formatting',
  'emailjs-imap-handler',
  'node-imap',
  'line and literal splitter',
];
const BODY_READERS = [...READERS, 'wire, octets copied once', 'line and literal splitter, octets copied once'];
const WARM_UP_ROUNDS = 10;

/** How fast answers of Dovecot become values, and values answers, in tables of ratios. */
export async function wireBench(messages: number, rounds: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-wire-'));
  try {
    await bundleContender();
    const { metadata, bodies } = await recordAnswers(messages);
    const fetches = fetchesIn(chunksOf(metadata));
    if (fetches.length !== messages) throw new Error(`${fetches.length} messages instead of ${messages}`);
    await writeFile(join(folder, 'metadata'), metadata);
    await writeFile(join(folder, 'bodies'), bodies);
    await writeFile(join(folder, 'commands'), clientCommands(fetches));
    const reading = (recording: string, readers = READERS) => readers.map((name) => ({ name, recording }));
    const serving = [
      { name: 'wire: commands decoded', recording: 'commands' },
      { name: 'wire: FETCH responses encoded', recording: 'metadata' },
    ];
    const megabytes = ({ length }: Buffer): string => (length / 1e6).toFixed(1);
    return [
      await table(`Metadata of ${messages} messages, ${megabytes(metadata)} MB`, folder, reading('metadata'), rounds),
      await table(
        `Bodies of 2,000 messages, ${megabytes(bodies)} MB, streamed`,
        folder,
        reading('bodies', BODY_READERS),
        rounds,
      ),
      await table('The side of a server', folder, serving, rounds),
    ].join('\n');
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Makes what people import of the sources: a loader that works as it goes leaves helpers in hot functions. */
async function bundleContender(): Promise<void> {
  await build({
    entryPoints: [SOURCE],
    outfile: CONTENDER,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@posthorn/source'],
    logLevel: 'warning',
  });
}

interface Contender {
  readonly name: string;
  readonly recording: string;
}

/** Runs all in turn, round by round, each in its own process, and tells the medians and the ratios to the first. */
async function table(title: string, folder: string, contenders: readonly Contender[], rounds: number): Promise<string> {
  const children = await Promise.all(contenders.map((contender) => start(folder, contender)));
  const runs: Run[][] = contenders.map(() => []);
  try {
    for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
      for (const [index, child] of children.entries()) {
        const run = await runOnce(child);
        if (round >= WARM_UP_ROUNDS) runs[index]!.push(run);
      }
    }
  } finally {
    for (const child of children) child.kill();
  }
  const rates = runs.map((each) => each.map(({ octets, milliseconds }) => octets / milliseconds / 1000));
  const rows = contenders.map(({ name }, index) => {
    const ratios = rates[index]!.map((rate, round) => rates[0]![round]! / rate);
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const speeds = [median(rates[index]!).toFixed(0), Math.max(...rates[index]!).toFixed(0)];
    const figures = [...speeds, median(ratios).toFixed(2), range, runs[index]![0]!.found];
    return `| ${[name, ...figures].join(' | ')} |`;
  });
  return [
    `### ${title}`,
    '',
    `| ${rounds} rounds | MB/s, median | best | ${contenders[0]!.name} is faster by, median | range | found |`,
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}

async function start(folder: string, { name, recording }: Contender): Promise<ChildProcess> {
  const child = fork(CONTENDER, [folder, name, recording], { execArgv: [] });
  await answerOf(child);
  return child;
}

async function runOnce(child: ChildProcess): Promise<Run> {
  child.send('run');
  return (await answerOf(child)) as Run;
}

/** @throws Error when the process ends instead of answering. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('a contender failed')));
  try {
    const [answer] = (await Promise.race([once(child, 'message', { signal }), ended])) as [unknown];
    return answer;
  } finally {
    // Nobody waits for the other event any more.
    ended.catch(() => {});
    waiting.abort();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
