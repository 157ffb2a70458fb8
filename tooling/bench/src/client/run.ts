import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Outcome, Task } from './task.ts';

const execute = promisify(execFile);
/** Node reads and parses the certificates named here whenever it starts, for nothing: all is in clear text. */
const { NODE_EXTRA_CA_CERTS: _, ...ENVIRONMENT } = process.env;

/** Does a task in a process of its own. @throws Error when it fails, with what it printed */
export async function run(file: string, task: Task): Promise<Outcome> {
  const { stdout } = await execute(process.execPath, ['--expose-gc', file, JSON.stringify(task)], { env: ENVIRONMENT });
  return JSON.parse(stdout) as Outcome;
}

/** All clients in turn, round by round, so that a machine that drifts slows all alike. The first round warms up. */
export async function runInTurn<Client extends string>(
  clients: readonly Client[],
  rounds: number,
  runOne: (client: Client) => Promise<Outcome>,
): Promise<ReadonlyMap<Client, readonly Outcome[]>> {
  const outcomes = new Map<Client, Outcome[]>(clients.map((client) => [client, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const client of clients) {
      const outcome = await runOne(client);
      if (round > 0) outcomes.get(client)!.push(outcome);
    }
  }
  return outcomes;
}
