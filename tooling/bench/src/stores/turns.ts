import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { type Cost, timeCommand } from '../timing.ts';

/** Somebody who does a task in a process of its own. */
export interface Runner {
  readonly name: string;
  readonly command: readonly string[] | ((round: number) => readonly string[]);
  /** What is made ready before each run, on nobody's time. */
  readonly prepare?: (round: number) => void | Promise<void>;
}

/** Dovecot does not read mail as root: then all run as the user of mail. */
const AS_MAIL =
  userInfo().uid === 0 ? ['setpriv', '--reuid=mail', '--regid=mail', '--clear-groups'] : ([] as readonly string[]);

/** Gives a folder to whom the runs belong to. */
export function giveToRuns(folder: string): void {
  if (AS_MAIL.length > 0) execFileSync('chown', ['-R', 'mail:mail', folder]);
}

/** Runs a command as all runs are run, and gives what it prints. */
export function answerOf(command: readonly string[]): string {
  const [program = '', ...args] = [...AS_MAIL, ...command];
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Runs all in turn, round by round, so that a machine that drifts slows all alike. The first round warms up. */
export async function takeTurns(runners: readonly Runner[], rounds: number): Promise<readonly (readonly Cost[])[]> {
  const costs: Cost[][] = runners.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { command, prepare }] of runners.entries()) {
      await prepare?.(round);
      const cost = await timeCommand([...AS_MAIL, ...(typeof command === 'function' ? command(round) : command)]);
      if (round > 0) costs[index]!.push(cost);
    }
  }
  return costs;
}

/** Median seconds of all, and the ratios of the first to the others, round by round. */
export function turnsTable(title: string, runners: readonly Runner[], costs: readonly (readonly Cost[])[]): string {
  const rows = runners.map(({ name }, index) => {
    const cells = (['cpu', 'wall'] as const).map((what) => {
      const own = costs[index]!.map((cost) => cost[what]);
      const ratios = costs[0]!.map((cost, round) => cost[what] / own[round]!);
      return `${seconds(own)} | ${index === 0 ? '' : ratioText(ratios)}`;
    });
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return [
    `### ${title}`,
    '',
    `| ${costs[0]!.length} rounds, median (range) | processor, s | ours to this | wall, s | ours to this |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}

function seconds(values: readonly number[]): string {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
}

export function ratioText(ratios: readonly number[]): string {
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
