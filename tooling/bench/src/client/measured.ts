import type { Outcome } from './task.ts';

/** What work comes to: what it found, and perhaps more figures. */
export interface Found {
  readonly found: number;
  readonly extra?: Readonly<Record<string, number>>;
}

/** Measures work, and prints the outcome for the process above. */
export async function measured(work: () => Promise<Found>): Promise<void> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const { found, extra = {} } = await work();
  const { user, system } = process.cpuUsage(cpu);
  const workWall = (performance.now() - started) / 1000;
  const whole = process.resourceUsage();
  const outcome: Outcome = {
    found,
    wholeCpu: (whole.userCPUTime + whole.systemCPUTime) / 1e6,
    workCpu: (user + system) / 1e6,
    workWall,
    peakRss: whole.maxRSS * 1024,
    extra,
  };
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

/** Longest that the event loop was held, in milliseconds of processor time, which others on the machine do not add to. */
export async function longestHold(work: () => Promise<Found>): Promise<Found> {
  let [longest, isOver] = [0, false];
  let last = process.cpuUsage();
  const turn = (): void => {
    const { user, system } = process.cpuUsage(last);
    longest = Math.max(longest, (user + system) / 1000);
    last = process.cpuUsage();
    if (!isOver) setImmediate(turn);
  };
  turn();
  const { found } = await work();
  isOver = true;
  return { found, extra: { heldMs: longest } };
}

/** Memory in use when nothing is left to collect. Needs `--expose-gc`. */
export function memoryInUse(): { readonly heap: number; readonly resident: number } {
  for (let count = 0; count < 3; count++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}
