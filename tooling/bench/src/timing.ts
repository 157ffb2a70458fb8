import { spawn } from 'node:child_process';

/** What one run of a process cost. */
export interface Cost {
  /** Seconds on the clock. */
  readonly wall: number;
  /** Seconds of processor time, user and system. */
  readonly cpu: number;
}

/**
 * Runs a command to its end under the shell's own accounting of processor time.
 * @throws Error when it fails, with what it printed on standard error.
 */
export function timeCommand(command: readonly string[], environment: Record<string, string> = {}): Promise<Cost> {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null', 'bash', ...command], {
    env: { ...process.env, LC_ALL: 'C', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      const [wall, user, system] = text.trim().split('\n').at(-1)!.split(' ').map(Number);
      if (exitCode === 0) resolve({ wall: wall!, cpu: user! + system! });
      else reject(new Error(`${command[0]} failed: ${text}`));
    });
  });
}

/** The runs of one contender. */
export interface Contender {
  readonly name: string;
  run(): Promise<Cost>;
}

export interface Comparison {
  readonly names: readonly [string, string];
  readonly costs: readonly (readonly [Cost, Cost])[];
}

/** Runs two contenders in turn, so that a machine that drifts slows both alike. The first pair warms up and is dropped. */
export async function compare(first: Contender, second: Contender, rounds: number): Promise<Comparison> {
  const costs: [Cost, Cost][] = [];
  for (let round = 0; round <= rounds; round++) {
    const pair: [Cost, Cost] = [await first.run(), await second.run()];
    if (round > 0) costs.push(pair);
  }
  return { names: [first.name, second.name], costs };
}

/** A table of medians, and of the ratio of the first to the second pair by pair. */
export function comparisonText(title: string, { names, costs }: Comparison): string {
  const row = (what: keyof Cost): string => {
    const [first, second] = [costs.map(([cost]) => cost[what]), costs.map(([, cost]) => cost[what])];
    const ratios = costs.map(([left, right]) => left[what] / right[what]);
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const figures = [median(first).toFixed(2), median(second).toFixed(2), median(ratios).toFixed(2), range];
    return `| ${what === 'cpu' ? 'processor, s' : 'wall, s'} | ${figures.join(' | ')} |`;
  };
  return [
    `### ${title}`,
    '',
    `| ${costs.length} pairs, median | ${names.join(' | ')} | ratio | range |`,
    '| --- | ---: | ---: | ---: | ---: |',
    row('wall'),
    row('cpu'),
    '',
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
