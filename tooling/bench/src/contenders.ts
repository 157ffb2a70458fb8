import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What a run cost, and how much it found, so that all are seen to have done the work. */
export interface Run {
  readonly milliseconds: number;
  readonly octets: number;
  readonly found: number;
}

/** A process of its own that runs once for each message it gets, so that none pays for another's garbage. */
export interface Contender {
  readonly name: string;
  readonly args: readonly string[];
}

const WARM_UP_ROUNDS = 10;

/** Dependencies that are not modules find `require` there. */
const REQUIRE_FOR_DEPENDENCIES =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/**
 * Makes what people import of the sources: a loader that works as it goes leaves helpers in hot functions.
 * @param name - Of the entry below this file's folder, without its ending: `wire/contender`.
 * @returns The file to run; it lies beside the sources, so that the peers are found from there too.
 */
export async function bundleContender(name: string): Promise<string> {
  const outfile = fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
  await build({
    entryPoints: [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@posthorn/source'],
    // It finds its native half from where it lies.
    external: ['lmdb'],
    banner: { js: REQUIRE_FOR_DEPENDENCIES },
    logLevel: 'warning',
  });
  return outfile;
}

/** Runs all in turn, round by round, and tells the medians and the ratios to the first. */
export async function contenderTable(
  title: string,
  file: string,
  contenders: readonly Contender[],
  { rounds, warmUpRounds = WARM_UP_ROUNDS }: { readonly rounds: number; readonly warmUpRounds?: number },
): Promise<string> {
  const children = await Promise.all(contenders.map(({ args }) => start(file, args)));
  const runs: Run[][] = contenders.map(() => []);
  try {
    for (let round = 0; round < warmUpRounds + rounds; round++) {
      for (const [index, child] of children.entries()) {
        const run = await runOnce(child);
        if (round >= warmUpRounds) runs[index]!.push(run);
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

async function start(file: string, args: readonly string[]): Promise<ChildProcess> {
  const child = fork(file, [...args], { execArgv: [] });
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
