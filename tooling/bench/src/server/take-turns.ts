import type { LoadResult } from './load.ts';
import type { Server } from './servers.ts';

export interface Run extends LoadResult {
  /** Seconds of processor time that the server used. */
  readonly processor: number;
}

/** Lets each server run in turn, round by round, so that a machine that drifts slows all alike. Stops them all. */
export async function takeTurns(
  servers: readonly Server[],
  { rounds, warmUpRounds }: { readonly rounds: number; readonly warmUpRounds: number },
  run: (server: Server, round: number) => Promise<LoadResult>,
): Promise<readonly (readonly Run[])[]> {
  const runs: Run[][] = servers.map(() => []);
  try {
    for (let round = 0; round < warmUpRounds + rounds; round++) {
      for (const [index, server] of servers.entries()) {
        const before = await server.processor();
        const result = await run(server, round);
        const processor = (await server.processor()) - before;
        if (round >= warmUpRounds) runs[index]!.push({ ...result, processor });
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  return runs;
}

/** What a table says of the processor time of each run, and of its ratio to that of the last server. */
export function processorCells(runs: readonly (readonly Run[])[], index: number): readonly string[] {
  const [own, peer] = [runs[index]!, runs.at(-1)!].map((each) => each.reduce((sum, run) => sum + run.processor, 0));
  return [(own! / runs[index]!.length).toFixed(2), index === runs.length - 1 ? '' : (own! / peer!).toFixed(2)];
}

export const PROCESSOR_HEADINGS: readonly string[] = ['processor, s', 'ratio'];
