import type { Server } from './servers.ts';

/** Lets each server run in turn, round by round, so that a machine that drifts slows all alike. Stops them all. */
export async function takeTurns<Result>(
  servers: readonly Server[],
  { rounds, warmUpRounds }: { readonly rounds: number; readonly warmUpRounds: number },
  run: (server: Server, round: number) => Promise<Result>,
): Promise<readonly Result[][]> {
  const results: Result[][] = servers.map(() => []);
  try {
    for (let round = 0; round < warmUpRounds + rounds; round++) {
      for (const [index, server] of servers.entries()) {
        const result = await run(server, round);
        if (round >= warmUpRounds) results[index]!.push(result);
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  return results;
}
